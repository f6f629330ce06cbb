import { afterAll, beforeAll, expect, it } from 'vitest';
import { killLeader } from './points-leader.ts';
import { openPointsHouse, type PointsHouse, playPoints } from './points-play.ts';

/* Reloads, crashes, lost networks, other tabs and a killed relay, at moments chosen by a seed. `points.soak.ts` plays many more, and replays one. */
let house: PointsHouse;
beforeAll(async () => {
  house = await openPointsHouse();
});
afterAll(() => house.stop());

it.each([1, 2, 3])('stores what was typed once, whatever broke while it was (seed %i)', async (seed) => {
  const { differences, story } = await playPoints(house, { seed, points: 4 });
  expect(differences, `SVEIKI_POINTS_SEED=${seed}: ${story.join('; ')}`).toEqual([]);
});

it.each(['crashed', 'closed'] as const)(
  'gives the line to another tab in two seconds when its own is %s',
  async (how) => {
    const { tookMs, differences } = await killLeader(house, how);
    expect(differences).toEqual([]);
    expect(tookMs).toBeLessThanOrEqual(2_000);
  },
);
