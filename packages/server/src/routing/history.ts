import type { AgentView, TeamInput } from '@sveiki/sdk/config';
import type { Assignment } from '../domain/routing/memory.ts';
import { noMemory, type RoutingMemory, remember } from '../domain/routing/memory.ts';
import { endOfLog } from '../hooks/outbox.ts';
import type { Store, StoredEvent } from '../ports.ts';

/** Events of the log that are read at start. */
const WINDOW = 50_000;
const PAGE = 1_000;

/**
 * What routing remembers of what was committed: whose turn it is, and what each agent got and was asked last. Nothing but a fold of the log.
 *
 * A relay that starts reads the last 50,000 events of the log. While there are not more, it decides exactly as the one before would have. Of what is
 * older it knows nothing: who got nothing since counts as never served, and shares (`weighted`) are counted from there. Without any history the
 * order begins anew: round robin at the first id, everybody equally idle.
 */
export interface RoutingHistory {
  readonly memory: RoutingMemory;
  of(agent: string): Pick<AgentView, 'lastAssignedAt' | 'lastOffer'>;
  /** What is committed, in the order of the log. */
  fold(events: readonly Pick<StoredEvent, 'at' | 'body'>[]): void;
}

const NOTHING: Pick<AgentView, 'lastAssignedAt' | 'lastOffer'> = { lastAssignedAt: null, lastOffer: null };

/** `teams` are those of the configuration that holds when something is folded. */
export function createHistory(config: { teams: readonly Pick<TeamInput, 'id' | 'shares'>[] }): RoutingHistory {
  let memory = noMemory;
  const agents = new Map<string, Pick<AgentView, 'lastAssignedAt' | 'lastOffer'>>();
  const of: RoutingHistory['of'] = (agent) => agents.get(agent) ?? NOTHING;
  return {
    get memory() {
      return memory;
    },
    of,
    fold(events) {
      for (const { at, body } of events) {
        if (body.kind === 'assigned' && body.owner.bot !== true) {
          const { owner, team, how } = body;
          memory = remember(memory, config.teams, {
            team: team?.id ?? null,
            agent: owner.id,
            how: how satisfies Assignment['how'],
          });
          const lastOffer: AgentView['lastOffer'] = how === 'accepted' ? { at, how } : of(owner.id).lastOffer;
          agents.set(owner.id, { lastAssignedAt: at, lastOffer });
        } else if (body.kind === 'offer-ended') {
          for (const agent of body.agents) agents.set(agent, { ...of(agent), lastOffer: { at, how: body.how } });
        }
      }
    },
  };
}

/** Folds the end of the log into an empty history. */
export async function readHistory(history: RoutingHistory, store: Pick<Store, 'eventsAfter'>): Promise<void> {
  for (let position = Math.max(0, (await endOfLog(store)) - WINDOW); ; ) {
    const page = await store.eventsAfter(position, PAGE);
    history.fold(page.map(({ event }) => event));
    const last = page.at(-1);
    if (last === undefined) return;
    position = last.position;
  }
}
