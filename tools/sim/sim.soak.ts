import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { playApart } from './child.ts';

/** How many worlds one full run of the tests plays; `SVEIKI_SIM_SEEDS` plays another number. */
const WORLDS = Number(process.env['SVEIKI_SIM_SEEDS'] ?? 50_000);
/** Not those that `npm test` plays. */
const FROM = 1_000_000;
const CHUNK = 1_000;

it(`finds every promise kept in ${WORLDS.toLocaleString('en')} worlds`, async () => {
  const starts = Array.from({ length: Math.ceil(WORLDS / CHUNK) }, (_, index) => FROM + index * CHUNK);
  let cpuSeconds = 0;
  let played = 0;
  const broken: string[] = [];
  const work = async (): Promise<void> => {
    for (let from = starts.shift(); from !== undefined; from = starts.shift()) {
      const count = Math.min(CHUNK, FROM + WORLDS - from);
      const report = await playApart(['--from', `${from}`, '--seeds', `${count}`]);
      cpuSeconds += report.cpuSeconds;
      played += report.played;
      for (const { seed, invariant, detail } of report.broken) broken.push(`seed ${seed}: ${invariant}: ${detail}`);
      if (report.smallest !== null) broken.push(`made smaller: ${JSON.stringify(report.smallest)}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  console.log(
    `${played} worlds in ${Math.round(cpuSeconds)} s of processor, ${(played / cpuSeconds).toFixed(1)} a second`,
  );
  expect(broken).toEqual([]);
  expect(played).toBe(WORLDS);
});
