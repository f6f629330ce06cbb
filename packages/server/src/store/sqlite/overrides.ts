import type { CompiledQuery } from 'kysely';
import type { AuditNote, OverrideRow, Store } from '../../ports.ts';
import { inAudit, type Noted } from './audit.ts';
import { tables } from './tables.ts';

type Reader = { all<Row>(query: CompiledQuery<Row>): Row[] };
type Write = (...parts: ({ compile(): CompiledQuery<unknown> } | Noted)[]) => Promise<unknown[][]>;

/** What people changed of the configuration. */
export function keepOverrides(
  reader: Reader,
  write: Write,
): Pick<Store, 'overrides' | 'saveOverride' | 'removeOverride'> {
  const wasDone = async (
    query: { compile(): CompiledQuery<unknown> },
    notes: readonly AuditNote[] = [],
  ): Promise<boolean> => ((await write(query, inAudit(notes)))[0] ?? []).length > 0;

  return {
    overrides: async () => {
      const query = tables.selectFrom('override').selectAll().orderBy('kind').orderBy('name');
      return reader.all(query.compile()).map(
        ({ kind, name, content, revision, changed_at, changed_by }) =>
          ({
            ...{ kind, name, content: JSON.parse(content) as unknown },
            ...{ revision, changedAt: changed_at, changedBy: changed_by },
          }) as OverrideRow,
      );
    },
    saveOverride: ({ kind, name, content, revision, changedAt, changedBy }, from, notes) => {
      const values = { content: JSON.stringify(content), revision, changed_at: changedAt, changed_by: changedBy };
      return wasDone(
        from === null
          ? tables
              .insertInto('override')
              .values({ kind, name, ...values })
              .onConflict((conflict) => conflict.doNothing())
              .returning('name')
          : tables
              .updateTable('override')
              .set(values)
              .where('kind', '=', kind)
              .where('name', '=', name)
              .where('revision', '=', from)
              .returning('name'),
        notes,
      );
    },
    removeOverride: ({ kind, name, revision }, notes) =>
      wasDone(
        tables
          .deleteFrom('override')
          .where('kind', '=', kind)
          .where('name', '=', name)
          .where('revision', '=', revision)
          .returning('name'),
        notes,
      ),
  };
}
