import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Store } from '../ports.ts';
import { logOf } from '../store/contract.ts';
import { MIGRATIONS, prepareDatabase } from '../store/sqlite/migrations.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { backup } from './backup.ts';
import { CommandFailed } from './command-line.ts';
import { EXIT } from './exit-codes.ts';
import { restore } from './restore.ts';

const say = (text: string) => ({ kind: 'message' as const, blocks: [{ kind: 'text' as const, text }] });

let made: string;
let folder: string;
let copy: string;
let printed: string[];
const open: Store[] = [];

function listen(): void {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
}
/** A house with data in `live` and a backup of it in `copy`. */
beforeAll(async () => {
  made = mkdtempSync(join(tmpdir(), 'sveiki-restore-'));
  folder = made;
  copy = join(folder, 'copy');
  const site = { key: 'pk_shop0001', name: 'Shop', origins: ['https://shop.example.com'], team: 'sales' };
  const config = { port: 0, publicUrl: 'http://127.0.0.1:0', sites: [site], teams: [{ id: 'sales', name: 'Sales' }] };
  writeFileSync(join(folder, 'sveiki.config.json'), JSON.stringify(config));
  await fill('live', 3);
  writeFileSync(join(data('live'), 'erasures.jsonl'), 'somebody\n');
  writeFileSync(join(data('live'), 'files', '.partial-1'), 'half a photo');
  listen();
  expect(await outcome(backup(line('live', copy)))).toEqual({
    code: 0,
    text: `Copied to ${copy}: the database and 1 file.\n`,
  });
  vi.restoreAllMocks();
});
afterAll(() => rmSync(made, { recursive: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sveiki-restore-'));
  copy = join(folder, 'copy');
  cpSync(made, folder, { recursive: true });
  listen();
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const store of open.splice(0)) await store.close();
  rmSync(folder, { recursive: true });
});

const data = (name: string) => join(folder, name);
const databaseIn = (name: string) => join(data(name), 'sveiki.db');
const line = (name: string, word: string, values: { verify?: boolean; replace?: boolean } = {}) => ({
  positionals: [word],
  values: { ...values, config: join(folder, 'sveiki.config.json') },
  env: { SVEIKI_DATA_DIR: data(name) },
});
/** How it ends: what it printed, or why it did not do it. */
async function outcome(command: Promise<number>): Promise<{ code: number; text: string }> {
  printed = [];
  const failed = await command.then(
    () => null,
    (error: unknown) => error,
  );
  if (failed === null) return { code: EXIT.ok, text: printed.join('') };
  if (!(failed instanceof CommandFailed)) throw failed;
  return { code: failed.exitCode, text: failed.message };
}
async function storeIn(name: string): Promise<Store> {
  const store = await openSqliteStore({ file: databaseIn(name) });
  open.push(store);
  return store;
}
const KEY = 'ab'.padEnd(32, '0');
function change(file: string, sql: string): void {
  const database = new Database(file);
  database.exec(sql);
  database.close();
}
/** A data folder with a conversation of as many messages, and a file that was sent in it. */
async function fill(name: string, messages: number): Promise<void> {
  const store = await openSqliteStore({ file: databaseIn(name) });
  const log = logOf('conv-one');
  await store.append(log.start(1));
  for (let n = 1; n <= messages; n += 1) await store.append(log.next(n, ['v:mia', say(`text ${n}`)]));
  await store.close();
  change(
    databaseIn(name),
    `INSERT INTO file (id, key, site, author, name, type, size, received, ready, created_at, conversation, event, audience)
      VALUES ('file-one', '${KEY}', 'pk_shop0001', 'v:mia', 'photo.png', 'image/png', 5, 5, 1, 1, 'conv-one', 'conv-one-0002', 'public')`,
  );
  mkdirSync(join(data(name), 'files', 'ab'), { recursive: true });
  writeFileSync(join(data(name), 'files', 'ab', KEY), name.padEnd(5).slice(0, 5));
}
const headIn = async (name: string) => (await (await storeIn(name)).unresolved()).map(({ state }) => state.head);
/** Everything in a folder and its folders, but what SQLite puts beside a database that somebody reads. */
const treeOf = (path: string) =>
  readdirSync(path, { recursive: true })
    .map(String)
    .filter((name) => !/-(wal|shm)$/.test(name))
    .sort();
const WHOLE = ['erasures.jsonl', 'files', 'files/ab', `files/ab/${KEY}`, 'sveiki.db'];

it('gives back the database, the files and who was forgotten, and says what it found', async () => {
  expect(treeOf(copy)).toEqual(WHOLE);
  expect(await outcome(restore(line('new', copy, { verify: true })))).toEqual({
    code: 0,
    text: [
      `Restored ${join(copy, 'sveiki.db')} to ${data('new')}.`,
      `Version ${MIGRATIONS.length}; every page is whole.`,
      'Conversations 1, events 4, messages 3, visitors 0, agents 0, files 1.',
      'The log of every conversation is without a hole, and its state is what the log says.',
      `The key is not in a backup. Before you start, put yours to ${join(data('new'), 'sveiki.key')}.`,
      '',
    ].join('\n'),
  });
  expect(treeOf(data('new'))).toEqual(WHOLE);
  expect(await headIn('new')).toEqual([4]);
});

it('notes in the audit log that somebody made a backup', async () => {
  const rows = await (await storeIn('live')).auditAfter(0, 10);
  expect(rows.map(({ actor, action }) => [actor, action])).toContainEqual(['operator', 'backup.made']);
});

it('overwrites nothing unless told, and keeps what was there', async () => {
  await fill('other', 1);
  writeFileSync(join(data('other'), 'erasures.jsonl'), 'somebody\nsomebody else\n');
  const before = treeOf(data('other'));
  expect(await outcome(restore(line('other', copy)))).toMatchObject({
    code: 1,
    text: expect.stringContaining('holds data already, and nothing was changed'),
  });
  expect(treeOf(data('other'))).toEqual(before);

  const { code, text } = await outcome(restore(line('other', copy, { replace: true })));
  expect(code).toBe(0);
  const kept = /What was there before is in (\S+)\./.exec(text)?.[1] as string;
  expect(readFileSync(join(kept, 'files', 'ab', KEY), 'utf8')).toBe('other');
  expect(readFileSync(join(data('other'), 'files', 'ab', KEY), 'utf8')).toBe('live ');
  expect(readFileSync(join(data('other'), 'erasures.jsonl'), 'utf8')).toBe('somebody\nsomebody else\n');
  expect(await headIn('other')).toEqual([4]);
  prepareDatabase(join(kept, 'sveiki.db'));
});

it('knows everybody who was forgotten here or before the backup', async () => {
  const list = join(data('other'), 'erasures.jsonl');
  await fill('other', 1);
  writeFileSync(list, 'somebody else\nhalf a li');
  expect(await outcome(restore(line('other', copy, { replace: true })))).toMatchObject({ code: 0 });
  expect(readFileSync(list, 'utf8')).toBe('somebody else\nhalf a li\nsomebody\n');
  expect(treeOf(data('other')).filter((name) => name.includes('restoring'))).toEqual([]);
});

it('replaces no database that is in use', async () => {
  const store = await storeIn('live');
  expect(await outcome(restore(line('live', copy, { replace: true })))).toMatchObject({
    code: 1,
    text: expect.stringContaining('is in use, and nothing was changed. Stop the relay first'),
  });
  expect(await store.writable()).toBe(true);
});

it('puts a good backup in the place of a damaged database', async () => {
  writeFileSync(databaseIn('live'), 'no database at all');
  const refused = await openSqliteStore({ file: databaseIn('live') }).catch((error: Error) => error.message);
  expect(refused).toContain('sveiki restore <what "sveiki backup" made> --replace');
  expect(await outcome(restore(line('live', copy, { replace: true })))).toMatchObject({ code: 0 });
  expect(await headIn('live')).toEqual([4]);
});

describe('a backup that is no good changes nothing, and is said to be', () => {
  const spoil: Record<string, [(file: string) => void, RegExp]> = {
    'a text': [(file) => writeFileSync(file, 'Dear diary'), /it is not a SQLite database/],
    'nothing in it': [(file) => writeFileSync(file, ''), /it is empty/],
    'cut in half': [(file) => truncateSync(file, 40_960), /a part of it is damaged/],
    'an event gone': [(file) => change(file, 'DELETE FROM event WHERE seq = 2'), /conv-one: event 2 is missing/],
    'a file cut': [
      () => truncateSync(join(copy, 'files', 'ab', KEY), 3),
      /The file ab0+ has 3 bytes and should have 5/,
    ],
  };
  it.each(Object.keys(spoil))('%s', async (what) => {
    const [make, reason] = spoil[what] as [(file: string) => void, RegExp];
    make(join(copy, 'sveiki.db'));
    const before = treeOf(data('live'));
    for (const [name, values] of [
      ['live', { verify: true, replace: true }],
      ['new', { verify: true }],
    ] as const) {
      const { code, text } = await outcome(restore(line(name, copy, values)));
      expect({ code, text }).toEqual({ code: EXIT.data, text: expect.stringMatching(reason) });
      expect(text).toContain('Take another backup');
    }
    expect(treeOf(data('live'))).toEqual(before);
    expect(existsSync(databaseIn('new'))).toBe(false);
    expect(await headIn('live')).toEqual([4]);
  });
});

it('counts files that are not in the backup, which may have been erased meanwhile', async () => {
  rmSync(join(copy, 'files', 'ab', KEY));
  expect(await outcome(restore(line('new', copy, { verify: true })))).toMatchObject({
    code: 0,
    text: expect.stringContaining('Files that are not in the backup, erased since or kept elsewhere: 1.'),
  });
});

it('refuses a backup of a newer version', async () => {
  rmSync(join(copy, 'sveiki.db'));
  prepareDatabase(join(copy, 'sveiki.db'), [...MIGRATIONS, '']);
  await expect(restore(line('new', copy))).rejects.toThrow(/is of version \d+.*Start the Sveiki that wrote it/);
  expect(existsSync(databaseIn('new'))).toBe(false);
});

it('brings an older backup up, also one that is a database alone', async () => {
  const alone = join(folder, 'old.db');
  prepareDatabase(alone, MIGRATIONS.slice(0, 3));
  expect(await outcome(restore(line('new', alone, { verify: true })))).toMatchObject({
    code: 0,
    text: expect.stringContaining(`Version 3, brought up to ${MIGRATIONS.length}`),
  });
  expect(await headIn('new')).toEqual([]);
});

it('lets no relay begin with an empty database where a restore was broken off', async () => {
  mkdirSync(data('new'));
  writeFileSync(`${databaseIn('new')}.restoring`, 'half a database');
  await expect(openSqliteStore({ file: databaseIn('new') })).rejects.toThrow('that was broken off');
  expect(await outcome(restore(line('new', copy)))).toMatchObject({ code: 0 });
  expect(await headIn('new')).toEqual([4]);
});

it('says what it was not given, and what is there already', async () => {
  mkdirSync(join(folder, 'empty'));
  expect(await outcome(restore(line('new', join(folder, 'nowhere'))))).toMatchObject({
    code: 1,
    text: expect.stringContaining('There is no'),
  });
  expect(await outcome(restore(line('new', join(folder, 'empty'))))).toMatchObject({ code: EXIT.data });
  expect(await outcome(backup(line('nobody', join(folder, 'elsewhere'))))).toMatchObject({
    code: 1,
    text: expect.stringContaining('There is no database'),
  });
  expect(readdirSync(folder).filter((name) => name.startsWith('elsewhere'))).toEqual([]);
  expect(await outcome(backup(line('live', copy)))).toMatchObject({
    code: 1,
    text: expect.stringContaining('exists already'),
  });
  mkdirSync(join(folder, 'again.unfinished'));
  expect(await outcome(backup(line('live', join(folder, 'again'))))).toMatchObject({
    code: 1,
    text: expect.stringContaining('another backup runs, or one was broken off'),
  });
});
