/** The connection in words a screen can show. */
export type ConnectionState =
  /** Nobody asked for one yet. */
  | { status: 'idle' }
  | { status: 'connecting' }
  | { status: 'online'; via: 'websocket' | 'http' }
  /** Lost; the next try is at `retryAt` (by the client's clock). */
  | { status: 'reconnecting'; attempt: number; retryAt: number }
  /** The device itself says it is offline. */
  | { status: 'offline' }
  /** The relay said not to come back; `state.problem` says why. */
  | { status: 'closed' };

/** The part of the WebSocket interface that is used: the browser's, Node's own, or the class of the `ws` package. */
export interface WebSocketLike {
  readonly readyState: number;
  readonly bufferedAmount: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}
export type WebSocketClass = new (url: string) => WebSocketLike;

/** What the connection is made of; every part may be replaced (tests, Node, odd networks). */
export interface TransportOptions {
  /** @default the global one */
  WebSocket?: WebSocketClass;
  /** For the HTTP fallback and sign-in. @default the global one */
  fetch?: typeof fetch;
  /**
   * `auto`: WebSocket first; HTTP (POST up, a streamed response down) after a WebSocket failed twice or gave nothing for 3 s, remembered for ten
   * minutes. @default 'auto'
   */
  transport?: 'auto' | 'websocket' | 'http';
}
