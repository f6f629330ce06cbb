import type { AuditQuery, AuditRow, Store } from '../ports.ts';
import type { AuditDetail } from './audit.ts';

const PAGE = 500;
const HEAD = 'position,time,actor,action,object,person,reason,fields before,fields after,network';

/** What a row says beside who, what and whom; nothing when somebody made it unreadable, which the seal tells. */
export function detailOf({ detail }: AuditRow): AuditDetail {
  try {
    return JSON.parse(detail) as AuditDetail;
  } catch {
    return {};
  }
}

/** The rows that fit as lines of CSV, the newest first, a page at a time. */
export async function* auditFile(
  store: Pick<Store, 'auditRows'>,
  query: Omit<AuditQuery, 'limit'>,
): AsyncGenerator<string, void> {
  yield `${HEAD}\n`;
  let { before } = query;
  for (;;) {
    const rows = await store.auditRows({ ...query, ...(before === undefined ? {} : { before }), limit: PAGE });
    if (rows.length > 0) yield rows.map(lineOf).join('');
    before = rows.at(-1);
    if (rows.length < PAGE) return;
  }
}

function lineOf(row: AuditRow): string {
  const { reason = '', before = [], after = [], address = '' } = detailOf(row);
  const cells = [
    row.position,
    new Date(row.at).toISOString(),
    ...[row.actor, row.action, row.object ?? '', row.person ?? ''],
    ...[reason, before.join(' '), after.join(' '), address],
  ];
  return `${cells.map(cell).join(',')}\n`;
}

/** A program that opens the file must not take a text for a formula: it gets an apostrophe before it. */
function cell(value: string | number): string {
  const text = String(value);
  const harmless = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
