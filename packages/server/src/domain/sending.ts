import type { ConversationState, FileBlock, OutgoingBlock, Owner, TeamRef, Visit } from '@sveiki/protocol';
import { actorOf } from './actor.ts';
import { canReopen, reopen } from './closing.ts';
import type { Draft } from './log.ts';
import { isRefusal, type Refusal, refuse } from './refusal.ts';
import { storedBlocks } from './text.ts';

/** The files that may be sent with it, as they stand in a message. */
type FileOf = (id: string) => FileBlock | null;

/** What a new conversation begins with. */
export interface Beginning {
  team: TeamRef | null;
  visitor: { id: string; name: string | null };
  locale: string | null;
  visit: Visit | null;
}

/**
 * A visitor says something. `aimed` is the conversation he named, if it is his; `current` his unresolved one. One visitor has at most one
 * unresolved conversation: the message goes to it, reopens a freshly resolved one, or begins a new one. @see SPEC [C1]-[C4]
 */
export function visitorSays(
  { aimed, current }: { aimed: ConversationState | null; current: ConversationState | null },
  message: {
    blocks: readonly OutgoingBlock[];
    fileOf?: FileOf;
    now: number;
    reopenWindowMs: number;
    beginning: Beginning;
    back: Owner | null;
    /** What he filled in before, for a new conversation. */
    before: readonly Draft[];
  },
): { to: 'existing'; conversation: ConversationState; drafts: Draft[] } | { to: 'new'; drafts: Draft[] } | Refusal {
  const blocks = storedBlocks(message.blocks, message.fileOf);
  if (isRefusal(blocks)) return blocks;
  const actor = { kind: 'visitor', id: message.beginning.visitor.id } as const;
  const said: Draft = { actor, audience: 'public', body: { kind: 'message', blocks }, primary: true };
  if (current !== null) return { to: 'existing', conversation: current, drafts: [said] };
  if (aimed !== null && canReopen(aimed, message.now, message.reopenWindowMs)) {
    return {
      to: 'existing',
      conversation: aimed,
      drafts: [...reopen(actor), said, ...backTo(message.back, aimed.team)],
    };
  }
  const started: Draft = {
    actor,
    audience: 'public',
    body: { kind: 'started', channel: 'chat', ...message.beginning },
  };
  return { to: 'new', drafts: [started, ...message.before, said] };
}

/** A reopened conversation goes straight back to the one who had it, if he is there and has room. */
function backTo(owner: Owner | null, team: TeamRef | null): Draft[] {
  if (owner === null) return [];
  return [{ actor: { kind: 'system' }, audience: 'public', body: { kind: 'assigned', owner, team, how: 'returned' } }];
}

/** An agent says something to the visitor: only the owner, and only with the ownership number that holds now. */
export function agentSays(
  state: ConversationState,
  agent: Owner,
  ownership: number | undefined,
  outgoing: readonly OutgoingBlock[],
  fileOf?: FileOf,
): Draft[] | Refusal {
  const blocks = storedBlocks(outgoing, fileOf);
  if (isRefusal(blocks)) return blocks;
  if (state.status === 'resolved') return refuse('already-resolved');
  if (state.owner?.id !== agent.id || ownership !== state.ownership) return refuse('not-owner');
  return [{ actor: actorOf(agent), audience: 'public', body: { kind: 'message', blocks } }];
}

/** An agent writes a note for staff. Whoever may read the conversation may, at any time. */
export function agentNotes(agent: Owner, outgoing: readonly OutgoingBlock[], fileOf?: FileOf): Draft[] | Refusal {
  const blocks = storedBlocks(outgoing, fileOf);
  return isRefusal(blocks) ? blocks : [{ actor: actorOf(agent), audience: 'staff', body: { kind: 'note', blocks } }];
}

/** A bot proposes words to the person who owns the conversation. */
export function botDrafts(
  state: ConversationState,
  bot: Owner,
  outgoing: readonly OutgoingBlock[],
  replyTo: number,
): Draft[] | Refusal {
  const blocks = storedBlocks(outgoing);
  if (isRefusal(blocks)) return blocks;
  if (state.status === 'resolved') return refuse('already-resolved');
  if (replyTo > state.publicHead) return refuse('not-found');
  return [{ actor: actorOf(bot), audience: 'staff', body: { kind: 'drafted', blocks, replyTo } }];
}
