import { chained } from '../../audit/chain.ts';
import type { AuditHead, AuditKey, AuditNote, AuditRow, Store } from '../../ports.ts';

/** The audit log in memory. `add` is for methods that change something and note it. */
export function keepAudit(): Pick<Store, 'noteAudit' | 'auditRows' | 'auditAfter' | 'auditHead' | 'setAuditKey'> & {
  add(notes: readonly AuditNote[]): void;
} {
  const rows: AuditRow[] = [];
  let head: AuditHead | null = null;
  let key: AuditKey | null = null;

  function add(notes: readonly AuditNote[]): void {
    const next = chained(notes, head, key);
    rows.push(...next.rows);
    head = next.head;
  }

  return {
    add,
    noteAudit: async (notes) => add(notes),
    auditRows: async ({ since, until, person, object, actor, action, before, limit }) =>
      rows
        .filter(
          (row) =>
            (since === undefined || row.at >= since) &&
            (until === undefined || row.at < until) &&
            (person === undefined || row.person === person) &&
            (object === undefined || row.object === object) &&
            (actor === undefined || row.actor === actor) &&
            (action === undefined || row.action === action) &&
            (before === undefined || row.at < before.at || (row.at === before.at && row.position < before.position)),
        )
        .sort((a, b) => b.at - a.at || b.position - a.position)
        .slice(0, limit)
        .map((row) => ({ ...row })),
    auditAfter: async (position, limit) => rows.slice(position, position + limit).map((row) => ({ ...row })),
    auditHead: async () => (head === null ? null : { ...head }),
    setAuditKey: async (next) => {
      key = next;
    },
  };
}
