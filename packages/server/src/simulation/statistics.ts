/** The p-th part of the values in order, with linear interpolation: SQL's `percentile_cont`. Null without values. */
export function percentile(values: readonly number[], p: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const position = p * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(position)], sorted[Math.ceil(position)]];
  if (below === undefined || above === undefined) return null;
  return below + (above - below) * (position - Math.floor(position));
}

export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard deviation (of all values, not of a sample) ÷ mean: 0 when all are equal. Null without values or with a mean of 0. */
export function variation(values: readonly number[]): number | null {
  const middle = mean(values);
  if (middle === null || middle === 0) return null;
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)) ?? 0) / middle;
}

/** Jain's index, (Σx)² ÷ (n × Σx²): 1 when all are equal, 1 ÷ n when one has everything. Null without values or when all are 0. */
export function jain(values: readonly number[]): number | null {
  const squares = values.reduce((sum, value) => sum + value * value, 0);
  return squares === 0 ? null : values.reduce((sum, value) => sum + value, 0) ** 2 / (values.length * squares);
}
