// A working day played through routing, every strategy side by side: waits, loads, abandonment, fairness; as a table and a picture.
//
//   npm run simulate:day -- [--arrivals N] [--seed N] [--picture FILE] [--json]
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EVERY_STRATEGY, simulate, simulationPicture, simulationTable } from '../../packages/server/src/simulate.ts';
import { arrivalsOf } from './arrivals.ts';
import { DAY, dayConfig } from './day.ts';
import { readRhythm } from './rhythm.ts';

const usage = 'Use: npm run simulate:day -- [--arrivals N] [--seed N] [--picture FILE] [--json]';
const defaultPicture = resolve(import.meta.dirname, '../../.cache/simulate-day/day.svg');

try {
  const { values } = parseArgs({
    options: {
      arrivals: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      picture: { type: 'string', default: defaultPicture },
      json: { type: 'boolean', default: false },
    },
  });
  const whole = (name: 'arrivals' | 'seed', least: number): number => {
    const value = Number(values[name]);
    if (!Number.isSafeInteger(value) || value < least) throw new Error(`--${name} is a whole number from ${least} up.`);
    return value;
  };
  const { rhythm, source } = readRhythm();
  const seed = whole('seed', 0);
  const history = arrivalsOf(rhythm, { count: whole('arrivals', 1), seed, from: DAY.from });
  const report = await simulate(dayConfig, history, { seed, compare: EVERY_STRATEGY, ...DAY });
  mkdirSync(dirname(values.picture), { recursive: true });
  writeFileSync(values.picture, simulationPicture(report));
  const picture = relative('', values.picture);
  console.log(
    values.json
      ? JSON.stringify({ source, picture, ...report })
      : `${report.arrivals} conversations in a day, ${dayConfig.agents.length} agents, ${source}, seed ${seed}\n\n${simulationTable(report)}\n\npicture: ${picture}`,
  );
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  if ((error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true) process.stderr.write(`${usage}\n`);
  process.exitCode = 1;
}
