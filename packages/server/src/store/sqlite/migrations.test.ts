import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { logOf } from '../contract.ts';
import { CorruptDatabase, MIGRATIONS, NewerDatabase, prepareDatabase } from './migrations.ts';
import { openSqliteStore } from './sqlite-store.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sveiki-migrations-'));
  file = join(folder, 'sveiki.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A database with some hundred pages of conversations. */
async function fill(): Promise<void> {
  const store = await openSqliteStore({ file });
  for (let n = 0; n < 100; n += 1) {
    const log = logOf(`conv-${n}`, `visitor-${n}`);
    await store.append(log.start(n));
    const body = { kind: 'message' as const, blocks: [{ kind: 'text' as const, text: 'x'.repeat(4_000) }] };
    await store.append(log.next(n, [`v:visitor-${n}`, body]));
  }
  await store.close();
}

function change(sql: string): void {
  const database = new Database(file);
  database.exec(sql);
  database.close();
}

/** How opening ends, after making sure that every file is as it was. Reading a log may leave an empty one behind. */
async function refusal(): Promise<Error> {
  const before = readdirSync(folder).map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
  const error = await openSqliteStore({ file }).catch((error: unknown) => error);
  for (const { name, bytes } of before) expect(bytes.equals(readFileSync(join(folder, name)))).toBe(true);
  expect(existsSync(file)).toBe(before.some(({ name }) => name === 'sveiki.db'));
  return error as Error;
}

test('makes a database with its folder that only its owner may read', async () => {
  file = join(folder, 'some', 'where', 'sveiki.db');
  prepareDatabase(file);
  expect(readdirSync(join(folder, 'some', 'where'))).toEqual(['sveiki.db']);
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('begins again when the first start was broken off', async () => {
  writeFileSync(`${file}.new`, 'half a database');
  prepareDatabase(file);
  prepareDatabase(file);
  expect(readdirSync(folder)).toEqual(['sveiki.db']);
});

test('refuses a database of a newer version by name, with both versions and the way out, and does not touch it', async () => {
  prepareDatabase(file);
  const newer = MIGRATIONS.length + 1;
  change(`INSERT INTO migration VALUES (${newer}, '2031-01-01')`);
  const error = await refusal();
  expect(error).toBeInstanceOf(NewerDatabase);
  expect(error).toMatchObject({ name: 'NewerDatabase', file, found: newer, known: MIGRATIONS.length });
  expect(error.message).toMatch(/version \d+.*Start the Sveiki that wrote it or a newer one/);
});

describe('refuses what is damaged, names the file and how to restore it, and does not touch it', () => {
  const damage: Record<string, () => void | Promise<void>> = {
    'a text': () => writeFileSync(file, 'Dear diary, this is no database at all.'),
    'an empty file': () => writeFileSync(file, ''),
    'a database of another program': () => change('CREATE TABLE recipe (name TEXT)'),
    'a database cut in half': async () => {
      await fill();
      truncateSync(file, Math.floor(statSync(file).size / 2 / 4096) * 4096);
    },
    'flipped bytes in the middle': async () => {
      await fill();
      const bytes = readFileSync(file);
      for (let page = 8; page < 60; page += 1) bytes.fill(0xa5, page * 4096, page * 4096 + 64);
      writeFileSync(file, bytes);
    },
    'flipped bytes in the header': async () => {
      await fill();
      const bytes = readFileSync(file);
      bytes.fill(0xff, 0, 8);
      writeFileSync(file, bytes);
    },
    'a log whose database is gone': async () => {
      await fill();
      copyFileSync(file, `${file}-wal`);
      rmSync(file);
    },
  };
  for (const [what, make] of Object.entries(damage)) {
    test(what, async () => {
      await make();
      const error = await refusal();
      expect(error).toBeInstanceOf(CorruptDatabase);
      expect(error.message).toContain(file);
      expect(error.message).toContain('sveiki restore');
      // One sentence after the other, in words; what SQLite says of its pages is nobody's language.
      expect(error.message).not.toMatch(/\*\*\*|malformed|btree|disk image|\n/i);
    });
  }
});

describe('steps', () => {
  const good = 'CREATE TABLE mug (name TEXT) STRICT; INSERT INTO mug VALUES (1);';

  test('brings an older database up, each step once', () => {
    prepareDatabase(file, ['CREATE TABLE shelf (name TEXT) STRICT']);
    prepareDatabase(file, ['CREATE TABLE shelf (name TEXT) STRICT', good]);
    prepareDatabase(file, ['CREATE TABLE shelf (name TEXT) STRICT', good]);
    const database = new Database(file);
    expect(database.prepare('SELECT version FROM migration').pluck().all()).toEqual([1, 2]);
    expect(database.prepare('SELECT name FROM mug').pluck().all()).toEqual(['1']);
    database.close();
  });

  test('gives the events of an older database their positions, in the order they were stored', async () => {
    prepareDatabase(file, MIGRATIONS.slice(0, 2));
    const log = logOf('conv-one');
    const { events, conversations } = log.start(1);
    const database = new Database(file);
    database
      .prepare(
        `INSERT INTO conversation (id, public_id, site, visitor, head, public_head, status, started_at, activity_at, state)
          VALUES (1, 'conv-one', 'pk_shopshop', 'mia', 3, 3, 'open', 1, 1, ?)`,
      )
      .run(JSON.stringify(conversations[0]?.state));
    const insert = database.prepare('INSERT INTO event VALUES (1, ?, ?, ?, ?, 1, ?, ?)');
    const { author, actor, body } = events[0]!;
    for (const seq of [1, 2, 3]) insert.run(seq, seq, `e-${seq}`, author, JSON.stringify(actor), JSON.stringify(body));
    database.close();
    const store = await openSqliteStore({ file });
    expect((await store.eventsAfter(1, 10)).map(({ position, event }) => [position, event.seq, event.id])).toEqual([
      [2, 2, 'e-2'],
      [3, 3, 'e-3'],
    ]);
    // Its state was of its head, whatever the events before it say.
    expect((await store.unresolved()).map(({ state }) => state)).toEqual([conversations[0]?.state]);
    await store.close();
  });

  test('keeps nothing of a step that fails, and all of the steps before it', () => {
    prepareDatabase(file, ['CREATE TABLE shelf (name TEXT) STRICT']);
    const bad = `${good} INSERT INTO no_such_table VALUES (1);`;
    expect(() => prepareDatabase(file, ['', 'CREATE TABLE cup (name TEXT) STRICT', bad])).toThrow('no_such_table');
    const database = new Database(file);
    expect(database.prepare('SELECT max(version) FROM migration').pluck().get()).toBe(2);
    expect(database.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'mug'").pluck().get()).toBe(0);
    database.close();
  });

  test('leaves no file under the name of the database when the first one cannot be made', () => {
    expect(() => prepareDatabase(file, ['CREATE TABLE'])).toThrow();
    expect(existsSync(file)).toBe(false);
  });
});
