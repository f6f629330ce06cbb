import type { OpeningHours, SetupProblem } from '@sveiki/sdk/agent';

export const weekdays = ['1', '2', '3', '4', '5', '6', '7'] as const;
export type Weekday = (typeof weekdays)[number];

/** One opening span as it is typed. */
export interface SpanDraft {
  open: string;
  close: string;
}

/** A schedule as it is typed. */
export interface ScheduleDraft {
  id: string;
  timeZone: string;
  week: Readonly<Record<Weekday, readonly SpanDraft[]>>;
  dates: readonly { date: string; spans: readonly SpanDraft[] }[];
}

const typed = (spans: readonly (readonly [string, string])[] = []): SpanDraft[] =>
  spans.map(([open, close]) => ({ open, close }));

export function scheduleDraftOf(id: string, { timeZone, week, dates = {} }: OpeningHours): ScheduleDraft {
  return {
    id,
    timeZone,
    week: Object.fromEntries(weekdays.map((day) => [day, typed(week[day])])) as Record<Weekday, SpanDraft[]>,
    dates: Object.entries(dates)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([date, spans]) => ({ date, spans: typed(spans) })),
  };
}

/** A working week, to begin with. */
export function newSchedule(timeZone: string): ScheduleDraft {
  const day = [['09:00', '17:00']] as const;
  return scheduleDraftOf('', { timeZone, week: { 1: day, 2: day, 3: day, 4: day, 5: day } });
}

/** `9` and `9:30` are times too. */
function timeOf(text: string): string {
  const [, hour = '', minute = '00'] = /^(\d{1,2})(?:[:.](\d\d))?$/.exec(text.trim()) ?? [];
  return hour === '' ? text.trim() : `${hour.padStart(2, '0')}:${minute}`;
}

const spansOf = (spans: readonly SpanDraft[]) => spans.map(({ open, close }) => [timeOf(open), timeOf(close)] as const);

/** What is saved. */
export function hoursOf({ timeZone, week, dates }: ScheduleDraft): OpeningHours {
  const days = weekdays.filter((day) => week[day].length > 0).map((day) => [day, spansOf(week[day])]);
  const single = dates.map(({ date, spans }) => [date.trim(), spansOf(spans)]);
  return {
    timeZone: timeZone.trim(),
    week: Object.fromEntries(days) as OpeningHours['week'],
    ...(single.length === 0 ? {} : { dates: Object.fromEntries(single) as NonNullable<OpeningHours['dates']> }),
  };
}

/** A date stands in the schedule once: which of the typed ones are there already. */
export function doubledDates({ dates }: ScheduleDraft): ReadonlySet<number> {
  const all = dates.map(({ date }) => date.trim());
  return new Set(all.flatMap((date, index) => (all.indexOf(date) < index ? [index] : [])));
}

/** What is wrong with exactly this field, in one text; null when nothing is. */
export function setupProblemAt(problems: readonly SetupProblem[], path: string): string | null {
  const found = problems.filter((one) => one.path === path);
  return found.length === 0 ? null : found.map(({ problem, fix }) => `${problem} ${fix}`.trim()).join(' ');
}
