import type { AgentView, SkillNeed, Strategy, TeamInput } from '@sveiki/sdk/config';
import { markOf, type RoutingMemory } from './memory.ts';
import { skillScore } from './skills.ts';

/** Strategies that choose one agent: all but `manual`, where agents choose, and `ring-all`, where everybody is asked. */
export type ChoosingStrategy = Exclude<Strategy, 'manual' | 'ring-all'>;

interface Choice {
  team: Pick<TeamInput, 'id' | 'order'>;
  needs: readonly SkillNeed[];
  memory: RoutingMemory;
}

/** Negative when `a` goes before `b`. */
type Order = (a: AgentView, b: AgentView, choice: Choice) => number;

const byId: Order = (a, b) => (a.id === b.id ? 0 : a.id < b.id ? -1 : 1);
const byIdleness: Order = (a, b, { memory }) => (memory.turns[a.id] ?? 0) - (memory.turns[b.id] ?? 0);
const byUse: Order = (a, b) => a.load / a.capacity - b.load / b.capacity;

/** 0 for those who come after the last one in the order of ids, 1 for those whose turn is the next time around. */
const round = (agent: AgentView, last: string | undefined): number => (last === undefined || agent.id > last ? 0 : 1);
const rank = (agent: AgentView, order: readonly string[] = []): number => {
  const at = order.indexOf(agent.id);
  return at === -1 ? order.length : at;
};

/** The definitions of `Strategy`, rule by rule; a rule is asked only where those before it see no difference. */
const RULES: Record<ChoosingStrategy, readonly Order[]> = {
  'round-robin': [
    (a, b, { memory, team }) => round(a, memory.teams[team.id]?.last) - round(b, memory.teams[team.id]?.last),
  ],
  'longest-idle': [byIdleness],
  'least-loaded': [byUse, byIdleness],
  'fill-up': [(a, b, choice) => byUse(b, a, choice)],
  weighted: [(a, b, { memory, team }) => markOf(memory, team.id, a.id) - markOf(memory, team.id, b.id), byIdleness],
  'priority-list': [(a, b, { team }) => rank(a, team.order) - rank(b, team.order), byUse, byIdleness],
  'skill-match': [(a, b, { needs }) => skillScore(b, needs) - skillScore(a, needs), byUse, byIdleness],
};

/** The one of `agents` whom a strategy gives the next conversation, or null when there is none. Who may have it at all is decided before. */
export function choose(strategy: ChoosingStrategy, agents: readonly AgentView[], choice: Choice): AgentView | null {
  const rules = [...RULES[strategy], byId];
  let best: AgentView | null = null;
  for (const agent of agents) {
    if (best === null || compare(rules, agent, best, choice) < 0) best = agent;
  }
  return best;
}

function compare(rules: readonly Order[], a: AgentView, b: AgentView, choice: Choice): number {
  for (const rule of rules) {
    const difference = rule(a, b, choice);
    if (difference !== 0) return difference;
  }
  return 0;
}
