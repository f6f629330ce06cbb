import type { ConversationState, Owner, Role } from '@sveiki/protocol';
import { may } from '../access.ts';
import { actorOf } from '../actor.ts';
import { assigned } from '../assignment.ts';
import { reopen } from '../closing.ts';
import type { Draft } from '../log.ts';
import { type Refusal, refuse } from '../refusal.ts';

/** The wrap-up code of what nobody wanted: no list shows it, and no number counts it. It is known everywhere, whatever codes a site has. */
export const SPAM = 'spam';

/** Resolves a conversation as spam: his own, one that nobody has, or, for a lead, anybody's. */
export function markSpam(
  state: ConversationState,
  agent: Owner & { role: Role },
  ownership: number,
): Draft[] | Refusal {
  if (state.status === 'resolved') return refuse('already-resolved');
  const isOthers = state.owner !== null && state.owner.id !== agent.id;
  if (ownership !== state.ownership || (isOthers && !may(agent.role, 'act-for-others'))) return refuse('not-owner');
  return [{ actor: actorOf(agent), audience: 'public', body: { kind: 'resolved', wrapUp: SPAM } }];
}

/** It was none after all: it is open again, with whoever takes it back if it was his, else in the queue. */
export function unmarkSpam(
  state: ConversationState,
  agent: Owner & { role: Role },
  current: ConversationState | null,
): Draft[] | Refusal {
  if (state.status !== 'resolved' || state.wrapUp !== SPAM) return refuse('changed-meanwhile');
  if (state.erasedAt !== undefined)
    return {
      ...refuse('changed-meanwhile'),
      message: 'This visitor was forgotten, so nobody is there to answer. The conversation stays closed.',
    };
  if (current !== null)
    return {
      ...refuse('already-taken'),
      message: 'This visitor has another open conversation. Resolve that one first, or leave this as it is.',
    };
  const actor = actorOf(agent);
  const again = reopen(actor);
  return state.owner?.id === agent.id ? [...again, assigned(agent, state.team, 'returned', actor)] : again;
}
