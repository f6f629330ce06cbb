// How well and how fast canned replies are found by what agents type.
//
//   npm run eval:canned -- [--data FILE,FILE] [--replies N] [--queries N] [--seed N] [--json]
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { evaluate, tableOf } from './evaluate.ts';
import { defaultFiles, readTexts } from './texts.ts';

const usage = 'Use: npm run eval:canned -- [--data FILE,FILE] [--replies N] [--queries N] [--seed N] [--json]';

try {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      replies: { type: 'string', default: '5000' },
      queries: { type: 'string', default: '300' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  });
  const whole = (name: 'replies' | 'queries' | 'seed', least: number): number => {
    const value = Number(values[name]);
    if (!Number.isSafeInteger(value) || value < least) throw new Error(`--${name} is a whole number from ${least} up.`);
    return value;
  };
  const files = values.data?.split(',').filter((file) => file !== '') ?? defaultFiles();
  const texts = readTexts(files);
  const options = { texts, queries: whole('queries', 1), seed: whole('seed', 0), time: () => performance.now() };
  const replies = whole('replies', 6);
  // Once to warm the machine up: a relay has run for days.
  evaluate({ ...options, replies, queries: Math.min(options.queries, 50) });
  const evaluation = evaluate({ ...options, replies });
  console.log(
    values.json
      ? JSON.stringify(evaluation)
      : `${tableOf(evaluation)}\n\nfrom ${files.map((file) => relative('', file)).join(', ')}`,
  );
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  if ((error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true) process.stderr.write(`${usage}\n`);
  process.exitCode = 1;
}
