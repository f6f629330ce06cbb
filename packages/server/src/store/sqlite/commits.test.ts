import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Batch } from '../../ports.ts';
import { checkBatch } from '../batch.ts';
import { logOf } from '../contract.ts';
import { type Commits, createCommits, openForWriting } from './commits.ts';
import type { Job, Outcome } from './jobs.ts';
import { prepareDatabase } from './migrations.ts';
import { pack } from './pack.ts';
import { openReader } from './reader.ts';

let folder: string;
let file: string;
let commits: Commits;
let reader: ReturnType<typeof openReader>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sveiki-commits-'));
  file = join(folder, 'sveiki.db');
  prepareDatabase(file);
});
afterEach(() => {
  reader.close();
  commits.close();
  rmSync(folder, { recursive: true });
});

const begin = (conversation: string, note = ''): Job => {
  const batch = logOf(conversation, conversation).next(1, [`v:${conversation}`, startedWith(conversation, note)]);
  return { kind: 'append', batch: pack(batch, checkBatch(batch)) };
};
const startedWith = (visitor: string, note: string) => ({
  kind: 'started' as const,
  channel: 'chat' as const,
  team: null,
  visitor: { id: visitor, name: null },
  locale: note,
  visit: null,
});
const stored: Outcome = { ok: true, rows: [], position: expect.any(Number) };
const say = (text: string) => ({ kind: 'message' as const, blocks: [{ kind: 'text' as const, text }] });
const idsOf = (...ids: string[]) => reader.conversations(ids).map(({ state }) => state.id);

/** Commits whose disk behaves as told: `failNext` is the code with which the next COMMIT ends. */
function open(options: { reopen?: () => Database.Database; maxPages?: number } = {}) {
  const disk = { failNext: '', opened: 0, faults: [] as string[] };
  function openDisk(): Database.Database {
    disk.opened += 1;
    if (disk.opened > 1 && options.reopen) return options.reopen();
    const database = openForWriting(file, options.maxPages);
    const prepare = database.prepare.bind(database) as (sql: string) => Database.Statement;
    const commit = prepare('COMMIT');
    const run = () => {
      if (disk.failNext === '') return commit.run();
      const code = disk.failNext;
      disk.failNext = '';
      throw Object.assign(new Error('disk I/O error'), { code });
    };
    database.prepare = ((sql: string) => (sql === 'COMMIT' ? { run } : prepare(sql))) as Database.Database['prepare'];
    return database;
  }
  commits = createCommits(openDisk, (fault) => disk.faults.push(fault));
  reader = openReader(file);
  return disk;
}

test('takes many jobs into one commit, and answers each for itself', () => {
  open();
  const outcomes = commits.run([begin('conv-a'), begin('conv-a'), begin('conv-b'), { kind: 'probe' }]);
  expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.why))).toEqual(['ok', 'conflict', 'ok', 'ok']);
  expect(idsOf('conv-a', 'conv-b')).toEqual(['conv-a', 'conv-b']);
});

test('sees that another process has moved a conversation it remembers', () => {
  open();
  const log = logOf('conv-a', 'conv-a');
  const job = (batch: Batch): Job => ({ kind: 'append', batch: pack(batch, checkBatch(batch)) });
  const first = log.start(1);
  const mine = log.next(2, ['v:conv-a', say('one')]);
  expect(commits.run([job(first)])).toEqual([stored]);
  const other = createCommits(
    () => openForWriting(file),
    () => {},
  );
  expect(other.run([job(mine)])).toEqual([stored]);
  other.close();
  expect(commits.run([job(mine)])).toEqual([{ ok: false, why: 'conflict', conversations: ['conv-a'] }]);
  expect(commits.run([job(log.next(3, ['v:conv-a', say('two')]))])).toEqual([stored]);
  expect(reader.conversations(['conv-a'])).toEqual([log.row()]);
});

test('remembers nothing of what was undone', () => {
  const disk = open();
  const log = logOf('conv-a', 'conv-a');
  const job = (batch: Batch): Job => ({ kind: 'append', batch: pack(batch, checkBatch(batch)) });
  commits.run([job(log.start(1))]);
  const next = log.next(2, ['v:conv-a', say('one')]);
  disk.failNext = 'SQLITE_IOERR_WRITE';
  expect(commits.run([job(next)])[0]).toMatchObject({ ok: false });
  const orphan = { conversation: 'none', reader: 'ada', delivered: 1, read: 1 };
  const outcomes = commits.run([job({ ...next, cursors: [orphan] }), { kind: 'probe' }]);
  expect(outcomes).toMatchObject([{ ok: false, why: 'error' }, { ok: true }]);
  expect(commits.run([job(next)])).toEqual([stored]);
  expect(reader.conversations(['conv-a'])).toEqual([log.row()]);
});

test('stores nothing of a commit that failed, and goes on', () => {
  const disk = open();
  disk.failNext = 'SQLITE_IOERR_WRITE';
  const outcomes = commits.run([begin('conv-a'), begin('conv-b')]);
  expect(outcomes).toEqual(
    Array(2).fill({ ok: false, why: 'error', message: expect.stringContaining('SQLITE_IOERR_WRITE') }),
  );
  expect(idsOf('conv-a', 'conv-b')).toEqual([]);
  expect(commits.run([begin('conv-a')])).toEqual([stored]);
  expect(disk).toMatchObject({ opened: 1, faults: [] });
});

test('opens and checks the file again when the disk did not confirm a commit', () => {
  const disk = open();
  commits.run([begin('conv-a')]);
  disk.failNext = 'SQLITE_IOERR_FSYNC';
  expect(commits.run([begin('conv-b')])[0]).toMatchObject({ ok: false, why: 'error' });
  expect(disk).toMatchObject({ opened: 2, faults: [] });
  expect(commits.run([begin('conv-c')])).toEqual([stored]);
  expect(idsOf('conv-a', 'conv-b', 'conv-c')).toEqual(['conv-a', 'conv-c']);
});

test('stops for good, and says so once, when the file cannot be opened again', () => {
  const disk = open({
    reopen: () => {
      throw new Error('the disk is gone');
    },
  });
  disk.failNext = 'SQLITE_IOERR_FSYNC';
  commits.run([begin('conv-a')]);
  expect(commits.run([begin('conv-b')])[0]).toMatchObject({
    ok: false,
    message: expect.stringContaining('the disk is gone'),
  });
  expect(disk.faults).toEqual(['the disk is gone']);
});

test('stops for good when the file turns out to be damaged', () => {
  const disk = open();
  disk.failNext = 'SQLITE_CORRUPT';
  commits.run([begin('conv-a')]);
  expect(commits.run([begin('conv-b')])[0]).toMatchObject({ ok: false, why: 'error' });
  expect(disk.faults).toEqual(['disk I/O error (SQLITE_CORRUPT)']);
});

test('on a full disk refuses what has no room, and takes what has', () => {
  open({ maxPages: 100 });
  const outcomes = commits.run([begin('conv-a'), begin('conv-b', 'x'.repeat(400_000)), begin('conv-c')]);
  expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.why))).toEqual(['ok', 'full', 'ok']);
  expect(idsOf('conv-a', 'conv-b', 'conv-c')).toEqual(['conv-a', 'conv-c']);
});
