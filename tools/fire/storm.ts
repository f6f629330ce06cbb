import { residentOf } from '../../bench/child.ts';
import { type Crowd, openCrowd } from './crowd.ts';
import { watchHealth } from './health.ts';
import { openStage, type Stage } from './stage.ts';
import type { Verdict } from './verdict.ts';

export interface StormOptions {
  clients: number;
  seed: number;
  deadlineMs: number;
  tell?: (news: string) => void;
}

/** What one kick did. */
export interface Kick {
  /** From the kick, or from when the relay was there again, until everybody was online. */
  backMs: number;
  worstHealthMs: number;
  failedHealth: number;
  /** The most resident memory of the relay meanwhile, in MB. */
  rssMb: number;
}

export interface StormResult extends Verdict {
  clients: number;
  /** Every connection broken while the relay goes on. */
  cut: Kick;
  /** The relay killed, and another started. */
  killed: Kick;
}

const MB = 1_048_576;
const LOOK_MS = 250;
/** One address of a machine has some 28,000 ports, and those used lately rest for a minute. */
const ADDRESSES = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'];

/** Everybody is kicked at once and comes back by the jitter of his own client, each from an address of his own as behind a proxy; the rates are the usual ones. */
export async function storm({ clients, seed, deadlineMs, tell = () => {} }: StormOptions): Promise<StormResult> {
  const stage = await openStage({ config: { trustedProxies: ['127.0.0.0/8'], rateFactor: 1 } });
  let crowd: Crowd | null = null;
  try {
    await stage.relay.start();
    let visits = 0;
    const address = (): string => `10.${(visits >> 16) & 255}.${(visits >> 8) & 255}.${visits++ & 255}`;
    crowd = await openCrowd({
      ...{ stage, talkers: 0, listeners: clients, seed, deadlineMs },
      sockets: {
        handshakeMs: 20_000,
        from: () => ADDRESSES[visits % ADDRESSES.length] as string,
        headers: () => ({ 'x-forwarded-for': address() }),
      },
    });
    tell(`${crowd.online} online, ${rssMb(stage)} MB`);
    await crowd.opened.cut();
    const cut = await comeBack(stage, crowd);
    tell(`all back ${cut.backMs} ms after they were cut off`);
    await stage.relay.kill();
    const killedAt = performance.now();
    await stage.relay.start();
    tell(`another relay is ready after ${Math.round(performance.now() - killedAt)} ms`);
    const killed = await comeBack(stage, crowd);
    tell(`all back ${killed.backMs} ms after the relay was`);
    return { clients, cut, killed, ...(await crowd.verdict()) };
  } finally {
    await crowd?.close();
    await stage.close();
  }
}

async function comeBack(stage: Stage, crowd: Crowd): Promise<Kick> {
  const startedAt = performance.now();
  const health = watchHealth(stage.server);
  let most = 0;
  const look = setInterval(() => {
    most = Math.max(most, rssMb(stage));
  }, LOOK_MS);
  try {
    await crowd.allOnline();
    const backMs = Math.round(performance.now() - startedAt);
    const { worstMs, failed } = await health.worst();
    return { backMs, worstHealthMs: worstMs, failedHealth: failed, rssMb: most };
  } finally {
    clearInterval(look);
  }
}

const rssMb = ({ relay }: Stage): number => Math.round(residentOf(relay.pid) / MB);
