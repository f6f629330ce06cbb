import { spawn } from 'node:child_process';
import { once } from 'node:events';
import Database from 'better-sqlite3';
import { logOf } from '../store/contract.ts';
import { MIGRATIONS, prepareDatabase } from '../store/sqlite/migrations.ts';

/** The second version: what came after it wrote every event anew. */
export const OLD_VERSION = 2;
const EVENTS_EACH = 10;

/** Fills a new database of the old version with conversations of ten events, as the relay of that time left it: with a log (WAL). */
export function fillOldDatabase(file: string, conversations: number): void {
  prepareDatabase(file, MIGRATIONS.slice(0, OLD_VERSION));
  const log = logOf('CONVERSATION', 'VISITOR');
  const batches = [log.start(1)];
  for (let n = 1; n < EVENTS_EACH; n += 1)
    batches.push(log.next(n, ['v:VISITOR', { kind: 'message', blocks: [{ kind: 'text', text: `text ${n}` }] }]));
  const events = batches.flatMap((batch) => batch.events);
  const state = JSON.stringify(log.state());
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = OFF');
  const insertConversation = database.prepare(
    `INSERT INTO conversation (id, public_id, site, visitor, head, public_head, status, started_at, activity_at, state)
      VALUES (?, ?, 'pk_shopshop', ?, ${EVENTS_EACH}, ${EVENTS_EACH}, 'open', 1, ?, ?)`,
  );
  const insertEvent = database.prepare('INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  database.transaction(() => {
    for (let id = 1; id <= conversations; id += 1) {
      const own = (text: string) =>
        text.replaceAll('CONVERSATION', `conv-${id}`).replaceAll('VISITOR', `visitor-${id}`);
      insertConversation.run(id, `conv-${id}`, `visitor-${id}`, id, own(state));
      for (const { seq, publicSeq, id: event, author, at, actor, body } of events)
        insertEvent.run(
          id,
          seq,
          publicSeq,
          own(event),
          own(author),
          at,
          own(JSON.stringify(actor)),
          own(JSON.stringify(body)),
        );
    }
  })();
  database.close();
}

/** What a database holds, whatever its version: equal numbers mean that nothing was lost or doubled. */
export function contentOf(file: string): { version: number; events: number; conversations: number; checksum: number } {
  const database = new Database(file, { readonly: true });
  const one = (sql: string) => database.prepare(sql).pluck().get() as number;
  const content = {
    version: one('SELECT max(version) FROM migration'),
    events: one('SELECT count(*) FROM event'),
    conversations: one('SELECT count(*) FROM conversation'),
    checksum: one(
      'SELECT sum(conversation * 31 + seq * 7 + length(id) + length(author) + length(body) * 3) FROM event',
    ),
  };
  database.close();
  return content;
}

/** Migrates in a process of its own, which is killed so long after it began; it may be done by then. Resolves with how long it ran. */
export async function migrateInChild(file: string, killAfterMs: number | null): Promise<number> {
  const code = `
    const { prepareDatabase } = await import(${JSON.stringify(new URL('../store/sqlite/migrations.ts', import.meta.url).href)});
    process.stdout.write('begins');
    prepareDatabase(process.argv[1]);
  `;
  const flags = ['--conditions=@sveiki/source', '--input-type=module', '--eval', code];
  const child = spawn(process.execPath, [...flags, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  await once(child.stdout, 'data');
  const since = performance.now();
  const timer = killAfterMs === null ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  const [status] = (await exited) as [number | null];
  clearTimeout(timer);
  if (status !== 0 && status !== null) throw new Error(`The migration ended with ${status}.`);
  return performance.now() - since;
}
