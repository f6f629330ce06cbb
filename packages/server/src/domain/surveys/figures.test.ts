import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { round } from '../measures/statistics.ts';
import { ces, csat, figures, nps } from './figures.ts';

const times = (n: number, score: number): number[] => Array.from({ length: n }, () => score);
const two = (value: number | null | undefined): number | null => (typeof value === 'number' ? round(value, 2) : null);

describe('CSAT', () => {
  it.each([
    [4, 4, 100, 51.01, 100],
    [8, 9, 88.89, 56.5, 98.01],
    [89, 100, 89, 81.37, 93.75],
    [1_602, 1_800, 89, 87.47, 90.36],
    [0, 5, 0, 0, 43.45],
  ])('[M11] of %d good in %d is %d %, between %d and %d', (good, n, share, low, high) => {
    const result = csat([...times(good, 4), ...times(n - good, 3)]);
    expect([result.n, two(result.csat), two(result.interval?.low), two(result.interval?.high)]).toEqual([
      n,
      share,
      low,
      high,
    ]);
  });

  it('[M11] of nobody is nothing, not 0', () => {
    expect(csat([])).toMatchObject({ n: 0, csat: null, mean: null, interval: null, few: true });
  });

  it('names the mean and every point beside the share', () => {
    expect(csat([1, 4, 5, 5])).toMatchObject({ csat: 75, mean: 3.75, counts: [1, 0, 0, 1, 2] });
  });

  it('knows scales of three and of two', () => {
    expect(csat([1, 2, 3, 3], 3).csat).toBe(50);
    expect(figures('thumbs', [1, 1, 0, 1])).toMatchObject({ kind: 'csat', csat: 75, counts: [1, 3] });
  });

  it('is greyed below ten answers', () => {
    expect(csat(times(9, 5)).few).toBe(true);
    expect(csat(times(10, 5)).few).toBe(false);
  });
});

describe('NPS', () => {
  it.each([
    [50, 30, 20, 30, 15.31, false],
    [5, 3, 2, 30, 48.41, true],
    [300, 150, 50, 50, 5.88, false],
  ])('[M12] of %d promoters, %d passives, %d detractors is %d +- %d', (p, passive, d, value, margin, few) => {
    const result = nps([...times(p, 9), ...times(passive, 8), ...times(d, 6)]);
    expect([result.nps, two(result.margin), result.few]).toEqual([value, margin, few]);
    expect([result.promoters, result.passives, result.detractors]).toEqual([p, passive, d]);
  });

  it('[M12] is kept with two decimals and shown whole, halves away from zero', () => {
    expect(nps([...times(2, 0), ...times(4, 7)])).toMatchObject({ nps: -33.33, shown: -33 });
    expect(nps([...times(1, 0), ...times(199, 7)])).toMatchObject({ nps: -0.5, shown: -1 });
  });

  it('[M12] of nobody is nothing', () => {
    expect(nps([])).toMatchObject({ nps: null, shown: null, margin: null });
  });
});

describe('CES', () => {
  it('[M13] names headline, mean and index', () => {
    const scores = [80, 210, 140, 110, 160, 180, 120].flatMap((n, i) => times(n, i + 1));
    const result = ces(scores);
    expect([two(result.mean), result.ces, two(result.index)]).toEqual([4.08, 46, -13]);
  });
});

it('figures stay within their bounds, and count every answer once, whatever the scores', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 1 }), (scores) => {
      const score = nps(scores);
      expect(Math.abs(score.nps ?? 999)).toBeLessThanOrEqual(100);
      expect(score.promoters + score.passives + score.detractors).toBe(scores.length);
      for (const scale of ['csat', 'ces'] as const) {
        const high = scale === 'csat' ? 5 : 7;
        const result = figures(
          scale,
          scores.map((one) => (one % high) + 1),
        );
        expect(result.counts.reduce((sum, one) => sum + one, 0)).toBe(scores.length);
      }
    }),
  );
});
