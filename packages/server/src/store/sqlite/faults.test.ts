import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Batch } from '../../ports.ts';
import { checkBatch } from '../batch.ts';
import { logOf } from '../contract.ts';
import { createCommits, openForWriting } from './commits.ts';
import type { Job } from './jobs.ts';
import { prepareDatabase } from './migrations.ts';
import { pack } from './pack.ts';
import { checkLaw, checkPages } from './verify.ts';

/**
 * Every call of the writer to SQLite fails once, one after the other, in each way that a disk can fail. The statements are the seam: what a failing
 * disk does below them, SQLite's own tests and `e2e/storage.soak.ts` (a full disk, failing writes and syncs under the real relay) look at.
 */

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sveiki-faults-'));
  file = join(folder, 'sveiki.db');
  prepareDatabase(file);
});
afterEach(() => rmSync(folder, { recursive: true }));

const say = (text: string) => ({ kind: 'message' as const, blocks: [{ kind: 'text' as const, text }] });
const jobOf = (batch: Batch): Job => ({ kind: 'append', batch: pack(batch, checkBatch(batch)) });

/** A writer whose disk fails at the call of that number, counted from `count` = 0. */
function failing(code: string) {
  const disk = { at: 0, count: 0, opened: 0, faults: [] as string[] };
  function open(): Database.Database {
    disk.opened += 1;
    const database = openForWriting(file);
    const fail = (): void => {
      disk.count += 1;
      if (disk.count !== disk.at) return;
      // As SQLite does after most errors of the disk: what was begun is gone. After the others the writer has to do it.
      if (database.inTransaction && code !== 'SQLITE_BUSY') database.exec('ROLLBACK');
      throw new Database.SqliteError('disk I/O error', code);
    };
    const prepare = database.prepare.bind(database) as (sql: string) => Database.Statement;
    database.prepare = ((sql: string) => {
      const statement = prepare(sql);
      // Undoing fails no more often than doing; here it would only be the same failure told again.
      if (/^ROLLBACK/.test(sql)) return statement;
      for (const name of ['run', 'get', 'all'] as const) {
        const call = statement[name].bind(statement) as (...values: unknown[]) => unknown;
        Object.defineProperty(statement, name, {
          value: (...values: unknown[]) => {
            fail();
            return call(...values);
          },
        });
      }
      return statement;
    }) as Database.Database['prepare'];
    return database;
  }
  return { disk, commits: createCommits(open, (fault) => disk.faults.push(fault)) };
}

test.each(['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_FSYNC', 'SQLITE_IOERR_SHMSIZE', 'SQLITE_BUSY'])(
  'rows are what was acknowledged, whichever call ends with %s',
  (code) => {
    const { disk, commits } = failing(code);
    const acked: string[] = [];
    let calls = 0;
    for (let n = 1; n <= calls + 1; n += 1) {
      const logs = [0, 1, 2].map((one) => logOf(`conv-${n}-${one}`, `visitor-${n}-${one}`));
      const jobs = logs.map((log) => jobOf(log.start(n)));
      const more = logs.map((log, one) => jobOf(log.next(n, [`v:visitor-${n}-${one}`, say('hello')])));
      disk.count = 0;
      disk.at = n;
      const outcomes = commits.run(jobs);
      // One whose beginning failed has nothing to go on from: it conflicts.
      const after = commits.run(more);
      calls = Math.max(calls, Math.min(disk.count, 60));
      for (const [one, log] of logs.entries()) {
        const ids = [`${log.state().id}-0001`, `${log.state().id}-0002`] as const;
        if (outcomes[one]?.ok) acked.push(ids[0]);
        if (after[one]?.ok) acked.push(ids[1]);
      }
      // Who was refused sends again, and nothing is twice.
      for (const [one, log] of logs.entries()) {
        const id = log.state().id;
        if (!outcomes[one]?.ok && commits.run([jobs[one] as Job])[0]?.ok) acked.push(`${id}-0001`);
        if (!after[one]?.ok && commits.run([more[one] as Job])[0]?.ok) acked.push(`${id}-0002`);
      }
    }
    disk.at = 0;
    commits.close();
    // Begin, a savepoint each, what each writes, and the commit.
    expect(calls).toBeGreaterThan(20);
    expect(disk.faults).toEqual([]);
    if (code === 'SQLITE_IOERR_FSYNC') expect(disk.opened).toBeGreaterThan(20);
    const database = new Database(file, { readonly: true });
    expect(database.prepare('SELECT id FROM event').pluck().all().toSorted()).toEqual(acked.toSorted());
    database.close();
    expect(acked).toHaveLength((calls + 1) * 6);
    expect([...checkPages(file).problems, ...checkLaw(file)]).toEqual([]);
  },
);
