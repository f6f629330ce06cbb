import { texts } from '../texts.ts';
import { clockTime, dayKey, fullTime } from './times.ts';

/** "Open until 18:00", "Closed until Mon, 9:00": whether somebody is open, and until when that holds, in the reader's zone. */
export function hoursInWords(
  { open, nextChange, always = false }: { open: boolean; nextChange: number | null; always?: boolean },
  now: number,
  timeZone: string,
): string {
  const words = texts.hours;
  if (always) return words.always;
  if (nextChange === null) return open ? words.open : words.closed;
  const time =
    dayKey(nextChange, timeZone) === dayKey(now, timeZone)
      ? clockTime(nextChange, timeZone)
      : fullTime(nextChange, timeZone);
  return open ? words.openUntil(time) : words.closedUntil(time);
}
