import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, it } from 'vitest';
import { checkLaw, checkPages } from '../packages/server/src/store/sqlite/verify.ts';
import { storedMessages } from '../tools/replay/stored-messages.ts';
import { letPass } from './real-time.ts';
import { type StorageHouse, storageHouse, type Writer } from './storage-house.ts';

/**
 * The real relay on disks that fail. Needs Linux and root (a private mount of a small tmpfs) and the Debian package fiu-utils (failing writes and syncs);
 * without them these tests fail and say so.
 */

let house: StorageHouse | null = null;
afterEach(async () => {
  await house?.leave();
  house = null;
});

const storedIds = (file: string): string[] => storedMessages(file).map(({ id }) => id);
const sorted = (ids: Iterable<string>): string[] => [...ids].toSorted();
const mustBeWhole = (file: string): void => expect([...checkPages(file).problems, ...checkLaw(file)]).toEqual([]);
const tell = (what: string, numbers: object): void => console.log(`${what}: ${JSON.stringify(numbers)}`);

it('refuses at once on a full disk, keeps reading, and heals by itself when there is room', async () => {
  house = await storageHouse({ megabytes: 24 });
  await house.start();
  const { database, dataDir } = house;
  const ballast = join(dataDir, 'ballast');
  const writers: Writer[] = [];
  for (let n = 0; n < 5; n += 1) writers.push(await house.writer(`visitor${n}`));
  const mia = writers[0] as Writer;
  const ada = await house.agent('ada@example.com');
  for (let n = 0; n < 50; n += 1) expect((await mia.say()).type).toBe('ack');

  // A little room is left: readiness says so before anybody is refused.
  const { bavail, bsize } = statfsSync(dataDir);
  writeFileSync(`${ballast}-0`, Buffer.alloc(bavail * bsize - (4 << 20)));
  const lowMs = await house.becomes('/readyz', 503);
  for (const writer of writers) expect((await writer.say()).type).toBe('ack');
  rmSync(`${ballast}-0`);
  await house.becomes('/readyz', 200);

  for (let bytes = 1 << 20, parts = 0; bytes >= 4_096; ) {
    try {
      writeFileSync(`${ballast}-${++parts}`, Buffer.alloc(bytes));
    } catch {
      rmSync(`${ballast}-${parts}`, { force: true });
      bytes /= 2;
    }
  }
  const notReadyMs = await house.becomes('/readyz', 503);
  // What was refused comes first when a client sends again: until then the relay takes nothing else from that line.
  const refused = new Map<Writer, string>();
  let [refusals, slowestMs] = [0, 0];
  for (let round = 0; round < 40; round += 1) {
    for (const writer of writers) {
      const since = performance.now();
      const answer = await writer.say(refused.get(writer));
      slowestMs = Math.max(slowestMs, performance.now() - since);
      if (answer.type === 'ack') refused.delete(writer);
      else {
        expect(answer).toMatchObject({ code: 'storage-full', retry: 'later' });
        refused.set(writer, answer['id'] as string);
        refusals += 1;
      }
    }
  }
  expect(refused.size).toBe(writers.length);
  expect(await house.status('/healthz')).toBe(200);
  expect(await house.status('/readyz')).toBe(503);
  mia.send({ type: 'get-events', id: 'history-0001', conversation: mia.conversation, before: 40, limit: 20 });
  ada.send({ type: 'get-list', id: 'list-00000001', view: 'queue', limit: 10 });
  await Promise.all([
    mia.first(({ type, id }) => type === 'events' && id === 'history-0001'),
    ada.first(({ id, type }) => id === 'list-00000001' && type !== 'nack'),
    house.writer('noah'),
  ]);

  for (let n = 1; existsSync(`${ballast}-${n}`); n += 1) rmSync(`${ballast}-${n}`);
  const readyMs = await house.becomes('/readyz', 200);
  for (const [writer, id] of refused) expect((await writer.say(id)).type).toBe('ack');
  for (let n = 0; n < 50; n += 1) expect((await mia.say()).type).toBe('ack');
  const acked = writers.flatMap((writer) => [...writer.acked]);
  expect(sorted(storedIds(database))).toEqual(sorted(acked));
  mustBeWhole(database);
  expect(Math.max(lowMs, notReadyMs, readyMs)).toBeLessThan(5_000);
  tell('disk full', { acked: acked.length, refusals, slowestMs, lowMs, notReadyMs, readyMs });
});

it.each(['posix/io/rw/pwrite', 'posix/io/sync/fsync'])(
  'stores what it acknowledged and nothing else while calls fail at random: %s',
  async (point) => {
    expect(spawnSync('fiu-ctrl', ['-h']).error, 'This test needs the Debian package fiu-utils.').toBeUndefined();
    const prefixIn = (folder: string) => join(folder, 'fiu');
    house = await storageHouse({ under: (folder) => ['fiu-run', '-x', '-f', prefixIn(folder)] });
    const running = house;
    await house.start();
    const fiu = (command: string): void => {
      const args = ['-f', prefixIn(running.folder), '-c', command, String(running.pid)];
      const { status, stderr } = spawnSync('fiu-ctrl', args, { encoding: 'utf8' });
      expect(status, stderr).toBe(0);
    };
    const writers: Writer[] = [];
    for (let n = 0; n < 10; n += 1) writers.push(await house.writer(`visitor${n}`));
    fiu(`enable_random name=${point},probability=0.03`);
    const reading = new DatabaseSync(house.database, { readOnly: true });
    const isStored = reading.prepare('SELECT 1 FROM event WHERE id = ?');
    let [refused, storedAllTheSame] = [0, 0];
    await Promise.all(
      writers.map(async (writer) => {
        for (let n = 0; n < 50; n += 1) {
          let answer = await writer.say();
          for (; answer.type === 'nack'; answer = await writer.say(answer['id'] as string)) {
            expect(answer['retry']).toBe('later');
            refused += 1;
            if (isStored.get(answer['id'] as string) !== undefined) storedAllTheSame += 1;
          }
        }
      }),
    );
    reading.close();
    fiu(`disable name=${point}`);
    expect(storedAllTheSame).toBe(0);
    expect(refused).toBeGreaterThan(0);
    await house.becomes('/readyz', 200);
    const acked = writers.flatMap((writer) => [...writer.acked]);
    expect(sorted(storedIds(house.database))).toEqual(sorted(acked));
    await house.stop();
    expect(sorted(storedIds(house.database))).toEqual(sorted(acked));
    mustBeWhole(house.database);
    tell(point, { acked: acked.length, refused });
  },
);

it('keeps everything but storing going while another process holds the lock for ten seconds', async () => {
  house = await storageHouse();
  await house.start();
  const mia = await house.writer('mia');
  const ada = await house.agent('ada@example.com');
  await mia.say();
  ada.send({ type: 'take', id: 'take-0000001', conversation: mia.conversation });
  await ada.first(({ type, id }) => type === 'ack' && id === 'take-0000001');

  const other = new DatabaseSync(house.database);
  other.exec('PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE');
  const until = performance.now() + 10_000;
  const readiness = house.becomes('/readyz', 503);
  const refusals: number[] = [];
  const saying = (async () => {
    let refused: string | undefined;
    while (performance.now() < until - 6_000) {
      const since = performance.now();
      const answer = await mia.say(refused);
      expect(answer).toMatchObject({ type: 'nack', code: 'unavailable', retry: 'later' });
      refused = answer['id'] as string;
      refusals.push(performance.now() - since);
    }
    return refused as string;
  })();
  const typed: number[] = [];
  const healthy: number[] = [];
  for (let on = true; performance.now() < until; on = !on) {
    const [heard, since] = [mia.frames.length, performance.now()];
    ada.send({ type: 'typing', conversation: mia.conversation, on });
    await mia.first((frame) => frame.type === 'typing' && frame['on'] === on && mia.frames.lastIndexOf(frame) >= heard);
    typed.push(performance.now() - since);
    const asked = performance.now();
    expect(await house.status('/healthz')).toBe(200);
    healthy.push(performance.now() - asked);
    await letPass(300);
  }
  const [refused, notReadyMs] = await Promise.all([saying, readiness]);
  other.exec('ROLLBACK');
  other.close();
  const readyMs = await house.becomes('/readyz', 200);
  expect((await mia.say(refused)).type).toBe('ack');
  const numbers = {
    ...{ refusals: refusals.map(Math.round), notReadyMs, readyMs },
    ...{ typed: typed.length, slowestTypingMs: Math.max(...typed), slowestHealthMs: Math.max(...healthy) },
  };
  tell('locked', numbers);
  // Its own commit and at most two before it.
  expect(Math.max(...refusals)).toBeLessThan(7_000);
  expect(Math.max(notReadyMs, readyMs)).toBeLessThan(5_000);
  expect(numbers.slowestTypingMs).toBeLessThan(1_000);
  mustBeWhole(house.database);
});

it('backs up under load what was acknowledged before, and gives it back', async () => {
  house = await storageHouse();
  const running = house;
  await house.start();
  const writers: Writer[] = [];
  for (let n = 0; n < 10; n += 1) writers.push(await house.writer(`visitor${n}`));
  const acked = (): string[] => writers.flatMap((writer) => [...writer.acked]);
  let isOver = false;
  let slowestMs = 0;
  const writing = writers.map(async (writer) => {
    while (!isOver) {
      const since = performance.now();
      expect((await writer.say()).type).toBe('ack');
      slowestMs = Math.max(slowestMs, performance.now() - since);
    }
  });
  const told: object[] = [];
  for (let round = 0; round < 3; round += 1) {
    const before = acked();
    const copy = join(house.folder, `copy-${round}`);
    expect(await running.sveiki(['backup', copy])).toMatchObject({ code: 0 });
    const meanwhile = acked().length - before.length;
    const target = join(house.folder, `again-${round}`);
    const restored = await running.sveiki(['restore', copy, '--verify'], { SVEIKI_DATA_DIR: target });
    expect(restored).toMatchObject({ code: 0, output: expect.stringContaining('without a hole') });
    const inCopy = new Set(storedIds(join(target, 'sveiki.db')));
    expect(before.filter((id) => !inCopy.has(id))).toEqual([]);
    told.push({ before: before.length, inCopy: inCopy.size, meanwhile });
  }
  isOver = true;
  await Promise.all(writing);
  expect(sorted(storedIds(house.database))).toEqual(sorted(acked()));
  tell('backups under load', { told, slowestMs });
});
