import Database from 'better-sqlite3';
import type { AuditKey } from '../../ports.ts';
import { type Facts, follow, NO_FACTS } from '../batch.ts';
import { createAuditRows } from './audit-rows.ts';
import type { Job, Outcome, PackedBatch, PackedConversation, SqlValue } from './jobs.ts';
import { findDamage } from './migrations.ts';

/** Locks of other processes are waited for this long, then the commit fails. Who sends waits for at most two commits before his own. */
const BUSY_TIMEOUT_MS = 2_000;
const COMPACT_WAIT_MS = 200;
/** 40 MB of log between two checkpoints: measured to write fewer bytes than the default of 1,000 pages. */
const CHECKPOINT_PAGES = 10_000;
/** The log file is cut back to this when it is empty again. */
const LOG_SIZE_LIMIT_BYTES = 64 * 1024 * 1024;

export interface Commits {
  /** Commits many jobs at once; each succeeds or fails alone. When this returns, what succeeded is on the disk. */
  run(jobs: readonly Job[]): Outcome[];
  close(): void;
}

/** The only connection that writes, with the settings that make an acknowledged write durable. */
export function openForWriting(file: string, maxPages?: number): Database.Database {
  const database = new Database(file, { fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
  if (database.pragma('journal_mode = WAL', { simple: true }) !== 'wal') {
    database.close();
    throw new Error(
      `${file} is on a drive without shared memory (a network drive?). Choose a data folder on a local disk.`,
    );
  }
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  // What is overwritten or taken out leaves its place as zeros; what moved earlier goes when the file is made anew.
  database.pragma('secure_delete = ON');
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  database.pragma(`journal_size_limit = ${LOG_SIZE_LIMIT_BYTES}`);
  if (maxPages !== undefined) database.pragma(`max_page_count = ${maxPages}`);
  return database;
}

/**
 * Group commit: jobs that waited while the last commit ran share the next one, each in a savepoint of its own.
 *
 * When the disk did not confirm a commit, nobody knows what a later read of the file would show, so the connection is opened again and the file
 * checked; `onFault` is called when it is damaged or cannot be opened, and from then on every job fails.
 */
export function createCommits(open: () => Database.Database, onFault: (message: string) => void): Commits {
  let writer = prepare(open());
  let fault: string | null = null;
  let isFull = false;
  let auditKey: AuditKey | null = null;

  function run(jobs: readonly Job[]): Outcome[] {
    if (fault !== null) return jobs.map(() => failed(`The store has stopped: ${fault}`));
    const alone = jobs.findIndex(({ kind }) => kind === 'compact');
    if (alone >= 0) {
      const [before, after] = [jobs.slice(0, alone), jobs.slice(alone + 1)];
      return [...(before.length > 0 ? run(before) : []), compact(), ...(after.length > 0 ? run(after) : [])];
    }
    const { database } = writer;
    try {
      writer.begin.run();
      const outcomes = jobs.map((job) => (jobs.length === 1 ? perform(job) : performAlone(job)));
      writer.commit.run();
      if (jobs.some(({ kind }) => kind === 'append')) isFull = false;
      return outcomes;
    } catch (error) {
      writer.forget();
      if (database.inTransaction) writer.rollback.run();
      const code = codeOf(error);
      if (code === 'SQLITE_FULL') {
        isFull = true;
        // One that is too large must not take those with it that have room.
        if (jobs.length > 1) return jobs.flatMap((job) => run([job]));
      }
      if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) stop(messageOf(error));
      if (/^SQLITE_IOERR_(DIR_)?FSYNC$/.test(code)) openAgain();
      return jobs.map(() => outcomeOf(error));
    }
  }

  /** Whoever still reads an older state of the file keeps its log from being emptied: it is not waited for. */
  function compact(): Outcome {
    const { database } = writer;
    try {
      database.pragma(`busy_timeout = ${COMPACT_WAIT_MS}`);
      database.exec('VACUUM');
      const busy = database.pragma('wal_checkpoint(TRUNCATE)', { simple: true });
      return { ok: true, rows: [[busy === 0]], position: 0 };
    } catch (error) {
      return outcomeOf(error);
    } finally {
      database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    }
  }

  /** What ends the transaction as a whole passes through; everything else is this job's own failure. */
  function performAlone(job: Job): Outcome {
    writer.savepoint.run();
    try {
      const outcome = perform(job);
      writer.release.run();
      return outcome;
    } catch (error) {
      writer.forget();
      if (!writer.database.inTransaction || endsEverything(error)) throw error;
      writer.rollbackToSavepoint.run();
      writer.release.run();
      return outcomeOf(error);
    }
  }

  function perform(job: Job): Outcome {
    if (job.kind === 'append') return { ok: true, rows: [], position: writer.append(job.batch) };
    if (job.kind === 'probe') writer.probe(isFull);
    if (job.kind === 'audit-key') auditKey = job.key;
    if (job.kind === 'run') {
      const done = job.statements.map(({ sql, parameters }) => writer.execute(sql, parameters));
      if (job.notes !== undefined && done[0]?.changes !== 0) writer.noteAudit(job.notes, auditKey);
      return { ok: true, rows: done.map(({ rows }) => rows), position: 0 };
    }
    return { ok: true, rows: [], position: 0 };
  }

  function openAgain(): void {
    try {
      writer.database.close();
      const database = open();
      const damage = findDamage(database);
      if (damage === null) writer = prepare(database);
      else stop(damage);
    } catch (error) {
      stop(messageOf(error));
    }
  }

  function stop(message: string): void {
    fault = message;
    onFault(message);
  }

  return { run, close: () => writer.database.close() };
}

class Conflict extends Error {
  readonly conversations: string[];
  constructor(conversations: string[]) {
    super('conflict');
    this.conversations = conversations;
  }
}

/** What is known of a stored conversation: what a commit is checked against, and the facts that it goes on from. */
type KeptConversation = { id: number; head: number; publicHead: number; status: string; last?: string } & Facts;

/** Conversations of which it is remembered, so that a message need not read it first. About 300 bytes each. */
const MAX_KEPT = 10_000;

/** Every statement of the hot path, prepared once. */
function prepare(database: Database.Database) {
  const findConversation = database.prepare<[string], KeptConversation>(
    `SELECT id, head, public_head AS publicHead, status, queued_at AS queuedAt, team, asked_at AS askedAt, replied_at AS repliedAt FROM conversation WHERE public_id = ?`,
  );
  const findLast = database
    .prepare<[number, number], string>('SELECT id FROM event WHERE conversation = ? AND seq = ?')
    .pluck();
  const insertConversation = database.prepare(
    `INSERT INTO conversation (head, state_head, public_head, status, activity_at, state, site, visitor, owner, team, started_at, queued_at,
      resolved_at, asked_at, replied_at, public_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const updateConversation = database.prepare(
    `UPDATE conversation SET head = ?, state_head = ?, public_head = ?, status = ?, activity_at = ?, state = ?, site = ?, visitor = ?,
      owner = ?, team = ?, started_at = ?, queued_at = ?, resolved_at = ?, asked_at = ?, replied_at = ? WHERE id = ? AND head = ?`,
  );
  /** Most messages change no more than this. SQLite writes every index anew whose column is set, also to what it was: seven against one. */
  const talkOn = database.prepare(
    'UPDATE conversation SET head = ?, public_head = ?, activity_at = ? WHERE id = ? AND head = ?',
  );
  const catchUp = database.prepare('UPDATE conversation SET state = ?, state_head = head WHERE id = ?');
  const turnByTalk = database.prepare('UPDATE conversation SET status = ?, asked_at = ?, replied_at = ? WHERE id = ?');
  const insertEvent = database.prepare(
    'INSERT INTO event (conversation, seq, public_seq, id, author, at, actor, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const insertTake = database.prepare('INSERT INTO take (taken_at, team, waited_ms) VALUES (?, ?, ?)');
  const saveVisitor = database.prepare(
    `INSERT INTO visitor (id, site, name, email, external_id, locale, time_zone, visit, first_seen_at, last_seen_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET site = excluded.site, name = excluded.name, email = excluded.email, external_id = excluded.external_id,
        locale = excluded.locale, time_zone = excluded.time_zone, visit = excluded.visit, first_seen_at = excluded.first_seen_at,
        last_seen_at = excluded.last_seen_at`,
  );
  const saveSession = database.prepare(
    'INSERT OR REPLACE INTO visitor_session (token_hash, visitor, created_at, expires_at) VALUES (?, ?, ?, ?)',
  );
  const saveCursor = database.prepare(
    `INSERT INTO cursor (conversation, reader, delivered, read) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET delivered = max(delivered, excluded.delivered), read = max(read, excluded.read)`,
  );
  const saveAsk = database.prepare(
    'INSERT INTO survey_ask (conversation, public_seq, ask, survey, kind, visitor, asked_at, until) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const sendFile = database.prepare(
    'UPDATE file SET conversation = ?, event = ?, audience = ? WHERE id = ? AND event IS NULL',
  );
  const countProbe = database.prepare(
    'INSERT INTO probe (id, writes) VALUES (1, 1) ON CONFLICT DO UPDATE SET writes = writes + 1',
  );
  const fillProbe = database.prepare('INSERT INTO probe (id, writes, filler) VALUES (2, 1, zeroblob(65536))');
  const emptyProbe = database.prepare('DELETE FROM probe WHERE id = 2');
  const others = new Map<string, Database.Statement>();

  /** As they are after the transaction that runs; forgotten with what is undone. */
  const kept = new Map<string, KeptConversation>();

  /** The position of its last event. */
  function append(batch: PackedBatch): number {
    let position: number | bigint = 0;
    const befores = batch.conversations.map(keptConversation);
    const moved = batch.conversations.filter((packed, i) => {
      const [, expectedHead] = packed;
      const after = packed[11];
      return (befores[i]?.head ?? 0) !== expectedHead || (after !== null && lastOf(befores[i]) !== after);
    });
    if (moved.length > 0) throw new Conflict(moved.map(([id]) => id));

    for (const row of batch.visitors) saveVisitor.run(...row);
    for (const row of batch.sessions) saveSession.run(...row);
    for (let i = 0; i < befores.length; i++) {
      const packed = batch.conversations[i] as PackedConversation;
      const id = saveConversation(packed, befores[i]);
      const events = packed[9];
      for (const event of events) position = insertEvent.run(id, ...event).lastInsertRowid;
    }
    for (const [conversation, ...ask] of batch.asks) saveAsk.run(idOf(conversation), ...ask);
    for (const file of batch.files) sendFile.run(...file);
    for (const [conversation, ...cursor] of batch.cursors) saveCursor.run(idOf(conversation), ...cursor);
    return Number(position);
  }

  /** The id of its last event. */
  function lastOf(conversation: KeptConversation | undefined): string | undefined {
    return conversation && (conversation.last ?? findLast.get(conversation.id, conversation.head));
  }

  /** From memory if that fits; another process may have moved it since. */
  function keptConversation([id, expectedHead]: PackedConversation): KeptConversation | undefined {
    const known = kept.get(id);
    return known?.head === expectedHead ? known : findConversation.get(id);
  }

  function saveConversation(packed: PackedConversation, before: KeptConversation | undefined): number {
    const [publicId, , expectedPublicHead, head, publicHead, status, activityAt, state, marks, events, frame] = packed;
    if ((before?.publicHead ?? 0) !== expectedPublicHead)
      throw new Error(`The public head of ${publicId} is ${before?.publicHead ?? 0}, not ${expectedPublicHead}.`);
    const { facts, takes } = follow(before ?? NO_FACTS, marks);
    for (const { takenAt, team, waitedMs } of takes) insertTake.run(takenAt, team, waitedMs);
    const { askedAt, repliedAt } = facts;
    let id: number;
    if (before === undefined) {
      if (frame === null || state === null) throw new Error(`Conversation ${publicId} has no beginning.`);
      const row = [head, head, publicHead, status, activityAt, state, ...frame, askedAt, repliedAt];
      id = Number(insertConversation.run(...row, publicId).lastInsertRowid);
    } else {
      id = before.id;
      const { changes } =
        frame === null
          ? talkOn.run(head, publicHead, activityAt, id, before.head)
          : updateConversation.run(
              ...[head, head, publicHead, status, activityAt, state, ...frame, askedAt, repliedAt],
              id,
              before.head,
            );
      if (changes === 0) throw new Conflict([publicId]);
      if (frame === null && state !== null) catchUp.run(state, id);
      if (frame === null && (status !== before.status || askedAt !== before.askedAt || repliedAt !== before.repliedAt))
        turnByTalk.run(status, askedAt, repliedAt, id);
    }
    const last = events.at(-1)?.[2];
    keep(publicId, { ...facts, id, head, publicHead, status, ...(last === undefined ? {} : { last }) });
    return id;
  }

  function keep(publicId: string, conversation: KeptConversation): void {
    kept.set(publicId, conversation);
    if (kept.size <= MAX_KEPT) return;
    for (const oldest of kept.keys()) {
      kept.delete(oldest);
      break;
    }
  }

  function idOf(conversation: string): number {
    const found = kept.get(conversation) ?? findConversation.get(conversation);
    if (found === undefined) throw new Error(`There is no conversation ${conversation}.`);
    return found.id;
  }

  /** A small write; while the disk is full one that needs as much room as a large message, so that readiness does not flicker. */
  function probe(isFull: boolean): void {
    countProbe.run();
    if (!isFull) return;
    fillProbe.run();
    emptyProbe.run();
  }

  function execute(sql: string, parameters: readonly SqlValue[]): { rows: unknown[]; changes: number } {
    const statement = others.get(sql) ?? database.prepare(sql);
    others.set(sql, statement);
    if (!statement.reader) return { rows: [], changes: statement.run(...parameters).changes };
    const rows = statement.all(...parameters);
    return { rows, changes: rows.length };
  }

  return {
    database,
    append,
    forget: () => kept.clear(),
    probe,
    execute,
    noteAudit: createAuditRows(database),
    begin: database.prepare('BEGIN IMMEDIATE'),
    commit: database.prepare('COMMIT'),
    rollback: database.prepare('ROLLBACK'),
    savepoint: database.prepare('SAVEPOINT job'),
    release: database.prepare('RELEASE job'),
    rollbackToSavepoint: database.prepare('ROLLBACK TO job'),
  };
}

/** Errors of the disk or the file, after which the rest of the group cannot be trusted either. */
function endsEverything(error: unknown): boolean {
  return /^SQLITE_(FULL|IOERR|CORRUPT|NOTADB|NOMEM|INTERRUPT)/.test(codeOf(error));
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof Conflict) return { ok: false, why: 'conflict', conversations: error.conversations };
  // Another process stored this command, or began this visitor's conversation, before.
  if (codeOf(error) === 'SQLITE_CONSTRAINT_UNIQUE' && /: (event\.id|conversation\.visitor)\b/.test(messageOf(error)))
    return { ok: false, why: 'conflict', conversations: [] };
  if (/^SQLITE_(FULL|IOERR_SHMSIZE)$/.test(codeOf(error))) return { ok: false, why: 'full', message: messageOf(error) };
  return failed(`Nothing was stored: ${messageOf(error)}`);
}

function failed(message: string): Outcome {
  return { ok: false, why: 'error', message };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function messageOf(error: unknown): string {
  const code = codeOf(error);
  return `${error instanceof Error ? error.message : String(error)}${code === '' ? '' : ` (${code})`}`;
}
