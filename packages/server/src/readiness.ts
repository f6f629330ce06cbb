import type { Log } from './log.ts';
import type { Clock, Store } from './ports.ts';

/** The store is asked at most this often: anybody may ask for readiness. */
const READY_FOR_MS = 1_000;
/** A store that takes longer is as good as none: whoever balances the load should know before people wait. */
const PROBE_DEADLINE_MS = 2_000;

const NOT_SERVING = 'The relay is starting or stopping.';
const NOT_WRITABLE = 'The store cannot be written.';
const NO_ANSWER = 'The store does not answer.';

/** What is asked for readiness, once the relay is there. */
interface Serving {
  relay: { readonly ready: boolean };
  store: Pick<Store, 'writable'>;
}

interface Probe {
  at: number;
  /** What is known of it: its answer, or that there is none in time. */
  problem: Promise<string | null>;
  hasEnded: boolean;
}

/**
 * Makes the question whether work may be sent here: null, or why not, in words that anybody may read. The answer is at most a second old and comes
 * within two, also when the disk hangs: no second probe is sent after one that has not come back.
 */
export function createReadiness({ clock, log }: { clock: Clock; log: Log }) {
  let probe: Probe | null = null;
  let known: string | null = null;

  function start(store: Serving['store'], at: number): Probe {
    const started: Probe = { at, problem: Promise.resolve(null), hasEnded: false };
    started.problem = new Promise((resolve) => {
      const late = clock.after(PROBE_DEADLINE_MS, () => resolve(NO_ANSWER));
      const end = (problem: string | null): void => {
        late();
        started.hasEnded = true;
        resolve(problem);
      };
      store.writable().then(
        (isWritable) => end(isWritable ? null : NOT_WRITABLE),
        () => end(NO_ANSWER),
      );
    });
    return started;
  }

  return async (serving: Serving | null): Promise<string | null> => {
    if (serving?.relay.ready !== true) return NOT_SERVING;
    const now = clock.now();
    if (probe === null || (probe.hasEnded && Math.abs(now - probe.at) >= READY_FOR_MS))
      probe = start(serving.store, now);
    const problem = await probe.problem;
    if (problem !== known) {
      if (problem === null) log.info({}, 'The relay is ready again.');
      else log.warn({ problem }, 'The relay is not ready.');
    }
    known = problem;
    return problem;
  };
}
