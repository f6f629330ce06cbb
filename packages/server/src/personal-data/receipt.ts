import { createHash } from 'node:crypto';
import type { PersonReceipt } from '@sveiki/protocol';
import type { ErasureRow } from '../ports.ts';

/**
 * What proves that somebody was forgotten, without saying who: whoever knew the visitor's id finds it again as `person` (SHA-256 of `person <id>`,
 * base64url). `digest` is SHA-256 of the JSON of everything before it, and stands in the row `person.erased` of the audit log, which is sealed.
 */
export function receiptOf(row: ErasureRow): PersonReceipt {
  const { id, person, site, by, reason, requestedAt, erasedAt, cleanedAt, counts } = row;
  const said = {
    ...({ format: 'sveiki.erasure', version: 1 } as const),
    ...{ erasure: id, person, site, by, reason, requestedAt, erasedAt: erasedAt ?? 0, counts },
  };
  return { ...said, digest: createHash('sha256').update(JSON.stringify(said)).digest('base64url'), cleanedAt };
}
