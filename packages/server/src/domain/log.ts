import {
  type Actor,
  type Audience,
  applyEvent,
  type ConversationEvent,
  type ConversationState,
  type EventBody,
} from '@sveiki/protocol';

/** Who sent a command, as a key: with the client's id it names the command for good. `v:` visitor, `a:` agent, `s:` the relay itself. */
export type Author = `v:${string}` | `a:${string}` | `s:${string}`;

/** An event as it is stored: in staff's count, with its author. Rows are appended, never changed. */
export interface StoredEvent {
  conversation: string;
  /** 1, 2, 3 … without holes in the conversation. */
  seq: number;
  /** 1, 2, 3 … without holes among its public events; null for staff-only ones. */
  publicSeq: number | null;
  id: string;
  author: Author;
  at: number;
  actor: Actor;
  audience: Audience;
  body: EventBody;
}

/** An event that was decided and has no number yet. `primary` is the one the command's ack speaks of. */
export interface Draft {
  actor: Actor;
  audience: Audience;
  body: EventBody;
  primary?: true;
}

/** What staff sees of a stored event; the author key stays inside. */
export function staffView({
  conversation,
  seq,
  publicSeq,
  id,
  at,
  actor,
  audience,
  body,
}: StoredEvent): ConversationEvent {
  return { conversation, seq, publicSeq, id, at, actor, audience, body };
}

/**
 * Gives the drafts of one command their numbers, ids and time, and the state after them. The primary draft (or the only one) carries the
 * command's own id, so that a repeated command finds it; the others carry it with a suffix that no client can send.
 */
export function numberDrafts(
  before: ConversationState | null,
  drafts: readonly Draft[],
  command: { conversation: string; author: Author; id: string; at: number },
): { events: StoredEvent[]; state: ConversationState } {
  let state = before;
  const primary =
    drafts.length === 1
      ? 0
      : Math.max(
          0,
          drafts.findIndex((draft) => draft.primary === true),
        );
  const events = drafts.map((draft, index): StoredEvent => {
    const event: StoredEvent = {
      conversation: command.conversation,
      seq: (state?.head ?? 0) + 1,
      publicSeq: draft.audience === 'public' ? (state?.publicHead ?? 0) + 1 : null,
      id: index === primary ? command.id : `${command.id}~${index}`,
      author: command.author,
      // The clock may step back; the log never does.
      at: Math.max(command.at, state?.last?.at ?? state?.startedAt ?? 0),
      actor: draft.actor,
      audience: draft.audience,
      body: draft.body,
    };
    state = applyEvent(state, event);
    return event;
  });
  if (state === null) throw new Error('A command without events has no state after it.');
  return { events, state };
}
