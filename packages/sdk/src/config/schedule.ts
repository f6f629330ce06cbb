/** An opening span in local wall time, `HH:MM`. `24:00` may close. A span whose close is not after its open ends on the next day. */
export type Span = readonly [open: string, close: string];

/**
 * Opening hours of a team, a site, or the shift of an agent. Several spans a day; a span past midnight belongs to the day it opens on. Spans that
 * touch are one. In the hour that a clock change repeats the earlier instant counts; a time in the skipped hour moves forward.
 * @example
 * { timeZone: 'Europe/Riga', week: { 1: [['09:00', '13:00'], ['14:00', '18:00']] }, dates: { '2026-12-24': [['09:00', '13:00']] } }
 */
export interface ScheduleInput {
  /** An IANA name: `Europe/Riga`. */
  timeZone: string;
  /** 1 is Monday, 7 is Sunday. A day that is missing is closed. */
  week: { readonly [Day in 1 | 2 | 3 | 4 | 5 | 6 | 7]?: readonly Span[] };
  /** Replaces the spans of single days, `YYYY-MM-DD`; `[]` is closed. It does not cut the night that began the day before. */
  dates?: Readonly<Record<string, readonly Span[]>>;
}
