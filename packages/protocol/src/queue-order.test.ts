import { expect, it } from 'vitest';
import { inQueueOrder } from './queue-order.ts';

const minute = 60_000;
const place = (id: string, queuedAt: number, priority = 0, team = 'sales') => ({ id, team, queuedAt, priority });
const order = (places: ReturnType<typeof place>[], now: number, teams = [{ id: 'sales', ageingMs: minute }]) =>
  inQueueOrder(places, teams, now).map(({ id }) => id);

it('serves who waits longest first, and of two at once the first by id', () => {
  expect(order([place('c', 5), place('b', 9), place('a', 5)], 10)).toEqual(['a', 'c', 'b']);
});

it('lets a higher priority pass only those who did not wait too long', () => {
  const places = [place('old', 0), place('urgent', 2 * minute, 2)];
  expect(order(places, 2 * minute)).toEqual(['old', 'urgent']);
  expect(order([place('old', 30_000), place('urgent', 2 * minute, 2)], 2 * minute)).toEqual(['urgent', 'old']);
});

it('ages each team in its own time, and one that it does not know by the minute', () => {
  const teams = [
    { id: 'sales', ageingMs: minute },
    { id: 'billing', ageingMs: 10 * minute },
  ];
  const places = [place('billing', 0, 1, 'billing'), place('gone', 0, 0, 'gone'), place('sales', minute)];
  expect(order(places, 3 * minute, teams)).toEqual(['gone', 'sales', 'billing']);
});

it('never gives anybody less than no wait when the clock steps back', () => {
  expect(order([place('later', 90 * minute), place('sooner', 80 * minute)], 0)).toEqual(['sooner', 'later']);
});
