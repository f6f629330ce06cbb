import { type CompiledQuery, sql } from 'kysely';
import type { CannedReplyRow, Store } from '../../ports.ts';
import { inAudit, type Noted } from './audit.ts';
import { tables } from './tables.ts';

type Reader = { all<Row>(query: CompiledQuery<Row>): Row[] };
type Write = (...parts: ({ compile(): CompiledQuery<unknown> } | Noted)[]) => Promise<unknown[][]>;

/** Canned replies, how they are used, and settings. */
export function keepReplies(
  reader: Reader,
  write: Write,
): Pick<
  Store,
  | 'cannedReplies'
  | 'saveCannedReplies'
  | 'countReplyUse'
  | 'noteReplyOutcome'
  | 'replyUsage'
  | 'setting'
  | 'keepSetting'
  | 'settings'
  | 'saveSetting'
> {
  const setting = (name: string): string | null =>
    reader.all(tables.selectFrom('setting').select('value').where('name', '=', name).compile())[0]?.value ?? null;

  return {
    cannedReplies: async (ids) => {
      const all = tables.selectFrom('canned_reply').selectAll().orderBy('id');
      const query = ids === undefined ? all : all.where('id', 'in', oneOf(ids));
      return reader.all(query.compile()).map((row) => ({
        reply: JSON.parse(row.content) as CannedReplyRow['reply'],
        updatedAt: row.updated_at,
        updatedBy: row.updated_by,
        removed: row.removed === 1,
      }));
    },
    saveCannedReplies: async (rows, notes = []) => {
      // One statement, however many there are.
      const save = sql`INSERT INTO canned_reply (id, content, updated_at, updated_by, removed)
        SELECT value ->> '$.reply.id', value -> '$.reply', value ->> '$.updatedAt', value ->> '$.updatedBy', value ->> '$.removed'
        FROM json_each(${JSON.stringify(rows)}) WHERE true
        ON CONFLICT (id) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at, updated_by = excluded.updated_by,
          removed = excluded.removed`;
      await write({ compile: () => save.compile(tables) }, inAudit(notes));
    },
    countReplyUse: async ({ reply, conversation, at }) => {
      const row = { conversation, reply, uses: 1, last_used_at: at, resolved: 0, csat: null };
      await write(
        tables
          .insertInto('canned_reply_use')
          .values(row)
          .onConflict((conflict) =>
            conflict.columns(['conversation', 'reply']).doUpdateSet({
              uses: sql`uses + 1`,
              last_used_at: sql`max(canned_reply_use.last_used_at, excluded.last_used_at)`,
            }),
          ),
      );
    },
    noteReplyOutcome: async (conversation, { resolved, csat }) => {
      const [rows = []] = await write(
        tables
          .updateTable('canned_reply_use')
          .set({ ...(resolved ? { resolved: 1 } : {}), ...(csat === undefined ? {} : { csat }), uses: sql`uses` })
          .where('conversation', '=', conversation)
          .returning('reply'),
      );
      return (rows as { reply: string }[]).map(({ reply }) => reply).sort();
    },
    replyUsage: async (ids) => {
      const all = tables
        .selectFrom('canned_reply_use')
        .select([
          'reply',
          sql<number>`sum(uses)`.as('uses'),
          sql<number>`max(last_used_at)`.as('lastUsedAt'),
          sql<number>`sum(resolved)`.as('resolved'),
          sql<number>`coalesce(sum(csat), 0)`.as('sum'),
          sql<number>`count(csat)`.as('n'),
        ])
        .groupBy('reply');
      const query = ids === undefined ? all : all.where('reply', 'in', oneOf(ids));
      return new Map(
        reader
          .all(query.compile())
          .map(({ reply, uses, lastUsedAt, resolved, sum, n }) => [
            reply,
            { uses, lastUsedAt, resolved, csat: { sum, n } },
          ]),
      );
    },
    setting: async (name) => setting(name),
    keepSetting: async (name, value) => {
      await write(
        tables
          .insertInto('setting')
          .values({ name, value })
          .onConflict((conflict) => conflict.doNothing()),
      );
      return setting(name) ?? value;
    },
    settings: async () => {
      const rows = reader.all(tables.selectFrom('setting').selectAll().orderBy('name').compile());
      return new Map(rows.map(({ name, value }) => [name, value]));
    },
    saveSetting: async (name, value, from, notes = []) => {
      const query =
        from === null
          ? tables
              .insertInto('setting')
              .values({ name, value })
              .onConflict((conflict) => conflict.doNothing())
              .returning('name')
          : tables
              .updateTable('setting')
              .set({ value })
              .where('name', '=', name)
              .where('value', '=', from)
              .returning('name');
      return ((await write(query, inAudit(notes)))[0] ?? []).length > 0;
    },
  };
}

/** As one parameter: SQLite takes a bounded number of them. */
const oneOf = (ids: readonly string[]) => sql<string>`(SELECT value FROM json_each(${JSON.stringify(ids)}))`;
