import { writeFileSync } from 'node:fs';

/** One number, with what it is to be compared with. */
export interface Result {
  id: string;
  what: string;
  /** What was measured, in `unit`. */
  value: number;
  unit: string;
  /** The same of the yardstick, measured in the same run; null where there is none. */
  baseline: number | null;
  /** `value` / `baseline`. */
  ratio: number | null;
  /** What we want, and what a run may not miss; null where nothing was promised. */
  goal: number | null;
  floor: number | null;
  /** What goal and floor are about. */
  compares: 'ratio' | 'value';
  better: 'higher' | 'lower';
}

export type Verdict = 'reached' | 'under goal' | 'UNDER FLOOR' | '';

export function verdictOf({ value, ratio, goal, floor, compares, better }: Result): Verdict {
  const measured = compares === 'ratio' ? ratio : value;
  const holds = (bound: number | null): boolean =>
    bound === null || (measured !== null && (better === 'higher' ? measured >= bound : measured <= bound));
  if (!holds(floor)) return 'UNDER FLOOR';
  if (goal === null) return '';
  return holds(goal) ? 'reached' : 'under goal';
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Rounds to what can be meant: three digits, and whole numbers from a hundred up. */
export function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

export function saveResults(file: string, results: readonly Result[]): void {
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

export function tableOf(results: readonly Result[]): string {
  const rows = results.map((result) => {
    const { id, what, value, unit, baseline, ratio, goal, floor, compares, better } = result;
    const than = better === 'higher' ? '≥' : '≤';
    const bound = (limit: number | null): string =>
      limit === null ? '' : `${than} ${limit}${compares === 'value' ? ` ${unit}` : ''}`;
    return [
      id,
      `${value} ${unit}`,
      baseline === null ? '' : `${baseline} ${unit}`,
      ratio === null ? '' : ratio.toFixed(2),
      bound(goal),
      bound(floor),
      verdictOf(result),
      what,
    ];
  });
  const head = ['id', 'value', 'baseline', 'ratio', 'goal', 'floor', '', 'what'];
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)));
  return [head, ...rows]
    .map((row) =>
      row.map((cell, column) => (column === head.length - 1 ? cell : cell.padEnd(widths[column]!))).join('  '),
    )
    .join('\n');
}
