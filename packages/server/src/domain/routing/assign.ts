import { ageingOf, inQueueOrder, LIMITS, type QueuePlace } from '@sveiki/protocol';
import type { AgentView, RelaxStep, SkillNeed, Strategy, TeamInput } from '@sveiki/sdk/config';
import { hasRoom, peakExtra, weightFor } from './capacity.ts';
import { type RoutingMemory, remember } from './memory.ts';
import { offerMsOf } from './offers.ts';
import { canServe, isRequired, meets, needsAfter } from './skills.ts';
import { choose } from './strategies.ts';

const DEFAULT_SHIFT_GUARD_MS = 600_000;

/** A conversation in a team's queue. All of it follows from the conversation's log, but for the weight, which follows from the rules. */
export interface Waiting extends QueuePlace {
  skills: readonly SkillNeed[];
  relax: readonly RelaxStep[];
  /** Kept for this agent until then, as long as he is not offline. */
  sticky: { agent: string; until: number } | null;
  weight: number;
  /** Somebody is being asked already. */
  offered: boolean;
  /** Those who declined or missed an offer since it waits, each once, the latest last; and when the last of them did. */
  passedBy: readonly string[];
  passedAt: number | null;
}

/** What is to be done now. */
export interface Placement {
  conversation: string;
  team: string;
  /** `assign`: it is theirs; `offer`: they are asked until `now + offerMs`. */
  mode: 'assign' | 'offer';
  /** One agent, but for `ring-all`. */
  agents: readonly string[];
  offerMs: number;
  /** What a peak allows above the capacity: whoever commits it asks `hasRoom` again. */
  extra: number;
  strategy: Strategy;
  /** For staff: "round robin, 2 of 4 busy". */
  reason: string;
}

interface Tick {
  teams: readonly TeamInput[];
  waiting: readonly Waiting[];
  /** Everybody on staff; `load` counts what they own and what is offered to them. */
  agents: readonly AgentView[];
  memory: RoutingMemory;
  now: number;
}

/**
 * One tick of routing: everything that can be given or offered now, the most urgent first. Pure, and the same for the same argument.
 *
 * A conversation that nobody can serve at the moment does not hold up those behind it. One that is too heavy for the room there is does, once it
 * waited for a point of ageing: the agent who is nearest to having room for it gets nothing that stands behind it, or light conversations would
 * keep passing it forever.
 *
 * `memory` is what will be remembered when every placement is committed. The caller remembers what really was committed instead.
 */
export function assign({ teams, waiting, agents, memory, now }: Tick): {
  placements: Placement[];
  memory: RoutingMemory;
} {
  const teamOf = new Map(teams.map((team) => [team.id, team]));
  const crowd = new Map<string, number>();
  for (const { team } of waiting) crowd.set(team, (crowd.get(team) ?? 0) + 1);
  const staff = agents.map((agent) => ({ ...agent }));
  const held = new Set<string>();
  const placements: Placement[] = [];
  let after = memory;

  for (const conversation of inQueueOrder(waiting, teams, now)) {
    const team = teamOf.get(conversation.team);
    if (team === undefined || team.strategy === 'manual' || conversation.offered) continue;
    const extra = peakExtra(team, crowd.get(team.id) ?? 0);
    const found = findAgents({ conversation, team, teams: teamOf, staff, held, extra, memory: after, now });
    if ('hold' in found) {
      if (found.hold !== null) held.add(found.hold);
      continue;
    }
    const mode = team.strategy === 'ring-all' || team.mode === 'offer' ? 'offer' : 'assign';
    placements.push({
      conversation: conversation.id,
      team: team.id,
      mode,
      agents: found.agents.map(({ id }) => id),
      offerMs: offerMsOf(team),
      extra,
      strategy: team.strategy,
      reason: `${found.why}, ${busy(staff, team)}`,
    });
    for (const agent of found.agents) {
      agent.load += weightFor(conversation.weight, agent.capacity);
      if (mode === 'assign') after = remember(after, teams, { team: team.id, agent: agent.id, how: 'routed' });
    }
  }
  return { placements, memory: after };
}

interface Search {
  conversation: Waiting;
  team: TeamInput;
  teams: ReadonlyMap<string, TeamInput>;
  staff: readonly AgentView[];
  held: ReadonlySet<string>;
  extra: number;
  memory: RoutingMemory;
  now: number;
}

/** The agents are those of `staff`, whose load grows within a tick. */
type Found = { agents: AgentView[]; why: string } | { hold: string | null };

function findAgents({ conversation, team, teams, staff, held, extra, memory, now }: Search): Found {
  const waitedMs = Math.max(0, now - conversation.queuedAt);
  const needs = needsAfter(conversation.skills, conversation.relax, waitedMs);
  const guardMs = team.shiftGuardMs ?? DEFAULT_SHIFT_GUARD_MS;
  const isFit = (agent: AgentView): boolean =>
    agent.state === 'online' && !isLeaving(agent, guardMs, now) && canServe(agent, needs);
  const canHave = (agent: AgentView): boolean =>
    isFit(agent) && !held.has(agent.id) && hasRoom(agent, conversation.weight, extra);

  const sticky = conversation.sticky;
  if (sticky !== null && now < sticky.until && !conversation.passedBy.includes(sticky.agent)) {
    const kept = staff.find(({ id, teams: own }) => id === sticky.agent && own.includes(team.id));
    if (kept !== undefined && canHave(kept)) return { agents: [kept], why: 'kept for the same agent' };
    if (kept !== undefined && isWorthWaiting(kept, needs, guardMs, now)) return { hold: null };
  }

  const ranks = helpers(team, teams, waitedMs).map((helping) => ({
    helping,
    agents: staff.filter((agent) => agent.teams.includes(helping.id) && canHave(agent)),
  }));
  const passed = new Set(conversation.passedBy);
  for (const { helping, agents } of ranks) {
    const fresh = agents.filter(({ id }) => !passed.has(id));
    if (fresh.length === 0) continue;
    const chosen =
      team.strategy === 'ring-all' || team.strategy === 'manual'
        ? fresh.toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(0, LIMITS.maxOffered)
        : [choose(team.strategy, fresh, { team, needs, memory })].filter((agent) => agent !== null);
    return { agents: chosen, why: explain(team, helping, chosen, conversation, needs) };
  }

  // Everybody had a turn. After a pause of an offer's length those who passed are asked again, the first one first.
  const pauseMs = offerMsOf(team);
  const again = ranks.flatMap(({ agents }) => agents).filter(({ id }) => passed.has(id));
  if (again.length > 0) {
    const { passedAt } = conversation;
    if (passedAt !== null && passedAt <= now && now - passedAt < pauseMs) return { hold: null };
    const chosen =
      team.strategy === 'ring-all'
        ? again.slice(0, LIMITS.maxOffered)
        : conversation.passedBy.flatMap((id) => again.find((agent) => agent.id === id) ?? []).slice(0, 1);
    return { agents: chosen, why: `${NAMES[team.strategy]}, asked again` };
  }

  if (waitedMs < ageingOf(team)) return { hold: null };
  return { hold: nearestToRoom(staff, team, isFit, held, conversation.weight, extra) };
}

/** He has no room or is away for a moment; when he is offline, cannot serve it or goes home, others have it at once. */
function isWorthWaiting(agent: AgentView, needs: readonly SkillNeed[], guardMs: number, now: number): boolean {
  return agent.state !== 'offline' && !isLeaving(agent, guardMs, now) && canServe(agent, needs);
}

/** In no shift, or in one that ends too soon for anything new. */
function isLeaving({ shiftEndsAt }: AgentView, guardMs: number, now: number): boolean {
  return shiftEndsAt !== null && (shiftEndsAt <= now || shiftEndsAt - now < guardMs);
}

/** The team itself, and those who help it after so much waiting. A circle is walked once. */
function helpers(team: TeamInput, teams: ReadonlyMap<string, TeamInput>, waitedMs: number): TeamInput[] {
  const found = [team];
  let sum = 0;
  for (let last = team; last.overflow !== undefined; ) {
    sum += last.overflow.afterMs;
    const next = teams.get(last.overflow.team);
    if (next === undefined || sum > waitedMs || found.includes(next)) break;
    found.push(next);
    last = next;
  }
  return found;
}

/** Of those in the team who have room, but too little for this weight, the one who misses the least; null when there is none to hold. */
function nearestToRoom(
  staff: readonly AgentView[],
  team: TeamInput,
  isFit: (agent: AgentView) => boolean,
  held: ReadonlySet<string>,
  weight: number,
  extra: number,
): string | null {
  let nearest: { id: string; missing: number } | null = null;
  for (const agent of staff) {
    const isFull = agent.load >= agent.capacity + extra;
    if (!agent.teams.includes(team.id) || isFull || held.has(agent.id) || !isFit(agent)) continue;
    const missing = agent.load + weightFor(weight, agent.capacity) - agent.capacity - extra;
    if (nearest === null || missing < nearest.missing || (missing === nearest.missing && agent.id < nearest.id))
      nearest = { id: agent.id, missing };
  }
  return nearest?.id ?? null;
}

const NAMES: Record<Strategy, string> = {
  manual: 'manual',
  'ring-all': 'ring all',
  'round-robin': 'round robin',
  'longest-idle': 'longest idle',
  'least-loaded': 'least loaded',
  'fill-up': 'fill up',
  weighted: 'weighted',
  'priority-list': 'priority list',
  'skill-match': 'skill match',
};

function explain(
  team: TeamInput,
  helping: TeamInput,
  chosen: readonly AgentView[],
  conversation: Waiting,
  needs: readonly SkillNeed[],
): string {
  const parts = [NAMES[team.strategy]];
  const [only] = chosen;
  if (team.strategy === 'skill-match' && only !== undefined) {
    const levels = needs.filter((need) => meets(only, need)).map(({ skill }) => `${skill} ${only.skills[skill]}`);
    if (levels.length > 0) parts[0] = `skill match (${levels.join(', ')})`;
  }
  const missing = conversation.skills.filter((need) => isRequired(need) && chosen.some((agent) => !meets(agent, need)));
  if (missing.length > 0) parts.push(`without ${missing.map(({ skill }) => skill).join(', ')} after waiting`);
  if (helping !== team) parts.push(`${helping.name} helps ${team.name}`);
  return parts.join(', ');
}

/** "2 of 4 busy": of the team's agents who are online, those who have something to do. */
function busy(staff: readonly AgentView[], team: TeamInput): string {
  const online = staff.filter((agent) => agent.state === 'online' && agent.teams.includes(team.id));
  return `${online.filter(({ load }) => load > 0).length} of ${online.length} busy`;
}
