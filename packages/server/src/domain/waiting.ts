import type { ConversationState, Owner } from '@sveiki/protocol';
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
  return [
    { actor: { kind: 'agent', id: agent.id, name: agent.name }, audience: 'public', body: { kind: 'status', status } },
  ];
}
