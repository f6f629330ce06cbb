import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const FRAMES = 20_000_000;
const SEEDS = [1, 2, 3, 4];

it.each(SEEDS)('five million hostile frames by seed %i do nothing to the relay', (seed) => {
  const run = spawnSync(
    process.execPath,
    [
      ...['--expose-gc', '--conditions=@sveiki/source', join(import.meta.dirname, '../tools/fuzz/main.ts')],
      ...['--seed', String(seed), '--frames', String(FRAMES / SEEDS.length)],
    ],
    { encoding: 'utf8' },
  );
  expect(run.status, run.stdout + run.stderr).toBe(0);
});
