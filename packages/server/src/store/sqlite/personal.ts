import { type CompiledQuery, type RawBuilder, sql } from 'kysely';
import type { ErasureRow, PersonalStore, VisitorRow } from '../../ports.ts';
import { inAudit, type Noted } from './audit.ts';
import type { Recent } from './recent.ts';
import { type Tables, tables } from './tables.ts';

type Reader = { all<Row>(query: CompiledQuery<Row>): Row[] };
type Write = (...parts: ({ compile(): CompiledQuery<unknown> } | Noted)[]) => Promise<unknown[][]>;

/** Conversations looked at in one go, so that nobody waits for it. */
const LOOKED_AT = 2_000;

/** People as people, and what takes one out. */
export function keepPersonal(parts: {
  reader: Reader;
  write: Write;
  recent: Pick<Recent, 'overwrite'>;
  toVisitor: (row: Tables['visitor']) => VisitorRow;
  compact: () => Promise<boolean>;
}): PersonalStore {
  const { reader, write, recent, toVisitor, compact } = parts;
  const rows = <Row>(query: { compile(): CompiledQuery<Row> }): Row[] => reader.all(query.compile());
  const idOf = (conversation: string) => sql<number>`(SELECT id FROM conversation WHERE public_id = ${conversation})`;

  return {
    findVisitors: async ({ text, limit }) => {
      const part = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
      const query = tables
        .selectFrom('visitor')
        .selectAll()
        .where((is) =>
          is.or([
            is('id', '=', text),
            is('external_id', '=', text),
            is('id', '=', is.selectFrom('conversation').select('visitor').where('public_id', '=', text)),
            sql<boolean>`lower(email) = ${text.toLowerCase()}`,
            sql<boolean>`name LIKE ${part} ESCAPE '\\'`,
          ]),
        )
        .orderBy('last_seen_at', 'desc')
        .limit(limit);
      return rows(query).map(toVisitor);
    },
    visitorsAfter: async (id, limit) =>
      rows(tables.selectFrom('visitor').selectAll().where('id', '>', id).orderBy('id').limit(limit)).map(toVisitor),
    visitorSessions: async (visitor) =>
      rows(tables.selectFrom('visitor_session').selectAll().where('visitor', '=', visitor).orderBy('created_at')).map(
        (row) => ({
          tokenHash: row.token_hash,
          visitor: row.visitor,
          createdAt: row.created_at,
          expiresAt: row.expires_at,
        }),
      ),
    shutOut: async (visitor, keys, at) => {
      await write(
        ...keys.map((key) => tables.replaceInto('shut_out').values({ key, at })),
        tables.deleteFrom('visitor_session').where('visitor', '=', visitor),
      );
    },
    isShutOut: async (keys) =>
      rows(
        tables
          .selectFrom('shut_out')
          .select('key')
          .where('key', 'in', [...keys])
          .limit(1),
      ).length > 0,
    overwriteEvents: async (conversation, events) => {
      await write(
        ...events.map(({ seq, id, author, actor, body }) =>
          raw(sql`UPDATE event SET id = ${id}, author = ${author}, actor = ${JSON.stringify(actor)}, body = ${JSON.stringify(body)}
            WHERE conversation = ${idOf(conversation)} AND seq = ${seq}`),
        ),
      );
      recent.overwrite(events);
    },
    forgetVisitor: async (visitor, as) => {
      await write(
        tables.updateTable('survey_ask').set({ visitor: as }).where('visitor', '=', visitor),
        tables.deleteFrom('visitor_session').where('visitor', '=', visitor),
        tables.deleteFrom('visitor').where('id', '=', visitor),
      );
    },
    saveErasure: async (row, notes = []) => {
      const values = fromErasure(row);
      const isOpen = sql<boolean>`erasure.visitor IS NOT NULL OR ${row.state} = 'done'`;
      await write(
        tables
          .insertInto('erasure')
          .values(values)
          .onConflict((there) => there.column('id').doUpdateSet(values).where(isOpen)),
        inAudit(notes),
      );
    },
    erasures: async ({ open, isErased, visitor, id, before, limit }) => {
      let query = tables.selectFrom('erasure').selectAll().orderBy('id', 'desc').limit(limit);
      // Spelled out as the index is.
      if (open) query = query.where(sql<boolean>`state <> 'done'`);
      if (isErased !== undefined) query = query.where('visitor', isErased ? 'is' : 'is not', null);
      if (visitor !== undefined) query = query.where('visitor', '=', visitor);
      if (id !== undefined) query = query.where('id', '=', id);
      if (before !== undefined) query = query.where('id', '<', before.id);
      return rows(query).map(toErasure);
    },
    agedConversations: async ({ kind, before, teams, sites, from }) => {
      const ids = tables.selectFrom('conversation').select('id').where('id', '>', from).orderBy('id').limit(LOOKED_AT);
      const last = rows(ids).at(-1)?.id;
      if (last === undefined) return { conversations: [], next: null };
      const among = (column: string, values: readonly string[] | null) =>
        values === null
          ? sql`TRUE`
          : sql`${sql.ref(column)} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`;
      // Times never step back in a conversation: the next event tells whether there is anything.
      const query = sql<{ conversation: string; seq: number }>`
        SELECT conversation.public_id AS conversation, coalesce(aging.seq, 0) AS seq
          FROM conversation LEFT JOIN aging ON aging.conversation = conversation.id AND aging.kind = ${kind}
          WHERE conversation.id > ${from} AND conversation.id <= ${last} AND started_at < ${before}
            AND EXISTS (SELECT 1 FROM event WHERE event.conversation = conversation.id
              AND event.seq = coalesce(aging.seq, 0) + 1 AND event.at < ${before})
            AND ${among('conversation.team', teams)} AND ${among('conversation.site', sites)}
          ORDER BY conversation.id`;
      return { conversations: rows(raw(query)), next: last };
    },
    markAged: async (kind, conversation, seq) => {
      await write(tables.replaceInto('aging').values({ conversation: idOf(conversation), kind, seq }));
    },
    size: async () => {
      const [found] = rows(
        raw(sql<{ bytes: number }>`SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size`),
      );
      return found?.bytes ?? 0;
    },
    compact,
  };
}

/** A statement that no builder writes better. */
function raw<Row>(statement: RawBuilder<Row>): { compile(): CompiledQuery<Row> } {
  return { compile: () => statement.compile(tables) };
}

function fromErasure(row: ErasureRow): Tables['erasure'] {
  return {
    id: row.id,
    person: row.person,
    visitor: row.visitor,
    gone_as: row.as,
    site: row.site,
    requested_by: row.by,
    reason: row.reason,
    state: row.state,
    requested_at: row.requestedAt,
    erased_at: row.erasedAt,
    cleaned_at: row.cleanedAt,
    counts: JSON.stringify(row.counts),
    problem: row.problem,
  };
}

function toErasure(row: Tables['erasure']): ErasureRow {
  return {
    id: row.id,
    person: row.person,
    visitor: row.visitor,
    as: row.gone_as,
    site: row.site,
    by: row.requested_by as ErasureRow['by'],
    reason: row.reason as ErasureRow['reason'],
    state: row.state as ErasureRow['state'],
    requestedAt: row.requested_at,
    erasedAt: row.erased_at,
    cleanedAt: row.cleaned_at,
    counts: JSON.parse(row.counts) as ErasureRow['counts'],
    problem: row.problem,
  };
}
