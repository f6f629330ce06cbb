import { afterEach, expect, it, vi } from 'vitest';
import { until } from './until.ts';

/** A number that tells when it changes. */
function counter() {
  const listeners = new Set<() => void>();
  return {
    n: 0,
    listeners,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add() {
      this.n++;
      for (const listener of listeners) listener();
    },
  };
}
afterEach(() => vi.useRealTimers());

it('gives what is there already, or what comes', async () => {
  const one = counter();
  expect(await until(one, () => one.n === 0 && 'now')).toBe('now');
  const later = until(one, () => (one.n < 2 ? null : `after ${one.n}`));
  one.add();
  one.add();
  expect(await later).toBe('after 2');
  expect(one.listeners.size).toBe(0);
});

it('fails with what the question throws, and stops listening', async () => {
  const one = counter();
  const broken = until(one, () => {
    if (one.n > 0) throw new Error('too many');
    return null;
  });
  one.add();
  await expect(broken).rejects.toThrow('too many');
  expect(one.listeners.size).toBe(0);
});

it('says what it waited for when that does not come', async () => {
  vi.useFakeTimers();
  const one = counter();
  const never = expect(until(one, () => one.n === 7, { withinMs: 500 })).rejects.toThrow(
    /within 500 ms: .*one\.n === 7/,
  );
  await vi.advanceTimersByTimeAsync(500);
  await never;
  expect(one.listeners.size).toBe(0);
});
