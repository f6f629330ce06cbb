import { CLOSE_CODES } from '@sveiki/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIds } from './ids.ts';
import { reconnectDelay } from './reconnect.ts';

describe('[L5] the wait before the next try', () => {
  it('is anywhere between nothing and a bound that doubles up to twenty seconds', () => {
    const longest = (attempt: number) => reconnectDelay({ code: 1006, attempt }, () => 1);
    expect([0, 1, 2, 3, 4, 5, 6, 60].map(longest)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
    expect(reconnectDelay({ code: 1006, attempt: 9 }, () => 0)).toBe(0);
  });

  it('is spread as the relay asked, and never before it said', () => {
    expect(reconnectDelay({ code: 1012, attempt: 0, spreadMs: 30_000 }, () => 0.5)).toBe(15_000);
    expect(reconnectDelay({ code: 4429, attempt: 0, notBeforeMs: 7_000 }, () => 0)).toBe(7_000);
  });

  it('is null where coming back makes no sense', () => {
    const { policy, tooBig, badFrame, unauthorized, forbidden, version } = CLOSE_CODES;
    const final = [policy, tooBig, badFrame, unauthorized, forbidden, version] as number[];
    for (const code of Object.values(CLOSE_CODES))
      expect([code, reconnectDelay({ code, attempt: 0 }, () => 1) === null]).toEqual([code, final.includes(code)]);
  });
});

describe('ids', () => {
  it('sort in the order they were made, also within one millisecond and when the clock steps back', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -100_000, max: 100_000 }), { maxLength: 200 }), (steps) => {
        let now = 1_795_424_400_000;
        const ids = createIds({ now: () => now, after: () => () => {} }, () => 0.123);
        const made = steps.map((step) => {
          now += step % 3 === 0 ? 0 : step;
          return ids._next();
        });
        expect(made.toSorted()).toEqual(made);
        expect(new Set(made).size).toBe(made.length);
        for (const id of made) expect(id).toMatch(/^[a-z0-9]{27}$/);
      }),
    );
  });

  it('follow those an earlier page made, even by a clock that was ahead', () => {
    let now = 2_000_000_000_000;
    const before = createIds({ now: () => now, after: () => () => {} }, () => 0.9)._next();
    now = 1_700_000_000_000;
    const ids = createIds({ now: () => now, after: () => () => {} }, () => 0.1);
    ids._after(before);
    ids._after('what is this');
    expect(ids._next() > before).toBe(true);
  });
});
