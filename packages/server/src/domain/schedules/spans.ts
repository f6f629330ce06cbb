import type { ScheduleInput } from '@sveiki/sdk/config';
import { Temporal } from 'temporal-polyfill';

/** Half-open: it is open at `from` and closed at `to`. Instants in milliseconds. */
export type OpenSpan = readonly [from: number, to: number];

/** The opening spans that begin on one local day, as instants. A span whose close is not after its open ends on the next day. */
export function spansOn(hours: ScheduleInput, day: Temporal.PlainDate): OpenSpan[] {
  const spans = hours.dates?.[day.toString()] ?? hours.week[day.dayOfWeek as 1] ?? [];
  return spans.map(([open, close]) => {
    const overnight = close <= open;
    return [instant(hours, day, open), instant(hours, overnight ? day.add({ days: 1 }) : day, close)];
  });
}

/** Wall time to instant by the "compatible" rule: the earlier one of a repeated hour, forward over a skipped one. `24:00` is the next midnight. */
function instant(hours: ScheduleInput, day: Temporal.PlainDate, time: string): number {
  const [date, clock] = time === '24:00' ? [day.add({ days: 1 }), '00:00'] : [day, time];
  return date.toZonedDateTime({ timeZone: hours.timeZone, plainTime: clock }).epochMilliseconds;
}

export function localDay(hours: ScheduleInput, at: number): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(hours.timeZone).toPlainDate();
}

/** What is open between two instants, in order, cut at both ends; overlapping and touching spans are one. */
export function openSpans(hours: ScheduleInput, from: number, to: number): OpenSpan[] {
  if (to <= from) return [];
  const last = localDay(hours, to);
  const found: OpenSpan[] = [];
  for (
    let day = localDay(hours, from).subtract({ days: 1 });
    Temporal.PlainDate.compare(day, last) <= 0;
    day = day.add({ days: 1 })
  ) {
    for (const [open, close] of spansOn(hours, day)) {
      const cut: OpenSpan = [Math.max(open, from), Math.min(close, to)];
      if (cut[0] < cut[1]) found.push(cut);
    }
  }
  return mergeSpans(found);
}

/** The same time as spans in order that neither overlap nor touch. */
export function mergeSpans(spans: readonly OpenSpan[]): OpenSpan[] {
  const merged: [number, number][] = [];
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}
