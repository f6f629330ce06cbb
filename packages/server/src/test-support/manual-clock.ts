import type { Clock } from '../ports.ts';

/** A clock that a test moves. Timers run in their order, each at its own time. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
  /** The hands are set, as an operator or a time server does: timers do not notice. */
  set(now: number): void;
}

export function manualClock(start = Date.UTC(2026, 4, 20, 9)): ManualClock {
  let now = start;
  let steady = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: steady + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const end = steady + ms;
      for (;;) {
        const next = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        const to = next === undefined ? end : Math.max(next.at, steady);
        now += to - steady;
        steady = to;
        if (next === undefined) return;
        timers.delete(next);
        next.run();
      }
    },
    set(value) {
      now = value;
    },
  };
}
