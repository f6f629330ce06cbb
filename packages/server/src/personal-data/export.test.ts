import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMemoryFiles } from '../files/memory.ts';
import type { FileStore, Store } from '../ports.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { entriesIn } from '../test-support/read-zip.ts';
import { toldEverything } from '../test-support/told-everything.ts';
import { text } from '../testing/relay-under-test.ts';
import { exportPerson } from './export.ts';
import { INVENTORY } from './inventory.ts';

let folder: string;
let store: Store;
let files: FileStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sveiki-export-'));
  store = await openSqliteStore({ file: join(folder, 'sveiki.db') });
  files = createMemoryFiles();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

function tablesOf(): { table: string; columns: string[]; rows: Record<string, unknown>[] }[] {
  const database = new Database(join(folder, 'sveiki.db'), { readonly: true });
  const names = database
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .pluck();
  const tables = names.all().map((table) => ({
    table,
    columns: database.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table),
    rows: database.prepare<[], Record<string, unknown>>(`SELECT * FROM "${table}"`).all(),
  }));
  database.close();
  return tables;
}

async function exported(visitor: string, all: boolean): Promise<Map<string, Buffer>> {
  const parts: Uint8Array[] = [];
  const row = await store.visitor(visitor);
  for await (const part of exportPerson({ store, files }, row!, { all, now: 1_000 })) parts.push(part);
  return entriesIn(Buffer.concat(parts));
}
const wordsIn = (entries: Map<string, Buffer>, mark: RegExp): Set<string> =>
  new Set([...entries].flatMap(([path, bytes]) => `${path} ${bytes}`.match(mark) ?? []));

it('every table and column of the database has an answer', () => {
  const found = Object.fromEntries(tablesOf().map(({ table, columns }) => [table, columns.toSorted()]));
  const answered = Object.fromEntries(
    Object.entries(INVENTORY).map(([name, { columns }]) => [name, columns.toSorted()]),
  );
  expect(answered).toEqual(found);
  const doc = readFileSync(new URL('../../../../docs/privacy.md', import.meta.url), 'utf8');
  for (const [table, { exported, erased }] of Object.entries(INVENTORY))
    expect(doc).toContain(`\n| \`${table}\` | ${exported ?? '–'} | ${erased} |\n`);
});

it('holds every word about a person that any table has, and none about another', async () => {
  const mia = await toldEverything(store, 'MIAS');
  const noah = await toldEverything(store, 'NOAHS', mia.house);
  for (const [told, mark] of [
    [mia, 'MIAS'],
    [noah, 'NOAHS'],
  ] as const) {
    const id = (mark === 'MIAS' ? 'a' : 'b').repeat(32);
    await files.put(id, Buffer.from(`${mark}9000x in a file`));
    await store.saveFile({
      ...{
        id,
        key: id,
        site: 'pk_shop_test',
        author: `v:${told.visitor}`,
        name: `${mark}9001x.txt`,
        type: 'text/plain',
      },
      ...{ size: 20, width: null, height: null, received: 20, ready: true, createdAt: 5, sent: null },
    });
  }
  const kept = new Map<string, Set<string>>();
  for (const { table, rows } of tablesOf())
    for (const word of JSON.stringify(rows).match(/MIAS\d{4}x/g) ?? [])
      kept.set(word, (kept.get(word) ?? new Set()).add(table));
  expect(kept.size).toBeGreaterThan(40);
  for (const tables of kept.values())
    for (const table of tables) expect(INVENTORY[table]?.exported, table).not.toBeNull();
  const entries = await exported(mia.visitor, true);
  expect([...kept.keys()].filter((word) => !wordsIn(entries, /MIAS\d{4}x/g).has(word))).toEqual([]);
  expect(wordsIn(entries, /MIAS9000x/g).size).toBe(1);
  expect([...wordsIn(entries, /NOAHS\d{4}x/g)]).toEqual([]);
  const person = JSON.parse(`${entries.get('person.json')}`) as Record<string, unknown>;
  expect(person).toMatchObject({ format: 'sveiki.person', version: 1, person: { id: mia.visitor } });
  const all = [...entries.values()].join('');
  for (const { token_hash } of tablesOf().find(({ table }) => table === 'visitor_session')?.rows ?? [])
    expect(all).not.toContain(token_hash);
});

it('gives the person what he may see, and nothing that staff said among itself', async () => {
  const { house, visitor, conversation, line } = await toldEverything(store, 'MIAS');
  const ada = await house.relay.agent('ada@notes');
  await ada.send({ type: 'note', id: house.id(), conversation, blocks: text('STAFFONLY') });
  const everything = await exported(visitor, true);
  expect(wordsIn(everything, /STAFFONLY/g).size).toBe(1);
  const own = await exported(visitor, false);
  expect(wordsIn(own, /STAFFONLY/g).size).toBe(0);
  const seen = new Set(JSON.stringify(line.frames).match(/MIAS\d{4}x/g) ?? []);
  const log = JSON.parse(`${own.get(`conversations/${conversation}.json`)}`) as { events: { body: object }[] };
  const said = new Set(JSON.stringify(log.events).match(/MIAS\d{4}x/g) ?? []);
  expect([...said].filter((word) => !seen.has(word) && word > 'MIAS0005x')).toEqual([]);
});

it('asks the store for a page at a time, however long a conversation is', async () => {
  const { house, visitor, conversation, line } = await toldEverything(store, 'MIAS');
  for (let i = 0; i < 450; i++)
    await line.push({ type: 'send', id: house.id(), conversation, blocks: text(`Message ${i}.`) });
  await house.relay.relay.settled();
  const { head } = await house.state(conversation);
  const asked: number[] = [];
  const counting = Object.assign(Object.create(store) as Store, {
    events: async (query: Parameters<Store['events']>[0]) => {
      const page = await store.events(query);
      asked.push(page.events.length);
      return page;
    },
  });
  const row = await store.visitor(visitor);
  let largest = 0;
  for await (const part of exportPerson({ store: counting, files }, row!, { all: true, now: 1 }))
    largest = Math.max(largest, part.length);
  expect(asked.reduce((sum, count) => sum + count, 0)).toBe(head);
  expect(asked).toHaveLength(Math.ceil(head / 200));
  expect(largest).toBeLessThan(70_000);
});
