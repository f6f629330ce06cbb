import { once } from 'node:events';
import type { WebSocketClass } from '@sveiki/sdk';
import { WebSocket } from 'ws';

/** How often a message went up more than once, by its id. */
export interface Resends {
  readonly count: number;
}

/** Sockets that were opened. */
export interface Opened {
  /** By close code; 1006 when there was none. Of sockets that were open. */
  readonly ends: ReadonlyMap<number, number>;
  /** Breaks all of them at once, without a word; resolves when this side knows. */
  cut(): Promise<void>;
}

export interface SocketOptions {
  /** Address of this machine that the next one comes from. */
  from?: () => string;
  /** What the next one sends when it shakes hands, beside what is needed. */
  headers?: () => Record<string, string>;
  /** How long the other side may take to shake hands. @default 5 s */
  handshakeMs?: number;
}

/** A WebSocket as a browser on a page of `origin` makes it. Counts messages that are sent again. */
export function socketsOf(
  origin: string,
  { from, headers = () => ({}), handshakeMs = 5_000 }: SocketOptions = {},
): { Socket: WebSocketClass; resends: Resends; opened: Opened } {
  const seen = new Set<string>();
  const open = new Set<WebSocket>();
  const ends = new Map<number, number>();
  let count = 0;
  class PageSocket extends WebSocket {
    constructor(url: string) {
      const address = from === undefined ? {} : { localAddress: from() };
      super(url, { origin, headers: headers(), perMessageDeflate: false, handshakeTimeout: handshakeMs, ...address });
      this.once('open', () => open.add(this));
      this.once('close', (code) => {
        if (open.delete(this)) ends.set(code, (ends.get(code) ?? 0) + 1);
      });
    }
    override send(data: string): void {
      const id = /^\{"type":"send","id":"([^"]+)"/.exec(data)?.[1];
      if (id !== undefined && seen.size === seen.add(id).size) count++;
      super.send(data);
    }
  }
  return {
    Socket: PageSocket as unknown as WebSocketClass,
    resends: {
      get count() {
        return count;
      },
    },
    opened: {
      ends,
      async cut() {
        const cut = [...open].map((socket) => {
          const gone = once(socket, 'close');
          socket.terminate();
          return gone;
        });
        await Promise.all(cut);
      },
    },
  };
}

/** `fetch` as a browser on a page of `origin` makes it: with that origin, and with the cookies it was given. */
export function fetchOf(origin: string): typeof fetch {
  const cookies = new Map<string, string>();
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('origin', origin);
    if (cookies.size > 0) headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(input, { ...init, headers });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    return response;
  };
}
