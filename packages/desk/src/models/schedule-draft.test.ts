import { describe, expect, it } from 'vitest';
import { doubledDates, hoursOf, newSchedule, scheduleDraftOf } from './schedule-draft.ts';

const hours = {
  timeZone: 'Europe/Riga',
  week: {
    1: [
      ['09:00', '13:00'],
      ['14:00', '18:00'],
    ],
    5: [['22:00', '06:00']],
  },
  dates: { '2026-12-24': [['09:00', '13:00']], '2026-01-01': [] },
} as const;

describe('a schedule that is typed', () => {
  it('is what it was when nothing is changed', () => {
    expect(hoursOf(scheduleDraftOf('office', hours))).toEqual(hours);
    expect(hoursOf(newSchedule('Europe/Riga')).week).not.toHaveProperty('6');
  });

  it('takes times as people write them, and leaves what is none to be named', () => {
    const draft = scheduleDraftOf('office', hours);
    const spans = [
      { open: '9', close: ' 12.30 ' },
      { open: 'noon', close: '24:00' },
    ];
    expect(hoursOf({ ...draft, week: { ...draft.week, 1: spans } }).week[1]).toEqual([
      ['09:00', '12:30'],
      ['noon', '24:00'],
    ]);
  });

  it('knows which dates are there twice', () => {
    const draft = scheduleDraftOf('office', hours);
    expect([...doubledDates(draft)]).toEqual([]);
    expect([...doubledDates({ ...draft, dates: [...draft.dates, { date: '2026-12-24 ', spans: [] }] })]).toEqual([2]);
  });
});
