import { expect, it } from 'vitest';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { replayErasures } from './erasure-list.ts';

it('goes through a long list in parts, so that others have their turn', async () => {
  const store = createMemoryStore();
  const persons = Array.from({ length: 2_000 }, (_, n) => `person-${n}`);
  const { shutOut } = store;
  const parts: number[] = [];
  store.shutOut = async (visitor, keys, at) => {
    parts.push(keys.length);
    await shutOut(visitor, keys, at);
  };
  let turns = 0;
  let isOver = false;
  const takeTurns = (): void => {
    turns += 1;
    if (!isOver) setImmediate(takeTurns);
  };
  setImmediate(takeTurns);
  const eraser = { request: () => Promise.reject(new Error('Nobody is there.')) };
  expect(await replayErasures(persons, { store, eraser, now: 1, isStopped: () => false })).toBe(0);
  isOver = true;
  expect(turns).toBeGreaterThanOrEqual(4);
  expect(parts).toEqual([500, 500, 500, 500]);
  for (const person of persons) expect(await store.isShutOut([person])).toBe(true);
});
