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
