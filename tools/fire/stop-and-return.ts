import { pause } from '../replay/staff.ts';
import { type Crowd, openCrowd } from './crowd.ts';
import { openStage } from './stage.ts';
import type { Verdict } from './verdict.ts';

export interface StopOptions {
  clients: number;
  seed: number;
  deadlineMs: number;
}

export interface StopResult extends Verdict {
  clients: number;
  /** Messages that waited for their ack when the relay was told to end. */
  underWay: number;
  exitMs: number;
  /** How the open sockets were ended, by close code. */
  ends: Record<number, number>;
  /** From the next relay's first word until everybody was back. */
  backMs: number;
}

/** Of so many visitors one talks, and is answered, once in the time below; the others are there. */
const TALKER_ONE_IN = 5;
const EVERY_MS = 4_000;
const AGENTS = 3;
/** Talk before the relay is told to end. */
const TALK_MS = 3_000;

/** SIGTERM under a full house, as at every deployment; another relay follows on the same port and data. */
export async function stopAndReturn({ clients, seed, deadlineMs }: StopOptions): Promise<StopResult> {
  const visitors = clients - AGENTS;
  const talkers = Math.floor(visitors / TALKER_ONE_IN);
  const stage = await openStage({ agents: AGENTS, capacity: talkers });
  let crowd: Crowd | null = null;
  try {
    await stage.relay.start();
    crowd = await openCrowd({
      ...{ stage, talkers, listeners: visitors - talkers, everyMs: EVERY_MS, reloadOneIn: 0, seed, deadlineMs },
      sockets: { handshakeMs: 20_000 },
    });
    await pause(TALK_MS, crowd.signal);
    const { underWay } = crowd;
    const stoppedAt = performance.now();
    await stage.relay.stop();
    const exitMs = Math.round(performance.now() - stoppedAt);
    const ends = Object.fromEntries(crowd.opened.ends);
    await stage.relay.start();
    const startedAt = performance.now();
    await crowd.allOnline();
    const backMs = Math.round(performance.now() - startedAt);
    return { clients, underWay, exitMs, ends, backMs, ...(await crowd.verdict()) };
  } finally {
    await crowd?.close();
    await stage.close();
  }
}
