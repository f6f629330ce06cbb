// The built relay under fire: processes that are killed, stopped and starved under people who talk.
//
//   npm run fire -- kill [--kills N] [--clients N] [--seed N] [--deadline SECONDS] [--json]
//   npm run fire                          says what else there is
import { parseArgs } from 'node:util';
import { type AckOrder, type AckTraceOptions, traceAcks } from './ack-order.ts';
import { churn } from './churn.ts';
import { clockSteps } from './clock-steps.ts';
import { crowded } from './crowded.ts';
import { killLoop } from './kill-loop.ts';
import { standstill } from './standstill.ts';
import { stopAndReturn } from './stop-and-return.ts';
import { type Kick, storm } from './storm.ts';
import type { Verdict } from './verdict.ts';

/** What every play may be told. A play has its own for those that it is about. */
const NUMBERS = { clients: 40, kills: 0, acks: 0, files: 0, seconds: 60, percent: 0, seed: 1, deadline: 900 };
type Numbers = typeof NUMBERS;
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

/** Files and timers that are there by chance at the moment of a look: a heartbeat, a request. */
const SLACK = 5;

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
  files: {
    what: 'more people than the relay may have open files (--files)',
    defaults: { clients: 20, files: 200 },
    async run({ clients, files, seed, deadline }) {
      const result = await crowded({ openFiles: files, clients, seed, deadlineMs: deadline * 1_000 });
      const { letIn, turnedAway, isHealthy, isLogged, brokenOff, hasRecovered } = result;
      const line = `files ${files}, strangers let in ${letIn}, turned away ${turnedAway}, ${counts(result)}`;
      const isKept = isWhole(result) && isHealthy && isLogged && brokenOff === 0 && hasRecovered;
      return { result, line, isKept };
    },
  },
  clock: {
    what: 'the relay’s clock set an hour ahead and back (libfaketime)',
    defaults: { clients: 20 },
    async run({ clients, seed, deadline }) {
      const result = await clockSteps({ clients, seed, deadlineMs: deadline * 1_000, tell: say });
      const line = `steps of ${result.steps.join(', ')} s, sockets broken ${result.brokenOff}, ${counts(result)}`;
      return { result, line, isKept: isWhole(result) && result.brokenOff === 0 && result.spanSeconds > 3_500 };
    },
  },
  churn: {
    what: 'people come and go for --seconds, --percent of them a minute: what stays in memory',
    defaults: { clients: 1_000, seconds: 1_800, percent: 10, deadline: 7_200 },
    async run({ clients, seconds, percent, seed, deadline }) {
      const result = await churn({ clients, seconds, percent, seed, deadlineMs: deadline * 1_000, tell: say });
      const { visits, before, after, rssMbPerHour, heapMbPerHour, heapBytesPerVisit } = result;
      const base = `files ${before.files} and ${after.files}, timers ${before.timers} and ${after.timers}`;
      const line = `visits ${visits}, RSS ${rssMbPerHour} MB/h, heap ${heapMbPerHour} MB/h, ${heapBytesPerVisit} B a visit, ${base}`;
      const isKept = after.files <= before.files + SLACK && after.timers <= before.timers + SLACK;
      return { result, line, isKept };
    },
  },
  storm: {
    what: 'everybody kicked at once, by a cut and by a kill',
    defaults: { clients: 9_000 },
    async run({ clients, seed, deadline }) {
      const result = await storm({ clients, seed, deadlineMs: deadline * 1_000, tell: say });
      const kicks = [result.cut, result.killed];
      const of = (read: (kick: Kick) => number): string => kicks.map(read).join(' and ');
      const line = `clients ${clients}, all back after ${of(({ backMs }) => backMs)} ms, worst health ${of(({ worstHealthMs }) => worstHealthMs)} ms, ${of(({ rssMb }) => rssMb)} MB, ${counts(result)}`;
      return {
        result,
        line,
        isKept: isWhole(result) && kicks.every(({ backMs, failedHealth }) => backMs <= 60_000 && failedHealth === 0),
      };
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

const names = Object.keys(NUMBERS) as (keyof Numbers)[];
const usage = [
  `Use: npm run fire -- PLAY ${names.map((name) => `[--${name} N]`).join(' ')} [--json]`,
  ...Object.entries(PLAYS).map(([name, { what }]) => `  ${name.padEnd(10)}${what}`),
].join('\n');

function readArguments(): { play: Play; numbers: Numbers; json: boolean } {
  const options: Record<string, { type: 'string' | 'boolean' }> = {
    ...Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
    json: { type: 'boolean' },
  };
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const play = PLAYS[positionals[0] ?? ''];
  if (play === undefined || positionals.length > 1) throw new Error(usage);
  const numbers: Numbers = { ...NUMBERS, ...play.defaults };
  for (const name of names) {
    const given = values[name];
    if (given === undefined) continue;
    numbers[name] = Number(given);
    if (!Number.isSafeInteger(numbers[name]) || numbers[name] < 0) throw new Error(`--${name} is a whole number.`);
  }
  return { play, numbers, json: values['json'] === true };
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
