import { DatabaseSync } from 'node:sqlite';
import type { StoredMessage } from './check.ts';

/**
 * Every public message of the relay's database in the order of its log, read from the file itself, read-only and by another driver than the
 * relay's. @throws Error when SQLite finds the file damaged
 */
export function storedMessages(file: string): StoredMessage[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const integrity = database.prepare('PRAGMA integrity_check').get() as { integrity_check: string };
    if (integrity.integrity_check !== 'ok') throw new Error(`${file} is damaged: ${integrity.integrity_check}`);
    const rows = database
      .prepare(
        `SELECT conversation.public_id AS conversation, event.id, event.actor, event.body
         FROM event JOIN conversation ON conversation.id = event.conversation
         WHERE event.public_seq IS NOT NULL ORDER BY event.conversation, event.public_seq`,
      )
      .all() as { conversation: string; id: string; actor: string; body: string }[];
    return rows.flatMap(({ conversation, id, actor, body }) => {
      const { kind, blocks } = JSON.parse(body) as { kind: string; blocks: { text: string }[] };
      if (kind !== 'message') return [];
      const { kind: who } = JSON.parse(actor) as { kind: string };
      const text = blocks.map((block) => block.text).join('\n');
      return { conversation, id, role: who === 'visitor' ? ('visitor' as const) : ('agent' as const), text };
    });
  } finally {
    database.close();
  }
}
