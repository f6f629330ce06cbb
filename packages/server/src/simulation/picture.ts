import type { VariantReport } from './report.ts';
import type { SimulationReport } from './simulate.ts';
import { shownDuration, shownShare } from './table.ts';

const ROW = 46;
const TOP = 84;
const LABEL = 210;
const PANEL = 210;
const GAP = 34;
const BAR = 12;

/** One number of a way to serve the day: a length from 0 to 1, and in words. */
interface Bar {
  length: number;
  text: string;
  tone: 'a' | 'b';
}

interface Panel {
  title: string;
  bars: (variant: VariantReport) => Bar[];
  /** Marks on a line from 0 to 1 instead of bars. */
  dots?: (variant: VariantReport) => { at: number; text: string }[];
}

/**
 * The report as an SVG picture, a row for each way to serve the day: waits, abandonment, and how evenly the agents are loaded. It follows the
 * reader's light or dark setting; every mark says its number, also to a screen reader.
 */
export function simulationPicture(report: SimulationReport): string {
  const { variants } = report;
  const longest = Math.max(1, ...variants.map(({ waits }) => waits.p90Ms ?? 0));
  const left = Math.max(0.01, ...variants.map(({ abandonment }) => abandonment ?? 0));
  const panels: Panel[] = [
    {
      title: 'Wait: half, and nine of ten, are shorter',
      bars: ({ waits }) => [
        { length: (waits.p50Ms ?? 0) / longest, text: shownDuration(waits.p50Ms), tone: 'a' },
        { length: (waits.p90Ms ?? 0) / longest, text: shownDuration(waits.p90Ms), tone: 'b' },
      ],
    },
    {
      title: 'Left before an answer',
      bars: ({ abandonment }) => [{ length: (abandonment ?? 0) / left, text: shownShare(abandonment), tone: 'a' }],
    },
    {
      title: 'Load of each agent, 0 to 100 %',
      bars: () => [],
      dots: ({ agents }) =>
        agents.flatMap(({ id, load }) =>
          load === null ? [] : [{ at: Math.min(1, load), text: `${id} ${shownShare(load)}` }],
        ),
    },
    {
      title: 'Evenness of loads (Jain, 1 is even)',
      bars: ({ fairness }) => [{ length: fairness.jain ?? 0, text: fairness.jain?.toFixed(2) ?? '–', tone: 'a' }],
    },
  ];
  const width = LABEL + panels.length * (PANEL + GAP) + 40;
  const height = TOP + variants.length * ROW + 30;
  const spoken = variants
    .map(
      ({ name, waits, abandonment, fairness }) =>
        `${name}: wait ${shownDuration(waits.p50Ms)} half, ${shownDuration(waits.p90Ms)} nine of ten, ${shownShare(abandonment)} left, evenness ${fairness.jain?.toFixed(2) ?? 'unknown'}.`,
    )
    .join(' ');
  const title = `${report.arrivals} conversations, ${variants[0]?.agents.length ?? 0} agents`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="desc">${escaped(spoken)}</desc>`,
    STYLE,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    `<text class="head" x="24" y="34">${escaped(title)}</text>`,
    ...panels.map(
      ({ title: name }, index) => `<text class="quiet" x="${panelAt(index)}" y="62">${escaped(name)}</text>`,
    ),
    ...variants.map((variant, row) => rowOf(variant, TOP + row * ROW, panels, width)),
    '</svg>',
    '',
  ].join('\n');
}

function rowOf(variant: VariantReport, y: number, panels: readonly Panel[], width: number): string {
  const middle = y + ROW / 2;
  const parts = panels.map(({ bars, dots }, index) => {
    const x = panelAt(index);
    const drawn = bars(variant);
    const from = middle - (drawn.length * (BAR + 3)) / 2;
    const marks = dots?.(variant) ?? [];
    return [
      ...drawn.map(({ length, text, tone }, place) => {
        const [long, at] = [Math.max(1, length * (PANEL - 62)), from + place * (BAR + 3)];
        return `<rect class="${tone}" x="${x}" y="${tenth(at)}" width="${tenth(long)}" height="${BAR}" rx="2"/><text class="number" x="${tenth(x + long + 6)}" y="${tenth(at + BAR - 2)}">${escaped(text)}</text>`;
      }),
      ...(dots === undefined ? [] : [`<line class="axis" x1="${x}" x2="${x + PANEL}" y1="${middle}" y2="${middle}"/>`]),
      ...marks.map(
        ({ at, text }) =>
          `<circle class="dot" cx="${tenth(x + at * PANEL)}" cy="${middle}" r="6"><title>${escaped(text)}</title></circle>`,
      ),
    ].join('');
  });
  return `<g><line class="rule" x1="24" x2="${width - 24}" y1="${y}" y2="${y}"/><text class="name" x="24" y="${middle + 5}">${escaped(variant.name)}</text>${parts.join('')}</g>`;
}

const panelAt = (index: number): number => LABEL + index * (PANEL + GAP) + 24;
const tenth = (value: number): number => Math.round(value * 10) / 10;

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.head { font-size: 18px; font-weight: 600; }
.quiet, .number { font-size: 12px; fill: #57606a; }
.ground { fill: #ffffff; } .rule { stroke: #d8dee4; } .axis { stroke: #8c959f; }
.a { fill: #0a66c2; } .b { fill: #7fb2e5; }
.dot { fill: #0a66c2; fill-opacity: 0.55; stroke: #ffffff; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } .quiet, .number { fill: #9da7b1; }
.ground { fill: #0d1117; } .rule { stroke: #30363d; } .axis { stroke: #6e7681; }
.a { fill: #58a6ff; } .b { fill: #2c5f96; }
.dot { fill: #58a6ff; stroke: #0d1117; }
}
</style>`;
