import { texts } from '../texts.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** From here on a wait is shown as a warning, from there as a danger. Only colours: nothing is decided by them. */
const warningMs = 3 * minute;
const dangerMs = 10 * minute;

/** How old something is: a short text for a row, the same in whole words, and how pressing it is. */
export interface Age {
  text: string;
  words: string;
  level: 'calm' | 'warning' | 'danger' | 'past';
}

/** How long somebody waits. Clocks of two machines differ a little, so a wait is never negative. */
export function waitAge(since: number, now: number): Age {
  const ms = Math.max(0, now - since);
  return {
    text: ms < minute ? texts.time.now : shortSpan(ms),
    words: span(ms),
    level: ms >= dangerMs ? 'danger' : ms >= warningMs ? 'warning' : 'calm',
  };
}

/** When something was: relative up to an hour, then the clock, the weekday, the date. */
export function pastAge(at: number, now: number, timeZone: string): Age {
  const ms = Math.max(0, now - at);
  if (ms < hour)
    return { text: ms < minute ? texts.time.now : shortSpan(ms), words: texts.time.ago(span(ms)), level: 'past' };
  const text =
    dayKey(at, timeZone) === dayKey(now, timeZone)
      ? clockTime(at, timeZone)
      : ms < 6 * day
        ? format({ weekday: 'short' }, timeZone).format(at)
        : shortDate(at, now, timeZone);
  return { text, words: fullTime(at, timeZone), level: 'past' };
}

function shortSpan(ms: number): string {
  if (ms < hour) return texts.time.minutes(Math.floor(ms / minute));
  if (ms < day) return texts.time.hours(Math.floor(ms / hour));
  return texts.time.days(Math.floor(ms / day));
}

function span(ms: number): string {
  if (ms < minute) return texts.time.justNow;
  if (ms < hour) return texts.time.minutesLong(Math.floor(ms / minute));
  if (ms < day) return texts.time.hoursLong(Math.floor(ms / hour));
  return texts.time.daysLong(Math.floor(ms / day));
}

/** The desk speaks English with day before month and 24 hours: short, and the same for everybody in a team. */
const formats = new Map<string, Intl.DateTimeFormat>();
function format(options: Intl.DateTimeFormatOptions, timeZone: string): Intl.DateTimeFormat {
  const key = `${timeZone} ${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat('en-GB', { ...options, timeZone });
    formats.set(key, found);
  }
  return found;
}

export const clockTime = (at: number, timeZone: string) =>
  format({ hour: '2-digit', minute: '2-digit' }, timeZone).format(at);

export const fullTime = (at: number, timeZone: string) =>
  format(
    { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' },
    timeZone,
  ).format(at);

/** One word per calendar day in a zone. */
export const dayKey = (at: number, timeZone: string) =>
  format({ year: 'numeric', month: '2-digit', day: '2-digit' }, timeZone).format(at);

const yearOf = (at: number, timeZone: string) => format({ year: 'numeric' }, timeZone).format(at);

export function shortDate(at: number, now: number, timeZone: string): string {
  const sameYear = yearOf(at, timeZone) === yearOf(now, timeZone);
  return format({ day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) }, timeZone).format(at);
}

/** The line between two days of a conversation. */
export function dayName(at: number, now: number, timeZone: string): string {
  const key = dayKey(at, timeZone);
  if (key === dayKey(now, timeZone)) return texts.time.today;
  if (key === dayKey(now - day, timeZone)) return texts.time.yesterday;
  const sameYear = yearOf(at, timeZone) === yearOf(now, timeZone);
  return format(
    { weekday: 'long', day: 'numeric', month: 'long', ...(sameYear ? {} : { year: 'numeric' }) },
    timeZone,
  ).format(at);
}

/** The time where somebody is, with the difference to one's own; null when the zone is not one. */
export function localTime(
  now: number,
  theirs: string,
  own: string,
): { time: string; place: string; difference: string } | null {
  try {
    const minutes = Math.round((wallClock(now, theirs) - wallClock(now, own)) / minute);
    const hours = texts.person.hours(String(Math.round(Math.abs(minutes) / 6) / 10));
    return {
      time: clockTime(now, theirs),
      place: (theirs.split('/').at(-1) ?? theirs).replaceAll('_', ' '),
      difference:
        minutes === 0 ? texts.person.sameTime : minutes > 0 ? texts.person.ahead(hours) : texts.person.behind(hours),
    };
  } catch {
    return null;
  }
}

/** What the clock on a wall in `timeZone` shows, as if it were UTC: only good for differences. */
export function wallClock(at: number, timeZone: string): number {
  const parts = format(
    { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', hourCycle: 'h23' },
    timeZone,
  ).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((found) => found.type === type)?.value);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
}
