import type { AuditKey, AuditNote } from '../../ports.ts';
import type { Mark } from '../batch.ts';

/**
 * What crosses between the relay's thread and the writer's. Rows are arrays, because arrays of plain values are the cheapest thing to clone, and
 * flat where there is one for each message.
 */
export type SqlValue = string | number | null;

/** seq, public_seq, id, author, at, actor, body */
export type PackedEvent = readonly [number, number | null, string, string, number, string, string];

export type PackedConversation = readonly [
  id: string,
  expectedHead: number,
  expectedPublicHead: number,
  head: number,
  publicHead: number,
  status: string,
  activityAt: number,
  /** Null when it is left behind the log: somebody only talks, and it is not due. */
  state: string | null,
  marks: readonly Mark[],
  events: readonly PackedEvent[],
  /** What messages and notes never change: site, visitor, owner, team, started_at, queued_at, resolved_at. Null when there was nothing else. */
  frame: readonly SqlValue[] | null,
  /** The id of the event at the expected head, where that was not stored yet when this was decided. */
  after: string | null,
];

export interface PackedBatch {
  conversations: readonly PackedConversation[];
  visitors: readonly (readonly SqlValue[])[];
  sessions: readonly (readonly SqlValue[])[];
  /** conversation, public_seq, ask, survey, kind, visitor, asked_at, until */
  asks: readonly (readonly [string, ...SqlValue[]])[];
  /** conversation, event, audience, id of the file */
  files: readonly (readonly [string, string, string, string])[];
  /** conversation, reader, delivered, read */
  cursors: readonly (readonly [string, string, number, number])[];
}

/** One transaction. */
export type Job =
  | { kind: 'append'; batch: PackedBatch }
  | {
      kind: 'run';
      statements: readonly { sql: string; parameters: readonly SqlValue[] }[];
      /** Written when there is no statement, or when the first one changed anything. */
      notes?: readonly AuditNote[];
    }
  | { kind: 'audit-key'; key: AuditKey }
  /** Makes the file anew. In no transaction, and alone. */
  | { kind: 'compact' }
  | { kind: 'probe' };

/**
 * What became of it. `rows` are those of each statement of a `run` that returns any; `position` is that of the last event of an `append`, whose
 * events have it and those right before it, and 0 when it had none.
 */
export type Outcome =
  | { ok: true; rows: unknown[][]; position: number }
  | { ok: false; why: 'conflict'; conversations: string[] }
  | { ok: false; why: 'full' | 'error'; message: string };

export interface WriterData {
  file: string;
  /** Makes a copy there and ends, instead of writing. */
  backupTo?: string;
  /** For tests: the disk is full when the database has this many pages. */
  maxPages?: number;
}
export type ToWriter = { call: number; job: Job } | 'close';
export type FromWriter = { answers: { call: number; outcome: Outcome }[] } | { fault: string } | { refused: Refusal };
/** Why the database is not opened. */
export type Refusal =
  | { why: 'newer'; found: number; known: number }
  | { why: 'corrupt'; reason: string; cause: unknown }
  | { why: 'full' };
