import type { TeamInput } from '@sveiki/sdk/config';

/**
 * What routing remembers of what it did. Nothing but a fold of `assigned` events in the order they were committed, so that a relay that starts anew
 * from the log decides as the one before would have. Plain JSON.
 */
export interface RoutingMemory {
  /** Assignments so far. */
  turn: number;
  /** The turn in which each agent was given a conversation last. */
  turns: Readonly<Record<string, number>>;
  teams: Readonly<Record<string, TeamMemory>>;
}

interface TeamMemory {
  /** Who was routed to last. */
  last: string;
  /** `weighted`: the mark that was smallest at the last assignment, and where everybody stands. */
  mark: number;
  marks: Readonly<Record<string, number>>;
}

/** A conversation became somebody's. `how` as in the `assigned` event. */
export interface Assignment {
  team: string | null;
  agent: string;
  how: 'taken' | 'routed' | 'accepted' | 'transferred' | 'returned';
}

export const noMemory: RoutingMemory = { turn: 0, turns: {}, teams: {} };

/** The memory after an assignment. Only what routing gave moves a team's order on; taking and transferring just count as work. */
export function remember(
  memory: RoutingMemory,
  teams: readonly Pick<TeamInput, 'id' | 'shares'>[],
  { team, agent, how }: Assignment,
): RoutingMemory {
  const turn = memory.turn + 1;
  const turns = { ...memory.turns, [agent]: turn };
  if (team === null || (how !== 'routed' && how !== 'accepted')) return { ...memory, turn, turns };
  const before = memory.teams[team];
  const mark = markOf(memory, team, agent);
  const share = teams.find(({ id }) => id === team)?.shares?.[agent] ?? 1;
  const after = { last: agent, mark, marks: { ...before?.marks, [agent]: mark + 1 / share } };
  return { turn, turns, teams: { ...memory.teams, [team]: after } };
}

/** `weighted`: where an agent stands. Nobody stands behind the smallest mark of the last assignment. */
export function markOf(memory: RoutingMemory, team: string, agent: string): number {
  const known = memory.teams[team];
  return known === undefined ? 0 : Math.max(known.marks[agent] ?? known.mark, known.mark);
}
