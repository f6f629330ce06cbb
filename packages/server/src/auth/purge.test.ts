import { expect, it } from 'vitest';
import { silentLog } from '../log.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { standingClock, turn } from '../testing/relay-under-test.ts';
import { startPurge } from './purge.ts';

const DAY = 86_400_000;
const config = { agentIdleMs: 3_600_000 };

it('removes at start and every day what opens nothing any more, a few at a time', async () => {
  const clock = standingClock();
  const store = createMemoryStore();
  const sizes: number[] = [];
  const over = async (from: number, to: number, expiresAt: number) => {
    for (let n = from; n < to; n++)
      await store.saveVisitorSession({ tokenHash: `session-${n}`, visitor: 'mia', createdAt: 0, expiresAt });
  };
  await over(0, 1_200, clock.now());
  await over(1_200, 1_300, clock.now() + DAY);
  const stop = startPurge({
    config,
    store: {
      async purgeExpired(query) {
        const gone = await store.purgeExpired(query);
        sizes.push(gone);
        return gone;
      },
    },
    clock,
    log: silentLog,
  });
  await turn();
  await clock.advance(1_000);
  expect(sizes).toEqual([500, 500, 200]);
  await clock.advance(DAY - 2_000);
  expect(sizes).toHaveLength(3);
  await clock.advance(2_000);
  expect(sizes.slice(3)).toEqual([100]);
  stop();
  await clock.advance(10 * DAY);
  expect(sizes).toHaveLength(4);
});

it('tries again later when the store cannot write, and says so', async () => {
  const clock = standingClock();
  const said: string[] = [];
  let tries = 0;
  const stop = startPurge({
    config,
    store: { purgeExpired: async () => (++tries < 3 ? Promise.reject(new Error('full')) : 0) },
    clock,
    log: { ...silentLog, warn: (_, message) => void said.push(message) },
  });
  await turn();
  await clock.advance(3 * 3_600_000);
  expect(tries).toBe(3);
  expect(said).toHaveLength(2);
  stop();
});
