import { applyEvent, type ConversationState, type FromClient, type FromServer } from '@sveiki/protocol';
import { expect } from 'vitest';
import type { Audit } from '../audit/audit.ts';
import { DEFAULT_PRIVACY } from '../config-privacy.ts';
import type { Config } from '../config-types.ts';
import { viewEvent, viewState } from '../domain/audience.ts';
import { FILE_DEFAULTS } from '../files/settings.ts';
import type { Outbound } from '../hooks/outbound.ts';
import { silentLog } from '../log.ts';
import { noMetrics } from '../metrics.ts';
import type {
  AgentRow,
  Bus,
  BusMessage,
  Clock,
  Connection,
  IdentityClaims,
  Ids,
  RateLimiter,
  Store,
} from '../ports.ts';
import { createRelay, type Relay } from '../relay.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import type { Tracing } from '../tracing.ts';

/** A clock that stands until it is told to go on; timers run in order. */
export function standingClock(
  start = Date.UTC(2026, 10, 20, 10),
): Clock & { advance(ms: number): Promise<void>; jump(ms: number): void } {
  let now = start;
  let order = 0;
  const timers = new Map<number, { at: number; run: () => void }>();
  return {
    now: () => now,
    after(ms, run) {
      const id = order++;
      timers.set(id, { at: now + ms, run });
      return () => timers.delete(id);
    },
    /** As a machine that slept: the time is another, and no timer ran meanwhile. */
    jump(ms) {
      now += ms;
    },
    async advance(ms) {
      const until = now + ms;
      for (;;) {
        const due = [...timers].filter(([, timer]) => timer.at <= until).toSorted(([, a], [, b]) => a.at - b.at)[0];
        if (due === undefined) break;
        timers.delete(due[0]);
        now = Math.max(now, due[1].at);
        due[1].run();
        await turn();
      }
      now = until;
      await turn();
    },
  };
}

/** Lets everything that is ready run: promises, commits, deliveries. */
export async function turn(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise<void>((done) => setImmediate(done));
}

export const CONFIG: Config = {
  host: '127.0.0.1',
  port: 0,
  dataDir: '',
  publicUrl: 'http://127.0.0.1',
  logLevel: 'silent',
  metricsToken: null,
  secretKey: null,
  trustedProxies: [],
  sites: [
    {
      key: 'pk_shop_test',
      name: 'Shop',
      origins: ['https://shop.example'],
      team: 'sales',
      topics: ['Where is my order?'],
    },
  ],
  teams: [
    { id: 'sales', name: 'Sales', strategy: 'manual' },
    { id: 'billing', name: 'Billing', strategy: 'round-robin' },
  ],
  wrapUpCodes: [
    { id: 'answered', name: 'Question answered' },
    { id: 'refund', name: 'Refund' },
  ],
  cannedReplies: [],
  forms: [],
  surveys: [],
  bots: [],
  agents: null,
  schedules: {},
  routing: {},
  handoff: { team: null, timeoutMs: 300_000, onFailure: 'queue', offerAfter: 3 },
  webhooks: [],
  hooks: {},
  files: FILE_DEFAULTS,
  privacy: DEFAULT_PRIVACY,
  version: '000000000000',
  agentGraceMs: 30_000,
  reopenWindowMs: 86_400_000,
  visitorSessionMs: 30 * 86_400_000,
  agentSessionMs: 43_200_000,
  agentIdleMs: 3_600_000,
  allowPrivateAddresses: false,
  rateFactor: 1,
};

const AGENTS: AgentRow[] = [
  { id: 'ada', name: 'Ada', role: 'agent', teams: ['sales', 'billing'] },
  { id: 'ben', name: 'Ben', role: 'agent', teams: ['sales', 'billing'] },
  { id: 'cleo', name: 'Cleo', role: 'lead', teams: ['sales'] },
].map((agent) => ({
  ...agent,
  role: agent.role as AgentRow['role'],
  email: `${agent.id}@shop.example`,
  capacity: 3,
  presence: 'online',
  passwordHash: null,
  active: true,
  createdAt: 0,
}));

/** A bus that can lose what it is told to lose. */
function lossyBus(): Bus & { lose: (message: BusMessage) => boolean } {
  const handlers = new Set<(message: BusMessage) => void>();
  return {
    lose: () => false,
    publish(message) {
      if (this.lose(message)) return;
      for (const handler of handlers) handler(message);
    },
    subscribe(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    onUp: () => () => {},
    close: async () => {},
  };
}

/** One line into the relay, with everything that came out of it. */
export interface TestLine {
  readonly frames: FromServer[];
  readonly closed: { code: number; reason: string } | null;
  send(...frames: (FromClient | object)[]): Promise<void>;
  raw(text: string): Promise<void>;
  /** The same without waiting for what comes of it. */
  push(frame: object): Promise<void>;
  /** The frames of one type, in order. */
  of<T extends FromServer['type']>(type: T): Extract<FromServer, { type: T }>[];
  last<T extends FromServer['type']>(type: T): Extract<FromServer, { type: T }>;
  cut(): Promise<void>;
  /** Answers heartbeats no more. */
  mute(): void;
  /** Pretends that this many bytes wait for a slow reader. */
  buffered(bytes: number): void;
}

export interface RelayUnderTest {
  relay: Relay;
  store: Store;
  clock: ReturnType<typeof standingClock>;
  bus: ReturnType<typeof lossyBus>;
  /** What `limiter.take` answers; allows everything by default. */
  limits: { take: RateLimiter['take'] };
  claims: Map<string, IdentityClaims>;
  line(options?: { door?: Connection['door']; origin?: string | null; address?: string }): TestLine;
  visitor(options?: {
    session?: string;
    have?: Record<string, number>;
    identity?: string;
    address?: string;
  }): Promise<TestLine & { session: string }>;
  /** `ada@phone` is Ada in another session than `ada`. */
  agent(id: string, options?: { lists?: boolean; have?: Record<string, number> }): Promise<TestLine>;
  /** Lets time pass, and what comes of it happen. */
  pass(ms: number): Promise<void>;
  /** Starts a second relay on the same store, as after a restart. */
  restart(): Promise<void>;
  /** As when the process is killed: it finishes nothing and says goodbye to nobody. What it was writing may be stored or not. */
  crash(): Promise<void>;
  /** Checks that every conversation's snapshot equals its events applied, for staff and visitor. */
  checkEventLaw(): Promise<void>;
}

/** The relay on a memory store (or another one), with a standing clock and lines in memory. */
export async function relayUnderTest(
  options: { store?: Store; config?: Partial<Config>; outbound?: Outbound; tracing?: Tracing; audit?: Audit } = {},
): Promise<RelayUnderTest> {
  const clock = standingClock();
  const store = options.store ?? createMemoryStore();
  const config = { ...CONFIG, ...options.config };
  for (const agent of AGENTS) if ((await store.agent(agent.id)) === null) await store.saveAgent(agent);
  const bus = lossyBus();
  let counter = 0;
  const ids: Ids = {
    next: () => `id-${String(++counter).padStart(8, '0')}`,
    secret: (bytes) => `secret-${++counter}-`.padEnd(Math.ceil((bytes * 4) / 3), 'x'),
  };
  const limits = { take: ((): number => 0) as RateLimiter['take'] };
  const claims = new Map<string, IdentityClaims>();
  let life = 0;
  const make = (): Promise<Relay> =>
    createRelay({
      // As the file is read at each start: what people changed is not in it.
      config: { ...config },
      ...mortal(++life, () => life, { store, bus, clock }),
      ids,
      tickets: {
        redeem: async (ticket) => {
          const [id = '', place] = ticket.replace(/^ticket-/, '').split('@');
          const agent = await store.agent(id);
          const session = `session-of-${id}${place === undefined ? '' : ` at ${place}`}`;
          return agent === null ? null : { agent, session };
        },
      },
      identity: { verify: async (_site, token) => claims.get(token) ?? null },
      limiter: { take: (...asked) => limits.take(...asked) },
      log: silentLog,
      metrics: noMetrics,
      ...(options.outbound === undefined ? {} : { outbound: options.outbound }),
      ...(options.tracing === undefined ? {} : { tracing: options.tracing }),
      ...(options.audit === undefined ? {} : { audit: options.audit }),
    });
  const under: RelayUnderTest = {
    relay: await make(),
    store,
    clock,
    bus,
    limits,
    claims,
    line({ door = 'site', origin = 'https://shop.example', address = '127.0.0.1' } = {}) {
      const frames: FromServer[] = [];
      let closed: TestLine['closed'] = null;
      let bytes = 0;
      let mute = false;
      const happen = async (): Promise<void> => {
        await turn();
        await under.relay.settled();
        await turn();
      };
      const session = under.relay.openSession({
        send(text) {
          const frame = JSON.parse(text) as FromServer;
          frames.push(frame);
          if (frame.type === 'ping' && !mute) queueMicrotask(() => session.receive('{"type":"pong"}'));
        },
        close(code, reason) {
          closed = { code, reason };
          queueMicrotask(() => session.closed());
        },
        get bufferedBytes() {
          return bytes;
        },
        remote: { address, origin },
        door,
      });
      const of = <T extends FromServer['type']>(type: T) =>
        frames.filter((frame): frame is Extract<FromServer, { type: T }> => frame.type === type);
      return {
        frames,
        get closed() {
          return closed;
        },
        async send(...list) {
          for (const frame of list) session.receive(JSON.stringify(frame));
          await happen();
          // A write that no commit holds (presence) is under way a little longer than the engine knows.
          const answered = (id: unknown) => frames.some((frame) => 'id' in frame && frame.id === id);
          const asked = list.flatMap((frame) => ('id' in frame ? [frame.id] : []));
          while (closed === null && !asked.every(answered)) await turn();
        },
        async raw(text) {
          session.receive(text);
          await happen();
        },
        async push(frame) {
          session.receive(JSON.stringify(frame));
          await turn();
        },
        of,
        last(type) {
          const frame = of(type).at(-1);
          if (frame === undefined)
            throw new Error(`No "${type}" came; what came: ${frames.map(({ type: t }) => t).join(', ')}`);
          return frame;
        },
        async cut() {
          session.closed();
          await turn();
        },
        mute() {
          mute = true;
        },
        buffered(value) {
          bytes = value;
        },
      };
    },
    async visitor({ session, have, identity, address } = {}) {
      const line = under.line(address === undefined ? {} : { address });
      await line.push({
        type: 'hello',
        role: 'visitor',
        versions: [1],
        client: 'test',
        site: 'pk_shop_test',
        locale: 'en',
        timeZone: 'Europe/Riga',
        ...(session === undefined ? {} : { session }),
        ...(have === undefined ? {} : { have }),
        ...(identity === undefined ? {} : { identity }),
      });
      if (line.frames.length === 0) await under.relay.settled();
      while (line.frames.length === 0 && line.closed === null) await turn();
      const welcome = line.last('welcome');
      return Object.assign(Object.create(line) as TestLine, {
        session: welcome.role === 'visitor' ? welcome.session : '',
      });
    },
    async agent(id, { lists = false, have } = {}) {
      const line = under.line({ door: 'desk', origin: 'http://127.0.0.1' });
      await line.send({
        type: 'hello',
        role: 'agent',
        versions: [1],
        client: 'test',
        ticket: `ticket-${id}`,
        lists,
        ...(have === undefined ? {} : { have }),
      });
      return line;
    },
    async pass(ms) {
      await clock.advance(ms);
      await under.relay.settled();
      await turn();
    },
    async restart() {
      await under.relay.stop();
      under.relay = await make();
    },
    async crash() {
      under.relay = await make();
    },
    async checkEventLaw() {
      for (const view of ['open', 'resolved'] as const) {
        const { conversations } = await store.list({ view, agent: '', limit: 100 });
        for (const row of conversations) await checkLaw(store, row.state);
      }
    },
  };
  return under;
}

/** What one relay works with while it lives: afterwards nothing it does has an effect, and nothing answers it. */
function mortal(own: number, living: () => number, { store, bus, clock }: { store: Store; bus: Bus; clock: Clock }) {
  const never = new Promise<never>(() => {});
  const append: Store['append'] = async (batch) => {
    if (own !== living()) return never;
    await store.append(batch);
    return own === living() ? undefined : never;
  };
  const ifAlive =
    <A extends unknown[]>(run: (...args: A) => void) =>
    (...args: A): void => {
      if (own === living()) run(...args);
    };
  return {
    // Over the store, not a copy of it: what a test changes there holds for the relay too.
    store: Object.assign(Object.create(store) as Store, { append }),
    bus: {
      ...bus,
      publish: ifAlive((message) => bus.publish(message)),
      subscribe: (handler) => bus.subscribe(ifAlive(handler)),
    },
    clock: { now: clock.now, after: (ms, run) => clock.after(ms, ifAlive(run)) },
  } satisfies { store: Store; bus: Bus; clock: Clock };
}

async function checkLaw(store: Store, stored: ConversationState): Promise<void> {
  const { events } = await store.events({ conversation: stored.id, count: 'staff', after: 0, limit: 10_000 });
  for (const reader of ['agent', 'visitor'] as const) {
    const views = events.flatMap((event) => viewEvent(event, reader) ?? []);
    let state: ConversationState | null = null;
    for (const event of views) state = applyEvent(state, event);
    expect(viewState(stored, reader)).toEqual(state);
  }
}

export function text(value: string): { kind: 'text'; text: string }[] {
  return [{ kind: 'text', text: value }];
}
