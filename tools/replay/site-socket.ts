import type { WebSocketClass } from '@sveiki/sdk';
import { WebSocket } from 'ws';

/** How often a message went up more than once, by its id. */
export interface Resends {
  readonly count: number;
}

/** A WebSocket as a browser on a page of `origin` makes it. Counts messages that are sent again. */
export function socketsOf(origin: string): { Socket: WebSocketClass; resends: Resends } {
  const seen = new Set<string>();
  let count = 0;
  class PageSocket extends WebSocket {
    constructor(url: string) {
      super(url, { origin, perMessageDeflate: false, handshakeTimeout: 5_000 });
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
