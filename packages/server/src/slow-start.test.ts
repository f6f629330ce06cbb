import { expect, it } from 'vitest';
import { silentLog } from './log.ts';
import { noMetrics } from './metrics.ts';
import type { Clock } from './ports.ts';
import { createRelay } from './relay.ts';
import { createMemoryStore } from './store/memory/memory-store.ts';
import { CONFIG, standingClock, turn } from './testing/relay-under-test.ts';

it('starts on a disk that takes its time, with a bot that is there before all is read', async () => {
  const clock = standingClock();
  const thrown: unknown[] = [];
  const guarded: Clock = {
    now: clock.now,
    after: (ms, run) =>
      clock.after(ms, () => {
        try {
          run();
        } catch (error) {
          thrown.push(error);
        }
      }),
  };
  const memory = createMemoryStore();
  const slow = {
    ...memory,
    saveConsumerPosition: (consumer: string, position: number) =>
      new Promise<void>((resolve) => clock.after(200, resolve)).then(() =>
        memory.saveConsumerPosition(consumer, position),
      ),
  };
  let counter = 0;
  const starting = createRelay({
    config: {
      ...CONFIG,
      bots: [
        {
          id: 'helper',
          name: 'Helper',
          drafts: false,
          tokenHash: null,
          code: { id: 'helper', name: 'Helper', onMessage: () => {} },
        },
      ],
    },
    store: slow,
    bus: { publish: () => {}, subscribe: () => () => {}, onUp: () => () => {}, close: async () => {} },
    clock: guarded,
    ids: { next: () => `id-${++counter}`, secret: () => `secret-${++counter}` },
    tickets: { redeem: async () => null },
    identity: { verify: async () => null },
    limiter: { take: () => 0 },
    log: silentLog,
    metrics: noMetrics,
  });
  await turn();
  for (let passed = 0; passed < 10; passed++) await clock.advance(100);
  const relay = await starting;
  await clock.advance(1_000);
  expect(thrown).toEqual([]);
  expect(relay.ready).toBe(true);
});
