// Plays recorded conversations through a relay that is killed and a network that breaks, and says whether a word was lost.
//
//   npm run replay -- [--data FILE,FILE] [--parallel N] [--kills N] [--seed N] [--deadline SECONDS] [--json]
import { parseArgs } from 'node:util';
import { replay } from './replay.ts';
import { defaultFiles, readScripts } from './scripts.ts';

const usage =
  'Use: npm run replay -- [--data FILE,FILE] [--parallel N] [--kills N] [--seed N] [--deadline SECONDS] [--json]';

interface Arguments {
  files: string[];
  parallel: number;
  kills: number;
  seed: number;
  deadlineMs: number;
  json: boolean;
}

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      parallel: { type: 'string', default: '100' },
      kills: { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
      deadline: { type: 'string', default: '300' },
      json: { type: 'boolean', default: false },
    },
  });
  const whole = (name: 'parallel' | 'kills' | 'seed' | 'deadline', least: number): number => {
    const value = Number(values[name]);
    if (!Number.isSafeInteger(value) || value < least) throw new Error(`--${name} is a whole number from ${least} up.`);
    return value;
  };
  return {
    files: values.data?.split(',').filter((file) => file !== '') ?? defaultFiles(),
    parallel: whole('parallel', 1),
    kills: whole('kills', 0),
    seed: whole('seed', 0),
    deadlineMs: whole('deadline', 1) * 1_000,
    json: values.json,
  };
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

// Only an orderly end takes the relay along.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

try {
  const { files, json, ...options } = readArguments();
  const scripts = readScripts(files);
  say(`${scripts.length} conversations from ${files.join(', ')}`);
  const result = await replay({ ...options, scripts, tell: say });
  const { conversations, identical, acked, lost, doubled, kills, cuts, resends, seconds, differences } = result;
  for (const difference of differences.slice(0, 20)) say(difference);
  say(`${kills} kills, ${cuts} cuts, ${resends} messages sent again, ${seconds} s`);
  const line = `conversations ${conversations}, identical ${identical}, acked messages ${acked}, lost ${lost}, doubled ${doubled}`;
  if (json) {
    say(line);
    console.log(JSON.stringify({ conversations, identical, acked, lost, doubled, kills, cuts, resends, seconds }));
  } else console.log(line);
  const isWhole = identical === conversations && lost === 0 && doubled === 0;
  process.exit(isWhole ? 0 : 1);
} catch (error) {
  say((error as Error).message);
  if ((error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true) say(usage);
  process.exit(1);
}
