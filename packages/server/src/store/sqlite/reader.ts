import Database from 'better-sqlite3';
import type { CompiledQuery } from 'kysely';
import type { ConversationRow, CursorRow, EventsQuery, StoredCommand, StoredEvent } from '../../ports.ts';

/** Readers wait only when another process has locked the whole file. */
const BUSY_TIMEOUT_MS = 1_000;

type EventColumns = Omit<StoredEvent, 'conversation' | 'audience' | 'actor' | 'body'> & { actor: string; body: string };

/**
 * Reads on the relay's own thread, through a connection that cannot write: with a log (WAL) readers wait for nobody, and every read sees all
 * that was committed before it began.
 */
export function openReader(file: string) {
  const database = new Database(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
  const conversation = database.prepare<[string], { site: string; state: string }>(
    'SELECT site, state FROM conversation WHERE public_id = ?',
  );
  const command = database.prepare<[string, string], Pick<StoredCommand, 'conversation' | 'seq' | 'publicSeq' | 'at'>>(
    `SELECT conversation.public_id AS conversation, event.seq, event.public_seq AS publicSeq, event.at FROM event
      JOIN conversation ON conversation.id = event.conversation WHERE event.id = ? AND event.author = ?`,
  );
  const events = {
    staff: { after: eventsBy('seq', '>', 'ASC'), before: eventsBy('seq', '<', 'DESC') },
    public: { after: eventsBy('public_seq', '>', 'ASC'), before: eventsBy('public_seq', '<', 'DESC') },
  };
  const cursors = database.prepare<[string], Omit<CursorRow, 'conversation'>>(
    `SELECT reader, delivered, read FROM cursor WHERE conversation = (SELECT id FROM conversation WHERE public_id = ?)`,
  );
  const others = new Map<string, Database.Statement>();

  function eventsBy(number: 'seq' | 'public_seq', than: '<' | '>', direction: 'ASC' | 'DESC') {
    return database.prepare<[string, number, number], EventColumns>(
      `SELECT seq, public_seq AS publicSeq, id, author, at, actor, body FROM event
        WHERE conversation = (SELECT id FROM conversation WHERE public_id = ?) AND ${number} ${than} ? ORDER BY ${number} ${direction} LIMIT ?`,
    );
  }

  return {
    conversation(id: string): ConversationRow | null {
      const found = conversation.get(id);
      return found === undefined ? null : toConversation(found);
    },
    command: (author: string, id: string) => command.get(id, author) ?? null,
    events(query: EventsQuery): { events: StoredEvent[]; more: boolean } {
      const { conversation, count, after, before = 0, limit } = query;
      const found =
        after === undefined
          ? events[count].before.all(conversation, before, limit + 1)
          : events[count].after.all(conversation, after, limit + 1);
      const page = found.slice(0, limit).map((row) => toEvent(conversation, row));
      return { events: after === undefined ? page.reverse() : page, more: found.length > limit };
    },
    cursors: (conversation: string): CursorRow[] => cursors.all(conversation).map((row) => ({ conversation, ...row })),
    all<Row>({ sql, parameters }: CompiledQuery<Row>): Row[] {
      const statement = others.get(sql) ?? database.prepare(sql);
      others.set(sql, statement);
      return statement.all(...parameters) as Row[];
    },
    close: () => {
      database.close();
    },
  };
}

export function toConversation({ site, state }: { site: string; state: string }): ConversationRow {
  return { site, state: JSON.parse(state) as ConversationRow['state'] };
}

/** Whether an event has a public number is who may see it: `checkBatch` lets nothing else in. */
function toEvent(conversation: string, { seq, publicSeq, id, author, at, actor, body }: EventColumns): StoredEvent {
  return {
    conversation,
    seq,
    publicSeq,
    id,
    author,
    at,
    actor: JSON.parse(actor) as StoredEvent['actor'],
    audience: publicSeq === null ? 'staff' : 'public',
    body: JSON.parse(body) as StoredEvent['body'],
  };
}
