import { setImmediate } from 'node:timers';
import type { Clock } from '../clock.ts';

/** A clock that stands still until it is told to go on. */
export interface TestClock extends Clock {
  /** Lets `ms` pass: runs what falls due in order, and between two timers everything that promises brought about. */
  advance(ms: number): Promise<void>;
  /** Lets no time pass, only everything happen that waits for nothing but its turn. */
  settle(): Promise<void>;
  /** Moves the clock without running anything, also back: what a corrected system clock does. */
  jump(ms: number): void;
  /** How many timers wait: 0 after a clean end. */
  readonly waiting: number;
}

/** Turns of the event loop that a chain of promises and streams gets between two timers. */
const turns = 3;

/** A test clock, at 2026-11-23T09:00Z unless told otherwise. */
export function testClock(startAt = Date.UTC(2026, 10, 23, 9)): TestClock {
  /** Time that passed, apart from what the clock shows, so that a jump moves no timer. */
  let passed = 0;
  let offset = startAt;
  let order = 0;
  const timers = new Map<number, { at: number; run: () => void }>();

  const settle = async () => {
    for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  };
  const next = () => {
    let found: { key: number; at: number; run: () => void } | null = null;
    for (const [key, timer] of timers) if (found === null || timer.at < found.at) found = { key, ...timer };
    return found;
  };
  return {
    now: () => offset + passed,
    after(ms, run) {
      const key = order++;
      timers.set(key, { at: passed + Math.max(0, ms), run });
      return () => timers.delete(key);
    },
    async advance(ms) {
      const end = passed + ms;
      await settle();
      for (let timer = next(); timer !== null && timer.at <= end; timer = next()) {
        passed = timer.at;
        timers.delete(timer.key);
        timer.run();
        await settle();
      }
      passed = end;
    },
    settle,
    jump(ms) {
      offset += ms;
    },
    get waiting() {
      return timers.size;
    },
  };
}
