import { Temporal } from 'temporal-polyfill';

/** Opening hours; see `Schedule` in the configuration for what each part means. */
export interface OpeningHours {
  timeZone: string;
  week: Partial<Record<'1' | '2' | '3' | '4' | '5' | '6' | '7', [string, string][]>>;
  dates?: Record<string, [string, string][]>;
}

/** Furthest day looked at for the next opening or closing. */
const HORIZON_DAYS = 400;

/** The opening spans that begin on one local day, as instants. A span whose close is not after its open ends on the next day. */
function spansOn(hours: OpeningHours, day: Temporal.PlainDate): [number, number][] {
  const spans = hours.dates?.[day.toString()] ?? hours.week[String(day.dayOfWeek) as '1'] ?? [];
  return spans.map(([open, close]) => {
    const overnight = close <= open;
    return [instant(hours, day, open), instant(hours, overnight ? day.add({ days: 1 }) : day, close)];
  });
}

/** Wall time to instant by the "compatible" rule: the earlier one of a repeated hour, forward over a skipped one. `24:00` is the next midnight. */
function instant(hours: OpeningHours, day: Temporal.PlainDate, time: string): number {
  const [date, clock] = time === '24:00' ? [day.add({ days: 1 }), '00:00'] : [day, time];
  return date.toZonedDateTime({ timeZone: hours.timeZone, plainTime: clock }).epochMilliseconds;
}

/** Whether it is open at `at`, and when that changes next: null when never within the horizon (or always). */
export function openingAt(
  hours: OpeningHours,
  at: number,
): { open: boolean; opensAt: number | null; closesAt: number | null } {
  const today = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(hours.timeZone).toPlainDate();
  let closesAt: number | null = null;
  for (let offset = -1; offset <= HORIZON_DAYS; offset++) {
    for (const [open, close] of spansOn(hours, today.add({ days: offset })).toSorted((a, b) => a[0] - b[0])) {
      if (closesAt !== null) {
        // Overlapping and touching spans are one.
        if (open > closesAt) return { open: true, opensAt: null, closesAt };
        closesAt = Math.max(closesAt, close);
      } else if (open <= at && at < close) {
        closesAt = close;
      } else if (open > at) {
        return { open: false, opensAt: open, closesAt: null };
      }
    }
    if (closesAt !== null && offset > 8) return { open: true, opensAt: null, closesAt: null };
  }
  return { open: closesAt !== null, opensAt: null, closesAt };
}
