import type Database from 'better-sqlite3';
import { chained } from '../../audit/chain.ts';
import type { AuditHead, AuditKey, AuditNote } from '../../ports.ts';

/** Seals notes to the end of the log, inside the transaction that runs: another process may have added rows, so the end is read each time. */
export function createAuditRows(
  database: Database.Database,
): (notes: readonly AuditNote[], key: AuditKey | null) => void {
  const readHead = database.prepare<[], AuditHead>('SELECT position, hash, key, seal FROM audit_head');
  const insert = database.prepare(
    'INSERT INTO audit (position, at, actor, action, object, person, detail, key, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const saveHead = database.prepare('REPLACE INTO audit_head (id, position, hash, key, seal) VALUES (1, ?, ?, ?, ?)');
  return (notes, key) => {
    const { rows, head } = chained(notes, readHead.get() ?? null, key);
    for (const { position, at, actor, action, object, person, detail, key: id, hash } of rows)
      insert.run(position, at, actor, action, object, person, detail, id, hash);
    if (head !== null) saveHead.run(head.position, head.hash, head.key, head.seal);
  };
}
