import type { ScheduleInput, Span } from '@sveiki/sdk/config';
import { Temporal } from 'temporal-polyfill';
import type { ConfigProblem } from '../config-problem.ts';

export type ScheduleProblemCode =
  | 'unknown-time-zone'
  | 'bad-time'
  | 'bad-day'
  | 'bad-date'
  | 'overlapping-spans'
  | 'never-opens';

type Problem = ConfigProblem<ScheduleProblemCode>;

const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const MINUTES_OF_DAY = 1_440;
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** What cannot work in a schedule, with `path` before each place. Overlapping spans are named: they would be one, and that is rarely meant. */
export function checkSchedule(schedule: ScheduleInput, path: string): Problem[] {
  const problems: Problem[] = [];
  const problem = (code: ScheduleProblemCode, at: string, message: string): void =>
    void problems.push({ code, path: at, message });

  if (!isTimeZone(schedule.timeZone))
    problem(
      'unknown-time-zone',
      `${path}.timeZone`,
      `There is no time zone "${schedule.timeZone}". Write an IANA name such as "Europe/Riga".`,
    );

  const days = new Map<string, Day>();
  for (const [day, spans] of Object.entries(schedule.week)) {
    const name = DAYS[Number(day) - 1];
    if (!/^[1-7]$/.test(day) || name === undefined) {
      problem('bad-day', `${path}.week.${day}`, `"${day}" is no day of the week. 1 is Monday, 7 is Sunday.`);
      continue;
    }
    days.set(day, { spans: spans ?? [], path: `${path}.week.${day}`, name });
  }
  for (const [date, spans] of Object.entries(schedule.dates ?? {})) {
    const at = `${path}.dates.${date}`;
    if (isDate(date)) days.set(date, { spans, path: at, name: date });
    else problem('bad-date', at, `"${date}" is no date. Write it as YYYY-MM-DD, such as "2026-12-24".`);
  }

  for (const day of days.values()) {
    day.spans.forEach(([open, close], index) => {
      if (!TIME.test(open)) problem('bad-time', `${day.path}[${index}][0]`, badTime(open, 'opens', '23:59'));
      if (!TIME.test(close) && close !== '24:00')
        problem('bad-time', `${day.path}[${index}][1]`, badTime(close, 'closes', '24:00'));
    });
  }
  if (problems.length > 0) return problems;

  for (const [key, day] of days) {
    const before = dayBefore(key, days);
    const tail = before === undefined ? [] : nightInto(before);
    const all = [
      ...tail,
      ...day.spans.map((span, index) => ({ ...minutes(span), path: `${day.path}[${index}]`, span })),
    ];
    for (const [index, span] of all.entries()) {
      // Two nights that meet in a morning meet there once, not twice.
      const other = all.slice(0, index).find((earlier) => earlier.from < span.to && span.from < earlier.to);
      if (other === undefined || index < tail.length) continue;
      problem(
        'overlapping-spans',
        span.path,
        `${shown(span.span)} on ${day.name} overlaps ${shown(other.span)} (${other.path}). Make them one span, or end the first where the second begins.`,
      );
    }
  }
  if ([...days.values()].every(({ spans }) => spans.length === 0))
    problem(
      'never-opens',
      path,
      'This schedule never opens. Give at least one day a span, such as ["09:00", "18:00"].',
    );
  return problems;
}

interface Day {
  spans: readonly Span[];
  path: string;
  name: string;
}

function badTime(time: string, verb: string, latest: string): string {
  return `"${time}" is no time at which something ${verb}. Write HH:MM from 00:00 to ${latest}.`;
}

const shown = ([open, close]: Span): string => `${open}-${close}`;

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** Minutes since the local midnight the span belongs to; a night ends after 1,440. */
function minutes([open, close]: Span): { from: number; to: number } {
  const [from, to] = [minuteOf(open), minuteOf(close)];
  return { from, to: to <= from ? to + MINUTES_OF_DAY : to };
}

/** What of a day's spans reaches into the next one, in that day's minutes. */
function nightInto(before: Day): { from: number; to: number; path: string; span: Span }[] {
  return before.spans.flatMap((span, index) => {
    const { to } = minutes(span);
    return to > MINUTES_OF_DAY ? [{ from: 0, to: to - MINUTES_OF_DAY, path: `${before.path}[${index}]`, span }] : [];
  });
}

function dayBefore(key: string, days: ReadonlyMap<string, Day>): Day | undefined {
  if (key.length === 1) return days.get(key === '1' ? '7' : String(Number(key) - 1));
  const before = Temporal.PlainDate.from(key).subtract({ days: 1 });
  return days.get(before.toString()) ?? days.get(String(before.dayOfWeek));
}

function isTimeZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

function isDate(text: string): boolean {
  try {
    return /^\d{4}-\d{2}-\d{2}$/.test(text) && Temporal.PlainDate.from(text, { overflow: 'reject' }) !== null;
  } catch {
    return false;
  }
}
