import { socketsOf } from '../replay/site-socket.ts';
import { type Crowd, openCrowd } from './crowd.ts';
import { ORIGIN, openStage } from './stage.ts';
import type { Verdict } from './verdict.ts';

export interface CrowdedOptions {
  /** What the system lets the relay open. */
  openFiles: number;
  clients: number;
  seed: number;
  deadlineMs: number;
}

export interface CrowdedResult extends Verdict {
  openFiles: number;
  clients: number;
  /** Strangers who came in, and who were turned away. */
  letIn: number;
  turnedAway: number;
  /** Messages that were acknowledged while there was no room. */
  ackedMeanwhile: number;
  isHealthy: boolean;
  isLogged: boolean;
  /** Sockets of those who were there before that ended meanwhile. */
  brokenOff: number;
  /** A stranger was let in when others had gone. */
  hasRecovered: boolean;
}

const AGENTS = 2;
const ACKS = 50;

/** More people than the relay may have open files: those who are there go on, and others come in when there is room. */
export async function crowded({ openFiles, clients, seed, deadlineMs }: CrowdedOptions): Promise<CrowdedResult> {
  const under = ['sh', '-c', `ulimit -n ${openFiles}; exec "$@"`, 'sh'];
  const stage = await openStage({ agents: AGENTS, under });
  let crowd: Crowd | null = null;
  const strangers = socketsOf(ORIGIN);
  const knock = (): Promise<boolean> =>
    new Promise((done) => {
      const socket = new strangers.Socket(`${stage.server.replace('http', 'ws')}/v1/socket`);
      socket.onopen = () => done(true);
      socket.onerror = () => {};
      socket.onclose = () => done(false);
    });
  try {
    await stage.relay.start();
    crowd = await openCrowd({ stage, talkers: clients - AGENTS, everyMs: 200, reloadOneIn: 0, seed, deadlineMs });
    const knocked = await Promise.all(Array.from({ length: openFiles }, knock));
    const letIn = knocked.filter((isIn) => isIn).length;
    const ackedBefore = crowd.acked;
    const [health] = await Promise.all([fetch(`${stage.server}/healthz`), crowd.untilAcked(ackedBefore + ACKS)]);
    const ackedMeanwhile = crowd.acked - ackedBefore;
    const brokenOff = crowd.opened.ends.size;
    await strangers.opened.cut();
    let hasRecovered = false;
    while (!hasRecovered && !crowd.signal.aborted) hasRecovered = await knock();
    await strangers.opened.cut();
    const isLogged = stage.relay.output.includes('There is no room for more connections');
    return {
      ...{ openFiles, clients, letIn, turnedAway: openFiles - letIn, ackedMeanwhile },
      ...{ isHealthy: health.ok, isLogged, brokenOff, hasRecovered },
      ...(await crowd.verdict()),
    };
  } finally {
    await strangers.opened.cut();
    await crowd?.close();
    await stage.close();
  }
}
