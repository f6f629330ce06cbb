import type { ErasureReason, PersonErasure, PersonFound, PersonReceipt, RetentionRuleView } from '@sveiki/protocol';
import type { Ask, Download } from './desk-api.ts';

/** What is kept about people, for managers and admins (`forbidden` for others). Whoever looks, exports or erases stands in the audit log. */
export interface People {
  /** Visitors of this id, external id, e-mail or conversation, or with this in their name; at most 20, last seen first. */
  find(text: string): Promise<readonly PersonFound[]>;
  /** A ZIP archive: what the person may see, or `all` that is kept. @throws {ChatError} not-found, rate-limited */
  export(id: string, options?: { all?: boolean }): Promise<Blob>;
  /** Puts the person on the list of those who are forgotten; it cannot be undone. Resolves before it is done, see `erasures`. @throws {ChatError} not-found */
  erase(id: string, reason: ErasureReason): Promise<PersonErasure>;
  /** Who is forgotten, newest first. `before` is the last one of the page before. */
  erasures(before?: string): Promise<{ erasures: readonly PersonErasure[]; more: boolean }>;
  /** Proof of one that is done, without the data. @throws {ChatError} changed-meanwhile: it is not done yet */
  receipt(erasure: string): Promise<PersonReceipt>;
  /** The rules of what is kept for how long, and what their next run takes. */
  retention(): Promise<readonly RetentionRuleView[]>;
}

export function createPeople(ask: Ask, download: Download): People {
  return {
    find: async (text) => (await ask<{ people: PersonFound[] }>('people/find', { text })).people,
    export: (id, { all = false } = {}) => download('people/export', { id, all }),
    erase: (id, reason) => ask('people/erase', { id, reason }),
    erasures: (before) => ask('people/erasures', before === undefined ? {} : { before }),
    receipt: (id) => ask('people/receipt', { id }),
    retention: async () => (await ask<{ rules: RetentionRuleView[] }>('retention/preview', {})).rules,
  };
}
