// The built relay under fire: processes that are killed, stopped and starved under people who talk.
//
//   npm run fire -- kill [--kills N] [--clients N] [--seed N] [--deadline SECONDS] [--json]
//   npm run fire -- stop | pause | … ; without a name it says which there are
import { parseArgs } from 'node:util';
import { type AckOrder, type AckTraceOptions, traceAcks } from './ack-order.ts';
import { killLoop } from './kill-loop.ts';
import { standstill } from './standstill.ts';
import { stopAndReturn } from './stop-and-return.ts';
import type { Verdict } from './verdict.ts';

type Numbers = Record<'clients' | 'kills' | 'acks' | 'seconds' | 'seed' | 'deadline', number>;
interface Play {
  what: string;
  defaults: Partial<Numbers>;
  /** The last line of its answer, and whether the promise was kept. */
  run(numbers: Numbers): Promise<{ result: object; line: string; isKept: boolean }>;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const isWhole = ({ lost, doubled, differences }: Verdict): boolean =>
  lost === 0 && doubled === 0 && differences.length === 0;
const counts = ({ acked, lost, doubled }: Verdict): string => `acked ${acked}, lost ${lost}, doubled ${doubled}`;

const PLAYS: Record<string, Play> = {
  kill: {
    what: 'SIGKILL at random moments, again and again (--kills)',
    defaults: { clients: 40, kills: 100 },
    async run({ clients, kills, seed, deadline }) {
      const result = await killLoop({ clients, kills, seed, deadlineMs: deadline * 1_000, tell: say });
      const line = `kills ${result.kills}, clients ${result.clients}, ${counts(result)}`;
      return { result, line, isKept: isWhole(result) };
    },
  },
  acks: {
    what: 'system calls of --acks messages: no ack before the sync of its row',
    defaults: { clients: 20, acks: 10_000 },
    run: (numbers) => orderOfAcks(numbers, ({ early }) => early === 0),
  },
  unsynced: {
    what: 'the same with a relay that was changed to sync later: it must be noticed',
    defaults: { clients: 20, acks: 200 },
    run: (numbers) =>
      orderOfAcks(numbers, ({ acks, early }) => early > acks * 0.9, {
        from: 'synchronous = FULL',
        to: 'synchronous = NORMAL',
      }),
  },
  stop: {
    what: 'SIGTERM under a full house, and the next relay',
    defaults: { clients: 2_000 },
    async run({ clients, seed, deadline }) {
      const result = await stopAndReturn({ clients, seed, deadlineMs: deadline * 1_000 });
      const { exitMs, backMs } = result;
      const line = `clients ${clients}, exit after ${exitMs} ms, all back after ${backMs} ms, ${counts(result)}`;
      return { result, line, isKept: isWhole(result) && exitMs <= 10_000 };
    },
  },
  pause: {
    what: 'SIGSTOP for --seconds, then SIGCONT',
    defaults: { clients: 40, seconds: 60 },
    async run({ clients, seconds, seed, deadline }) {
      const result = await standstill({ clients, pauseMs: seconds * 1_000, seed, deadlineMs: deadline * 1_000 });
      const line = `paused ${seconds} s, clients ${clients}, settled after ${result.backMs} ms, ${counts(result)}`;
      return { result, line, isKept: isWhole(result) };
    },
  },
};

async function orderOfAcks(
  { acks, clients, seed, deadline }: Numbers,
  isRight: (order: AckOrder) => boolean,
  patch?: AckTraceOptions['patch'],
): ReturnType<Play['run']> {
  const options = { acks, clients, seed, deadlineMs: deadline * 1_000 };
  const result = await traceAcks(patch === undefined ? options : { ...options, patch });
  return { result, line: `acks ${result.acks}, early ${result.early}, syncs ${result.syncs}`, isKept: isRight(result) };
}

const usage = `Use: npm run fire -- PLAY [--clients N] [--kills N] [--acks N] [--seconds N] [--seed N] [--deadline SECONDS] [--json]\n${Object.entries(
  PLAYS,
)
  .map(([name, { what }]) => `  ${name.padEnd(10)}${what}`)
  .join('\n')}`;

function readArguments(): { play: Play; numbers: Numbers; json: boolean } {
  const number = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ clients: number, kills: number, acks: number, seconds: number, seed: number, deadline: number },
      json: { type: 'boolean', default: false },
    },
  });
  const play = PLAYS[positionals[0] ?? ''];
  if (play === undefined || positionals.length > 1) throw new Error(usage);
  const numbers: Numbers = { clients: 40, kills: 0, acks: 0, seconds: 60, seed: 1, deadline: 900, ...play.defaults };
  for (const name of Object.keys(numbers) as (keyof Numbers)[]) {
    const given = values[name];
    if (given === undefined) continue;
    numbers[name] = Number(given);
    if (!Number.isSafeInteger(numbers[name]) || numbers[name] < 0) throw new Error(`--${name} is a whole number.`);
  }
  return { play, numbers, json: values.json };
}

// Only an orderly end takes the relay along.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

try {
  const { play, numbers, json } = readArguments();
  const { result, line, isKept } = await play.run(numbers);
  const { differences = [], ...figures } = result as { differences?: string[] };
  for (const difference of differences.slice(0, 20)) say(difference);
  if (json) say(line);
  console.log(json ? JSON.stringify({ ...figures, differences: differences.length }) : line);
  process.exit(isKept ? 0 : 1);
} catch (error) {
  say((error as Error).message);
  process.exit(1);
}
