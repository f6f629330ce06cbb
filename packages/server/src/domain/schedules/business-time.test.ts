import type { ScheduleInput } from '@sveiki/sdk/config';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addBusinessTime, businessTime } from './business-time.ts';

type Week = ScheduleInput['week'];
const on = (days: readonly (1 | 2 | 3 | 4 | 5 | 6 | 7)[], ...spans: [string, string][]): Week =>
  Object.fromEntries(days.map((day) => [day, spans]));
const weekdays = [1, 2, 3, 4, 5] as const;
const all = [1, 2, 3, 4, 5, 6, 7] as const;

const schedules = {
  riga: {
    timeZone: 'Europe/Riga',
    week: on(weekdays, ['09:00', '18:00']),
    dates: { '2026-11-18': [], '2026-12-24': [['09:00', '13:00']] },
  },
  split: { timeZone: 'Europe/Riga', week: on(weekdays, ['09:00', '13:00'], ['14:00', '18:00']) },
  always: { timeZone: 'Europe/Riga', week: on(all, ['00:00', '24:00']) },
  night: { timeZone: 'Europe/Riga', week: on(all, ['22:00', '06:00']) },
  gap: { timeZone: 'Europe/Riga', week: on([7], ['03:30', '12:00']) },
  ny: { timeZone: 'America/New_York', week: on(weekdays, ['09:00', '17:00']) },
  lh: { timeZone: 'Australia/Lord_Howe', week: on(all, ['00:00', '24:00']) },
  in: { timeZone: 'Asia/Kolkata', week: on([1, 2, 3, 4, 5, 6], ['09:30', '18:30']) },
} satisfies Record<string, ScheduleInput>;
type Name = keyof typeof schedules;

const at = (iso: string): number => Date.parse(`${iso}Z`);

describe('businessTime', () => {
  it.each<[string, Name, string, string, number]>([
    ['the same day', 'riga', '2026-03-04T08:15', '2026-03-04T09:45', 5400],
    ['before opening', 'riga', '2026-03-04T05:00', '2026-03-04T07:30', 1800],
    ['evening to next morning', 'riga', '2026-03-04T17:30', '2026-03-05T07:10', 600],
    ['Friday to Monday', 'riga', '2026-03-06T15:50', '2026-03-09T07:20', 1800],
    ['all outside', 'riga', '2026-03-07T10:00', '2026-03-08T10:00', 0],
    ['a lunch break', 'split', '2026-03-04T10:30', '2026-03-04T13:00', 5400],
    ['the weekend that loses an hour', 'riga', '2026-03-27T15:30', '2026-03-30T06:30', 3600],
    ['the weekend that gains an hour', 'riga', '2026-10-23T14:30', '2026-10-26T07:30', 3600],
    ['a local day of 23 hours', 'always', '2026-03-28T22:00', '2026-03-29T21:00', 82_800],
    ['a local day of 25 hours', 'always', '2026-10-24T21:00', '2026-10-25T22:00', 90_000],
    ['a night shift that loses an hour', 'night', '2026-03-28T18:00', '2026-03-29T05:00', 25_200],
    ['a night shift that gains an hour', 'night', '2026-10-24T18:00', '2026-10-25T06:00', 32_400],
    ['an ordinary night, from late on', 'night', '2026-03-04T21:00', '2026-03-05T09:00', 25_200],
    ['an opening in the skipped hour', 'gap', '2026-03-28T23:00', '2026-03-29T12:00', 27_000],
    ['an opening in the repeated hour (B4)', 'gap', '2026-10-24T22:00', '2026-10-25T12:00', 34_200],
    ['a public holiday', 'riga', '2026-11-17T15:00', '2026-11-19T08:00', 7200],
    ['short hours before a holiday', 'riga', '2026-12-24T06:00', '2026-12-24T16:00', 14_400],
    ['another zone already on summer time', 'ny', '2026-03-09T12:00', '2026-03-09T15:00', 7200],
    ['a clock change of half an hour', 'lh', '2026-10-03T13:30', '2026-10-04T13:00', 84_600],
    ['a zone of half an hour', 'in', '2026-03-04T03:30', '2026-03-04T05:00', 3600],
    ['no time at all', 'riga', '2026-03-04T08:15', '2026-03-04T08:15', 0],
    ['a reversed interval', 'riga', '2026-03-04T08:15:00', '2026-03-04T08:14:59', 0],
    ['exactly from opening to closing', 'riga', '2026-03-04T07:00', '2026-03-04T16:00', 32_400],
  ])('counts %s', (_what, name, from, to, seconds) => {
    expect(businessTime(schedules[name], at(from), at(to)) / 1000).toBe(seconds);
  });

  it('counts everything where there is no schedule', () => {
    expect(businessTime(null, 1000, 5000)).toBe(4000);
  });

  const year = { min: at('2026-01-01T00:00'), max: at('2026-12-31T00:00') };
  const name = fc.constantFrom<Name>('riga', 'split', 'night', 'gap', 'lh', 'in');

  it('adds up over any point between, and never counts more than went by', () => {
    fc.assert(
      fc.property(name, fc.tuple(fc.integer(year), fc.nat(1_000_000_000), fc.nat(1_000_000_000)), (key, [a, d, e]) => {
        const hours = schedules[key];
        const whole = businessTime(hours, a, a + d + e);
        expect(businessTime(hours, a, a + d) + businessTime(hours, a + d, a + d + e)).toBe(whole);
        expect(whole).toBeLessThanOrEqual(d + e);
      }),
      { numRuns: 60 },
    );
  });

  it('is undone by adding', () => {
    fc.assert(
      fc.property(name, fc.integer(year), fc.integer({ min: 1, max: 200_000_000 }), (key, a, d) => {
        const end = addBusinessTime(schedules[key], a, d);
        expect(businessTime(schedules[key], a, end ?? 0)).toBe(d);
      }),
      { numRuns: 60 },
    );
  });
});

describe('addBusinessTime', () => {
  it.each<[Name, string, number, string]>([
    ['riga', '2026-03-06T15:50', 1800, '2026-03-09T07:20'],
    ['riga', '2026-03-07T10:00', 3600, '2026-03-09T08:00'],
    ['riga', '2026-03-27T15:30', 3600, '2026-03-30T06:30'],
    ['riga', '2026-10-23T14:30', 3600, '2026-10-26T07:30'],
    ['riga', '2026-11-17T15:00', 7200, '2026-11-19T08:00'],
    ['split', '2026-03-04T10:30', 3600, '2026-03-04T12:30'],
    ['night', '2026-03-28T23:30', 10_800, '2026-03-29T02:30'],
    ['riga', '2026-03-04T15:00', 3600, '2026-03-04T16:00'],
    ['in', '2026-03-07T12:30', 3600, '2026-03-09T04:30'],
  ])('on %s from %s adds %i s', (name, from, seconds, deadline) => {
    expect(addBusinessTime(schedules[name], at(from), seconds * 1000)).toBe(at(deadline));
  });

  it('begins with the instant itself and says when a term never ends', () => {
    expect(addBusinessTime(schedules.riga, 5, 0)).toBe(5);
    expect(addBusinessTime(null, 5, 10)).toBe(15);
    expect(addBusinessTime({ timeZone: 'UTC', week: {} }, 5, 1)).toBeNull();
  });
});
