import { describe, expect, it } from 'vitest';
import { type OpeningHours, openingAt } from './business-hours.ts';

const riga: OpeningHours = {
  timeZone: 'Europe/Riga',
  week: {
    '1': [['09:00', '18:00']],
    '2': [
      ['09:00', '13:00'],
      ['14:00', '18:00'],
    ],
    '5': [['22:00', '02:00']],
  },
  dates: { '2026-11-23': [], '2026-11-18': [['10:00', '12:00']] },
};
const at = (iso: string): number => Date.parse(iso);

describe('openingAt', () => {
  it.each([
    [
      'Monday morning, open until six',
      '2026-11-16T08:00:00Z',
      { open: true, opensAt: null, closesAt: at('2026-11-16T16:00:00Z') },
    ],
    ['before opening', '2026-11-16T06:59:59Z', { open: false, opensAt: at('2026-11-16T07:00:00Z'), closesAt: null }],
    ['the lunch break', '2026-11-17T11:30:00Z', { open: false, opensAt: at('2026-11-17T12:00:00Z'), closesAt: null }],
    [
      'the minute of closing',
      '2026-11-16T16:00:00Z',
      { open: false, opensAt: at('2026-11-17T07:00:00Z'), closesAt: null },
    ],
    [
      'a special date on a closed weekday',
      '2026-11-18T09:00:00Z',
      { open: true, opensAt: null, closesAt: at('2026-11-18T10:00:00Z') },
    ],
    ['a holiday', '2026-11-23T10:00:00Z', { open: false, opensAt: at('2026-11-24T07:00:00Z'), closesAt: null }],
    [
      'after midnight of a span that began the day before',
      '2026-11-20T23:30:00Z',
      { open: true, opensAt: null, closesAt: at('2026-11-21T00:00:00Z') },
    ],
  ])('knows %s', (_what, now, expected) => {
    expect(openingAt(riga, at(now))).toEqual(expected);
  });

  it('merges touching spans, also over midnight', () => {
    const hours: OpeningHours = {
      timeZone: 'UTC',
      week: {
        '1': [
          ['08:00', '12:00'],
          ['12:00', '24:00'],
        ],
        '2': [['00:00', '06:00']],
      },
    };
    expect(openingAt(hours, at('2026-11-16T09:00:00Z'))).toEqual({
      open: true,
      opensAt: null,
      closesAt: at('2026-11-17T06:00:00Z'),
    });
  });

  it('takes the earlier instant of a repeated hour', () => {
    const hours: OpeningHours = { timeZone: 'Europe/Riga', week: {}, dates: { '2026-10-25': [['03:30', '05:00']] } };
    expect(openingAt(hours, at('2026-10-25T00:00:00Z')).opensAt).toBe(at('2026-10-25T00:30:00Z'));
  });

  it('says when it never opens and when it never closes', () => {
    expect(openingAt({ timeZone: 'UTC', week: {} }, 0)).toEqual({ open: false, opensAt: null, closesAt: null });
    const always = Object.fromEntries(
      ['1', '2', '3', '4', '5', '6', '7'].map((day) => [day, [['00:00', '24:00']]]),
    ) as OpeningHours['week'];
    expect(openingAt({ timeZone: 'UTC', week: always }, at('2026-11-16T09:00:00Z'))).toEqual({
      open: true,
      opensAt: null,
      closesAt: null,
    });
  });
});
