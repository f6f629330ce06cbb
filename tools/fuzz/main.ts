// Random, grammar-made and bent frames into the whole core: it must live, answer by its schemas, and keep its memory.
//
//   npm run fuzz -- [--seed N] [--frames M] [--json]
import { parseArgs } from 'node:util';
import { fuzz } from '../../packages/server/src/security/fuzz.ts';

const MAX_GROWTH_BYTES = 32 * 1024 * 1024;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    frames: { type: 'string', default: '100000' },
    json: { type: 'boolean', default: false },
  },
});
const whole = (name: 'seed' | 'frames'): number => {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} is a whole number from 1 up.`);
  return value;
};

let rejections = 0;
process.on('unhandledRejection', (error) => {
  rejections++;
  console.error('Nobody handled', error);
});

const { gc } = globalThis as { gc?: () => void };
if (gc === undefined) throw new Error('Run it with --expose-gc: the heap is measured after it was collected.');
const startedAt = performance.now();
const report = await fuzz({
  seed: whole('seed'),
  frames: whole('frames'),
  collect() {
    gc();
    return process.memoryUsage().heapUsed;
  },
});
const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
const isBounded = (report.heapGrowthBytes ?? 0) <= MAX_GROWTH_BYTES;
const isGood = report.problems.length === 0 && rejections === 0 && isBounded;

if (values.json) console.log(JSON.stringify({ ...report, rejections, seconds, isGood }));
else {
  const growth = `${((report.heapGrowthBytes ?? 0) / 1024 / 1024).toFixed(1)} MiB`;
  console.log(
    `${report.frames} frames over ${report.lines} lines in ${seconds} s: ${report.answers} answers by their schemas, ${report.done} commands done, ${rejections} rejections nobody handled, heap ${growth} larger`,
  );
  for (const problem of report.problems) console.log(problem);
  if (!isGood) console.log(`Again: npm run fuzz -- --seed ${report.seed} --frames ${report.frames}`);
}
process.exitCode = isGood ? 0 : 1;
