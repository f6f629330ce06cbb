import type { ScheduleInput } from '@sveiki/sdk/config';
import { localDay, spansOn } from './schedules/spans.ts';

/** Opening hours; see `ScheduleInput` for what each part means. */
export type OpeningHours = ScheduleInput;

/** Whether it is open, and when that changes next. */
export interface Opening {
  open: boolean;
  /** Null while it is open, or when it does not open within 400 days. */
  opensAt: number | null;
  /** Null while it is closed, or when it never closes. */
  closesAt: number | null;
}

/** Furthest day looked at for the next opening or closing. */
const HORIZON_DAYS = 400;

/** Whether it is open at `at`, and when that changes next: null when never within the horizon (or always). */
export function openingAt(hours: OpeningHours, at: number): Opening {
  const today = localDay(hours, at);
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
