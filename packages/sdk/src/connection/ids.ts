import type { Clock } from '../clock.ts';

const radix = 36;
/** Nine digits of base 36 hold milliseconds until the year 5188, four hold 1.6 million ids in one of them. */
const timeDigits = 9;
const countDigits = 4;

const digits = (value: number, length: number) => value.toString(radix).padStart(length, '0');

/** Chance for ids and jitter: the machine's own, good enough that nobody guesses an id. */
export const systemRandom = () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;

/**
 * Makes ids of 27 characters that sort by time, also within one millisecond and when the clock steps back. `_after` makes later ids sort after
 * `id` too: the last one an earlier page left on disk.
 */
export function createIds(clock: Clock, random: () => number) {
  let last = 0;
  let count = 0;
  const chance = () => digits(Math.floor(random() * 2 ** 32), 7);
  return {
    _next() {
      const now = clock.now();
      count = now > last ? 0 : count + 1;
      last = Math.max(last, now);
      return digits(last, timeDigits) + digits(count, countDigits) + chance() + chance();
    },
    _after(id: string) {
      last = Math.max(last, Number.parseInt(id.slice(0, timeDigits), radix) + 1 || 0);
    },
  };
}
