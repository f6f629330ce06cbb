import type { Actor, ConversationState, EventBody, HandoffDetails, Owner, TeamRef } from '@sveiki/protocol';
import { actorOf } from './actor.ts';
import type { Draft } from './log.ts';
import { type Refusal, refuse } from './refusal.ts';

/**
 * A conversation goes from a bot to people. Request and queue are one commit: with it the ownership number rises, and whatever the bot was about to
 * say is refused. The states of a handoff are read from the log: `requested` (and then queued, offered), `accepted` when a person owns it, `failed`.
 * @see SPEC [A2] [A3]
 */
export type HandoffBy = Extract<EventBody, { kind: 'handoff-requested' }>['by'];
export type HandoffFailure = Extract<EventBody, { kind: 'handoff-failed' }>['why'];

/** The bot itself gives it away, to `team`, or to where it is when that is null. */
export function handOff(
  state: ConversationState,
  bot: Owner,
  ownership: number,
  id: string,
  details: HandoffDetails,
  team: TeamRef | null,
): Draft[] | Refusal {
  if (state.status === 'resolved') return refuse('already-resolved');
  if (state.owner?.id !== bot.id || ownership !== state.ownership) return refuse('not-owner');
  return requested(state, actorOf(bot), 'bot', id, details, team);
}

/** The visitor wants a person: always possible. Nothing to do when people have it already, or it waits for them. */
export function requestPerson(state: ConversationState, id: string, team: TeamRef | null): Draft[] | Refusal {
  if (state.status === 'resolved') return refuse('already-resolved');
  if (state.owner?.bot !== true) return [];
  return requested(state, { kind: 'visitor', id: state.visitor.id }, 'visitor', id, undefined, team);
}

/** A rule of the site, or the relay because the bot failed, takes it from the bot. Refused when no bot has it. */
export function takeFromBot(
  state: ConversationState,
  id: string,
  reason: string,
  team: TeamRef | null,
): Draft[] | Refusal {
  if (state.status === 'resolved' || state.owner?.bot !== true) return refuse('not-owner');
  return requested(state, { kind: 'system' }, 'rule', id, { reason }, team);
}

/** Nobody came. The conversation stays where it waits, unless it goes back to its bot. */
export function failHandoff(
  state: ConversationState,
  handoff: string,
  why: HandoffFailure,
  back: Owner | null,
): Draft[] | Refusal {
  if (state.handoff?.id !== handoff || state.handoff.state !== 'requested') return refuse('not-found');
  const actor: Actor = why === 'cancelled-by-visitor' ? { kind: 'visitor', id: state.visitor.id } : { kind: 'system' };
  const failed: Draft = {
    actor,
    audience: 'public',
    body: { kind: 'handoff-failed', handoff, why },
    primary: true,
  };
  if (back === null || state.owner !== null || state.status === 'resolved') return [failed];
  return [failed, returned(back, state.team)];
}

function requested(
  state: ConversationState,
  actor: Actor,
  by: HandoffBy,
  handoff: string,
  details: HandoffDetails | undefined,
  team: TeamRef | null,
): Draft[] {
  const known = details && {
    ...details,
    transcript: { from: 1, to: state.publicHead },
    ownership: state.ownership,
  };
  return [
    {
      actor,
      audience: 'public',
      body: { kind: 'handoff-requested', handoff, by, ...(known === undefined ? {} : { details: known }) },
      primary: true,
    },
    {
      actor: { kind: 'system' },
      audience: 'public',
      body: { kind: 'queued', team: team ?? state.team, why: 'handoff' },
    },
  ];
}

function returned(bot: Owner, team: TeamRef | null): Draft {
  return {
    actor: { kind: 'system' },
    audience: 'public',
    body: { kind: 'assigned', owner: bot, team, how: 'returned' },
  };
}
