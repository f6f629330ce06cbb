import type { ScheduleInput } from '@sveiki/sdk/config';
import { describe, expect, it } from 'vitest';
import { checkSchedule } from './check-schedule.ts';

const found = (schedule: ScheduleInput): string[] =>
  checkSchedule(schedule, 'schedules.shop').map(({ code, path }) => `${code} ${path}`);

describe('checkSchedule', () => {
  it('finds nothing wrong with split days, nights that meet and holidays', () => {
    expect(
      found({
        timeZone: 'Europe/Riga',
        week: {
          1: [
            ['09:00', '13:00'],
            ['13:00', '18:00'],
          ],
          2: [['22:00', '06:00']],
          3: [
            ['06:00', '12:00'],
            ['22:00', '24:00'],
          ],
        },
        dates: { '2026-11-18': [] },
      }),
    ).toEqual([]);
  });

  it('names what cannot be read', () => {
    expect(
      found({
        timeZone: 'Europe/Rega',
        week: { 1: [['9:00', '25:00']], ['8' as '7']: [] },
        dates: { '2026-02-30': [] },
      }),
    ).toEqual([
      'unknown-time-zone schedules.shop.timeZone',
      'bad-day schedules.shop.week.8',
      'bad-date schedules.shop.dates.2026-02-30',
      'bad-time schedules.shop.week.1[0][0]',
      'bad-time schedules.shop.week.1[0][1]',
    ]);
  });

  it('names overlapping spans of a day, of a night with the next day, and around a holiday', () => {
    expect(
      found({
        timeZone: 'UTC',
        week: {
          1: [
            ['09:00', '13:00'],
            ['12:30', '18:00'],
          ],
          7: [['22:00', '10:00']],
        },
        dates: { '2026-11-16': [['08:00', '12:00']] },
      }),
    ).toEqual([
      'overlapping-spans schedules.shop.week.1[0]',
      'overlapping-spans schedules.shop.week.1[1]',
      'overlapping-spans schedules.shop.dates.2026-11-16[0]',
    ]);
    const [problem] = checkSchedule(
      {
        timeZone: 'UTC',
        week: {
          1: [
            ['09:00', '13:00'],
            ['12:30', '18:00'],
          ],
        },
      },
      's',
    );
    expect(problem?.message).toBe(
      '12:30-18:00 on Monday overlaps 09:00-13:00 (s.week.1[0]). Make them one span, or end the first where the second begins.',
    );
  });

  it('names a schedule that never opens', () => {
    expect(found({ timeZone: 'UTC', week: { 1: [] } })).toEqual(['never-opens schedules.shop']);
  });
});
