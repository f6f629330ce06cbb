import type { AgentInput, ConfigInput, RoutingInput, ScheduleInput, TeamInput } from '@sveiki/sdk/config';
import type { VariantReport } from './report.ts';
import { runDay } from './run-day.ts';

/** A conversation that came, or might have come. Times in milliseconds. */
export interface Arrival {
  id: string;
  at: number;
  /** Somebody who comes again is remembered, with the agent who served him. */
  visitor: string;
  /** The team it waits in when nothing else decides. */
  team: string;
  /** How long the visitor waits for an agent before he leaves. */
  patienceMs: number;
  /** From the agent's first look to the end. */
  handleMs: number;
  site?: string;
  language?: string | null;
  topic?: string;
  tags?: readonly string[];
  /** The first words. */
  text?: string;
  page?: string;
  verified?: boolean;
}

/** How people behave. */
export interface Behaviour {
  /** Mean time until an agent answers an offer. @default 6000 */
  answerMs: number;
  /** Mean time until an agent with room takes from a queue where agents take. @default 20000 */
  takeMs: number;
  /** The share of offers that an agent declines, and that he does not see. @default 0.03, 0.05 */
  declines: number;
  misses: number;
}

/**
 * What of a configuration routing is made of: what `defineConfig` gave will do as it is. A `route` hook at somebody's address is not asked; rules and
 * teams decide then. Bots may be their ids.
 */
export interface SimulatedConfig extends Pick<ConfigInput, 'teams' | 'agents' | 'schedules' | 'skills'> {
  routing?: Omit<NonNullable<ConfigInput['routing']>, 'skills'> & Pick<RoutingInput, 'skills'>;
  bots?: readonly (string | { id: string })[];
  behaviour?: Partial<Behaviour>;
}

/** The same without a choice of shapes. */
export interface DayConfig {
  teams: readonly TeamInput[];
  agents: readonly AgentInput[];
  schedules: Readonly<Record<string, ScheduleInput>>;
  routing: RoutingInput;
  bots: readonly string[];
  behaviour: Partial<Behaviour>;
}

/** The same day with every team changed in one way. */
export interface Variant {
  name: string;
  team: Partial<Omit<TeamInput, 'id' | 'name'>>;
}

export interface SimulateOptions {
  /** Who declines, misses and how fast people answer; the same seed is the same day. */
  seed: number;
  /** Ways to serve the day, side by side. @default the configuration as it is */
  compare?: readonly Variant[];
  /** The time in which agents' shifts count. @default from the first arrival to the last one's end */
  from?: number;
  to?: number;
}

export interface SimulationReport {
  seed: number;
  arrivals: number;
  from: number;
  to: number;
  variants: VariantReport[];
}

/** Each strategy for every team, and two that are put together from them. */
export const EVERY_STRATEGY: readonly Variant[] = [
  { name: 'manual', team: { strategy: 'manual' } },
  { name: 'ring all', team: { strategy: 'ring-all' } },
  { name: 'round robin', team: { strategy: 'round-robin' } },
  { name: 'longest idle', team: { strategy: 'longest-idle' } },
  { name: 'least loaded', team: { strategy: 'least-loaded' } },
  { name: 'fill up', team: { strategy: 'fill-up' } },
  { name: 'weighted', team: { strategy: 'weighted' } },
  { name: 'priority list', team: { strategy: 'priority-list' } },
  { name: 'skill match', team: { strategy: 'skill-match' } },
  { name: 'sticky, then least loaded', team: { strategy: 'least-loaded', sticky: { maxWaitMs: 60_000 } } },
  { name: 'least loaded by offer', team: { strategy: 'least-loaded', mode: 'offer' } },
];

/**
 * Plays a history through routing with the very functions the relay uses, on a clock of its own: waits, loads, abandonment and fairness of each way
 * to serve it. Deterministic: the same arguments give the same report. Agents are online in their shifts, finish what they began, and work on
 * several conversations at once without getting slower. A `route` hook is awaited without a deadline; when it
 * throws or answers nonsense, its fallback holds.
 * @throws Error when an arrival or a decision names a team that is not in the configuration
 */
export async function simulate(
  config: SimulatedConfig,
  history: readonly Arrival[],
  { seed, compare = [{ name: 'as configured', team: {} }], from, to }: SimulateOptions,
): Promise<SimulationReport> {
  const teams = new Set(config.teams.map(({ id }) => id));
  const stray = history.find(({ team }) => !teams.has(team));
  if (stray !== undefined)
    throw new Error(`Arrival "${stray.id}" waits in team "${stray.team}", which the configuration does not have.`);
  const arrivals = history.toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  const start = from ?? arrivals[0]?.at ?? 0;
  const end =
    to ??
    arrivals.reduce((latest, { at, patienceMs, handleMs }) => Math.max(latest, at + patienceMs + handleMs), start);
  const day = dayConfig(config);
  const variants: VariantReport[] = [];
  for (const variant of compare) {
    const changed = { ...day, teams: day.teams.map((team) => ({ ...team, ...variant.team })) };
    variants.push(await runDay(variant.name, changed, arrivals, { seed, from: start, to: end }));
  }
  return { seed, arrivals: arrivals.length, from: start, to: end, variants };
}

function dayConfig({
  teams,
  agents = [],
  schedules = {},
  skills,
  bots = [],
  behaviour = {},
  ...rest
}: SimulatedConfig): DayConfig {
  const { route, ...routing } = rest.routing ?? {};
  return {
    ...{ teams, agents, schedules, behaviour },
    routing: {
      ...routing,
      ...(skills === undefined ? {} : { skills }),
      ...(typeof route === 'function' ? { route } : {}),
    },
    bots: bots.map((bot) => (typeof bot === 'string' ? bot : bot.id)),
  };
}
