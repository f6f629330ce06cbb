import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRateLimiter, networkOf, RATES } from './limits.ts';
import type { LimitedAction } from './ports.ts';
import { manualClock } from './test-support/manual-clock.ts';

/** Every rate of the table with a key of its scope. */
const everyRate = Object.entries(RATES).flatMap(([action, scopes]) =>
  Object.entries(scopes).map(([scope, rate]) => ({
    action: action as LimitedAction,
    key: scope === 'session' ? 'mia' : scope === 'site' ? 'site:pk_12345678' : `${scope}:192.0.2.7`,
    rate,
  })),
);

/** The most of any window that ends with what is told now, less what its time allows: to be compared with the burst. Time in intervals. */
function windowMeter(): (at: number, weight: number) => number {
  let sum = 0;
  let lowest = Number.POSITIVE_INFINITY;
  return (at, weight) => {
    lowest = Math.min(lowest, sum - at);
    sum += weight;
    return sum - at - lowest;
  };
}

/** Other keys of the same scope. */
const keyLike = (key: string, i: number): string =>
  key.startsWith('ip') ? key.replace(/192.*/, `198.51.${i >> 8}.${i & 255}`) : `${key}${i}`;

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('rate limits', () => {
  it('lets through at most burst + rate x t in any window, whatever arrives and however the clock jumps', () => {
    const arrivals = fc.array(
      fc.record({
        // Mostly small gaps around the interval, sometimes none, sometimes a long rest.
        gap: fc.oneof(
          fc.constant(0),
          fc.double({ min: 0, max: 3, noNaN: true }),
          fc.double({ min: 0, max: 200, noNaN: true }),
        ),
        stepBackMs: fc.oneof(
          { weight: 19, arbitrary: fc.constant(0) },
          { weight: 1, arbitrary: fc.integer({ min: 1, max: 7_200_000 }) },
        ),
      }),
      { minLength: 1, maxLength: 120 },
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...everyRate),
        arrivals,
        fc.constantFrom(1, 3),
        ({ action, key, rate }, steps, rateFactor) => {
          const clock = manualClock();
          const limiter = createRateLimiter(clock, { rateFactor });
          const interval = rate.perMs / (rate.count * rateFactor);
          const passed: number[] = [];
          let elapsed = 0;
          for (const { gap, stepBackMs } of steps) {
            clock.advance(gap * interval);
            elapsed += gap * interval;
            if (stepBackMs > 0) {
              limiter.take('frame', 'somebody else');
              clock.set(clock.now() - stepBackMs);
            }
            if (limiter.take(action, key) === 0) passed.push(elapsed);
          }
          for (let first = 0; first < passed.length; first++) {
            for (let last = first; last < passed.length; last++) {
              const allowed = rate.burst * rateFactor + (passed[last]! - passed[first]!) / interval;
              if (last - first + 1 > allowed + 1e-6) return false;
            }
          }
          return true;
        },
      ),
      { numRuns: 1_500 },
    );
  });

  it('lets none of a million random arrivals through beyond burst + rate x t in any window', () => {
    const total = 1_000_000;
    const random = seeded(20_261_122);
    let arrivals = 0;
    let passed = 0;
    for (const { action, key, rate } of everyRate) {
      const clock = manualClock();
      const limiter = createRateLimiter(clock);
      const interval = rate.perMs / rate.count;
      const keys = Array.from({ length: 200 }, (_, i) => ({ name: keyLike(key, i), meter: windowMeter() }));
      // All keys together come at two to three times what one each may: some are let through, some are not.
      const gap = interval / keys.length / 2;
      let elapsed = 0;
      for (let i = 0; i < total / everyRate.length; i++) {
        const ms = random() < 0.001 ? random() * interval * rate.burst : random() * gap;
        clock.advance(ms);
        elapsed += ms;
        if (random() < 0.001) {
          // Everybody but the clock goes on.
          limiter.take(action, 'somebody else');
          clock.set(clock.now() - random() * 7_200_000);
        }
        const weight = rate.burst > 1_000_000 ? Math.ceil(random() * 12_000_000) : 1;
        // A few are after it all the time.
        const one = keys[Math.floor(random() ** 3 * keys.length)]!;
        arrivals += 1;
        if (limiter.take(action, one.name, weight) > 0) continue;
        passed += 1;
        const excess = one.meter(elapsed / interval, weight) - rate.burst;
        if (excess > 1e-4) expect.fail(`${action} ${one.name}: ${excess} more than allowed`);
      }
    }
    expect(arrivals).toBeGreaterThan(total - everyRate.length);
    expect(passed).toBeGreaterThan(total / 10);
    expect(arrivals - passed).toBeGreaterThan(total / 10);
  });

  it('counts what weighs more as so many at once, and lets the heaviest through after a whole rest', () => {
    const clock = manualClock();
    const limiter = createRateLimiter(clock);
    expect(limiter.take('upload-bytes', 'mia', 30_000_000)).toBe(0);
    expect(limiter.take('upload-bytes', 'mia', 30_000_000)).toBe(720_000);
    expect(limiter.take('upload-bytes', 'mia', 20_000_000)).toBe(0);
    expect(limiter.take('upload-bytes', 'mia', 80_000_000)).toBe(3_600_000);
    clock.advance(3_600_000);
    expect(limiter.take('upload-bytes', 'mia', 80_000_000)).toBe(0);
    expect(limiter.take('upload-bytes', 'mia', 1)).toBe(1);
  });

  it('says exactly when the next one is allowed', () => {
    const clock = manualClock();
    const limiter = createRateLimiter(clock);
    for (let i = 0; i < RATES['visitor-message'].session.burst; i++)
      expect(limiter.take('visitor-message', 'mia')).toBe(0);
    const wait = limiter.take('visitor-message', 'mia');
    expect(wait).toBe(2_000);
    clock.advance(wait - 1);
    expect(limiter.take('visitor-message', 'mia')).toBe(1);
    clock.advance(1);
    expect(limiter.take('visitor-message', 'mia')).toBe(0);
  });

  it('gives nothing for free when the clock steps back, and goes on from there', () => {
    const clock = manualClock();
    const limiter = createRateLimiter(clock);
    while (limiter.take('login', 'ada 192.0.2.7') === 0) clock.advance(1);
    clock.set(clock.now() - 3_600_000);
    expect(limiter.take('login', 'ada 192.0.2.7')).toBeGreaterThan(0);
    clock.advance(60_000);
    expect(limiter.take('login', 'ada 192.0.2.7')).toBe(0);
  });

  it('counts visitors, addresses and sites apart', () => {
    const limiter = createRateLimiter(manualClock());
    while (limiter.take('visitor-message', 'mia') === 0);
    expect(limiter.take('visitor-message', 'noah')).toBe(0);
    while (limiter.take('new-conversation', 'ip:192.0.2.7') === 0);
    expect(limiter.take('new-conversation', 'ip-known:192.0.2.7')).toBe(0);
    expect(limiter.take('new-conversation', 'ip:192.0.2.8')).toBe(0);
  });

  it('lets 200 visitors behind one address connect when they come one after the other', () => {
    const clock = manualClock();
    const limiter = createRateLimiter(clock);
    for (let i = 0; i < 200; i++) {
      expect(limiter.take('connect', 'ip:192.0.2.7')).toBe(0);
      clock.advance(1_000);
    }
  });

  it('remembers a bounded number of keys and keeps those in use', () => {
    const limiter = createRateLimiter(manualClock(), { maxKeys: 100 });
    while (limiter.take('typing', 'mia') === 0);
    for (let i = 0; i < 10_000; i++) {
      limiter.take('typing', `passer-by ${i}`);
      expect(limiter.take('typing', 'mia')).toBeGreaterThan(0);
    }
  });

  it('forgets nobody who is limited before half as many others as it remembers have come', () => {
    const maxKeys = 1_000;
    const limiter = createRateLimiter(manualClock(), { maxKeys });
    while (limiter.take('new-conversation', 'ip:192.0.2.7') === 0);
    for (let i = 0; i < maxKeys / 2 - 1; i++)
      limiter.take('new-conversation', `ip:198.51.${100 + (i >> 8)}.${i & 255}`);
    expect(limiter.take('new-conversation', 'ip:192.0.2.7')).toBeGreaterThan(0);
    // Asking is being remembered: whoever goes on trying is not forgotten however many others come.
    for (let i = 0; i < 20 * maxKeys; i++) {
      limiter.take('new-conversation', `ip:203.0.${i >> 8}.${i & 255}`);
      if (i % 100 === 0) expect(limiter.take('new-conversation', 'ip:192.0.2.7')).toBeGreaterThan(0);
    }
  });

  it('takes a whole /64 of IPv6 as one address', () => {
    const same = ['ip:2001:db8:0:7::1', 'ip:2001:db8:0:7:ffff::', 'ip:2001:0db8::7:1:2:3:4'];
    expect(new Set(same.map(networkOf))).toEqual(new Set(['ip:2001:db8:0:7::/64']));
    expect(networkOf('ip:2001:db8:0:8::1')).toBe('ip:2001:db8:0:8::/64');
    expect(networkOf('ip:::1')).toBe('ip:0:0:0:0::/64');
    expect(networkOf('ip:fe80::1%eth0')).toBe('ip:fe80:0:0:0::/64');
    expect(networkOf('ip:192.0.2.7')).toBe('ip:192.0.2.7');
    const limiter = createRateLimiter(manualClock());
    while (limiter.take('connect', 'ip:2001:db8::1') === 0);
    expect(limiter.take('connect', 'ip:2001:db8::2')).toBeGreaterThan(0);
  });
});
