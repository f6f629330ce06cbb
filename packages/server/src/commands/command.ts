import type { ConversationState, FileBlock } from '@sveiki/protocol';
import type { Draft } from '../domain/log.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Author, VisitorRow, VisitorSessionRow } from '../ports.ts';

/** What a command may look at while it decides: the committed state and what this batch has decided before it. */
export interface View {
  now: number;
  /** A conversation the command named in `needs`, or one that is not resolved; null when there is none. */
  state(conversation: string): ConversationState | null;
  siteOf(conversation: string): string | null;
  /** A visitor's one conversation that is not resolved. */
  currentOf(visitor: string): ConversationState | null;
  /** What an agent with this capacity carries now: the weights of what he owns and of what he is asked to take. */
  load(agent: string, capacity: number): number;
  /** A file that the command named in `files`, as it will stand in the message; null when this author may not send it, or it was sent. */
  file(id: string, author: Author): FileBlock | null;
  newId(): string;
}

/** What a command wants to happen, before numbers and commit. No drafts: nothing to do, and that is fine. */
export interface Decision {
  conversation: string;
  site: string;
  drafts: readonly Draft[];
  /** Rows that must exist with the first event: a visitor who was only a promise until now. */
  visitor?: { row: VisitorRow; session: VisitorSessionRow };
}

/** Something somebody wants to do, named by author and id. `decide` is pure: it may be called again when the log has moved. */
export interface Command {
  author: Author;
  id: string;
  /** Conversations that must be loaded before `decide`. */
  needs: readonly string[];
  /** Files that must be looked up before `decide`. */
  files?: readonly string[];
  decide(view: View): Decision | Refusal;
  /** Told what became of it, before anything else is decided. */
  settled?(outcome: Outcome): void;
}

/** What became of a command. `seq` counts for staff, `publicSeq` for visitors (null: staff-only). */
export type Outcome =
  | {
      done: true;
      repeated: boolean;
      conversation: string;
      seq: number;
      publicSeq: number | null;
      at: number;
      state: ConversationState | null;
    }
  | ({ done: false } & Refusal);
