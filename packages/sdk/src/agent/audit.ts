import type { AuditLogPage, AuditLogQuery } from '@sveiki/protocol';
import type { Ask } from './desk-api.ts';

/** What staff did, and whose words they read. For managers and admins (`forbidden` for others); that they ask is in it, too. */
export interface AuditLog {
  /** Newest first, 50 a page; all that is asked for must fit. */
  list(query?: AuditLogQuery): Promise<AuditLogPage>;
}

export function createAuditLog(ask: Ask): AuditLog {
  return { list: (query = {}) => ask('audit/list', query) };
}
