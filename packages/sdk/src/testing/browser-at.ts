import type { WebSocketClass } from '../connection/types.ts';

/** What `createChat` and `createAgent` find in a browser and miss in Node. Spread it into their options. */
export interface BrowserAt {
  WebSocket: WebSocketClass;
  fetch: typeof fetch;
}

/**
 * The network of a page of `origin`, for scripts and tests in Node: sockets and requests say where they come from, and the cookies of a sign-in are
 * kept. Real connections; for tests without a relay there is `pair`.
 *
 * @example
 * ```ts
 * const chat = createChat({ site: 'pk_my_shop_key', server: relay.url, storage: 'memory', ...browserAt('https://shop.example.com') });
 * const agent = createAgent({ server: relay.url, ...browserAt(relay.url) });
 * ```
 */
export function browserAt(origin: string): BrowserAt {
  // Node takes headers where browsers take the names of protocols.
  const NodeWebSocket = WebSocket as unknown as new (
    url: string,
    options: { headers: Record<string, string> },
  ) => WebSocket;
  class PageSocket extends NodeWebSocket {
    constructor(url: string) {
      super(url, { headers: { origin } });
    }
  }
  const cookies = new Map<string, string>();
  return {
    WebSocket: PageSocket as unknown as WebSocketClass,
    async fetch(input, init) {
      const headers = new Headers(init?.headers);
      headers.set('origin', origin);
      if (cookies.size > 0) headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
      const response = await fetch(input, { ...init, headers });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        cookies.set(name, value);
      }
      return response;
    },
  };
}
