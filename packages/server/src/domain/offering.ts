import type { ConversationState, Owner } from '@sveiki/protocol';
import { actorOf } from './actor.ts';
import { assigned } from './assignment.ts';
import type { Draft } from './log.ts';
import { type Refusal, refuse } from './refusal.ts';

/** Routing asks agents whether they take a waiting conversation; it stays nobody's until one of them does. @see SPEC [D1] */
export function offer(
  state: ConversationState,
  agents: readonly Owner[],
  until: number,
  reason: string,
): Draft[] | Refusal {
  if (state.status === 'resolved' || state.owner !== null || state.offer !== undefined) return refuse('already-taken');
  return [
    {
      actor: { kind: 'system' },
      audience: 'staff',
      body: { kind: 'offered', agents: agents.map(({ id, name }) => ({ id, name })), until, reason },
    },
  ];
}

/** The first of those who were asked has it; whoever is too late hears why. */
export function accept(state: ConversationState, agent: Owner, now: number): Draft[] | Refusal {
  if (state.status === 'resolved') return refuse('offer-expired');
  if (state.owner?.id === agent.id) return [];
  if (state.owner !== null) return refuse('already-taken');
  if (!isOfferedTo(state, agent.id, now)) return refuse('offer-expired');
  return [assigned(agent, state.team, 'accepted', actorOf(agent))];
}

/** He does not take it: it goes on to others. */
export function decline(
  state: ConversationState,
  agent: Owner,
  now: number,
  reason: string | undefined,
): Draft[] | Refusal {
  if (!isOfferedTo(state, agent.id, now)) return refuse('offer-expired');
  return [
    {
      actor: actorOf(agent),
      audience: 'staff',
      body: { kind: 'offer-ended', agents: [agent.id], how: 'declined', ...(reason === undefined ? {} : { reason }) },
    },
  ];
}

/** Nobody accepted in time, or those who were asked are not there any more. Nothing when the offer is another one by now. */
export function endOffer(
  state: ConversationState,
  agents: readonly string[],
  how: 'expired' | 'withdrawn',
  until: number,
): Draft[] | Refusal {
  if (state.offer?.until !== until) return refuse('offer-expired');
  const ended = state.offer.agents.filter((agent) => agents.includes(agent));
  if (ended.length === 0) return refuse('offer-expired');
  return [{ actor: { kind: 'system' }, audience: 'staff', body: { kind: 'offer-ended', agents: ended, how } }];
}

function isOfferedTo(state: ConversationState, agent: string, now: number): boolean {
  return state.offer?.agents.includes(agent) === true && now < state.offer.until;
}
