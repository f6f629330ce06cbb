import { type AddressInfo, connect } from 'node:net';
import { type ClientOptions, WebSocket } from 'ws';
import { type AgentAuth, createAgentAuth } from '../auth/agent-auth.ts';
import { createPasswords } from '../auth/password.ts';
import type { Config } from '../config-types.ts';
import { createGateway, createHttpServer, type Gateway } from '../gateway/http/server.ts';
import { createPages } from '../gateway/static/pages.ts';
import { createIds } from '../ids.ts';
import { createRateLimiter } from '../limits.ts';
import { silentLog } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import type { AgentRow, Bus, BusMessage, Connection, Store } from '../ports.ts';
import type { Relay } from '../relay.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { deferred } from './deferred.ts';
import { featuresUnderTest } from './features.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';

export const SHOP = 'https://shop.example.com';
export const DESK = 'https://chat.example.com';
export const PASSWORD = 'correct horse battery';

/** What came to the core over one connection. */
export interface SeenSession {
  connection: Connection;
  frames: string[];
  /** Resolves when the core was told that the connection is gone. */
  closed: Promise<void>;
}

export interface GatewayUnderTest {
  port: number;
  url: string;
  gateway: Gateway;
  clock: ManualClock;
  auth: AgentAuth;
  store: Store;
  said: BusMessage[];
  /** Every session that was opened; each answers a frame by the frame itself. */
  sessions: SeenSession[];
  /** Resolves when as many sessions as that were opened. */
  opened(count: number): Promise<SeenSession>;
  socket(path: string, options?: ClientOptions): TestSocket;
  /** Sends bytes as they are and gives everything that came back until the server ended the connection. */
  raw(bytes: string): Promise<string>;
  stop(): Promise<void>;
}

export interface TestSocket {
  client: WebSocket;
  messages: string[];
  /** The status of the answer when the handshake was refused, else `open`. */
  outcome: Promise<number | 'open'>;
  closed: Promise<{ code: number; reason: string }>;
  message(): Promise<string>;
}

/** The whole gateway over a real server on a free port, with a core that only echoes. */
export async function gatewayUnderTest(
  options: {
    config?: Partial<Config>;
    folder?: string;
    hasShop?: boolean;
    isReady?: boolean;
    rateFactor?: number;
    store?: Partial<Store>;
    /** Canned replies and surveys work as they do; else there is nothing behind their doors. */
    hasFeatures?: boolean;
  } = {},
): Promise<GatewayUnderTest> {
  const clock = manualClock();
  const store: Store = { ...createMemoryStore(), ...options.store };
  const said: BusMessage[] = [];
  const bus: Bus = {
    publish: (message) => void said.push(message),
    subscribe: () => () => {},
    onUp: () => () => {},
    close: async () => {},
  };
  const ids = createIds(clock);
  const limiter = createRateLimiter(clock, { rateFactor: options.rateFactor ?? 100 });
  const passwords = createPasswords({ N: 1_024, r: 8, p: 1 });
  const config = {
    sites: [
      { key: 'pk_shop0001', name: 'Shop', origins: [SHOP, 'http://localhost:3000'], team: 'sales' },
      { key: 'pk_shop0002', name: 'Other shop', origins: ['https://other.example.com:8443'], team: 'sales' },
    ],
    publicUrl: DESK,
    metricsToken: 'a-token-that-is-long-enough',
    trustedProxies: [],
    agentSessionMs: 43_200_000,
    agentIdleMs: 3_600_000,
    ...options.config,
  };
  const auth = createAgentAuth({ config, bots: () => config.bots ?? [], store, bus, clock, ids, limiter, passwords });
  const ada: AgentRow = {
    id: 'ada',
    email: 'ada@example.com',
    name: 'Ada',
    role: 'agent',
    teams: ['sales'],
    capacity: 4,
    presence: 'offline',
    passwordHash: await passwords.hash(PASSWORD),
    active: true,
    createdAt: 0,
  };
  await store.saveAgent(ada);

  const features = options.hasFeatures
    ? await featuresUnderTest({ store, bus, clock, ids, log: silentLog, config: options.config })
    : null;

  const sessions: SeenSession[] = [];
  const waiting: { count: number; resolve: (session: SeenSession) => void }[] = [];
  const relay = {
    ready: options.isReady ?? true,
    deskData: features?.deskData,
    linkedAnswers: features?.linkedAnswers,
    stats: () => ({ queued: 0, open: sessions.length }),
    isBlocked: () => false,
    openSession(connection: Connection) {
      const gone = deferred();
      const seen: SeenSession = { connection, frames: [], closed: gone.promise };
      sessions.push(seen);
      for (const { count, resolve } of waiting) if (sessions.length === count) resolve(seen);
      return {
        receive(frame: string) {
          if (frame.includes('throw')) throw new Error('The session has a bug.');
          seen.frames.push(frame);
          connection.send(frame);
        },
        closed: gone.resolve,
      };
    },
  } as unknown as Relay;

  const server = createHttpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const pages = createPages({
    folder: options.folder ?? '/nowhere',
    deskOrigins: [DESK],
    hasShop: options.hasShop ?? false,
  });
  const gateway = createGateway({
    server,
    config,
    deskOrigins: [DESK],
    pages,
    limiter,
    ids,
    clock,
    log: silentLog,
    metrics: createMetrics(),
  });
  gateway.open({ relay, store, auth });

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    gateway,
    clock,
    auth,
    store,
    said,
    sessions,
    opened: (count) =>
      sessions.length >= count
        ? Promise.resolve(sessions[count - 1]!)
        : new Promise((resolve) => waiting.push({ count, resolve })),
    socket: (path, socketOptions) => openSocket(`ws://127.0.0.1:${port}${path}`, socketOptions),
    raw: (bytes) =>
      new Promise((resolve) => {
        let text = '';
        const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
        socket.on('data', (chunk) => {
          text += chunk.toString('latin1');
        });
        socket.on('error', () => {});
        socket.on('close', () => resolve(text));
      }),
    async stop() {
      auth.stop();
      gateway.close();
      gateway.terminate();
      await new Promise<void>((resolve) => (server.listening ? server.close(() => resolve()) : resolve()));
    },
  };
}

export function openSocket(url: string, options?: ClientOptions): TestSocket {
  const client = new WebSocket(url, options);
  const messages: string[] = [];
  const takers: ((message: string) => void)[] = [];
  let taken = 0;
  client.on('message', (data) => {
    messages.push(String(data));
    const take = takers.shift();
    if (take !== undefined) take(messages[taken++]!);
  });
  const outcome = new Promise<number | 'open'>((resolve) => {
    client.on('open', () => resolve('open'));
    client.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    client.on('error', () => resolve(0));
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    client.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  return {
    client,
    messages,
    outcome,
    closed,
    message: () =>
      taken < messages.length ? Promise.resolve(messages[taken++]!) : new Promise((resolve) => takers.push(resolve)),
  };
}
