import { ERRORS, type ErrorCode } from '@sveiki/protocol';
import type { CastAgent } from './cast.ts';
import { createFakeDeskData, type FakeDeskData } from './fake-desk-data.ts';
import type { FakeServer } from './fake-server.ts';
import type { ServerHandlers } from './network.ts';

/** The HTTP side of the fake server: the fallback for blocked WebSockets, and the desk's sign-in. */
export interface FakeHttp {
  /** One browser: its `fetch`, with its own cookies. Also an MSW resolver: `http.all('*', ({ request }) => http.fetch(request))`. */
  readonly fetch: typeof fetch;
  /** How requests fare: `ok`; `refused` (no network); `portal` (somebody else's sign-in page answers everything); `busy` (429). */
  mode: 'ok' | 'refused' | 'portal' | 'busy';
  /** What the desk is told over HTTP: canned replies, surveys, how the relay does. */
  readonly deskData: FakeDeskData;
  /** Streams that are open. */
  readonly open: number;
  /** Breaks every stream now. */
  cut(): void;
}

const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
const refusal = (status: number, code: ErrorCode) => json(status, { code, message: ERRORS[code].sentence });

export function fakeHttp(server: FakeServer, { agents }: { agents: readonly CastAgent[] }): FakeHttp {
  const streams = new Map<string, { handlers: ServerHandlers; end(): void }>();
  const codes = new Map(agents.map(({ id }) => [`code-${id}`, id]));
  let signedIn: CastAgent | null = null;
  let made = 0;

  function openStream(url: string, hello: string, signal: AbortSignal | null): Response {
    const id = `stream-${++made}-of-the-fake`;
    const encoder = new TextEncoder();
    let handlers: ServerHandlers;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        const write = (text: string) => {
          if (streams.has(id)) controller.enqueue(encoder.encode(text));
        };
        const end = () => {
          if (!streams.delete(id)) return;
          handlers.closed();
          try {
            controller.close();
          } catch {}
        };
        signal?.addEventListener('abort', () => {
          if (!streams.delete(id)) return;
          handlers.closed();
          controller.error(signal.reason);
        });
        handlers = server.accept({
          url,
          send: (text) => write(`data: ${text}\n\n`),
          close(code, reason) {
            write(`event: close\ndata: ${JSON.stringify({ code, reason })}\n\n`);
            end();
          },
        });
        streams.set(id, { handlers, end });
        write(`event: line\ndata: ${id}\n\n`);
        handlers.message(hello);
      },
      cancel() {
        if (streams.delete(id)) handlers.closed();
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  }

  const http: FakeHttp = {
    mode: 'ok',
    deskData: createFakeDeskData(),
    get open() {
      return streams.size;
    },
    cut() {
      for (const { end } of [...streams.values()]) end();
    },
    async fetch(input, init) {
      const request = new Request(input, init);
      if (http.mode === 'refused') throw new TypeError('Failed to fetch');
      if (http.mode === 'portal')
        return new Response('<!doctype html><title>Free Wi-Fi</title>', { headers: { 'content-type': 'text/html' } });
      if (http.mode === 'busy')
        return json(429, { code: 'rate-limited', retry: 'later', retryAfterMs: 5_000, title: 'Too Many Requests' });
      const { pathname } = new URL(request.url);
      const body = request.method === 'GET' ? '' : await request.text();
      init?.signal?.throwIfAborted();
      switch (`${request.method} ${pathname}`) {
        case 'POST /v1/stream':
        case 'POST /desk/stream':
          return openStream(request.url, body, init?.signal ?? null);
        case 'POST /v1/frames':
        case 'POST /desk/frames': {
          const { line, frames } = JSON.parse(body) as { line: string; frames: unknown[] };
          const stream = streams.get(line);
          if (!stream) return refusal(404, 'not-found');
          stream.handlers.message(JSON.stringify(frames));
          return new Response(null, { status: 204 });
        }
        case 'POST /desk/api/session': {
          const { email, password, code } = JSON.parse(body) as Record<string, string>;
          const agent = agents.find(({ id }) =>
            code === undefined
              ? agents.some((known) => known.id === id && known.email === email && known.password === password)
              : codes.get(code) === id,
          );
          if (!agent) return code === undefined ? refusal(403, 'forbidden') : refusal(401, 'bad-ticket');
          if (code !== undefined) codes.delete(code);
          signedIn = agent;
          return json(200, { agent: { id: agent.id, name: agent.name, role: agent.role } });
        }
        case 'GET /desk/api/session':
          return signedIn
            ? json(200, { agent: { id: signedIn.id, name: signedIn.name, role: signedIn.role } })
            : refusal(401, 'session-ended');
        case 'DELETE /desk/api/session':
          if (signedIn) server.signOut(signedIn.id);
          signedIn = null;
          return new Response(null, { status: 204 });
        case 'POST /desk/api/ticket': {
          const token = /^Bearer token-of-(\w+)$/.exec(request.headers.get('authorization') ?? '')?.[1];
          if (token !== undefined)
            return server.isBot(token) ? json(200, { ticket: server.ticket(token) }) : refusal(401, 'bad-ticket');
          return signedIn ? json(200, { ticket: server.ticket(signedIn.id) }) : refusal(401, 'session-ended');
        }
        default: {
          const [, path] = /^\/desk\/api\/(.+)$/.exec(pathname) ?? [];
          if (path === undefined || request.method !== 'POST') return refusal(404, 'not-found');
          if (!signedIn) return refusal(401, 'session-ended');
          const said = http.deskData.answer(path, JSON.parse(body) as Record<string, unknown>, signedIn);
          return 'code' in said ? refusal(said.status, said.code) : json(said.status, said.body);
        }
      }
    },
  };
  return http;
}
