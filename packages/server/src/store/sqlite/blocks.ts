import type { CompiledQuery } from 'kysely';
import type { BlockRow, Store } from '../../ports.ts';
import { tables } from './tables.ts';

type Reader = { all<Row>(query: CompiledQuery<Row>): Row[] };
type Write = (...queries: { compile(): CompiledQuery<unknown> }[]) => Promise<unknown[][]>;

/** Who may not write. */
export function keepBlocks(reader: Reader, write: Write): Pick<Store, 'blocks' | 'saveBlock' | 'removeBlocks'> {
  return {
    blocks: async () =>
      reader.all(tables.selectFrom('block').selectAll().orderBy('id').compile()).map(
        ({ id, kind, target, reason, conversation, created_at, created_by, expires_at }) =>
          ({
            ...{ id, kind, target, reason, conversation },
            ...{ createdAt: created_at, createdBy: created_by, expiresAt: expires_at },
          }) as BlockRow,
      ),
    saveBlock: async ({ createdAt, createdBy, expiresAt, ...row }) => {
      await write(
        tables
          .insertInto('block')
          .values({ ...row, created_at: createdAt, created_by: createdBy, expires_at: expiresAt }),
      );
    },
    removeBlocks: async (ids) => {
      if (ids.length > 0) await write(tables.deleteFrom('block').where('id', 'in', ids));
    },
  };
}
