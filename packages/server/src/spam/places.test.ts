import { expect, it } from 'vitest';
import { createIds } from '../ids.ts';
import type { Bus } from '../ports.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { manualClock } from '../test-support/manual-clock.ts';
import { createBlocks } from './blocks.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const silentBus: Bus = { publish: () => {}, subscribe: () => () => {}, onUp: () => () => {}, close: async () => {} };

it('forgets after a day where somebody wrote from, though nobody asks or writes meanwhile', async () => {
  const clock = manualClock();
  const blocks = await createBlocks({ store: createMemoryStore(), bus: silentBus, clock, ids: createIds(clock) });
  const start = clock.now();
  blocks.wrote('mia', '192.0.2.7');
  clock.advance(HOUR);
  blocks.wrote('noah', '192.0.2.8');
  clock.advance(DAY - HOUR);
  // What was only too old to be told would be told again by a clock that is set back.
  clock.set(start + HOUR);
  expect(blocks.placeOf('mia')).toBeNull();
  expect(blocks.placeOf('noah')).toBe('192.0.2.8');
  clock.set(start + DAY);
  clock.advance(HOUR);
  clock.set(start + HOUR);
  expect(blocks.placeOf('noah')).toBeNull();
});
