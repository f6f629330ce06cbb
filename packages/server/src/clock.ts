import type { Clock } from './ports.ts';

/** A timer of the machine cannot be longer than this (2^31-1 ms, about 24.8 days); longer waits are made of several. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    let timer: NodeJS.Timeout;
    const wait = (left: number) => {
      const step = Math.min(Math.max(left, 0), LONGEST_TIMER_MS);
      timer = setTimeout(() => (left > step ? wait(left - step) : run()), step).unref();
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
};
