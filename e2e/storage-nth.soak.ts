import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, it } from 'vitest';
import { prepareDatabase } from '../packages/server/src/store/sqlite/migrations.ts';
import { checkLaw, checkPages } from '../packages/server/src/store/sqlite/verify.ts';

/** Needs Linux and the Debian package strace, which fails exactly the call that it is told to; without it this fails and says so. */

const folder = mkdtempSync(join(tmpdir(), 'sveiki-nth-'));
afterAll(() => rmSync(folder, { recursive: true }));

const [empty, file, trace] = ['empty.db', 'sveiki.db', 'trace'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
const program = ['--conditions=@sveiki/source', join(import.meta.dirname, 'storage-write-few.ts'), file];

/** Ids of all events in the order they were stored, read by another driver than the relay's. */
function storedIds(): string[] {
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare('SELECT id FROM event ORDER BY position').all() as { id: string }[];
  database.close();
  return rows.map(({ id }) => id);
}

function run(inject: readonly string[]): string[] {
  for (const name of [file, `${file}-wal`, `${file}-shm`]) rmSync(name, { force: true });
  copyFileSync(empty, file);
  const args = ['-f', '-y', '-o', trace, '-e', 'trace=pwrite64,fsync', ...inject, process.execPath, ...program];
  const child = spawnSync('strace', args, { encoding: 'utf8' });
  expect(child.error, 'This test needs the Debian package strace.').toBeUndefined();
  return child.stdout.trim().split('\n');
}

it.each(['pwrite64', 'fsync'])(
  'stores what it acknowledged and nothing else, whichever call of %s fails, from the first to the last',
  (call) => {
    prepareDatabase(empty);
    expect(run([]).filter((line) => line.startsWith('acked'))).toHaveLength(5);
    // Each thread counts for itself, and the writer does all of it.
    const calls = readFileSync(trace, 'utf8')
      .split('\n')
      .filter((line) => line.includes(`${call}(`)).length;
    const ends: Record<string, number> = {};
    for (let n = 1; n <= calls; n += 1) {
      const said = run(['-e', `inject=${call}:error=EIO:when=${n}`]);
      const ids = (how: string) => said.flatMap((line) => (line.startsWith(how) ? [line.slice(how.length + 1)] : []));
      const acked = ids('acked');
      const end = said.at(-1) === 'closed' ? (ids('refused').length > 0 ? 'refused once' : 'unnoticed') : 'ended';
      ends[end] = (ends[end] ?? 0) + 1;
      prepareDatabase(file);
      expect({ n, stored: storedIds(), problems: [...checkPages(file).problems, ...checkLaw(file)] }).toEqual({
        ...{ n, stored: acked, problems: [] },
      });
      // One failure is got over by sending again.
      if (end !== 'ended') expect(acked).toHaveLength(5);
    }
    console.log(`each call of ${call}: ${JSON.stringify({ calls, ends })}`);
    expect(calls).toBeGreaterThan(5);
  },
);
