import { pause } from '../replay/staff.ts';
import { type Crowd, openCrowd } from './crowd.ts';
import { openStage } from './stage.ts';
import type { Verdict } from './verdict.ts';

export interface StandstillOptions {
  clients: number;
  /** How long the relay does nothing. */
  pauseMs: number;
  seed: number;
  deadlineMs: number;
}

export interface StandstillResult extends Verdict {
  clients: number;
  pauseMs: number;
  /** Messages that waited for their ack when the relay went on. */
  underWay: number;
  /** Sockets that had been given up by then. */
  givenUp: number;
  /** Messages that went up again because their ack did not come. */
  resends: number;
  /** From SIGCONT until everybody was online and nothing of the time before was unanswered. */
  backMs: number;
}

const AGENTS = 4;
const TALK_MS = 1_000;

/** SIGSTOP and SIGCONT, as a machine does that is moved, swaps, or sleeps. */
export async function standstill(options: StandstillOptions): Promise<StandstillResult> {
  const { clients, pauseMs, seed, deadlineMs } = options;
  const stage = await openStage({ agents: AGENTS });
  let crowd: Crowd | null = null;
  try {
    await stage.relay.start();
    crowd = await openCrowd({ stage, talkers: clients - AGENTS, everyMs: 500, seed, deadlineMs });
    await pause(TALK_MS, crowd.signal);
    stage.relay.signal('SIGSTOP');
    await pause(pauseMs, crowd.signal);
    const { underWay } = crowd;
    const givenUp = [...crowd.opened.ends.values()].reduce((sum, count) => sum + count, 0);
    stage.relay.signal('SIGCONT');
    const goneOnAt = performance.now();
    await crowd.allOnline();
    await crowd.acknowledged();
    const backMs = Math.round(performance.now() - goneOnAt);
    const resends = crowd.resends.count;
    return { clients, pauseMs, underWay, givenUp, resends, backMs, ...(await crowd.verdict()) };
  } finally {
    await crowd?.close();
    await stage.close();
  }
}
