import { type Interval, percent, wilson } from '../measures/statistics.ts';

/** What became of surveys, for M14. */
export interface ResponseRate {
  /** Asked, whether anybody saw it or not. */
  sent: number;
  /** Seen in the chat (or accepted by mail). */
  delivered: number;
  /** Answered before they expired. */
  answered: number;
  /** Answered after they expired: kept, and counted nowhere else. */
  late: number;
  /** Expired without having been seen. Not in the rate. */
  expired: number;
  /** Not asked, because of the quiet period. Not in the rate. */
  suppressed: number;
  /** M14: `answered / delivered`, in percent. */
  rate: number | null;
  interval: Interval | null;
  /** `answered / sent`, as others show it. */
  ofSent: number | null;
}

/**
 * M14. A survey that was seen and expired without an answer stays in the denominator: without it every rate would end at 100 %. "Expired" beside
 * the rate are those that nobody saw.
 */
export function responseRate(
  surveys: readonly { delivered: boolean; answered: 'in-time' | 'late' | null; expired: boolean }[],
  suppressed: number,
): ResponseRate {
  const delivered = surveys.filter((one) => one.delivered || one.answered !== null).length;
  const answered = surveys.filter((one) => one.answered === 'in-time').length;
  return {
    sent: surveys.length,
    delivered,
    answered,
    late: surveys.filter((one) => one.answered === 'late').length,
    expired: surveys.filter((one) => one.expired && !one.delivered && one.answered === null).length,
    suppressed,
    rate: percent(answered, delivered),
    interval: wilson(answered, delivered),
    ofSent: percent(answered, surveys.length),
  };
}
