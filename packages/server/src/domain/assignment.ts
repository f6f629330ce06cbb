import type { ConversationState, EventBody, Owner, Role, TeamRef } from '@sveiki/protocol';
import { may } from './access.ts';
import { actorOf } from './actor.ts';
import type { Draft } from './log.ts';
import { type Refusal, refuse } from './refusal.ts';
import { hasRoom } from './routing/capacity.ts';
import { weightIn } from './routing/carrying.ts';

/** An agent who may be given conversations, as routing sees him. */
export interface Candidate extends Owner {
  teams: readonly string[];
  /** There, and willing: connected and `online`. */
  available: boolean;
  load: number;
  capacity: number;
}

/** An agent gives a conversation to himself: from the queue anybody, from a colleague only a lead who saw the present ownership. */
export function take(
  state: ConversationState,
  agent: Owner & { role: Role },
  ownership: number | undefined,
): Draft[] | Refusal {
  if (state.status === 'resolved') return refuse('already-resolved');
  if (state.owner?.id === agent.id) return [];
  if (state.owner !== null && !(may(agent.role, 'act-for-others') && ownership === state.ownership))
    return refuse('already-taken');
  return [assigned(agent, state.team, 'taken', actorOf(agent))];
}

/** Routing gives a waiting conversation to an agent. Refused when it does not wait any more or he has no room after all. `extra` as in a team's peak. */
export function route(state: ConversationState, agent: Candidate, extra: number, reason: string): Draft[] | Refusal {
  if (state.status === 'resolved' || state.owner !== null || state.offer !== undefined) return refuse('already-taken');
  if (!agent.available || !hasRoom(agent, weightIn(state), extra)) return refuse('no-such-agent');
  const draft = assigned(agent, state.team, 'routed', { kind: 'system' });
  return [{ ...draft, body: { ...draft.body, reason } }];
}

/** The relay takes a conversation from an agent who is gone and queues it again. Refused when it is not his any more. */
export function requeue(state: ConversationState, agent: string, why: 'agent-lost' | 'agent-left'): Draft[] | Refusal {
  if (state.status === 'resolved' || state.owner?.id !== agent) return refuse('not-owner');
  return [{ actor: { kind: 'system' }, audience: 'public', body: { kind: 'queued', team: state.team, why } }];
}

export function assigned(
  owner: Owner,
  team: TeamRef | null,
  how: Extract<EventBody, { kind: 'assigned' }>['how'],
  actor: Draft['actor'],
) {
  return {
    actor,
    audience: 'public',
    body: { kind: 'assigned', owner: plainOwner(owner), team, how },
  } as const satisfies Draft;
}

/** The parts of an owner that go into events. */
function plainOwner({ id, name, bot }: Owner): Owner {
  return bot === true ? { id, name, bot } : { id, name };
}
