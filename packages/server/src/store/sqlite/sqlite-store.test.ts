import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Worker } from 'node:worker_threads';
import { applyEvent, type ConversationState } from '@sveiki/protocol';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Batch, StorageFull, type Store } from '../../ports.ts';
import { logOf, storeContract, together } from '../contract.ts';
import { backupDatabase } from './backup.ts';
import { openSqliteStore, type SqliteStoreOptions } from './sqlite-store.ts';

storeContract('The SQLite store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sveiki-store-'));
  const file = join(folder, 'data', 'sveiki.db');
  const store = await openSqliteStore({ file });
  return {
    store,
    reopen: async () => {
      await store.close();
      return openSqliteStore({ file });
    },
    drop: async () => rmSync(folder, { recursive: true }),
  };
});

let folder: string;
let file: string;
const opened: Store[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sveiki-sqlite-'));
  file = join(folder, 'sveiki.db');
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  rmSync(folder, { recursive: true });
});

async function open(options: Partial<SqliteStoreOptions> = {}): Promise<Store> {
  const store = await openSqliteStore({ file, ...options });
  opened.push(store);
  return store;
}
function rows(sql: string, name = file): unknown[] {
  const database = new Database(name, { readonly: true });
  const found = database.prepare(sql).all();
  database.close();
  return found;
}
const say = (text: string) => ({ kind: 'message' as const, blocks: [{ kind: 'text' as const, text }] });
const all = (conversation: string) => ({ conversation, count: 'staff' as const, after: 0, limit: 100_000 });

describe('durability', () => {
  /** Appends each batch that comes on a line, answers with the number of the line once it is stored, and closes the store at the end. */
  const appendLines = `
    import { createInterface } from 'node:readline';
    const { openSqliteStore } = await import(${JSON.stringify(new URL('./sqlite-store.ts', import.meta.url).href)});
    const store = await openSqliteStore({ file: process.argv[1] });
    const running = [];
    let line = 0;
    for await (const batch of createInterface({ input: process.stdin })) {
      const number = line++;
      running.push(store.append(JSON.parse(batch)).then(() => process.stdout.write(number + '\\n')));
    }
    await Promise.all(running);
    await store.close();
  `;
  function appendInChild(): ChildProcess {
    const flags = ['--conditions=@sveiki/source', '--input-type=module', '--eval', appendLines];
    return spawn(process.execPath, [...flags, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  }

  test('finds every acknowledged event after the process was killed, again and again', async () => {
    const logs = Array.from({ length: 10 }, (_, n) => logOf(`conv-${n}`, `visitor-${n}`));
    const acked: Batch[] = [];
    for (let round = 0; round < 3; round += 1) {
      // What was cut off by the kill may be stored or not: each round has conversations of its own.
      const mine = logs.map((_, n) => logOf(`conv-${round}-${n}`, `visitor-${round}-${n}`));
      const batches = mine.map((log) => log.start(1));
      for (let n = 0; n < 400; n += 1) {
        const log = mine[n % mine.length]!;
        batches.push(log.next(n, [`v:visitor-${round}-${n % mine.length}`, say(`text ${n}`)]));
      }
      const child = appendInChild();
      const answers = createInterface({ input: child.stdout! });
      child.stdin!.on('error', () => {});
      child.stdin!.write(batches.map((batch) => `${JSON.stringify(batch)}\n`).join(''));
      const exited = once(child, 'exit');
      let count = 0;
      for await (const line of answers) {
        acked.push(batches[Number(line)]!);
        count += 1;
        if (count === 60 + round * 90) child.kill('SIGKILL');
      }
      expect(await exited).toEqual([null, 'SIGKILL']);
    }
    expect(acked.length).toBeGreaterThanOrEqual(450);
    const store = await open();
    for (const { events } of acked) {
      for (const event of events) {
        const found = await store.events({
          conversation: event.conversation,
          count: 'staff',
          after: event.seq - 1,
          limit: 1,
        });
        expect(found.events).toEqual([event]);
      }
    }
    for (const { state } of await store.unresolved()) {
      const { events } = await store.events(all(state.id));
      // Also when the state was left behind what was said.
      expect(state).toEqual(events.reduce(applyEvent, null as ConversationState | null));
      expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: state.head }, (_, n) => n + 1));
    }
  });

  test('ends by itself after it was closed: no thread, no file is left open', async () => {
    const child = appendInChild();
    child.stdin!.end(`${JSON.stringify(logOf('conv-one').start(1))}\n`);
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(readdirSync(folder)).toEqual(['sveiki.db']);
    const store = await open();
    expect(await store.unresolved()).toHaveLength(1);
  });

  test('stores what was given before it was closed', async () => {
    const store = await open();
    const batches = Array.from({ length: 50 }, (_, n) => logOf(`conv-${n}`, `visitor-${n}`).start(n));
    const running = batches.map((batch) => store.append(batch));
    await store.close();
    await Promise.all(running);
    expect(await (await open()).unresolved()).toHaveLength(50);
  });
});

describe('a full disk', () => {
  test('refuses by name, keeps reading, is not writable, and heals by itself when there is room', async () => {
    await (await open()).close();
    const ballast = new Database(file);
    ballast.exec('CREATE TABLE ballast (bytes BLOB); INSERT INTO ballast VALUES (zeroblob(1000000))');
    ballast.close();
    const store = await open({ maxPages: 400 });
    const log = logOf('conv-one');
    await store.append(log.start(1));
    const stored: Batch[] = [];
    let refused: { batch: Batch; error: unknown } | null = null;
    while (refused === null) {
      const batch = log.next(2, ['v:mia', say('x'.repeat(20_000))]);
      await store.append(batch).then(
        () => stored.push(batch),
        (error: unknown) => {
          refused = { batch, error };
        },
      );
    }
    expect(refused).toMatchObject({ error: expect.any(StorageFull) });
    expect((refused as { error: Error }).error.message).toContain(file);
    expect(stored.length).toBeGreaterThan(5);
    expect((await store.events(all('conv-one'))).events.slice(1)).toEqual(stored.flatMap(({ events }) => events));
    expect(await store.writable()).toBe(false);

    const shovel = new Database(file);
    shovel.exec('DROP TABLE ballast');
    shovel.close();
    expect(await store.writable()).toBe(true);
    await store.append((refused as { batch: Batch }).batch);
    expect((await store.events(all('conv-one'))).events).toHaveLength(stored.length + 2);
    expect(rows('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  });
});

describe('faults', () => {
  test('waits for another process that holds the lock, and reads meanwhile', async () => {
    const store = await open();
    const log = logOf('conv-one');
    await store.append(log.start(1));
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    const running = store.append(log.next(2, ['v:mia', say('a')]));
    expect((await store.events(all('conv-one'))).events).toHaveLength(1);
    other.exec('COMMIT');
    other.close();
    await running;
    expect((await store.events(all('conv-one'))).events).toHaveLength(2);
  });

  test('rejects all that waits when the writer crashes, says so once, and goes on reading', async () => {
    const workers: Worker[] = [];
    const remember = (worker: Worker) => workers.push(worker);
    process.on('worker', remember);
    const onFault = vi.fn();
    const store = await open({ onFault });
    process.off('worker', remember);
    const log = logOf('conv-one');
    await store.append(log.start(1));

    const running = Array.from({ length: 20 }, () => store.writable());
    const append = store.append(log.next(2, ['v:mia', say('a')]));
    const crashed = workers[0]!.terminate();
    await expect(append).rejects.toThrow(`The writer of ${file} has ended.`);
    await Promise.all([...running, crashed]);
    expect(onFault.mock.calls.map(([error]) => (error as Error).message)).toEqual([`The writer of ${file} has ended.`]);
    await expect(store.saveSignInCode({ codeHash: 'code', agent: 'ada', expiresAt: 1 })).rejects.toThrow('has ended');
    expect(await store.writable()).toBe(false);
    expect(await store.unresolved()).toHaveLength(1);
  });
});

describe('backup', () => {
  test('copies all that was acknowledged before, while writing goes on', async () => {
    const store = await open();
    const log = logOf('conv-one');
    await store.append(log.start(1));
    for (let n = 0; n < 50; n += 1) await store.append(log.next(n, ['v:mia', say('x'.repeat(10_000))]));
    const acked = (await store.events(all('conv-one'))).events;

    let isDone = false;
    const path = join(folder, 'copy.db');
    const backup = store.backup(path).then(() => {
      isDone = true;
    });
    let meanwhile = 0;
    while (!isDone) {
      await store.append(log.next(100, ['v:mia', say('x'.repeat(10_000))]));
      meanwhile += 1;
    }
    await backup;
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(meanwhile).toBeGreaterThan(1);
    expect(readdirSync(folder).sort()).toEqual(['copy.db', 'sveiki.db', 'sveiki.db-shm', 'sveiki.db-wal']);
    const copy = await open({ file: path });
    expect((await copy.events(all('conv-one'))).events.slice(0, acked.length)).toEqual(acked);
  });

  test('never overwrites anything', async () => {
    const store = await open();
    const path = join(folder, 'copy.db');
    writeFileSync(path, 'precious');
    await expect(store.backup(path)).rejects.toThrow(`${path} exists already`);
    expect(readFileSync(path, 'utf8')).toBe('precious');
    expect(existsSync(`${path}.unfinished`)).toBe(false);
  });

  test('says where it cannot write, and leaves nothing behind', async () => {
    const store = await open();
    await expect(store.backup(join(folder, 'nowhere', 'copy.db'))).rejects.toThrow('nowhere');
    await expect(backupDatabase(join(folder, 'none.db'), join(folder, 'copy.db'))).rejects.toThrow(
      'There is no database',
    );
    expect(readdirSync(folder).filter((name) => name.includes('copy'))).toEqual([]);
  });
});

test('answers every question through an index', async () => {
  const prepared = vi.spyOn(Database.prototype, 'prepare');
  const store = await open();
  const log = logOf('conv-one');
  await store.append(together(log.start(1), logOf('conv-two', 'noah').start(1)));
  for (const view of ['mine', 'queue', 'open', 'resolved', 'visitor'] as const)
    await store.list({ view, agent: 'ada', visitor: 'mia', limit: 5 });
  await Promise.all([
    store.unresolved(),
    store.resolvedSince(0),
    store.visitor('mia'),
    store.visitorBySession('hash', 0),
    store.visitorByExternalId('pk_shopshop', 'crm-1'),
    store.newestConversation('mia'),
    store.recentTakes(0),
    store.recentFirstReplies(5),
    store.agents(),
    store.agent('ada'),
    store.agentByEmail('ada@example.com'),
    store.agentSession('hash'),
    store.auditHead(),
    store.auditAfter(0, 5),
    ...[
      {},
      { person: 'mia' },
      { object: 'reply:one', actor: 'agent:ada' },
      { actor: 'agent:ada' },
      { action: 'a' },
    ].map((query) => store.auditRows({ ...query, since: 0, until: 9, before: { at: 5, position: 5 }, limit: 5 })),
  ]);
  const questions = new Set(
    prepared.mock.calls.map(([sql]) => sql).filter((sql) => /^select/i.test(sql) && !/migration|sqlite_/.test(sql)),
  );
  prepared.mockRestore();
  const database = new Database(file, { readonly: true });
  const plans = [...questions].map((sql) => {
    const values = Array.from(sql.matchAll(/\?/g), () => 1);
    const steps = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values) as { detail: string }[];
    return {
      sql,
      scans: steps
        .map(({ detail }) => detail)
        .filter((detail) => /^SCAN (?!asked VIRTUAL|.*USING (COVERING )?INDEX)/.test(detail)),
    };
  });
  database.close();
  expect(plans.length).toBeGreaterThan(18);
  // There are as many agents as there are desks, and all of them are asked for. What was asked for is itself a list (`asked`).
  expect(plans.filter(({ scans }) => scans.length > 0).map(({ scans }) => scans)).toEqual([
    ['SCAN agent'],
    ['SCAN audit_head'],
  ]);
});
