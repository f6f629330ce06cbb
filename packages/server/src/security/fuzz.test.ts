import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FuzzReport } from './fuzz.ts';
import { chanceOf, hostileText } from './random-frames.ts';

/** About half a minute of a processor; twenty million are for the soak. */
const FRAMES = 1_000_000;

describe('random frames', () => {
  it('are the same for the same seed, and others for another', () => {
    const texts = (seed: number) => {
      const chance = chanceOf(seed);
      return Array.from({ length: 200 }, () => hostileText(chance, () => undefined, ['{"type":"pong"}']));
    };
    expect(texts(7)).toEqual(texts(7));
    expect(texts(7)).not.toEqual(texts(8));
  });

  it('neither end the relay, nor fail inside it, nor stay in its memory', () => {
    const tool = join(import.meta.dirname, '../../../../tools/fuzz/main.ts');
    const seed = String(1 + (Number(process.env['SVEIKI_FUZZ_SEED'] ?? 2_026) >>> 0));
    const run = spawnSync(
      process.execPath,
      ['--expose-gc', '--conditions=@sveiki/source', tool, '--json', '--seed', seed, '--frames', String(FRAMES)],
      { encoding: 'utf8', timeout: 570_000 },
    );
    const report = JSON.parse(run.stdout || '{}') as FuzzReport & { rejections: number };
    expect({ ...report, stderr: run.stderr }).toMatchObject({ frames: FRAMES, problems: [], rejections: 0 });
    expect(run.status).toBe(0);
    // They got somewhere: what is refused at the door says little about the house.
    expect(report.done).toBeGreaterThan(FRAMES / 100);
    expect(report.answers).toBeGreaterThan(FRAMES / 5);
    expect(report.heapGrowthBytes).toBeLessThan(32 * 1024 * 1024);
  }, 600_000);
});
