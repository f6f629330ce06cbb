import { expect, it } from 'vitest';
import { crowded } from '../tools/fire/crowded.ts';
import { killLoop } from '../tools/fire/kill-loop.ts';
import { standstill } from '../tools/fire/standstill.ts';
import { stopAndReturn } from '../tools/fire/stop-and-return.ts';

/** What holds whatever happened. */
const WHOLE = { lost: 0, doubled: 0, disordered: 0, strayViews: 0, differences: [] };
const LIMIT = { seed: 1, deadlineMs: 150_000 };

it('loses and doubles nothing while the relay is killed ten times under forty people', async () => {
  const result = await killLoop({ kills: 10, clients: 40, ...LIMIT });
  console.log(
    `kills ${result.kills}, clients 40, acked ${result.acked}, lost ${result.lost}, doubled ${result.doubled}`,
  );
  expect(result).toMatchObject({ ...WHOLE, kills: 10 });
  expect(result.killsAtWork).toBeGreaterThan(0);
}, 180_000);

it('ends in ten seconds when it is told to, says come back, and everybody does', async () => {
  const result = await stopAndReturn({ clients: 200, ...LIMIT });
  expect(result).toMatchObject(WHOLE);
  expect(Object.keys(result.ends)).toEqual(['1012']);
  expect(result.exitMs).toBeLessThanOrEqual(10_000);
}, 180_000);

it('processes nothing twice after it stood still', async () => {
  const result = await standstill({ clients: 40, pauseMs: 2_000, ...LIMIT });
  expect(result).toMatchObject(WHOLE);
  expect(result.underWay).toBeGreaterThan(0);
}, 180_000);

it('goes on when it may open no more files, and takes others when there is room', async () => {
  const result = await crowded({ openFiles: 200, clients: 20, ...LIMIT });
  expect(result).toMatchObject({ ...WHOLE, isHealthy: true, isLogged: true, brokenOff: 0, hasRecovered: true });
  expect(result.turnedAway).toBeGreaterThan(0);
}, 180_000);
