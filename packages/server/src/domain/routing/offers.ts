import type { ConversationState, Owner } from '@sveiki/protocol';
import type { TeamInput } from '@sveiki/sdk/config';
import { assigned } from '../assignment.ts';
import type { Draft } from '../log.ts';
import { type Refusal, refuse } from '../refusal.ts';

/*
 * An offer is made to some agents until an instant. It ends for one of them when he declines, when it expires or when it is withdrawn, and for all
 * when one accepts. Its whole state is in the conversation's log: `offered`, `offer-ended`, `assigned`.
 */

/** How long an offer of a team stands. */
export const offerMsOf = ({ offerMs = 30_000 }: Pick<TeamInput, 'offerMs'>): number => offerMs;

/** Agents are asked whether they take a waiting conversation, until `until`. One offer at a time. */
export function makeOffer(
  state: ConversationState,
  agents: readonly Owner[],
  until: number,
  reason: string,
): Draft[] | Refusal {
  if (state.status === 'resolved') return refuse('already-resolved');
  if (state.owner !== null || state.offer !== undefined) return refuse('already-taken');
  const asked = agents.map(({ id, name }) => ({ id, name }));
  return [{ actor: { kind: 'system' }, audience: 'staff', body: { kind: 'offered', agents: asked, until, reason } }];
}

/**
 * An agent takes what was offered to him, before `until`. Of two who accept at once the later one hears `already-taken`; who was not asked, declined
 * or is late hears `offer-expired`. Accepting twice changes nothing.
 */
export function acceptOffer(state: ConversationState, agent: Owner, now: number): Draft[] | Refusal {
  if (state.status === 'resolved') return refuse('already-resolved');
  if (state.owner?.id === agent.id) return [];
  if (state.owner !== null) return refuse('already-taken');
  if (!isAsked(state, agent.id, now)) return refuse('offer-expired');
  return [assigned(agent, state.team, 'accepted', { kind: 'agent', id: agent.id, name: agent.name })];
}

/** An agent does not take what was offered to him: it goes on to others and comes back to him last. Declining twice changes nothing. */
export function declineOffer(
  state: ConversationState,
  agent: Owner,
  reason: string | undefined,
  now: number,
): Draft[] | Refusal {
  if (state.status === 'resolved') return refuse('already-resolved');
  if (state.owner !== null) return refuse('already-taken');
  if (!isAsked(state, agent.id, now))
    return state.offer === undefined && state.passedBy?.includes(agent.id) === true ? [] : refuse('offer-expired');
  const why = reason === undefined ? {} : { reason };
  return [
    {
      actor: { kind: 'agent', id: agent.id, name: agent.name },
      audience: 'staff',
      body: { kind: 'offer-ended', agents: [agent.id], how: 'declined', ...why },
    },
  ];
}

/** The time of an offer is over: everybody who is still asked missed it. Nothing happens before that, or when it ended meanwhile. */
export function expireOffer(state: ConversationState, now: number): Draft[] {
  if (state.owner !== null || state.offer === undefined || now < state.offer.until) return [];
  return [ended(state.offer.agents, 'expired')];
}

/** Some of those who are asked are not there any more, or it is theirs to answer no longer: that is nobody's fault, and they may be asked again. */
export function withdrawOffer(state: ConversationState, agents: readonly string[]): Draft[] {
  const asked = state.offer?.agents.filter((agent) => agents.includes(agent)) ?? [];
  return state.owner !== null || asked.length === 0 ? [] : [ended(asked, 'withdrawn')];
}

/** An offer stands in [made, until). */
function isAsked(state: ConversationState, agent: string, now: number): boolean {
  return state.offer?.agents.includes(agent) === true && now < state.offer.until;
}

function ended(agents: readonly string[], how: 'expired' | 'withdrawn'): Draft {
  return { actor: { kind: 'system' }, audience: 'staff', body: { kind: 'offer-ended', agents: [...agents], how } };
}
