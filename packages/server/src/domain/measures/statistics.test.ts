import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mean, percent, percentile, round, wilson } from './statistics.ts';

describe('percentile', () => {
  it.each([
    [[1, 2, 10], 0.9, 8.4],
    [[10, 1, 2], 0.5, 2],
    [Array.from({ length: 14 }, (_, i) => i), 0.25, 3.25],
    [[7], 0.9, 7],
  ])('of %j at %d is %d', (values, p, expected) => {
    expect(percentile(values, p)).toBeCloseTo(expected, 10);
  });

  it('of nothing is nothing', () => {
    expect(percentile([], 0.9)).toBeNull();
  });

  it('lies among the values and grows with p', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, p, q) => {
          const [low, high] = [percentile(values, Math.min(p, q)) ?? 0, percentile(values, Math.max(p, q)) ?? 0];
          expect(low).toBeGreaterThanOrEqual(Math.min(...values));
          expect(high).toBeLessThanOrEqual(Math.max(...values));
          expect(low).toBeLessThanOrEqual(high + 1e-6);
        },
      ),
    );
  });
});

describe('wilson', () => {
  it.each([
    [4, 4, 51.01, 100],
    [8, 9, 56.5, 98.01],
    [89, 100, 81.37, 93.75],
    [1_602, 1_800, 87.47, 90.36],
    [0, 5, 0, 43.45],
  ])('of %d of %d reaches from %d to %d', (part, whole, low, high) => {
    const interval = wilson(part, whole);
    expect(round(interval?.low ?? -1, 2)).toBe(low);
    expect(round(interval?.high ?? -1, 2)).toBe(high);
  });

  it('of nothing is nothing, and otherwise holds the share and stays between 0 and 100', () => {
    expect(wilson(0, 0)).toBeNull();
    fc.assert(
      fc.property(fc.nat(5_000), fc.nat(5_000), (a, b) => {
        const [part, whole] = [Math.min(a, b), Math.max(a, b, 1)];
        const { low, high } = wilson(part, whole) ?? { low: Number.NaN, high: Number.NaN };
        const share = (part / whole) * 100;
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(100);
        expect(low).toBeLessThanOrEqual(share + 1e-9);
        expect(high).toBeGreaterThanOrEqual(share - 1e-9);
      }),
    );
  });
});

describe('round', () => {
  it.each([
    [0.5, 0, 1],
    [-0.5, 0, -1],
    [-0.4, 0, 0],
    [1.005, 2, 1.01],
    [15.314, 2, 15.31],
  ])('makes %d with %d digits %d', (value, digits, expected) => {
    expect(round(value, digits)).toBe(expected);
  });
});

it('means and percents of nothing are nothing', () => {
  expect(mean([])).toBeNull();
  expect(mean([1, 2])).toBe(1.5);
  expect(percent(0, 0)).toBeNull();
  expect(percent(1, 4)).toBe(25);
});
