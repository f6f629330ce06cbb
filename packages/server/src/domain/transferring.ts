import type { ConversationState, OutgoingBlock, Owner, Role, TeamRef } from '@sveiki/protocol';
import { may } from './access.ts';
import { actorOf } from './actor.ts';
import { assigned } from './assignment.ts';
import type { Draft } from './log.ts';
import { isRefusal, type Refusal, refuse } from './refusal.ts';
import { agentNotes } from './sending.ts';

/** Where a transfer goes: an agent who is known and active, or a team. */
export type TransferTarget = { kind: 'agent'; agent: Owner; team: TeamRef | null } | { kind: 'team'; team: TeamRef };

/** The owner (or a lead) gives a conversation away, with an optional note that only staff sees. Also out of the queue. */
export function transfer(
  state: ConversationState,
  agent: Owner & { role: Role },
  ownership: number,
  target: TransferTarget,
  note: readonly OutgoingBlock[] | undefined,
): Draft[] | Refusal {
  if (state.status === 'resolved') return refuse('already-resolved');
  if (ownership !== state.ownership) return refuse('not-owner');
  if (state.owner !== null && state.owner.id !== agent.id && !may(agent.role, 'act-for-others'))
    return refuse('not-owner');
  const notes = note === undefined ? [] : agentNotes(agent, note);
  if (isRefusal(notes)) return notes;
  const actor = actorOf(agent);
  const moved: Draft =
    target.kind === 'agent'
      ? assigned(target.agent, target.team ?? state.team, 'transferred', actor)
      : { actor, audience: 'public', body: { kind: 'queued', team: target.team, why: 'transferred' } };
  return [...notes, { ...moved, primary: true }];
}
