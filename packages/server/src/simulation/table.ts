import type { VariantReport } from './report.ts';
import type { SimulationReport } from './simulate.ts';

/** A duration as people say it: 0.4 s, 12 s, 3:05 min, 1:02:03 h. A dash for none. */
export function shownDuration(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const two = (part: number): string => String(part).padStart(2, '0');
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)} min`;
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)} h`;
}

export function shownShare(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(1)} %`;
}

const shownIndex = (value: number | null): string => (value === null ? '–' : value.toFixed(2));

const COLUMNS: readonly [title: string, cell: (variant: VariantReport) => string][] = [
  ['served by', ({ name }) => name],
  ['wait p50', ({ waits }) => shownDuration(waits.p50Ms)],
  ['p90', ({ waits }) => shownDuration(waits.p90Ms)],
  ['longest', ({ waits }) => shownDuration(waits.maxMs)],
  ['in 60 s', ({ serviceLevel }) => shownShare(serviceLevel)],
  ['abandoned', ({ abandonment }) => shownShare(abandonment)],
  ['load min-max', ({ agents }) => range(agents.map(({ load }) => load))],
  ['occupancy min-max', ({ agents }) => range(agents.map(({ occupancy }) => occupancy))],
  ['variation', ({ fairness }) => shownIndex(fairness.variation)],
  ['Jain', ({ fairness }) => shownIndex(fairness.jain)],
  ['offers', ({ offers }) => (offers.made === 0 ? '–' : String(offers.made))],
  ['declined', ({ offers }) => (offers.made === 0 ? '–' : String(offers.declined))],
  ['missed', ({ offers }) => (offers.made === 0 ? '–' : String(offers.missed))],
  ['same agent', ({ sameAgent }) => shownShare(sameAgent.of === 0 ? null : sameAgent.n / sameAgent.of)],
];

function range(shares: readonly (number | null)[]): string {
  const known = shares.filter((share) => share !== null);
  if (known.length === 0) return '–';
  return `${Math.round(Math.min(...known) * 100)}-${Math.round(Math.max(...known) * 100)} %`;
}

/** The report as text: the ways side by side, then the load of every agent. Lines end without spaces. */
export function simulationTable(report: SimulationReport): string {
  const first = report.variants[0];
  const agents = first?.agents.map(({ id }) => id) ?? [];
  return [
    grid([
      COLUMNS.map(([title]) => title),
      ...report.variants.map((variant) => COLUMNS.map(([, cell]) => cell(variant))),
    ]),
    '',
    'Load of each agent (weight × time ÷ capacity × time at work)',
    grid([
      ['served by', ...agents],
      ...report.variants.map(({ name, agents: own }) => [name, ...own.map(({ load }) => shownShare(load))]),
    ]),
  ].join('\n');
}

/** Names to the left, numbers to the right. */
function grid(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
