import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '../../packages/server/src/clock.ts';
import { parseConfig } from '../../packages/server/src/config.ts';
import { silentLog } from '../../packages/server/src/log.ts';
import { startServer } from '../../packages/server/src/main.ts';
import { hire } from '../replay/hire.ts';
import { spanOf, talkThroughSteps } from './clock-steps.ts';
import { openCrowd } from './crowd.ts';
import { configOf } from './stage.ts';

it('keeps order, and every line, while the clock of the relay is set hours ahead and back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sveiki-clock-'));
  const database = join(folder, 'sveiki.db');
  let offMs = 0;
  const codes = await hire(database, { count: 2, team: 'sales', capacity: 10 });
  const server = await startServer(await parseConfig(configOf({ port: 0, data: folder }), { env: {} }), {
    clock: { ...systemClock, now: () => Date.now() + offMs },
    log: silentLog,
  });
  const stage = { server: server.url, codes, database, relay: { stop: server.stop } };
  const crowd = await openCrowd({ stage, talkers: 10, everyMs: 30, seed: 1, deadlineMs: 50_000, reloadOneIn: 0 });
  try {
    const brokenOff = await talkThroughSteps(crowd, (seconds) => {
      offMs = seconds * 1_000;
    });
    expect(brokenOff).toBe(0);
    expect(await crowd.verdict()).toMatchObject({ lost: 0, doubled: 0, disordered: 0, strayViews: 0, differences: [] });
    // Ahead; and what comes after it is never dated before it.
    expect(spanOf(database)).toBeGreaterThan(3_500);
  } finally {
    await crowd.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
