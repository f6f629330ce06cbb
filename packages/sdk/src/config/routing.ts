/** How well somebody knows something: 1 a little, 5 as good as anybody. */
export type Level = 1 | 2 | 3 | 4 | 5;

/** A skill, or a language as one: `language:lv`, by the primary part of its tag. */
export type SkillName<Skill extends string = string> = Skill | `language:${string}`;

/** A skill that a conversation needs. */
export interface SkillNeed<Skill extends string = string> {
  skill: SkillName<Skill>;
  /** At least this level. @default 1 */
  level?: Level;
  /** `false`: nice to have. It only raises those who have it, and only where the strategy is `skill-match`. @default true */
  required?: boolean;
}

/**
 * After `afterMs` of waiting the skills named in `drop` are only preferred. `'language'` names every language. Steps add up; the wait is counted
 * from when the conversation entered the queue.
 */
export interface RelaxStep<Skill extends string = string> {
  afterMs: number;
  drop: readonly (SkillName<Skill> | 'language')[];
}

/**
 * How a team's queue is given to its agents. Whatever the strategy, only those are considered who are online, in the team (or helping it, see
 * `overflow`), have every required skill, have room for the conversation's weight, and whose shift does not end within `shiftGuardMs`. In the
 * definitions "ties" are settled by the rules that follow, the last one always being the order of ids.
 *
 * - `manual`: agents take; the first in the queue stands on top.
 * - `ring-all`: it is offered to all of them at once; the first who accepts has it.
 * - `round-robin`: the first after the one routed last in this team, in the order of ids, around.
 * - `longest-idle`: the one who was given a conversation least recently; never comes before ever.
 * - `least-loaded`: the smallest load ÷ capacity; ties by longest idle.
 * - `fill-up`: the largest load ÷ capacity that still has room.
 * - `weighted`: each conversation moves an agent's mark on by 1 ÷ share; the smallest mark is next. Somebody who could not be given any for a while
 *   goes on where the others are, so nobody catches up; ties by longest idle.
 * - `priority-list`: the earliest in `order`; who is not in it comes after those who are; ties by least loaded, then longest idle.
 * - `skill-match`: the largest sum of levels over all needed skills, required or preferred; ties by least loaded, then longest idle.
 */
export type Strategy =
  | 'manual'
  | 'ring-all'
  | 'round-robin'
  | 'longest-idle'
  | 'least-loaded'
  | 'fill-up'
  | 'weighted'
  | 'priority-list'
  | 'skill-match';

/** A team and how its queue is served. Times in milliseconds. */
export interface TeamInput<
  Skill extends string = string,
  ScheduleName extends string = string,
  TeamName extends string = string,
  AgentName extends string = string,
> {
  id: TeamName;
  name: string;
  strategy: Strategy;
  /** When the team is open. Without one it always is. Rules and `route` see it; whoever waits already is served as long as somebody is there. */
  schedule?: ScheduleName;
  /** `assign`: it is theirs at once; `offer`: they are asked and may decline. Ring all always offers. @default 'assign' */
  mode?: 'assign' | 'offer';
  /** How long an offer stands. @default 30000 */
  offerMs?: number;
  /** Waiting this long is worth one point of priority. @default 60000 */
  ageingMs?: number;
  /** The agent who served this visitor last has it first, for at most this long; somebody who is offline is not waited for. */
  sticky?: { maxWaitMs: number };
  /** What every conversation of the team needs, besides what routing says. */
  skills?: readonly SkillNeed<Skill>[];
  relax?: readonly RelaxStep<Skill>[];
  /** Whether the visitor's language is a skill that the agent needs. @default 'ignored' */
  language?: 'required' | 'preferred' | 'ignored';
  /** `weighted`: the share of each agent, above 0; those not named have 1. */
  shares?: Partial<Record<AgentName, number>>;
  /** `priority-list`: who comes first. */
  order?: readonly AgentName[];
  /** Nobody whose shift ends within this gets anything new. @default 600000 */
  shiftGuardMs?: number;
  /** A soft limit: while at least `waiting` conversations wait in this team, each agent may carry `extra` above the capacity. */
  peak?: { waiting: number; extra: number };
  /** After `afterMs` of waiting the agents of that team help; after that team's own `afterMs` more, those who help it; and so on. No place is lost. */
  overflow?: { team: NoInfer<TeamName>; afterMs: number };
}

/** An agent as the configuration knows them. */
export interface AgentInput<
  Skill extends string = string,
  ScheduleName extends string = string,
  TeamName extends string = string,
  AgentName extends string = string,
> {
  id: AgentName;
  teams: readonly TeamName[];
  /** How much weight they carry at once; a conversation weighs 1 unless `weights` says otherwise. */
  capacity: number;
  skills?: Readonly<Partial<Record<SkillName<Skill>, Level>>>;
  /** Their shifts, together. Without any they may get conversations whenever they are online. */
  shifts?: readonly ScheduleName[];
}

/** A queue as `route` sees it. */
export interface QueueView {
  team: string;
  waiting: number;
  /** Of the one who waits longest; 0 when nobody waits. */
  longestWaitMs: number;
  /** Agents who are online, and how many of them have room for a conversation of weight 1. */
  online: number;
  withRoom: number;
  /** By the team's schedule; a team without one is always open. */
  open: boolean;
}

/** An agent as routing sees them. */
export interface AgentView {
  id: string;
  name: string;
  teams: readonly string[];
  /** `online`: there, and willing. */
  state: 'online' | 'away' | 'offline';
  /** The weight of what they own, and of what is offered to them. */
  load: number;
  capacity: number;
  skills: Readonly<Record<string, number>>;
  /** When the shift they are in ends; not later than now when they are in none; null for those without shifts. */
  shiftEndsAt: number | null;
  /** When a conversation became theirs the last time, in whatever way. */
  lastAssignedAt: number | null;
  lastOffer: { at: number; how: 'accepted' | 'declined' | 'expired' | 'withdrawn' } | null;
}

/** All that a routing decision may depend on. The same in process, in a signed HTTP hook, and in a simulation. */
export interface RouteContext {
  conversation: {
    id: string;
    channel: string;
    startedAt: number;
    /** The queue it is in by default. */
    team: string | null;
    /** The first words of the visitor, at most 2,000 characters; empty when there are none yet. */
    text: string;
  };
  visitor: { id: string; name: string | null; email: string | null; externalId: string | null; verified: boolean };
  /** The page the visitor is on. */
  page: { url: string; title: string } | null;
  site: string;
  /** A language tag, `lv` or `lv-LV`; null when unknown. */
  language: string | null;
  /** What it is about, when somebody or something said so. */
  intent?: string;
  tags: readonly string[];
  waitedMs: number;
  /** 1 for the first decision about this conversation; each later one counts on. */
  attempt: number;
  queues: readonly QueueView[];
  agents: readonly AgentView[];
  history: {
    /** Who served this visitor last, if anybody. */
    lastAgent?: string;
    /** Days since each earlier conversation of this visitor began, the latest first; at most 100. */
    contactsInDays: readonly number[];
  };
  now: number;
}

/** Where a conversation goes. `reason` is stored and shown to staff, at most 2,000 characters. */
export type RouteDecision<
  TeamName extends string = string,
  Skill extends string = string,
  AgentName extends string = string,
  BotName extends string = string,
> =
  /** First to this agent, for `offerMs` at most; then to everybody of the queue it is in. */
  | { to: 'agent'; id: AgentName; offerMs?: number; reason: string }
  | {
      to: 'queue';
      id: TeamName;
      /** Whole, from -100 to 100; higher goes first, and waiting raises it. @default 0 */
      priority?: number;
      skills?: readonly SkillNeed<Skill>[];
      relax?: readonly RelaxStep<Skill>[];
      /** Kept for this agent at most so long. */
      sticky?: { agent: AgentName; maxWaitMs: number };
      reason: string;
    }
  | { to: 'bot'; id: BotName; reason: string }
  | { to: 'channel'; kind: 'email' | 'callback' | 'phone' | 'form'; reason: string }
  /** What holds without this decision. */
  | { to: 'default' };

/** One value, or any of several. */
type OneOf<T> = T | readonly T[];

/** Conditions of a rule; all that are given must hold. A list means any of its values, but for `tags`, which must all be there. */
export interface RuleCondition<TeamName extends string = string, Site extends string = string> {
  site?: OneOf<Site>;
  /** `lv` also holds for `lv-LV`. */
  language?: OneOf<string>;
  /**
   * A path such as `/shop/**`, or a whole address when it has `://`. `*` is anything within one part, `**` anything at all, `?` one character.
   * Query and fragment are not looked at.
   */
  page?: OneOf<string>;
  /** The intent. */
  topic?: OneOf<string>;
  /** All of these. */
  tags?: readonly string[];
  /** Any of these words or phrases in the visitor's first words, whatever the case; only whole words count. */
  words?: readonly string[];
  channel?: OneOf<string>;
  verified?: boolean;
  /** This team's schedule is open, or closed, now. */
  open?: TeamName;
  closed?: TeamName;
  /** At least this many conversations wait in this team. */
  waiting?: { team: TeamName; atLeast: number };
  /** At least `count` earlier contacts within `days`. */
  contacts?: { atLeast: number; days: number };
  waitedMs?: { atLeast: number };
}

/** A rule as data. The first whose condition holds decides. */
export interface RoutingRule<
  TeamName extends string = string,
  Skill extends string = string,
  AgentName extends string = string,
  BotName extends string = string,
  Site extends string = string,
> {
  when: RuleCondition<TeamName, Site>;
  decide: RouteDecision<TeamName, Skill, AgentName, BotName>;
}

/** What a conversation weighs against an agent's capacity. The first whose condition holds; else 1. */
export interface WeightRule<TeamName extends string = string, Site extends string = string> {
  when: RuleCondition<TeamName, Site>;
  /** A multiple of 0.25 from 0.25 to 20. It never counts for more than an agent's whole capacity. */
  weight: number;
}

/** A decision in code. A pure function of its argument, so that a simulation tells the truth about it. */
export type RouteHook<
  TeamName extends string = string,
  Skill extends string = string,
  AgentName extends string = string,
  BotName extends string = string,
> = (
  context: RouteContext,
) => RouteDecision<TeamName, Skill, AgentName, BotName> | Promise<RouteDecision<TeamName, Skill, AgentName, BotName>>;

/** How conversations find their team. Rules are asked first, then `route`, then the site's team holds. */
export interface RoutingInput<
  TeamName extends string = string,
  Skill extends string = string,
  AgentName extends string = string,
  BotName extends string = string,
  Site extends string = string,
> {
  /** The skills there are, besides languages. Each one named anywhere must be here. */
  skills?: readonly Skill[];
  rules?: readonly RoutingRule<TeamName, Skill, AgentName, BotName, Site>[];
  route?: RouteHook<TeamName, Skill, AgentName, BotName>;
  /** How long `route` may think before `fallback` holds. @default 300 */
  deadlineMs?: number;
  /** Holds when `route` throws, is late, or answers nonsense. @default { to: 'default' } */
  fallback?: RouteDecision<TeamName, Skill, AgentName, BotName>;
  weights?: readonly WeightRule<TeamName, Site>[];
}
