import type { ScheduleInput } from '@sveiki/sdk/config';
import { openSpans } from './spans.ts';

const DAY = 86_400_000;
/** Furthest time looked at for the end of a term. */
const HORIZON_DAYS = 400;
const STEP_DAYS = 8;

/** `biz(a, b)`: how much of [a, b) is open, in milliseconds. Without a schedule all of it; 0 when `b` is not after `a`. */
export function businessTime(hours: ScheduleInput | null, a: number, b: number): number {
  if (b <= a) return 0;
  if (hours === null) return b - a;
  return openSpans(hours, a, b).reduce((sum, [from, to]) => sum + (to - from), 0);
}

/**
 * `addBiz(a, d)`: the smallest instant t >= a with `businessTime(a, t) >= d`. A term that ends exactly at closing time ends there. Null when the
 * schedule does not open for so long within 400 days.
 */
export function addBusinessTime(hours: ScheduleInput | null, a: number, d: number): number | null {
  if (d <= 0) return a;
  if (hours === null) return a + d;
  let left = d;
  for (let days = 0; days < HORIZON_DAYS; days += STEP_DAYS) {
    for (const [from, to] of openSpans(hours, a + days * DAY, a + (days + STEP_DAYS) * DAY)) {
      if (to - from >= left) return from + left;
      left -= to - from;
    }
  }
  return null;
}
