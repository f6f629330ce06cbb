import type { ScheduleInput } from '@sveiki/sdk/config';
import { describe, expect, it } from 'vitest';
import { openingReader } from './opening-reader.ts';
import { shiftEndsAt } from './shifts.ts';

const daily = (...spans: [string, string][]): ScheduleInput => ({
  timeZone: 'UTC',
  week: Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, spans])),
});
const at = (iso: string): number => Date.parse(`${iso}Z`);

describe('shiftEndsAt', () => {
  it('has no end for those without shifts', () => {
    expect(shiftEndsAt([], 5)).toBeNull();
  });

  it('follows one shift into the next', () => {
    const shifts = [openingReader(daily(['06:00', '14:00'])), openingReader(daily(['13:30', '22:00']))];
    expect(shiftEndsAt(shifts, at('2026-11-16T08:00'))).toBe(at('2026-11-16T22:00'));
    expect(shiftEndsAt(shifts, at('2026-11-16T22:00'))).toBe(at('2026-11-16T22:00'));
    expect(shiftEndsAt(shifts, at('2026-11-17T03:00'))).toBe(at('2026-11-17T03:00'));
  });

  it('ends a night shift in the morning', () => {
    const night = [openingReader(daily(['22:00', '06:00']))];
    expect(shiftEndsAt(night, at('2026-11-16T23:30'))).toBe(at('2026-11-17T06:00'));
    expect(shiftEndsAt(night, at('2026-11-17T05:59'))).toBe(at('2026-11-17T06:00'));
  });

  it('never ends when shifts cover every hour', () => {
    expect(shiftEndsAt([openingReader(daily(['00:00', '24:00']))], at('2026-11-16T08:00'))).toBeNull();
    const halves = [openingReader(daily(['00:00', '12:00'])), openingReader(daily(['12:00', '24:00']))];
    expect(shiftEndsAt(halves, at('2026-11-16T08:00'))).toBeNull();
  });
});

describe('openingReader', () => {
  it('answers like openingAt also when the clock steps back', () => {
    const read = openingReader(daily(['09:00', '17:00']));
    expect(read(at('2026-11-16T12:00')).open).toBe(true);
    expect(read(at('2026-11-16T18:00')).open).toBe(false);
    expect(read(at('2026-11-16T11:00'))).toEqual({ open: true, opensAt: null, closesAt: at('2026-11-16T17:00') });
  });
});
