import { isDeepStrictEqual } from 'node:util';
import { applyEvent, type ConversationState } from '@sveiki/protocol';
import Database from 'better-sqlite3';
import type { StoredEvent } from '../../ports.ts';

/** What a whole database holds. */
export interface Counts {
  conversations: number;
  events: number;
  messages: number;
  visitors: number;
  agents: number;
}

/** Problems name conversations by their ids and never say what was written in them. */
export interface Findings {
  counts: Counts;
  problems: string[];
}

/** So many say enough. */
const MAX_PROBLEMS = 20;

interface ConversationColumns {
  id: number;
  publicId: string;
  head: number;
  publicHead: number;
  status: string;
  state: string;
  stateHead: number;
}
type EventColumns = Pick<StoredEvent, 'seq' | 'publicSeq' | 'id' | 'author' | 'at'> & { actor: string; body: string };

/** Reads a database of the newest version whole, page by page, and counts. Nothing in it is changed. */
export function checkPages(file: string): Findings {
  return reading(file, (database) => ({ counts: countAll(database), problems: pageProblems(database) }));
}

/**
 * The event law over the whole log: the numbers of each conversation run from 1 without a hole, for staff and for visitors, and its stored state is
 * what its events make of it. Takes about as long as reading everything once.
 */
export function checkLaw(file: string): string[] {
  return reading(file, (database) => {
    const problems: string[] = [];
    const conversations = database.prepare<[], ConversationColumns>(
      `SELECT id, public_id AS publicId, head, public_head AS publicHead, status, state, state_head AS stateHead
        FROM conversation ORDER BY id`,
    );
    const events = database.prepare<[number], EventColumns>(
      'SELECT seq, public_seq AS publicSeq, id, author, at, actor, body FROM event WHERE conversation = ? ORDER BY seq',
    );
    for (const row of conversations.iterate()) {
      const problem = lawProblem(row, events.iterate(row.id));
      if (problem !== null) problems.push(`Conversation ${row.publicId}: ${problem}`);
      if (problems.length === MAX_PROBLEMS) return problems;
    }
    return problems;
  });
}

/** The files that were sent in conversations: the key under which each is kept, and its bytes. */
export function sentFiles(file: string): { key: string; size: number }[] {
  return reading(file, (database) =>
    database
      .prepare<[], { key: string; size: number }>('SELECT key, size FROM file WHERE ready = 1 AND event IS NOT NULL')
      .all(),
  );
}

function lawProblem(row: ConversationColumns, events: Iterable<EventColumns>): string | null {
  let state: ConversationState | null = null;
  let seq = 0;
  let publicSeq = 0;
  let isAsStored = false;
  try {
    for (const event of events) {
      if (event.seq !== seq + 1) return `event ${seq + 1} is missing`;
      if (event.publicSeq !== null && event.publicSeq !== publicSeq + 1)
        return `public event ${publicSeq + 1} is missing`;
      seq = event.seq;
      publicSeq = event.publicSeq ?? publicSeq;
      state = applyEvent(state, toEvent(row.publicId, event));
      // As JSON keeps it: what is undefined is not there.
      if (seq === row.stateHead) isAsStored = isDeepStrictEqual(plain(state), JSON.parse(row.state));
    }
  } catch {
    return `what follows event ${seq} cannot be read`;
  }
  if (seq !== row.head || publicSeq !== row.publicHead)
    return `it should have ${row.head} events (${row.publicHead} public) and has ${seq} (${publicSeq})`;
  if (!isAsStored || state?.status !== row.status) return 'its state is not what its events say';
  return null;
}

function toEvent(conversation: string, { actor, body, ...event }: EventColumns): StoredEvent {
  return {
    ...event,
    conversation,
    actor: JSON.parse(actor) as StoredEvent['actor'],
    audience: event.publicSeq === null ? 'staff' : 'public',
    body: JSON.parse(body) as StoredEvent['body'],
  };
}

const plain = (state: ConversationState): unknown => JSON.parse(JSON.stringify(state));

function pageProblems(database: Database.Database): string[] {
  const found = database.pragma(`integrity_check(${MAX_PROBLEMS})`) as { integrity_check: string }[];
  const orphans = database.pragma('foreign_key_check') as { table: string; parent: string }[];
  return [
    ...found.map(({ integrity_check: said }) => said).filter((said) => said !== 'ok'),
    ...[...new Set(orphans.map(({ table, parent }) => `Rows of "${table}" name a ${parent} that is not there.`))],
  ];
}

function countAll(database: Database.Database): Counts {
  const count = (from: string) => database.prepare(`SELECT count(*) FROM ${from}`).pluck().get() as number;
  return {
    conversations: count('conversation'),
    events: count('event'),
    messages: count("event WHERE json_extract(body, '$.kind') = 'message'"),
    visitors: count('visitor'),
    agents: count('agent'),
  };
}

function reading<T>(file: string, read: (database: Database.Database) => T): T {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    return read(database);
  } finally {
    database.close();
  }
}
