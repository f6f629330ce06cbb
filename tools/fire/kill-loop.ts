import { createRandom } from '../replay/random.ts';
import { pause } from '../replay/staff.ts';
import { type Crowd, openCrowd } from './crowd.ts';
import { openStage } from './stage.ts';
import type { Verdict } from './verdict.ts';

export interface KillLoopOptions {
  kills: number;
  /** Visitors and agents. */
  clients: number;
  seed: number;
  deadlineMs: number;
  tell?: (news: string) => void;
}

export interface KillLoopResult extends Verdict {
  kills: number;
  clients: number;
  /** Kills at which somebody waited to hear that a message is stored. */
  killsAtWork: number;
  /** Messages that went up again because their ack did not come. */
  resends: number;
}

/** One client of so many is an agent. */
const AGENT_ONE_IN = 7;
/** Of so many kills one meets people who are just coming back. The others come after some messages: at most so many were acknowledged by this relay. */
const EARLY_ONE_IN = 5;
const MOST_ACKS = 60;
/** Then, somewhere in this time. */
const WITHIN_MS = 30;
/** How long nobody starts it again, at most. */
const GONE_MS = 150;

/** SIGKILL at random moments, again and again, under people who talk. */
export async function killLoop(options: KillLoopOptions): Promise<KillLoopResult> {
  const { kills, clients, seed, deadlineMs, tell = () => {} } = options;
  const random = createRandom(seed);
  const agents = Math.max(1, Math.round(clients / AGENT_ONE_IN));
  const stage = await openStage({ agents });
  let crowd: Crowd | null = null;
  try {
    await stage.relay.start();
    crowd = await openCrowd({ stage, talkers: clients - agents, impatience: 0.1, seed, deadlineMs });
    let killsAtWork = 0;
    for (let i = 1; i <= kills; i++) {
      if (!random.chance(1 / EARLY_ONE_IN)) await crowd.untilAcked(crowd.acked + 1 + random.whole(MOST_ACKS));
      await pause(random.next() * WITHIN_MS, crowd.signal);
      if (crowd.underWay > 0) killsAtWork++;
      await stage.relay.kill();
      await pause(random.next() * GONE_MS, crowd.signal);
      await stage.relay.start();
      if (i % 10 === 0) tell(`${i} of ${kills} kills, ${crowd.acked} messages acknowledged`);
    }
    const verdict = await crowd.verdict();
    return { kills, clients, killsAtWork, resends: crowd.resends.count, ...verdict };
  } finally {
    await crowd?.close();
    await stage.close();
  }
}
