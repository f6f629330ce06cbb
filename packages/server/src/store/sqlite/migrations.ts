import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { syncFolder } from '../../sync-folder.ts';

/** A step from one version of the schema to the next. Steps that were released are never changed; a new one is added at the end. */
export type Migration = string;

/**
 * `event` is append-only with integer conversation ids and time-ordered client ids first in its unique key: inserts then touch the last pages
 * only, which was measured at a quarter of the bytes and three times the rate of text keys. Public numbers need no index of their own: they
 * are bounded by `seq` (see `reader.ts`), and that they follow each other is checked against `public_head` when they are written. Columns of
 * `conversation` beside `state` are there for lists and for the facts that the log would otherwise have to be read for.
 */
const FIRST_LIGHT: Migration = `
  CREATE TABLE conversation (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    site TEXT NOT NULL,
    visitor TEXT NOT NULL,
    head INTEGER NOT NULL,
    public_head INTEGER NOT NULL,
    status TEXT NOT NULL,
    owner TEXT,
    team TEXT,
    started_at INTEGER NOT NULL,
    queued_at INTEGER,
    resolved_at INTEGER,
    activity_at INTEGER NOT NULL,
    asked_at INTEGER,
    replied_at INTEGER,
    state TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX conversation_one_unresolved ON conversation (visitor) WHERE status <> 'resolved';
  CREATE INDEX conversation_of_visitor ON conversation (visitor, started_at);
  CREATE INDEX conversation_mine ON conversation (owner, activity_at) WHERE status <> 'resolved' AND owner IS NOT NULL;
  CREATE INDEX conversation_open ON conversation (activity_at) WHERE status <> 'resolved';
  CREATE INDEX conversation_queue ON conversation (queued_at) WHERE queued_at IS NOT NULL;
  CREATE INDEX conversation_resolved ON conversation (resolved_at) WHERE resolved_at IS NOT NULL;
  CREATE INDEX conversation_replied ON conversation (replied_at) WHERE replied_at IS NOT NULL;

  CREATE TABLE event (
    conversation INTEGER NOT NULL REFERENCES conversation (id),
    seq INTEGER NOT NULL,
    public_seq INTEGER,
    id TEXT NOT NULL,
    author TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX event_seq ON event (conversation, seq);
  CREATE UNIQUE INDEX event_command ON event (id, author);

  CREATE TABLE take (taken_at INTEGER NOT NULL, team TEXT, waited_ms INTEGER NOT NULL) STRICT;
  CREATE INDEX take_taken_at ON take (taken_at);

  CREATE TABLE cursor (
    conversation INTEGER NOT NULL REFERENCES conversation (id),
    reader TEXT NOT NULL,
    delivered INTEGER NOT NULL,
    read INTEGER NOT NULL,
    PRIMARY KEY (conversation, reader)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversation (id),
    seq INTEGER NOT NULL,
    topic TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE visitor (
    id TEXT PRIMARY KEY,
    site TEXT NOT NULL,
    name TEXT,
    email TEXT,
    external_id TEXT,
    locale TEXT,
    time_zone TEXT,
    visit TEXT,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX visitor_external_id ON visitor (site, external_id) WHERE external_id IS NOT NULL;

  CREATE TABLE visitor_session (
    token_hash TEXT PRIMARY KEY,
    visitor TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE agent (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    folded_email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    teams TEXT NOT NULL,
    capacity INTEGER NOT NULL,
    presence TEXT NOT NULL,
    password_hash TEXT,
    active INTEGER NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE agent_session (
    token_hash TEXT PRIMARY KEY,
    agent TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX agent_session_of ON agent_session (agent);

  CREATE TABLE sign_in_code (
    code_hash TEXT PRIMARY KEY,
    agent TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sign_in_code_expires_at ON sign_in_code (expires_at);

  CREATE TABLE probe (id INTEGER PRIMARY KEY, writes INTEGER NOT NULL, filler BLOB) STRICT;
`;

/** So that those who end are found without looking at the others. */
const EXPIRED_SESSIONS: Migration = `
  CREATE INDEX visitor_session_expires_at ON visitor_session (expires_at);
`;

/**
 * The log itself is the outbox: consumers remember a position in it, and a message costs no second row. Positions are a column of their own, because
 * SQLite may number hidden row ids anew. The highest would be given again if its event were deleted: whoever erases overwrites the event instead.
 *
 * An agent has few conversations that are not resolved: their index leaves out the instant, so that it is not written with every message.
 */
const LOG_AS_OUTBOX: Migration = `
  DROP TABLE outbox;
  CREATE TABLE consumer (name TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  DROP INDEX event_seq;
  DROP INDEX event_command;
  ALTER TABLE event RENAME TO old_event;
  CREATE TABLE event (
    position INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversation (id),
    seq INTEGER NOT NULL,
    public_seq INTEGER,
    id TEXT NOT NULL,
    author TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  INSERT INTO event SELECT rowid, conversation, seq, public_seq, id, author, at, actor, body FROM old_event ORDER BY rowid;
  DROP TABLE old_event;
  CREATE UNIQUE INDEX event_seq ON event (conversation, seq);
  CREATE UNIQUE INDEX event_command ON event (id, author);

  DROP INDEX conversation_mine;
  CREATE INDEX conversation_mine ON conversation (owner) WHERE status <> 'resolved' AND owner IS NOT NULL;
`;

/**
 * Surveys that were asked are kept beside the log like the other facts: whom to ask again, and which conversations a result is counted from, is asked
 * by person and by time. Canned replies are content that people change; one that was removed stays as a row, so that the configuration does not bring
 * it back. How they are used is kept by conversation: what becomes of it later counts for all that were used in it.
 */
const REPLIES_AND_SURVEYS: Migration = `
  CREATE TABLE survey_ask (
    conversation INTEGER NOT NULL REFERENCES conversation (id),
    public_seq INTEGER NOT NULL,
    ask TEXT NOT NULL,
    survey TEXT NOT NULL,
    kind TEXT NOT NULL,
    visitor TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    until INTEGER,
    PRIMARY KEY (conversation, public_seq)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX survey_ask_of_visitor ON survey_ask (visitor, asked_at);
  CREATE INDEX survey_ask_asked_at ON survey_ask (asked_at);
  CREATE INDEX survey_ask_of_survey ON survey_ask (survey, asked_at);
  INSERT INTO survey_ask
    SELECT event.conversation, event.public_seq, event.id, json_extract(body, '$.survey.id'), json_extract(body, '$.survey.kind'),
      conversation.visitor, event.at, json_extract(body, '$.until')
    FROM event JOIN conversation ON conversation.id = event.conversation
    WHERE json_extract(body, '$.kind') = 'asked' AND json_extract(body, '$.survey.id') IS NOT NULL;

  CREATE TABLE survey_held_back (key TEXT NOT NULL, survey TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (key, survey)) STRICT, WITHOUT ROWID;
  CREATE INDEX survey_held_back_at ON survey_held_back (at);

  CREATE TABLE canned_reply (
    id TEXT PRIMARY KEY,
    content TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT,
    removed INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE canned_reply_use (
    conversation TEXT NOT NULL,
    reply TEXT NOT NULL,
    uses INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    resolved INTEGER NOT NULL,
    csat INTEGER,
    PRIMARY KEY (conversation, reply)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX canned_reply_use_of ON canned_reply_use (reply);

  CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

/** What people changed of the configuration. */
const OVERRIDES: Migration = `
  CREATE TABLE override (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    revision TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (kind, name)
  ) STRICT, WITHOUT ROWID;
`;

/** What is only said moves `head` and leaves `state` behind, as of `state_head`: see `pack.ts`, and `reader.ts` for who catches up. */
const STATE_BEHIND_LOG: Migration = `
  ALTER TABLE conversation ADD COLUMN state_head INTEGER NOT NULL DEFAULT 0;
  UPDATE conversation SET state_head = head;
`;

/** Whose files there are, and where each was sent. Their bytes are elsewhere, see `files/`. */
const FILES: Migration = `
  CREATE TABLE file (
    id TEXT NOT NULL PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    site TEXT NOT NULL,
    author TEXT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    size INTEGER NOT NULL,
    width INTEGER,
    height INTEGER,
    received INTEGER NOT NULL,
    ready INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    conversation TEXT,
    event TEXT,
    audience TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX file_of_conversation ON file (conversation, size) WHERE conversation IS NOT NULL;
  CREATE INDEX file_of_author ON file (author, event);
  CREATE INDEX file_of_site ON file (site, size);
  CREATE INDEX file_unsent ON file (created_at) WHERE event IS NULL;
`;

/**
 * What agents, admins and operators did, each row sealed to the one before; `audit_head` says where it ends, so that a tail that was cut off is missed.
 * The triggers are against mistakes: who may write the file can take them out, and is found by the seals.
 */
const AUDIT: Migration = `
  CREATE TABLE audit (
    position INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT,
    person TEXT,
    detail TEXT NOT NULL,
    key TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_at ON audit (at);
  CREATE INDEX audit_of_person ON audit (person, at) WHERE person IS NOT NULL;
  CREATE INDEX audit_of_object ON audit (object, at) WHERE object IS NOT NULL;
  CREATE INDEX audit_of_actor ON audit (actor, at);
  CREATE INDEX audit_of_action ON audit (action, at);
  CREATE TRIGGER audit_keeps_what_it_says BEFORE UPDATE ON audit
    BEGIN SELECT raise(ABORT, 'The audit log is only added to.'); END;
  CREATE TRIGGER audit_keeps_its_rows BEFORE DELETE ON audit
    BEGIN SELECT raise(ABORT, 'The audit log is only added to.'); END;
  CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    position INTEGER NOT NULL,
    hash TEXT NOT NULL,
    key TEXT NOT NULL,
    seal TEXT NOT NULL
  ) STRICT;
`;

/**
 * Who is to be forgotten, and was: a row names him only until he is. `shut_out` holds hashes of what his devices may still show. `aging` is how far
 * each conversation was looked at by what is kept for so long only.
 */
const PERSONAL_DATA: Migration = `
  CREATE TABLE erasure (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    visitor TEXT,
    gone_as TEXT NOT NULL,
    site TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    requested_at INTEGER NOT NULL,
    erased_at INTEGER,
    cleaned_at INTEGER,
    counts TEXT NOT NULL,
    problem TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE shut_out (key TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE aging (
    conversation INTEGER NOT NULL REFERENCES conversation (id),
    kind TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (conversation, kind)
  ) STRICT, WITHOUT ROWID;
`;

/** Who may not write; and what was marked as spam, so that it is found among all that was resolved. */
const BLOCKS: Migration = `
  CREATE TABLE block (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    reason TEXT NOT NULL,
    conversation TEXT,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX conversation_spam ON conversation (resolved_at) WHERE json_extract(state, '$.wrapUp') = 'spam';
`;

/** What is to be erased is asked for every few seconds, among all that ever was. */
const OPEN_ERASURES: Migration = `
  CREATE INDEX erasure_open ON erasure (id) WHERE state <> 'done';
`;

/** Before somebody is put on the list it is asked whether he is there. */
const ERASURE_OF_VISITOR: Migration = `
  CREATE INDEX erasure_of_visitor ON erasure (visitor) WHERE visitor IS NOT NULL;
`;

export const MIGRATIONS: readonly Migration[] = [
  FIRST_LIGHT,
  EXPIRED_SESSIONS,
  LOG_AS_OUTBOX,
  REPLIES_AND_SURVEYS,
  OVERRIDES,
  STATE_BEHIND_LOG,
  FILES,
  AUDIT,
  PERSONAL_DATA,
  BLOCKS,
  OPEN_ERASURES,
  ERASURE_OF_VISITOR,
];

/** The database was written by a newer Sveiki than this one. It was not touched. */
export class NewerDatabase extends Error {
  override readonly name = 'NewerDatabase';
  readonly file: string;
  readonly found: number;
  readonly known: number;
  constructor(file: string, found: number, known: number) {
    super(
      `${file} is of version ${found}, and this Sveiki knows versions up to ${known}. Start the Sveiki that wrote it or a newer one, ` +
        'or put a backup from before the upgrade in its place: sveiki restore <what "sveiki backup" made> --replace',
    );
    this.file = file;
    this.found = found;
    this.known = known;
  }
}

/** The file is damaged or no database of Sveiki. It was not touched, and no empty one was put in its place. */
export class CorruptDatabase extends Error {
  override readonly name = 'CorruptDatabase';
  readonly file: string;
  readonly reason: string;
  /** `cause` is what SQLite says, for those who look closer. */
  constructor(file: string, reason: string, cause?: unknown) {
    super(
      `${file} cannot be used: ${reason}. Nothing was changed. Put your last backup in its place, which keeps what is there beside it: ` +
        'sveiki restore <what "sveiki backup" made> --replace',
      cause === undefined ? {} : { cause },
    );
    this.file = file;
    this.reason = reason;
  }
}

const DAMAGED = 'a part of it is damaged, as after a failing disk or a copy that was broken off';

/**
 * Makes sure that `file` is a whole database of the newest version: creates it when there is none, refuses it when it is damaged, foreign or
 * newer, and brings an older one up step by step, each in a transaction of its own.
 *
 * @throws NewerDatabase, CorruptDatabase
 */
export function prepareDatabase(file: string, migrations: readonly Migration[] = MIGRATIONS): void {
  if (!existsSync(file)) return create(file, migrations);
  const found = versionOf(file);
  if (found > migrations.length) throw new NewerDatabase(file, found, migrations.length);
  if (found < migrations.length) using(file, (database) => migrate(database, migrations));
}

/** A new database appears under its name only when it is whole, so that an empty or half-made one is always damage, never a first start. */
function create(file: string, migrations: readonly Migration[]): void {
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0)
    throw new CorruptDatabase(file, `it is gone, although ${file}-wal is there`);
  if (existsSync(`${file}.restoring`))
    throw new CorruptDatabase(
      file,
      'it is not there yet: a backup was being put in its place, and that was broken off',
    );
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.new`;
  rmSync(unfinished, { force: true });
  rmSync(`${unfinished}-journal`, { force: true });
  using(unfinished, (database) => {
    // Conversations are nobody else's business; the files that SQLite puts beside it get the same mode.
    chmodSync(unfinished, 0o600);
    database.exec('CREATE TABLE migration (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL) STRICT');
    migrate(database, migrations);
  });
  renameSync(unfinished, file);
  syncFolder(dirname(file));
}

/** The version of a database that is whole. Reads only: a database we refuse stays as it is. @throws CorruptDatabase */
export function versionOf(file: string): number {
  if (statSync(file).size === 0) throw new CorruptDatabase(file, 'it is empty');
  if (!startsLikeDatabase(file)) throw new CorruptDatabase(file, 'it is not a SQLite database');
  try {
    return using(
      file,
      (database) => {
        if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'migration'").get() === undefined) {
          throw new CorruptDatabase(file, 'it is a database, but not one of Sveiki');
        }
        const version = database.prepare('SELECT max(version) FROM migration').pluck().get() as number;
        const damage = findDamage(database);
        if (damage !== null) throw new CorruptDatabase(file, DAMAGED, damage);
        return version;
      },
      { readonly: true },
    );
  } catch (error) {
    if (isDamage(error)) throw new CorruptDatabase(file, DAMAGED, error);
    throw error;
  }
}

/** What SQLite's quick check says is wrong, or null. */
export function findDamage(database: Database.Database): string | null {
  const found = database.pragma('quick_check(1)', { simple: true });
  return found === 'ok' ? null : String(found);
}

/** True for an error that says the file itself is broken. */
export function isDamage(error: unknown): error is Error {
  return error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code);
}

/** True for an error that says that there is no room. */
export function isFull(error: unknown): error is Error {
  return (
    (error instanceof Database.SqliteError && /^SQLITE_(FULL|IOERR_SHMSIZE)$/.test(error.code)) ||
    (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
  );
}

function migrate(database: Database.Database, migrations: readonly Migration[]): void {
  const newest = database.prepare('SELECT coalesce(max(version), 0) FROM migration').pluck();
  const applied = database.prepare("INSERT INTO migration (version, applied_at) VALUES (?, datetime('now'))");
  const step = database.transaction(() => {
    const version = newest.get() as number;
    const migration = migrations[version];
    if (migration === undefined) return false;
    database.exec(migration);
    applied.run(version + 1);
    return true;
  });
  while (step.immediate());
}

function using<T>(file: string, use: (database: Database.Database) => T, options: Database.Options = {}): T {
  const database = new Database(file, options);
  try {
    return use(database);
  } finally {
    database.close();
  }
}

function startsLikeDatabase(file: string): boolean {
  const header = Buffer.alloc(16);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, header, 0, 16, 0);
  } finally {
    closeSync(descriptor);
  }
  return header.toString('latin1') === 'SQLite format 3\0';
}
