import type { Role } from '@sveiki/protocol';
import { secretHash } from '../auth/secrets.ts';
import type { Config } from '../config-types.ts';
import { silentLog } from '../log.ts';
import { type RunningServer, startServer } from '../main.ts';
import type { Clock } from '../ports.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { CONFIG } from '../testing/relay-under-test.ts';

export const SITE_ORIGIN = 'https://shop.example';
export const BOT_TOKEN = 'a-token-of-a-bot-that-is-long-enough';

/** Somebody who is, or was, on staff. The first of each role stands for it. */
export const PEOPLE = {
  ada: 'agent',
  ben: 'agent',
  cleo: 'lead',
  mel: 'manager',
  ari: 'admin',
} as const satisfies Record<string, Role>;
export type Person = keyof typeof PEOPLE;

export interface OpenHouse {
  server: RunningServer;
  /** Origin of the desk. */
  desk: string;
  /** Begins a session and gives its cookie. */
  signedIn(agent: string): Promise<{ cookie: string; token: string }>;
  /** A ticket for the socket, from a session of its own. */
  ticket(agent: string): Promise<string>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** The whole relay on a free port, with a memory store and people of all roles. Ends with `server.stop()`. */
export async function openHouse(
  options: { clock?: Clock; config?: Partial<Config>; publicFolder?: string } = {},
): Promise<OpenHouse> {
  const store = createMemoryStore();
  const bot = { id: 'faq', name: 'Faq', drafts: false, code: null, tokenHash: secretHash(BOT_TOKEN) };
  const server = await startServer(
    { ...CONFIG, publicUrl: 'http://127.0.0.1:0', rateFactor: 1_000, bots: [bot], ...options.config },
    {
      store,
      log: silentLog,
      publicFolder: options.publicFolder ?? '/nowhere',
      ...(options.clock === undefined ? {} : { clock: options.clock }),
      async prepare({ store: own }) {
        for (const [id, role] of Object.entries(PEOPLE)) {
          await own.saveAgent({
            ...{ id, name: `Agent ${id}`, role, email: `${id}@shop.example`, teams: ['sales', 'billing'] },
            ...{ capacity: 1_000, presence: 'online', passwordHash: null, active: true, createdAt: 0 },
          });
        }
      },
    },
  );
  return doorsOf(server, options.clock?.now);
}

/** The ways into a relay that runs, for those who are on its staff. */
export function doorsOf(server: RunningServer, now: () => number = Date.now): OpenHouse {
  const desk = server.config.publicUrl;
  let count = 0;
  const house: OpenHouse = {
    server,
    desk,
    async signedIn(agent) {
      const token = `session-${++count}-of-${agent}`.padEnd(43, 'x');
      await server.store.saveAgentSession({
        ...{ tokenHash: secretHash(token), agent, createdAt: now(), lastUsedAt: now() },
        expiresAt: now() + server.config.agentSessionMs,
      });
      return { cookie: `sveiki_session=${token}`, token };
    },
    async ticket(agent) {
      const principal = await server.auth.session((await house.signedIn(agent)).token);
      if (principal === null) throw new Error(`${agent} is not there.`);
      return server.auth.tickets.issue(principal);
    },
    post: (path, body, headers = {}) =>
      fetch(server.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: desk, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
  return house;
}
