import { createRandom, type Random } from '../replay/random.ts';
import type { DiskSpeed } from './disk.ts';

export const VISITOR_STEPS = [
  'send',
  'typing',
  'read',
  'reload',
  'close',
  'open',
  'visit',
  'request-human',
  'tab',
  'freeze',
] as const;
export const AGENT_STEPS = [
  'take',
  'accept',
  'decline',
  'tell',
  'note',
  'transfer',
  'return',
  'resolve',
  'read',
  'watch',
  'away',
  'back',
  'reload',
] as const;
export const HOSTILE_STEPS = [
  'garbage',
  'foreign',
  'origin',
  'staff-frames',
  'flood',
  'early',
  'deaf',
  'stale',
] as const;
export const FAULTS = [
  'cut',
  'cut-all',
  'stall-up',
  'stall-down',
  'stall',
  'flow',
  'kill',
  'power-cut',
  'restart',
  'disk-full',
  'disk-broken',
  'disk-ok',
] as const;

export type StepKind =
  | (typeof VISITOR_STEPS)[number]
  | (typeof AGENT_STEPS)[number]
  | (typeof HOSTILE_STEPS)[number]
  | (typeof FAULTS)[number];

/** Something that happens in a world. `chance` chooses what it leaves open; it belongs to the step, so that taking others away does not shift it. */
export interface Step {
  at: number;
  who: string;
  do: StepKind;
  chance: number;
}

/** Everything about a world that is drawn before it begins. The same plan gives the same history; a smaller one is found by taking steps away. */
export interface Plan {
  seed: number;
  visitors: string[];
  agents: string[];
  /** Somebody who does not keep to the protocol. */
  hostile: boolean;
  /** Relays on one store, with a bus between them. @default 1 */
  nodes?: number;
  /** Visitors open several tabs, which share one line. @default false */
  tabs?: boolean;
  bot: boolean;
  strategy: 'manual' | 'round-robin' | 'least-loaded' | 'ring-all';
  delayMs: number;
  disk: DiskSpeed;
  /** How often a hook fails. */
  hookFails: number;
  /** How often the bus loses a message, as its contract allows: readers heal from the store. */
  busLoses: number;
  steps: Step[];
}

const CAST = { visitors: ['mia', 'noah', 'zoe'], agents: ['ada', 'ben', 'cleo'] };

/** What happens, and how often compared with the others. */
const VISITOR_MIX = weighted({
  send: 10,
  typing: 1,
  read: 2,
  reload: 2,
  close: 1,
  open: 2,
  visit: 1,
  'request-human': 1,
});
const AGENT_MIX = weighted({
  take: 6,
  accept: 3,
  decline: 1,
  tell: 8,
  note: 3,
  transfer: 2,
  return: 1,
  resolve: 2,
  read: 1,
  watch: 1,
  away: 1,
  back: 2,
  reload: 1,
});
const FAULT_MIX = weighted({
  cut: 6,
  'cut-all': 2,
  'stall-up': 1,
  'stall-down': 1,
  stall: 1,
  flow: 2,
  kill: 2,
  'power-cut': 2,
  restart: 1,
  'disk-full': 1,
  'disk-broken': 1,
  'disk-ok': 2,
});

function weighted<K extends StepKind>(weights: Record<K, number>): K[] {
  return (Object.entries(weights) as [K, number][]).flatMap(([kind, weight]) => Array<K>(weight).fill(kind));
}

/** The world of a seed, with so many relays on one store. */
export function planOf(seed: number, nodes = 1): Plan {
  const random = createRandom(seed * 2_654_435_761 + 97);
  const visitors = CAST.visitors.slice(0, 1 + random.whole(3));
  const agents = CAST.agents.slice(0, 1 + random.whole(3));
  const hostile = random.chance(0.35);
  const lengthMs = 3_000 + random.whole(30_000);
  const steps: Step[] = [];
  const add = (count: number, who: readonly string[], mix: readonly StepKind[]): void => {
    for (let i = 0; i < count; i++)
      steps.push({
        at: momentIn(random, lengthMs),
        who: random.pick(who),
        do: random.pick(mix),
        chance: random.next(),
      });
  };
  // Most worlds begin with somebody who says something and somebody who takes it.
  steps.push({ at: 200 + random.whole(500), who: 'mia', do: 'send', chance: random.next() });
  steps.push({ at: 900 + random.whole(800), who: 'ada', do: 'take', chance: random.next() });
  add(3 + random.whole(12), visitors, VISITOR_MIX);
  add(2 + random.whole(10), agents, AGENT_MIX);
  add(random.whole(8), ['world'], FAULT_MIX);
  if (hostile) add(1 + random.whole(4), ['eve'], HOSTILE_STEPS);
  const bot = random.chance(0.3);
  const strategy = random.pick(['manual', 'manual', 'round-robin', 'least-loaded', 'ring-all'] as const);
  const world = {
    delayMs: random.pick([2, 20, 200]),
    disk: {
      writeMs: random.pick([0, 2, 20]),
      syncMs: random.pick([1, 5, 100]),
      readMs: random.pick([0, 0, 0, 3, 30]),
    },
    hookFails: random.pick([0, 0, 0.2]),
    busLoses: random.pick([0, 0, 0, 0.15]),
  };
  const tabs = random.chance(0.25);
  if (tabs) add(2 + random.whole(6), visitors, ['tab', 'tab', 'tab', 'reload', 'send', 'freeze']);
  return {
    seed,
    visitors,
    agents,
    hostile,
    ...(nodes === 1 ? {} : { nodes }),
    ...(tabs ? { tabs } : {}),
    bot,
    strategy,
    ...world,
    steps: steps.toSorted((a, b) => a.at - b.at),
  };
}

/** Some things come in bursts, others alone. */
function momentIn(random: Random, lengthMs: number): number {
  const at = random.whole(lengthMs);
  return random.chance(0.4) ? at - (at % 2_000) + random.whole(60) : at;
}
