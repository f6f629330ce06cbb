import type { Actor, ConversationState, Owner, Role } from '@sveiki/protocol';
import { may } from './access.ts';
import { actorOf } from './actor.ts';
import type { Draft } from './log.ts';
import { type Refusal, refuse } from './refusal.ts';

/** Closes a conversation with a wrap-up code: its owner, or a lead for him. */
export function resolve(
  state: ConversationState,
  agent: Owner & { role: Role },
  ownership: number,
  wrapUp: { code: string; known: boolean },
): Draft[] | Refusal {
  if (state.status === 'resolved') return refuse('already-resolved');
  if (!wrapUp.known) return refuse('no-such-code');
  if (ownership !== state.ownership) return refuse('not-owner');
  if (state.owner?.id !== agent.id && !may(agent.role, 'act-for-others')) return refuse('not-owner');
  return [
    {
      actor: actorOf(agent),
      audience: 'public',
      body: { kind: 'resolved', wrapUp: wrapUp.code },
    },
  ];
}

/** Whether a message of the visitor opens this conversation again instead of beginning a new one. */
export function canReopen(state: ConversationState, now: number, windowMs: number): boolean {
  return state.status === 'resolved' && state.resolvedAt !== null && now - state.resolvedAt <= windowMs;
}

export function reopen(actor: Actor): Draft[] {
  return [{ actor, audience: 'public', body: { kind: 'reopened' } }];
}
