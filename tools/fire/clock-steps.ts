import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Crowd, openCrowd } from './crowd.ts';
import { openStage } from './stage.ts';
import type { Verdict } from './verdict.ts';

export interface ClockStepsOptions {
  clients: number;
  seed: number;
  deadlineMs: number;
  tell?: (news: string) => void;
}

export interface ClockStepsResult extends Verdict {
  clients: number;
  /** Steps of the relay's clock, in seconds beside the true time. */
  steps: number[];
  /** Sockets that ended by themselves meanwhile. */
  brokenOff: number;
  /** Between the earliest and the latest time in the log: whether the relay saw another clock at all. */
  spanSeconds: number;
}

/** Where Debian and others keep it; `LIBFAKETIME` names another place. */
const PLACES = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/faketime/libfaketimeMT.so.1',
];
const HOUR = 3_600;
const STEPS = [HOUR, 0, -HOUR, HOUR, 0];
const AGENTS = 4;
/** Messages acknowledged after each step. */
const ACKS = 100;

/** The clock of the relay's machine is set an hour ahead and back, also across a restart; time that only runs on (monotonic) does, as it would. */
export async function clockSteps(options: ClockStepsOptions): Promise<ClockStepsResult> {
  const { clients, seed, deadlineMs, tell = () => {} } = options;
  const library = [process.env['LIBFAKETIME'] ?? '', ...PLACES].find((place) => existsSync(place));
  if (library === undefined) throw new Error('This needs libfaketime. On Debian: apt-get install faketime');
  const fileIn = (folder: string): string => join(folder, 'faketime');
  const stage = await openStage({
    agents: AGENTS,
    env: (folder) => ({
      ...{ LD_PRELOAD: library, FAKETIME_NO_CACHE: '1', DONT_FAKE_MONOTONIC: '1' },
      FAKETIME_TIMESTAMP_FILE: fileIn(folder),
    }),
  });
  const set = (seconds: number): void => writeFileSync(fileIn(stage.folder), `${seconds < 0 ? '' : '+'}${seconds}s\n`);
  let crowd: Crowd | null = null;
  try {
    set(0);
    await stage.relay.start();
    crowd = await openCrowd({ stage, talkers: clients - AGENTS, impatience: 0.1, reloadOneIn: 50, seed, deadlineMs });
    const brokenOff = await talkThroughSteps(crowd, (step) => {
      set(step);
      tell(`the relay’s clock is ${step} s off, ${crowd?.acked} messages acknowledged`);
    });
    // Resume by what is stored, under a clock that ran back.
    set(HOUR);
    await crowd.untilAcked(crowd.acked + ACKS);
    await stage.relay.kill();
    set(-HOUR);
    await stage.relay.start();
    await crowd.allOnline();
    await crowd.untilAcked(crowd.acked + ACKS);
    const verdict = await crowd.verdict();
    return { clients, steps: STEPS, brokenOff, spanSeconds: spanOf(stage.database), ...verdict };
  } finally {
    await crowd?.close();
    await stage.close();
  }
}

/** People talk on under each of the steps. Returns how many sockets ended by themselves meanwhile. */
export async function talkThroughSteps(crowd: Crowd, set: (seconds: number) => void): Promise<number> {
  const before = brokenOf(crowd);
  for (const step of STEPS) {
    set(step);
    await crowd.untilAcked(crowd.acked + ACKS);
  }
  return brokenOf(crowd) - before;
}

export function spanOf(database: string): number {
  const log = new DatabaseSync(database, { readOnly: true });
  try {
    const { span } = log.prepare('SELECT max(at) - min(at) AS span FROM event').get() as { span: number };
    return Math.round(span / 1_000);
  } finally {
    log.close();
  }
}

/** Sockets that broke: a page that is reloaded closes its own in good order. */
const brokenOf = ({ opened }: Crowd): number =>
  [...opened.ends].reduce((sum, [code, count]) => sum + (code === 1005 || code === 1000 ? 0 : count), 0);
