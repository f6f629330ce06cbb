import type { EventKind } from '../../packages/protocol/src/index.ts';
import type { BotTurn, HookEvent } from '../../packages/sdk/src/config.ts';
import { DEFAULT_PRIVACY } from '../../packages/server/src/config-privacy.ts';
import type { Config } from '../../packages/server/src/config-types.ts';
import { FILE_DEFAULTS } from '../../packages/server/src/files/settings.ts';
import { createRateLimiter } from '../../packages/server/src/limits.ts';
import { type Log, silentLog } from '../../packages/server/src/log.ts';
import { noMetrics } from '../../packages/server/src/metrics.ts';
import type { AgentRow, Bus, BusMessage, Clock, Connection, Ids } from '../../packages/server/src/ports.ts';
import { createRelay, type Relay } from '../../packages/server/src/relay.ts';
import { createRandom } from '../replay/random.ts';
import { type Actor, createAgentActor, createVisitor, SITE } from './clients.ts';
import { type CrashKind, createDisk } from './disk.ts';
import { CANARY, createHistory, type Violation } from './history.ts';
import { createHostile } from './hostile.ts';
import { createNetwork } from './network.ts';
import type { Plan, Step } from './plan.ts';
import { createTimeline } from './timeline.ts';

export interface Outcome {
  violations: readonly Violation[];
  story: readonly string[];
  /** Events in the log at the end, and virtual time that passed. */
  events: number;
  virtualMs: number;
}

/** What of the world itself can be made wrong, for the proof that it would be noticed: what stands outside our code, and cannot be changed in it. */
export interface WorldPlant {
  /** The disk answers before it has synced, as SQLite does with `synchronous=NORMAL`. */
  answersBeforeSync?: boolean;
}

const START = Date.UTC(2026, 10, 20, 10);
/** After the last fault everybody must be back and settled in this time: two heartbeats, their grace, and the longest wait
 * that a limit asks for (a conversation in 200 s). */
const REST_MS = 300_000;
const TEAMS = ['sales', 'billing'];
const KINDS: Record<EventKind, true> = {
  started: true,
  message: true,
  note: true,
  assigned: true,
  queued: true,
  status: true,
  resolved: true,
  reopened: true,
  identified: true,
  routed: true,
  offered: true,
  'offer-ended': true,
  consent: true,
  'handoff-requested': true,
  'handoff-failed': true,
  asked: true,
  answered: true,
  drafted: true,
  'tool-called': true,
  erased: true,
};

/** Plays a plan: the whole relay and its clients on one virtual clock, with everything that can happen around them. */
export async function play(plan: Plan, options: { withStory?: boolean; plant?: WorldPlant } = {}): Promise<Outcome> {
  const { plant = {}, withStory = false } = options;
  const chance = createRandom(plan.seed * 40_503 + 11);
  const timeline = createTimeline(START);
  const disk = createDisk({
    timeline,
    random: chance.fork(),
    speed: plan.disk,
    answersBeforeSync: plant.answersBeforeSync === true,
    isShared: (plan.nodes ?? 1) > 1,
  });
  const history = createHistory({
    now: timeline.now,
    startAt: START,
    visitors: plan.visitors,
    isDurable: disk.isDurable,
    withStory,
    // What comes after it is only what comes of it.
    broken: timeline.halt,
  });
  const onRejection = (error: unknown): void =>
    history.blame('nothing-breaks', `a rejection that nobody hears: ${String(error)}`);
  process.on('unhandledRejection', onRejection);
  const random = {
    ids: chance.fork(),
    hooks: chance.fork(),
    bot: chance.fork(),
    clients: chance.fork(),
    bus: chance.fork(),
    nodes: chance.fork(),
  };

  let counter = 0;
  const ids: Ids = {
    next: () => `id-${String(++counter).padStart(17, '0')}`,
    secret: (bytes) =>
      Array.from({ length: Math.ceil((bytes * 4) / 3) }, () => random.ids.whole(36).toString(36)).join(''),
  };
  /** The relay of each node, while it lives. */
  const relays: (Relay | null)[] = Array.from({ length: plan.nodes ?? 1 }, () => null);
  /** Names the present life of each; what belongs to an earlier one does nothing any more. */
  const lives = relays.map(() => 0);
  let { busLoses } = plan;
  const hearing: ((message: BusMessage) => void)[] = [];
  const isFaulty = plan.steps.some(({ do: what }) => what === 'disk-full' || what === 'disk-broken');

  const network = createNetwork({
    timeline,
    random: chance.fork(),
    delayMs: plan.delayMs,
    accept: () => {
      const node = random.nodes.whole(relays.length);
      const present = relays[node] ?? null;
      return present === null ? null : { node, open: (connection: Connection) => present.openSession(connection) };
    },
    tap: history,
  });

  /** Lets time pass until this is done. */
  async function until(done: Promise<unknown>): Promise<void> {
    let isDone = false;
    const ended = done.finally(() => {
      isDone = true;
    });
    while (!isDone) await timeline.run(1_000);
    await ended;
  }

  /** Ends what runs on a node, and says what tells whether the next life goes on. */
  function beginLife(node: number): () => boolean {
    const mine = (lives[node] ?? 0) + 1;
    lives[node] = mine;
    return () => mine === lives[node];
  }

  async function start(node: number): Promise<void> {
    const isAlive = beginLife(node);
    const clock: Clock = { now: timeline.now, after: (ms, run) => timeline.after(ms, () => isAlive() && run()) };
    const log: Log = {
      ...silentLog,
      error: (fields, message) => {
        history.tell(`the relay says: ${message} ${String((fields as { error?: unknown }).error ?? '')}`);
        if (isAlive() && !isFaulty)
          history.blame('nothing-breaks', `${message}: ${String((fields as { error?: unknown }).error ?? '')}`);
      },
      child: () => log,
    };
    try {
      const made = await createRelay({
        config: configOf(plan, codeOf(isAlive)),
        store: disk.open(isAlive),
        bus: busOf(node, isAlive),
        clock,
        ids,
        tickets: {
          redeem: async (ticket) => {
            const agent = await disk.store.agent(ticket.split('@')[0] ?? '');
            return agent === null ? null : { agent, session: `session-of-${ticket}` };
          },
        },
        identity: { verify: async () => null },
        limiter: history.watch(createRateLimiter(clock), timeline.now),
        log,
        metrics: noMetrics,
        soon: (run) => void timeline.after(0, () => isAlive() && run()),
      });
      if (isAlive()) relays[node] = made;
    } catch (error) {
      history.tell(`the relay did not start: ${String(error)}`);
      if (!isFaulty && isAlive()) history.blame('nothing-breaks', `the relay did not start: ${String(error)}`);
      // Whoever looks after it starts it again.
      if (isAlive()) timeline.after(1_000, () => void start(node));
    }
  }

  /** To itself a node publishes in its turn, to the others over the network. */
  function busOf(node: number, isAlive: () => boolean): Bus {
    const handlers = new Set<(message: BusMessage) => void>();
    const hear = (message: BusMessage): void => {
      if (isAlive()) for (const handler of handlers) handler(message);
    };
    hearing[node] = hear;
    return {
      isShared: relays.length > 1,
      publish(message) {
        for (const [to, other] of hearing.entries()) {
          if (random.bus.chance(busLoses)) history.tell(`the bus loses ${message.kind} for node ${to}`);
          else if (to === node) queueMicrotask(() => hear(message));
          else timeline.after(3, () => other(structuredClone(message)));
        }
      },
      subscribe(handler) {
        handlers.add(handler);
        return () => handlers.delete(handler);
      },
      onUp: () => () => {},
      close: async () => {},
    };
  }

  /** The code of the site, as one life of the relay runs it: it ends with the process it runs in. */
  function codeOf(isAlive: () => boolean) {
    const pass = (ms: number): Promise<void> | undefined =>
      ms === 0 ? undefined : new Promise((resolve) => void timeline.after(ms, () => isAlive() && resolve()));
    return {
      async hook({ event: { conversation, seq }, attempt }: HookEvent): Promise<void> {
        history.hookTold(conversation, seq);
        await pass(random.hooks.whole(3) * 40);
        if (attempt <= 2 && random.hooks.chance(plan.hookFails)) throw new Error('The CRM is away.');
        history.hookSeen(conversation, seq);
      },
      async onMessage(turn: BotTurn): Promise<void> {
        const to = turn.text.split('~')[0] ?? '';
        const mood = random.bot.whole(6);
        await pass(random.bot.whole(4) * 500);
        if (mood === 0) throw new Error('The model is away.');
        if (mood === 1) return turn.handoff({ summary: `${CANARY}: he asks for a person`, reason: CANARY });
        await turn.reply(history.words('helper', 'bot', to));
        if (mood === 2) await turn.reply(history.words('helper', 'bot', to));
      },
    };
  }

  function goOn(node: number, after: number): void {
    const isStill = beginLife(node);
    timeline.after(after, () => {
      if (isStill()) void start(node);
    });
  }

  function kill(node: number, silently: boolean): void {
    beginLife(node);
    relays[node] = null;
    network.nodeDied(node, silently);
  }

  async function crash(kind: CrashKind, drawn: number): Promise<void> {
    const nodes = relays.map((_, node) => node);
    const hit = kind === 'power' ? nodes : [Math.floor(drawn * nodes.length)];
    for (const node of hit) kill(node, kind === 'power');
    // One process that dies takes nothing from the others' disk.
    if (hit.length === nodes.length) await disk.crash(kind);
    for (const node of hit) goOn(node, Math.floor(drawn * 4_000) + node * 500);
  }

  function fault({ do: what, chance: drawn }: Step): void {
    history.tell(`-- ${what}`);
    const isMeant = ({ id }: { id: number }): boolean => (id * 7_919 + Math.floor(drawn * 1e6)) % 3 === 0;
    switch (what) {
      case 'cut':
        return network.cut(isMeant);
      case 'cut-all':
        return network.cut(() => true);
      case 'stall':
        return network.stall(isMeant, 'both');
      case 'stall-up':
        return network.stall(isMeant, 'up');
      case 'stall-down':
        return network.stall(isMeant, 'down');
      case 'flow':
        return network.flow();
      case 'kill':
      case 'power-cut':
        void crash(what === 'kill' ? 'process' : 'power', drawn);
        return;
      case 'restart': {
        const node = Math.floor(drawn * relays.length);
        const present = relays[node];
        relays[node] = null;
        const life = lives[node];
        void present?.stop().then(() => {
          if (life !== lives[node]) return;
          kill(node, false);
          goOn(node, Math.floor(drawn * 1_000));
        });
        return;
      }
      case 'disk-full':
        disk.fault = 'full';
        return;
      case 'disk-broken':
        disk.fault = 'broken';
        return;
      default:
        disk.fault = 'none';
    }
  }

  const saved = Promise.all(accountsOf(plan).map((row) => disk.open(() => true).saveAgent(row)));
  await until(saved);
  await until(Promise.all(relays.map((_, node) => start(node))));

  const actors = new Map<string, Actor>();
  const common = () => ({ timeline, network, history, random: random.clients.fork() });
  for (const name of plan.visitors)
    actors.set(name, createVisitor(name, { ...common(), shareTabs: plan.tabs === true }));
  for (const id of plan.agents)
    actors.set(
      id,
      createAgentActor(id, {
        ...common(),
        ticket: (agent) => `${agent}@${++counter}`,
        isBusLossy: plan.busLoses > 0,
        colleagues: plan.agents.filter((other) => other !== id),
        teams: TEAMS,
      }),
    );
  const hostile = createHostile({
    ...common(),
    conversations: async () => (await disk.store.unresolved()).map(({ state }) => state.id),
  });

  const beginning = timeline.now();
  for (const step of plan.steps) {
    if (history.violations.length > 0) break;
    await timeline.run(beginning + step.at - timeline.now());
    if (step.who === 'world') fault(step);
    else if (step.who === 'eve') hostile.act(step);
    else actors.get(step.who)?.act(step);
  }
  await timeline.run(500);
  history.tell('-- calm');
  disk.fault = 'none';
  busLoses = 0;
  network.flow();
  for (const actor of actors.values()) actor.comeBack();

  const restsBy = timeline.now() + REST_MS;
  let waitsFor: string | null = 'nobody has looked';
  let step = 200;
  while (waitsFor !== null && timeline.now() < restsBy && history.violations.length === 0) {
    await timeline.run(step);
    step = Math.min(5_000, step * 2);
    waitsFor = await unsettled();
  }
  if (waitsFor !== null && history.violations.length === 0)
    history.blame(waitsFor.includes(' sees ') ? 'views-agree' : 'comes-to-rest', waitsFor);
  if (history.violations.length === 0) await history.checkLog(disk.store);
  const log = await disk.store.eventsAfter(0, 100_000);
  // Nothing of this world does anything any more.
  for (const node of relays.keys()) beginLife(node);
  await timeline.run(0);
  process.off('unhandledRejection', onRejection);
  return {
    violations: history.violations,
    story: history.story,
    events: log.length,
    virtualMs: timeline.now() - START,
  };

  async function unsettled(): Promise<string | null> {
    if (relays.includes(null)) return 'a relay is away';
    for (const actor of actors.values()) {
      const reason = await actor.unsettled(disk.store);
      if (reason !== null) return reason;
    }
    const events = (await disk.store.eventsAfter(0, 100_000)).map(({ event }) => event);
    if (!history.hasToldHooks(events)) return 'a hook was not told everything';
    return disk.isSynced ? null : 'the disk is busy';
  }
}

function accountsOf({ agents }: Plan): AgentRow[] {
  return agents.map((id) => ({
    id,
    name: `${id[0]?.toUpperCase()}${id.slice(1)}`,
    role: id === 'cleo' ? 'lead' : 'agent',
    teams: TEAMS,
    email: `${id}@${CANARY}.example`,
    capacity: 3,
    presence: 'online',
    passwordHash: null,
    active: true,
    createdAt: 0,
  }));
}

function configOf(
  plan: Plan,
  code: { hook(told: HookEvent): Promise<void>; onMessage(turn: BotTurn): Promise<void> },
): Config {
  return {
    host: '127.0.0.1',
    port: 0,
    dataDir: '',
    publicUrl: 'https://chat.example',
    logLevel: 'silent',
    metricsToken: null,
    secretKey: null,
    trustedProxies: [],
    sites: [
      {
        key: SITE,
        name: 'Shop',
        origins: ['https://shop.example'],
        team: 'sales',
        ...(plan.bot ? { bot: 'helper' } : {}),
      },
    ],
    teams: [
      { id: 'sales', name: 'Sales', strategy: plan.strategy },
      { id: 'billing', name: 'Billing', strategy: 'manual' },
    ],
    wrapUpCodes: [{ id: 'canary-wrap', name: `${CANARY} code` }],
    files: FILE_DEFAULTS,
    cannedReplies: [],
    forms: [],
    surveys: [],
    bots: plan.bot
      ? [
          {
            id: 'helper',
            name: 'Helper',
            drafts: false,
            tokenHash: null,
            code: { id: 'helper', name: 'Helper', onMessage: code.onMessage },
          },
        ]
      : [],
    agents: null,
    schedules: {},
    routing: {},
    handoff: { team: null, timeoutMs: 20_000, onFailure: 'queue', offerAfter: 3 },
    webhooks: [],
    privacy: DEFAULT_PRIVACY,
    hooks: {
      events: [{ name: 'crm', on: Object.keys(KINDS) as EventKind[], run: code.hook, onFailure: 'retry' }],
    },
    version: '000000000000',
    agentGraceMs: 5_000,
    reopenWindowMs: 86_400_000,
    visitorSessionMs: 30 * 86_400_000,
    agentSessionMs: 43_200_000,
    agentIdleMs: 3_600_000,
    allowPrivateAddresses: false,
    rateFactor: 1,
  };
}
