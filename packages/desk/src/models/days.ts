import { wallClock } from './times.ts';

const dayMs = 24 * 60 * 60_000;

/** `2026-03-04`: the day of an instant in a zone, as date fields write it. */
export function dayOf(at: number, timeZone: string): string {
  return new Date(wallClock(at, timeZone)).toISOString().slice(0, 10);
}

/** The first instant of a day in a zone; null when the text is no day. */
export function startOf(day: string, timeZone: string): number | null {
  const wall = Date.parse(`${day}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(wall)) return null;
  // Twice: the difference to UTC may change between the first guess and the day itself.
  const guess = wall - (wallClock(wall, timeZone) - wall);
  return wall - (wallClock(guess, timeZone) - guess);
}

/** A day is counted whole: what holds until it holds until before the next one begins. */
export const endOf = (day: string, timeZone: string): number | null => {
  const start = startOf(day, timeZone);
  return start === null ? null : startOf(dayOf(start + 1.5 * dayMs, timeZone), timeZone);
};

/** The last day of something that ends before an instant. */
export const lastDayBefore = (at: number, timeZone: string): string => dayOf(at - 1, timeZone);
