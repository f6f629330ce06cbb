import { expect, it } from 'vitest';
import { SILENT_CHUNKS, UNSEEN, unnamed } from './canaries-unseen.ts';
import { visitEverything } from './canaries-visit.ts';

/*
 * A text that does something where somebody forgot that it is one, in every field that a visitor, an agent, a bot, an integrator, a configuration or an import can fill, and
 * then every screen of widget and desk. `canaries.soak.ts` fills and presses more.
 */
it('shows every text as a text, on every screen', { timeout: 300_000 }, async () => {
  const visit = await visitEverything({ isShort: true });
  expect(visit.problems).toEqual([]);
  expect(
    unnamed(visit.unseen.desk, UNSEEN.desk),
    'Visit the screen that shows them, or name them in canaries-unseen.ts',
  ).toEqual([]);
  expect(
    unnamed(visit.unseen.widget, UNSEEN.widget),
    'Visit the screen that shows them, or name them in canaries-unseen.ts',
  ).toEqual([]);
  expect(
    unnamed(visit.unvisited, SILENT_CHUNKS),
    'Visit what fetches them, or name them in canaries-unseen.ts',
  ).toEqual([]);
  // It was no empty house.
  expect(visit.taken.config).toBeGreaterThan(100);
  expect(visit.taken.frames).toBeGreaterThan(120);
  expect(visit.taken.bodies).toBeGreaterThan(20);
  expect(visit.seen.desk).toBeGreaterThan(100);
  expect(visit.seen.widget).toBeGreaterThan(100);
});
