import type { AgentView, QueueView, TeamInput } from '@sveiki/sdk/config';
import { hasRoom } from './capacity.ts';

/** The queues as rules and `route` see them, in the order of the teams. `isOpen` answers for the team's schedule. */
export function queueViews(
  teams: readonly Pick<TeamInput, 'id'>[],
  waiting: readonly { team: string; queuedAt: number }[],
  agents: readonly AgentView[],
  isOpen: (team: string) => boolean,
  now: number,
): QueueView[] {
  return teams.map(({ id }) => {
    const queue = waiting.filter(({ team }) => team === id);
    const online = agents.filter((agent) => agent.state === 'online' && agent.teams.includes(id));
    return {
      team: id,
      waiting: queue.length,
      longestWaitMs: queue.reduce((longest, { queuedAt }) => Math.max(longest, now - queuedAt), 0),
      online: online.length,
      withRoom: online.filter((agent) => hasRoom(agent, 1, 0)).length,
      open: isOpen(id),
    };
  });
}
