import { describe, expect, it } from 'vitest';
import { dayName, localTime, pastAge, waitAge } from './times.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const riga = 'Europe/Riga';
/** Tuesday, 14:05 in Riga. */
const now = Date.UTC(2025, 2, 4, 12, 5);

describe('a wait', () => {
  it('grows from minutes to hours to days and turns warning, then danger', () => {
    const shown = [0, 2, 3, 9, 10, 59, 60, 23 * 60, 24 * 60, 72 * 60].map((minutes) =>
      waitAge(now - minutes * minute, now),
    );
    expect(shown.map(({ text, level }) => `${text} ${level}`)).toEqual([
      'now calm',
      '2 min calm',
      '3 min warning',
      '9 min warning',
      '10 min danger',
      '59 min danger',
      '1 h danger',
      '23 h danger',
      '1 d danger',
      '3 d danger',
    ]);
    expect(waitAge(now - minute, now).words).toBe('1 minute');
  });

  it('is never negative when the relay’s clock is ahead', () => {
    expect(waitAge(now + 5 * minute, now)).toMatchObject({ text: 'now', level: 'calm' });
  });
});

describe('a moment in the past', () => {
  it('is relative up to an hour, then the clock, the weekday, the date, the year', () => {
    const shown = [0, 5 * minute, 59 * minute, hour, 13 * hour, 15 * hour, 5 * day, 20 * day, 90 * day].map(
      (ms) => pastAge(now - ms, now, riga).text,
    );
    expect(shown).toEqual(['now', '5 min', '59 min', '13:05', '01:05', 'Mon', 'Thu', '12 Feb', '4 Dec 2024']);
  });

  it('belongs to the day of the reader’s zone', () => {
    const lateEvening = Date.UTC(2025, 2, 3, 22, 30);
    expect(dayName(lateEvening, now, riga)).toBe('Today');
    expect(dayName(lateEvening, now, 'UTC')).toBe('Yesterday');
    expect(dayName(now - 5 * day, now, riga)).toBe('Thursday 27 February');
    expect(dayName(now - 400 * day, now, riga)).toBe('Monday, 29 January 2024');
  });
});

describe('the time where the visitor is', () => {
  it('says how far ahead or behind he is', () => {
    expect(localTime(now, 'America/New_York', riga)).toEqual({
      time: '07:05',
      place: 'New York',
      difference: '7 h behind you',
    });
    expect(localTime(now, 'Asia/Kolkata', riga)?.difference).toBe('3.5 h ahead of you');
    expect(localTime(now, 'Europe/Helsinki', riga)?.difference).toBe('same as yours');
  });

  it('is left out when the zone is not one', () => {
    expect(localTime(now, 'Mars/Olympus', riga)).toBe(null);
  });
});
