import { applyEvent } from '@sveiki/protocol';
import Database from 'better-sqlite3';
import type { CompiledQuery } from 'kysely';
import type { ConversationRow, CursorRow, EventsQuery, StoredCommand, StoredEvent } from '../../ports.ts';
import { createRecent, type Recent } from './recent.ts';

/** Readers wait only when another process has locked the whole file. */
const BUSY_TIMEOUT_MS = 1_000;

/** What is asked of a row to make a conversation of it. */
interface ConversationColumns {
  id: number;
  public_id: string;
  site: string;
  head: number;
  state: string;
  state_head: number;
}
type CommandKey = Pick<StoredCommand, 'author' | 'id'>;
type EventColumns = Omit<StoredEvent, 'conversation' | 'audience' | 'actor' | 'body'> & { actor: string; body: string };

/**
 * Reads on the relay's own thread, through a connection that cannot write: with a log (WAL) readers wait for nobody, and every read sees all
 * that was committed before it began.
 */
export function openReader(file: string, recent: Recent = createRecent()) {
  const database = new Database(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
  const conversation = database.prepare<[string], ConversationColumns>(
    'SELECT id, public_id, site, head, state, state_head FROM conversation WHERE public_id = ?',
  );
  // Nearly every command is new: asked all at once, finding nothing costs a fifth of what a statement for each does. Authors are compared here,
  // because two of them may have chosen the same id.
  const commands = database.prepare<
    [string],
    Pick<StoredCommand, 'author' | 'id' | 'seq' | 'publicSeq' | 'at'> & { conversation: number }
  >(
    `SELECT event.author, event.id, event.conversation, event.seq, event.public_seq AS publicSeq, event.at
      FROM json_each(?) AS asked CROSS JOIN event ON event.id = asked.value`,
  );
  const publicId = database.prepare<[number], string>('SELECT public_id FROM conversation WHERE id = ?').pluck();
  const heads = database.prepare<[string], { id: number; staffOnly: number }>(
    'SELECT id, head - public_head AS staffOnly FROM conversation WHERE public_id = ?',
  );
  const columns = 'seq, public_seq AS publicSeq, id, author, at, actor, body';
  const staffEvents = {
    after: database.prepare<number[], EventColumns>(
      `SELECT ${columns} FROM event WHERE conversation = ? AND seq > ? ORDER BY seq LIMIT ?`,
    ),
    before: database.prepare<number[], EventColumns>(
      `SELECT ${columns} FROM event WHERE conversation = ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
    ),
  };
  // A public number is at most its `seq`, and less by at most all staff-only events: the walk along `seq` skips no more than those.
  const publicEvents = {
    after: database.prepare<number[], EventColumns>(
      `SELECT ${columns} FROM event WHERE conversation = ? AND seq > ? AND public_seq > ? ORDER BY seq LIMIT ?`,
    ),
    before: database.prepare<number[], EventColumns>(
      `SELECT ${columns} FROM event WHERE conversation = ? AND seq < ? AND public_seq < ? ORDER BY seq DESC LIMIT ?`,
    ),
  };
  // One conversation is walked from its beginning: such questions are rare, and it is short.
  const ofKinds = database.prepare<[string, string], EventColumns>(
    `SELECT ${columns} FROM event WHERE conversation = (SELECT id FROM conversation WHERE public_id = ?)
      AND json_extract(body, '$.kind') IN (SELECT value FROM json_each(?) AS asked) ORDER BY seq DESC LIMIT 1000`,
  );
  const log = database.prepare<[number, number], EventColumns & { position: number; conversation: string }>(
    `SELECT event.position, conversation.public_id AS conversation, seq, public_seq AS publicSeq, event.id, author, at, actor, body
      FROM event JOIN conversation ON conversation.id = event.conversation WHERE event.position > ? ORDER BY event.position LIMIT ?`,
  );
  const behind = database.prepare<[number, number], EventColumns>(
    `SELECT ${columns} FROM event WHERE conversation = ? AND seq > ? ORDER BY seq`,
  );
  const cursors = database.prepare<[string], Omit<CursorRow, 'conversation'>>(
    `SELECT reader, delivered, read FROM cursor WHERE conversation = (SELECT id FROM conversation WHERE public_id = ?)`,
  );
  const others = new Map<string, Database.Statement>();
  function all<Row>({ sql, parameters }: CompiledQuery<Row>): Row[] {
    const statement = others.get(sql) ?? database.prepare(sql);
    others.set(sql, statement);
    return statement.all(...parameters) as Row[];
  }

  function eventColumns({ conversation, count, after, before = 0, limit }: EventsQuery): EventColumns[] {
    const found = heads.get(conversation);
    if (found === undefined) return [];
    const { id, staffOnly } = found;
    if (count === 'staff') {
      return after === undefined ? staffEvents.before.all(id, before, limit) : staffEvents.after.all(id, after, limit);
    }
    if (after !== undefined) return publicEvents.after.all(id, after, after, limit);
    return publicEvents.before.all(id, before + staffOnly, before, limit);
  }

  /** Many small reads in one: each alone would take and give back the file's lock, which costs more than the read. All see the same commits. */
  const transaction = database.transaction((read: () => unknown) => read());
  const together = <Found>(read: () => Found): Found => transaction(read) as Found;
  const each = <Key, Row>(keys: readonly Key[], read: (key: Key) => Row): Row[] => together(() => keys.map(read));

  /** As of its head: what was said since its state was written is applied. To be called in the transaction that read the row. */
  function toConversation({ id, public_id, site, head, state, state_head }: ConversationColumns): ConversationRow {
    const known = state_head < head ? recent.state(public_id, head) : undefined;
    let current = JSON.parse(known === undefined ? state : JSON.stringify(known)) as ConversationRow['state'];
    if (current.head < head)
      for (const event of behind.all(id, state_head)) current = applyEvent(current, toEvent(public_id, event));
    return { site, state: current };
  }

  return {
    conversations: (ids: readonly string[]): ConversationRow[] =>
      together(() =>
        ids.flatMap((id) => {
          const found = conversation.get(id);
          return found === undefined ? [] : toConversation(found);
        }),
      ),
    commands(keys: readonly CommandKey[]): StoredCommand[] {
      const found = commands.all(JSON.stringify([...new Set(keys.map(({ id }) => id))]));
      return found
        .filter(({ author, id }) => keys.some((key) => key.id === id && key.author === author))
        .map((row) => ({ ...row, conversation: publicId.get(row.conversation) ?? '' }));
    },
    events(query: EventsQuery): { events: StoredEvent[]; more: boolean } {
      const found = eventColumns({ ...query, limit: query.limit + 1 });
      const page = found.slice(0, query.limit).map((row) => toEvent(query.conversation, row));
      return { events: query.after === undefined ? page.reverse() : page, more: found.length > query.limit };
    },
    eventsOfKinds: (conversation: string, kinds: readonly string[]): StoredEvent[] =>
      ofKinds
        .all(conversation, JSON.stringify(kinds))
        .map((row) => toEvent(conversation, row))
        .reverse(),
    eventsAfter(position: number, limit: number): { position: number; event: StoredEvent }[] {
      const page = recent.eventsAfter(position, limit);
      // What another process stored right after these is there for whoever asks on.
      if (page.length > 0) return page;
      return log.all(position, limit).map((row) => ({ position: row.position, event: toEvent(row.conversation, row) }));
    },
    cursors: (ids: readonly string[]): Map<string, CursorRow[]> =>
      new Map(
        each(ids, (conversation) => [conversation, cursors.all(conversation).map((row) => ({ conversation, ...row }))]),
      ),
    all,
    together,
    toConversation,
    close: () => {
      database.close();
    },
  };
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
