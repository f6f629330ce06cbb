import { type CompiledQuery, sql } from 'kysely';
import type { FileRow, Store } from '../../ports.ts';
import { type Tables, tables } from './tables.ts';

type Reader = { all<Row>(query: CompiledQuery<Row>): Row[] };
type Write = (...queries: { compile(): CompiledQuery<unknown> }[]) => Promise<unknown[][]>;

/** What is known of files. Where one was sent is written with its message, see `commits.ts`. */
export function keepFiles(
  reader: Reader,
  write: Write,
): Pick<
  Store,
  'files' | 'saveFile' | 'receiveFile' | 'finishFile' | 'filesOf' | 'unsentFiles' | 'removeFiles' | 'fileUsage'
> {
  const all = tables.selectFrom('file').selectAll();
  const rowsOf = (query: { compile(): CompiledQuery<Tables['file']> }): FileRow[] =>
    reader.all(query.compile()).map(toFile);
  const wasDone = async (query: { compile(): CompiledQuery<unknown> }): Promise<boolean> =>
    ((await write(query))[0] ?? []).length > 0;
  const sumOf = tables.selectFrom('file').select(sql<number>`coalesce(sum(size), 0)`.as('bytes'));
  const bytesOf = (query: { compile(): CompiledQuery<{ bytes: number }> }): number =>
    reader.all(query.compile())[0]?.bytes ?? 0;

  return {
    files: async (ids) => (ids.length === 0 ? [] : rowsOf(all.where('id', 'in', [...ids]))),
    saveFile: async ({ createdAt, sent, ready, ...row }) => {
      const values = {
        ...row,
        ready: ready ? 1 : 0,
        created_at: createdAt,
        conversation: sent?.conversation ?? null,
        event: sent?.event ?? null,
        audience: sent?.audience ?? null,
      };
      await write(tables.insertInto('file').values(values));
    },
    receiveFile: (id, from, to) =>
      wasDone(
        tables
          .updateTable('file')
          .set({ received: to })
          .where('id', '=', id)
          .where('received', '=', from)
          .returning('id'),
      ),
    finishFile: (id, { name, type, size, width, height }) =>
      wasDone(
        tables
          .updateTable('file')
          .set({ name, type, size, width, height, ready: 1 })
          .where('id', '=', id)
          .where('ready', '=', 0)
          .returning('id'),
      ),
    filesOf: async (of) =>
      'conversation' in of
        ? rowsOf(all.where('conversation', '=', of.conversation).orderBy('id'))
        : rowsOf(
            all
              .where((row) =>
                row.or([
                  row('author', '=', `v:${of.visitor}`),
                  row(
                    'conversation',
                    'in',
                    tables.selectFrom('conversation').select('public_id').where('visitor', '=', of.visitor),
                  ),
                ]),
              )
              .orderBy('id'),
          ),
    unsentFiles: async (before, limit) =>
      rowsOf(
        all.where(sql<boolean>`event IS NULL`).where('created_at', '<', before).orderBy('created_at').limit(limit),
      ),
    removeFiles: async (ids) => {
      if (ids.length > 0) await write(tables.deleteFrom('file').where('id', 'in', [...ids]));
    },
    fileUsage: async ({ site, author, conversation }) => {
      const unsent = tables
        .selectFrom('file')
        .select([sql<number>`count(*)`.as('count'), sql<number>`coalesce(sum(size), 0)`.as('bytes')])
        .where('author', '=', author)
        .where(sql<boolean>`event IS NULL`);
      return {
        site: bytesOf(sumOf.where('site', '=', site)),
        conversation: conversation === null ? 0 : bytesOf(sumOf.where('conversation', '=', conversation)),
        unsent: reader.all(unsent.compile())[0] ?? { count: 0, bytes: 0 },
      };
    },
  };
}

function toFile({ created_at: createdAt, conversation, event, audience, ready, ...row }: Tables['file']): FileRow {
  return {
    ...row,
    author: row.author as FileRow['author'],
    ready: ready === 1,
    createdAt,
    sent:
      conversation === null || event === null
        ? null
        : { conversation, event, audience: audience === 'public' ? 'public' : 'staff' },
  };
}
