// The whole product core in a simulated world with faults; every seed is another one, and the same every time.
//
//   npm run sim -- --seed N                         plays one and tells the story
//   npm run sim -- --seeds N [--from M] [--json]    plays many; the first that breaks a promise is made smaller
//   npm run sim -- --kept FILE                      plays a kept plan
//   … --nodes 2                                    with so many relays on one store
//   … --plant NAME                                  with a known mistake, to see that it is noticed
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { plant } from './planting.ts';
import { PLANTS, type Plant, type PlantName } from './plants.ts';

const usage =
  'Use: npm run sim -- --seed N | --seeds N [--from M] [--json] | --kept FILE   [--nodes N] [--plant NAME] [--keep FILE]';

/** More than these in one report help nobody. */
const MAX_REPORTED = 20;

try {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      first: { type: 'boolean', default: false },
      plant: { type: 'string' },
      kept: { type: 'string' },
      nodes: { type: 'string', default: '1' },
      keep: { type: 'string' },
    },
  });
  const whole = (name: 'seed' | 'seeds' | 'from' | 'nodes'): number => {
    const value = Number(values[name]);
    if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} is a whole number.`);
    return value;
  };
  if (values.plant !== undefined && !Object.hasOwn(PLANTS, values.plant))
    throw new Error(`There is no plant "${values.plant}": ${Object.keys(PLANTS).join(', ')}.`);
  const planted: Plant | null = values.plant === undefined ? null : PLANTS[values.plant as PlantName];
  if (planted !== null) plant(planted);
  // Only now: what they load may have to be loaded with a mistake in it.
  const { planOf } = await import('./plan.ts');
  const { playSeeds, shrink } = await import('./seeds.ts');
  const { play } = await import('./world.ts');
  const worldPlant = { answersBeforeSync: planted?.answersBeforeSync === true };

  if (values.seed !== undefined || values.kept !== undefined) {
    const plan =
      values.kept === undefined ? planOf(whole('seed'), whole('nodes')) : JSON.parse(readFileSync(values.kept, 'utf8'));
    const { story, violations } = await play(plan, { withStory: true, plant: worldPlant });
    console.log(values.json ? JSON.stringify({ plan, violations, story }) : story.join('\n'));
    if (!values.json) console.log(`\n${violations.length === 0 ? 'every promise was kept' : 'promises were broken'}`);
    if (violations.length > 0) process.exitCode = 1;
  } else {
    const report = await playSeeds({
      from: whole('from'),
      count: whole('seeds'),
      nodes: whole('nodes'),
      plant: worldPlant,
      stopAtFirst: values.first,
    });
    const [first] = report.broken;
    const smallest =
      first === undefined || values.first
        ? null
        : await shrink(planOf(first.seed, whole('nodes')), first.invariant, worldPlant);
    if (smallest !== null && values.keep !== undefined)
      writeFileSync(values.keep, `${JSON.stringify(smallest, null, 1)}\n`);
    if (values.json) console.log(JSON.stringify({ ...report, smallest }));
    else {
      const perSecond = (report.played / report.cpuSeconds).toFixed(1);
      console.log(
        `${report.played} worlds, ${report.events} events, ${Math.round(report.virtualSeconds / 3_600)} hours of their time; ${report.cpuSeconds.toFixed(1)} s of processor, ${perSecond} worlds a second`,
      );
      for (const { seed, invariant, detail } of report.broken.slice(0, MAX_REPORTED))
        console.log(`seed ${seed}: ${invariant}: ${detail.slice(0, 400)}`);
      if (report.broken.length > MAX_REPORTED) console.log(`… and ${report.broken.length - MAX_REPORTED} more`);
      if (smallest !== null)
        console.log(
          `\nthe first one made smaller (${smallest.steps.length} steps); keep it with --keep tools/sim/kept/NAME.json:\n${JSON.stringify(smallest)}`,
        );
      if (report.broken.length === 0) console.log('every promise was kept');
    }
    if (report.broken.length > 0) process.exitCode = 1;
  }
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  process.exitCode = 2;
}
