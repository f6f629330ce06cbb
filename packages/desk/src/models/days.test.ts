import { expect, it } from 'vitest';
import { dayOf, endOf, lastDayBefore, startOf } from './days.ts';

const riga = 'Europe/Riga';

it('reads a day in the reader’s zone, also where the clock changes', () => {
  expect(startOf('2026-03-29', riga)).toBe(Date.UTC(2026, 2, 28, 22));
  expect(endOf('2026-03-29', riga)).toBe(Date.UTC(2026, 2, 29, 21));
  expect(startOf('2026-10-25', 'America/New_York')).toBe(Date.UTC(2026, 9, 25, 4));
  expect(startOf('soon', riga)).toBe(null);
});

it('writes what it has read', () => {
  for (const day of ['2026-03-29', '2026-03-30', '2026-10-25', '2026-12-31']) {
    expect(dayOf(startOf(day, riga) ?? 0, riga)).toBe(day);
    expect(lastDayBefore(endOf(day, riga) ?? 0, riga)).toBe(day);
  }
});
