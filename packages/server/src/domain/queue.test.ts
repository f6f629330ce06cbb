import { describe, expect, it } from 'vitest';
import { expectedWaitMs } from './queue.ts';

describe('expectedWaitMs', () => {
  const now = 10_000_000;
  const takes = (count: number) => Array.from({ length: count }, (_, i) => now - i * 1_000);

  it('is (ahead + 1) over the rate of the last 30 minutes, rounded up to a step', () => {
    expect(expectedWaitMs(0, takes(30), now)).toBe(60_000);
    expect(expectedWaitMs(1, takes(30), now)).toBe(120_000);
    expect(expectedWaitMs(2, takes(30), now)).toBe(300_000);
  });

  it('says nothing with fewer than five takes, with old ones, or beyond the longest step', () => {
    expect(expectedWaitMs(0, takes(4), now)).toBeNull();
    expect(
      expectedWaitMs(
        0,
        takes(9).map((at) => at - 1_800_000),
        now,
      ),
    ).toBeNull();
    expect(expectedWaitMs(30, takes(5), now)).toBeNull();
  });
});
