import { type CompiledQuery, sql } from 'kysely';
import type { AuditNote, AuditQuery, AuditRow, Store } from '../../ports.ts';
import { tables } from './tables.ts';

type Reader = { all<Row>(query: CompiledQuery<Row>): Row[] };
type Write = (noted: Noted) => Promise<unknown>;

/** For `write`: what is noted with a change, when its first statement changes anything. */
export interface Noted {
  notes: readonly AuditNote[];
}
export const inAudit = (notes: readonly AuditNote[]): Noted => ({ notes });

/** The audit log; its rows are sealed by the thread that writes, see `audit-rows.ts`. */
export function keepAudit(
  reader: Reader,
  write: Write,
): Pick<Store, 'noteAudit' | 'auditRows' | 'auditAfter' | 'auditHead'> {
  return {
    noteAudit: async (notes) => {
      if (notes.length > 0) await write(inAudit(notes));
    },
    auditRows: async (query) => reader.all(auditPage(query).compile()),
    auditAfter: async (position, limit) =>
      reader.all(
        tables
          .selectFrom('audit')
          .selectAll()
          .where('position', '>', position)
          .orderBy('position')
          .limit(limit)
          .compile(),
      ) satisfies AuditRow[],
    auditHead: async () =>
      reader.all(tables.selectFrom('audit_head').select(['position', 'hash', 'key', 'seal']).compile())[0] ?? null,
  };
}

/**
 * Newest first. One index leads to the rows, the one that is most likely to be short; the other conditions are asked of the rows it finds, which the
 * plus signs say: two indexes at once would have to be sorted.
 */
export function auditPage({ since, until, person, object, actor, action, before, limit }: AuditQuery) {
  const given = { person, object, actor, action };
  const lead = (['person', 'object', 'actor', 'action'] as const).find((name) => given[name] !== undefined);
  let query = tables.selectFrom('audit').selectAll().orderBy('at', 'desc').orderBy('position', 'desc').limit(limit);
  if (since !== undefined) query = query.where('at', '>=', since);
  if (until !== undefined) query = query.where('at', '<', until);
  if (before !== undefined) query = query.where(sql<boolean>`(at, position) < (${before.at}, ${before.position})`);
  for (const name of ['person', 'object', 'actor', 'action'] as const) {
    const value = given[name];
    if (value === undefined) continue;
    query = query.where(
      name === lead ? sql<boolean>`${sql.ref(name)} = ${value}` : sql<boolean>`+${sql.ref(name)} = ${value}`,
    );
  }
  return query;
}
