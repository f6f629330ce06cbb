/**
 * Arithmetic that every measure shares. Nothing measured is `null`, never 0 (rule G4 of the definitions). Results are exact; rounding is for
 * showing them.
 */

/** The normal quantile of a 95 % interval, as the definitions write it. */
export const Z95 = 1.96;

/** Below this many values a figure is shown greyed, and not compared (G5). */
export const FEW = 10;

export interface Interval {
  low: number;
  high: number;
}

/** Linear interpolation at position `p * (n - 1)` of the sorted values, as `percentile_cont` of SQL does (G2). `p` from 0 to 1. */
export function percentile(values: readonly number[], p: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const position = p * (sorted.length - 1);
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  return below === undefined || above === undefined
    ? null
    : below + (above - below) * (position - Math.floor(position));
}

export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** `part` of `whole` in percent. */
export function percent(part: number, whole: number): number | null {
  return whole === 0 ? null : (part / whole) * 100;
}

/** The 95 % Wilson score interval of a share, in percent (G6). */
export function wilson(part: number, whole: number): Interval | null {
  if (whole === 0) return null;
  const share = part / whole;
  const square = Z95 ** 2 / whole;
  const centre = share + square / 2;
  const reach = Z95 * Math.sqrt((share * (1 - share)) / whole + square / (4 * whole));
  // The ends of 0 of n and n of n are exactly 0 and 100; floating point would miss them by a hair.
  const low = part === 0 ? 0 : (centre - reach) / (1 + square);
  const high = part === whole ? 1 : (centre + reach) / (1 + square);
  return { low: low * 100, high: high * 100 };
}

/** Rounds halves away from zero: -0.5 becomes -1. */
export function round(value: number, digits = 0): number {
  const scale = 10 ** digits;
  // What is a half in decimal may be a hair below it in binary.
  const away = Math.round(Math.abs(value) * scale * (1 + Number.EPSILON)) / scale;
  return value < 0 && away !== 0 ? -away : away;
}
