import type { Config } from '../config-types.ts';
import type { Log } from '../log.ts';
import type { Clock, Store } from '../ports.ts';

const EVERY_MS = 86_400_000;
/** Rows of a kind that go in one transaction: messages wait no longer for it than for a commit of their own. */
const STEP = 500;
const BETWEEN_STEPS_MS = 100;
const AFTER_FAILURE_MS = 3_600_000;

/** Removes sessions and codes that open nothing any more, now and once a day, a few at a time. Returns what ends it. */
export function startPurge(parts: {
  config: Pick<Config, 'agentIdleMs'>;
  store: Pick<Store, 'purgeExpired'>;
  clock: Clock;
  log: Log;
}): () => void {
  const { config, store, clock, log } = parts;
  let isOver = false;
  let callOff = () => {};

  function step(): void {
    const now = clock.now();
    store.purgeExpired({ now, unusedSince: now - config.agentIdleMs, limit: STEP }).then(
      (gone) => again(gone < STEP ? EVERY_MS : BETWEEN_STEPS_MS),
      (error: unknown) => {
        if (!isOver) log.warn({ error }, 'Expired sessions could not be removed. It is tried again in an hour.');
        again(AFTER_FAILURE_MS);
      },
    );
  }
  function again(ms: number): void {
    if (!isOver) callOff = clock.after(ms, step);
  }

  step();
  return () => {
    isOver = true;
    callOff();
  };
}
