import { createHash, createHmac } from 'node:crypto';
import type { AuditHead, AuditKey, AuditNote, AuditRow } from '../ports.ts';

/**
 * How rows of the audit log hang together: each holds a hash of what it says and of the row before it. With a key the hash is an HMAC, so that whoever
 * has only the database can neither change a row nor write the chain anew. The stores and whoever checks them compute it here.
 */

/** What the first row follows. */
const BEGINNING = '';

type Sealed = Omit<AuditRow, 'hash'>;

/** The hash of a row, base64url: HMAC-SHA256 with the key, SHA-256 without one. */
function rowHash(row: Sealed, hashBefore: string, key: AuditKey | null): string {
  const { position, at, actor, action, object, person, detail } = row;
  return digest([hashBefore, position, at, actor, action, object, person, detail, row.key], key);
}

/** Says where the log ends; who cannot make one cannot cut off its last rows unseen. */
function headSeal(position: number, hash: string, key: AuditKey | null): string {
  return digest(['head', position, hash], key);
}

function digest(content: readonly unknown[], key: AuditKey | null): string {
  const hash = key === null ? createHash('sha256') : createHmac('sha256', key.secret);
  return hash.update(JSON.stringify(content)).digest('base64url');
}

/** The rows that notes become behind `head`, and the head after them. */
export function chained(
  notes: readonly AuditNote[],
  head: AuditHead | null,
  key: AuditKey | null,
): { rows: AuditRow[]; head: AuditHead | null } {
  const rows: AuditRow[] = [];
  let position = head?.position ?? 0;
  let hash = head?.hash ?? BEGINNING;
  for (const note of notes) {
    const sealed: Sealed = { ...note, position: ++position, key: key?.id ?? '' };
    hash = rowHash(sealed, hash, key);
    rows.push({ ...sealed, hash });
  }
  if (rows.length === 0) return { rows, head };
  return { rows, head: { position, hash, key: key?.id ?? '', seal: headSeal(position, hash, key) } };
}

/** What is wrong with a log: at which row, and what was found. */
export interface AuditFault {
  position: number;
  problem: string;
}

/** A head that was printed or logged, and kept where nobody who can change the database could change it. */
export type AuditAnchor = Pick<AuditHead, 'position' | 'hash'>;

export interface ChainCheck {
  /** The next row, in the order of the log. The first fault that is found, else null. */
  next(row: AuditRow): AuditFault | null;
  /** After the last row. */
  end(head: AuditHead | null): AuditFault | null;
  /** Rows that were right. */
  readonly rows: number;
  /** Of the last right row. */
  readonly hash: string;
}

/**
 * Walks along the log. Found are: a row that was changed, taken out, put in between, or moved; and rows that were cut off at the end, by the head (one
 * who had an older copy of the whole database can put that back) or by an anchor, which finds that too.
 *
 * With `keys` each row must have been sealed with one of them; without, rows are hashed only, and who can write the database can rewrite them all.
 */
export function checkChain({ keys, anchor }: { keys: readonly AuditKey[] | null; anchor?: AuditAnchor }): ChainCheck {
  let rows = 0;
  let hash = BEGINNING;

  function keyOf(id: string): AuditKey | null | undefined {
    if (keys === null) return id === '' ? null : undefined;
    return keys.find((key) => key.id === id);
  }

  return {
    get rows() {
      return rows;
    },
    get hash() {
      return hash;
    },
    next(row) {
      const { position } = row;
      const expected = rows + 1;
      if (position > expected) return { position: expected, problem: 'This row is gone.' };
      if (position < expected) return { position, problem: 'This row is there twice.' };
      const key = keyOf(row.key);
      if (key === undefined) return { position, problem: `This row was not sealed with a key of this relay.` };
      if (rowHash(row, hash, key) !== row.hash)
        return { position, problem: 'This row is not as it was written, or another one was before it.' };
      hash = row.hash;
      rows = position;
      if (anchor?.position === position && anchor.hash !== hash)
        return { position, problem: 'The log was another one when the anchor was made.' };
      return null;
    },
    end(head) {
      if (anchor !== undefined && anchor.position > rows)
        return { position: rows + 1, problem: `The log had ${anchor.position} rows when the anchor was made.` };
      if (head === null)
        return rows === 0 ? null : { position: rows, problem: 'The database does not know where the log ends.' };
      if (head.position !== rows)
        return { position: rows + 1, problem: `The log ends after row ${rows}, and had ${head.position}.` };
      const key = keyOf(head.key);
      if (key === undefined || head.hash !== hash || headSeal(head.position, head.hash, key) !== head.seal)
        return { position: rows, problem: 'The mark of where the log ends is not as it was written.' };
      return null;
    },
  };
}
