import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { prepareDatabase } from '../packages/server/src/store/sqlite/migrations.ts';
import { checkLaw, checkPages } from '../packages/server/src/store/sqlite/verify.ts';
import { createRandom } from '../tools/replay/random.ts';
import { storedMessages } from '../tools/replay/stored-messages.ts';
import { createDisk, type Loss, readSteps, TRACE } from './storage-disk.ts';

/** Needs Linux and the Debian package strace; without it this fails and says so. */

const CUTS = 240;
const FILES = ['sveiki.db', 'sveiki.db-wal'];

const folder = mkdtempSync(join(tmpdir(), 'sveiki-power-'));
const trace = join(folder, 'trace');
const found = join(folder, 'found');
let start: ReadonlyMap<string, Buffer>;
let told: string[];
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  const file = join(folder, 'sveiki.db');
  mkdirSync(found);
  prepareDatabase(file);
  start = new Map([['sveiki.db', readFileSync(file)]]);
  // The last round is long enough for a checkpoint while people write.
  const writer = [join(import.meta.dirname, 'storage-write-and-tell.ts'), file, '5', '40', '2500'];
  const command = [process.execPath, '--conditions=@sveiki/source', ...writer];
  const run = spawnSync('strace', [...TRACE, '-o', trace, ...command], { encoding: 'utf8' });
  expect(run.error, 'This test needs the Debian package strace.').toBeUndefined();
  expect(run.status, run.stderr).toBe(0);
  told = run.stdout.trim().split('\n');
}, 600_000);

/** Cuts the power after steps that chance chooses, and looks at what is there then. */
async function cutPower(options: { cuts: number; seed: number; losses: readonly Loss[]; isObedient: boolean }) {
  const random = createRandom(options.seed);
  const counts = { steps: 0, syncs: 0, cuts: 0, acked: 0, lost: 0, damaged: 0 };
  for await (const step of readSteps(trace, FILES)) {
    counts.steps += 1;
    if (step.what === 'sync') counts.syncs += 1;
  }
  const cuts = new Set(Array.from({ length: options.cuts }, () => random.whole(counts.steps)));
  const disk = createDisk(start);
  const acked = new Set<string>();
  let at = 0;
  for await (const step of readSteps(trace, FILES)) {
    if (options.isObedient || step.what !== 'sync') disk.apply(step);
    if (step.what === 'told') for (const id of step.text.trim().split('\n')) acked.add(id);
    if (!cuts.has(at++)) continue;
    counts.cuts += 1;
    for (const name of [...FILES, 'sveiki.db-shm']) rmSync(join(found, name), { force: true });
    disk.leave(found, random.pick(options.losses), random);
    const database = join(found, 'sveiki.db');
    try {
      prepareDatabase(database);
      const ids = new Set(storedMessages(database).map(({ id }) => id));
      counts.lost += [...acked].filter((id) => !ids.has(id)).length;
      if (checkPages(database).problems.length + checkLaw(database).length > 0) counts.damaged += 1;
    } catch {
      counts.damaged += 1;
    }
  }
  counts.acked = acked.size;
  return counts;
}

it('has everything that was acknowledged wherever the power went, whatever the disk had not confirmed', async () => {
  const losses = ['all', 'none', 'random', 'random'] as const;
  const counts = await cutPower({ cuts: CUTS, seed: 7, losses, isObedient: true });
  console.log(`power cuts: ${JSON.stringify(counts)}`);
  expect(counts).toMatchObject({ acked: told.length, lost: 0, damaged: 0 });
  expect(counts.cuts).toBeGreaterThanOrEqual(200);
});

it('would notice: on a disk that says that it has synced and has not, messages are lost', async () => {
  const counts = await cutPower({ cuts: 10, seed: 8, losses: ['all'], isObedient: false });
  console.log(`power cuts with a disk that lies: ${JSON.stringify(counts)}`);
  expect(counts.lost + counts.damaged).toBeGreaterThan(0);
});
