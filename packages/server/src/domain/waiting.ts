import type { ConversationState, Owner } from '@sveiki/protocol';
import { actorOf } from './actor.ts';
import type { Draft } from './log.ts';
import { type Refusal, refuse } from './refusal.ts';

/** The owner waits for the visitor, or does so no longer. */
export function setStatus(
  state: ConversationState,
  agent: Owner,
  ownership: number,
  status: 'open' | 'waiting',
): Draft[] | Refusal {
  if (state.status === 'resolved') return refuse('already-resolved');
  if (state.owner?.id !== agent.id || ownership !== state.ownership) return refuse('not-owner');
  if (state.status === status) return [];
  return [{ actor: actorOf(agent), audience: 'public', body: { kind: 'status', status } }];
}
