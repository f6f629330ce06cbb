import { type Chat, type ConnectionState, LIMITS } from '@sveiki/sdk';
import { type MemoryStorage, memoryStorage, type TestClock, testClock } from '@sveiki/sdk/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { manualClock } from '../packages/server/src/test-support/manual-clock.ts';
import type { Faults } from '../tools/faults/fault-proxy.ts';
import { randomCuts } from '../tools/faults/random-cuts.ts';
import { createRandom } from '../tools/replay/random.ts';
import { until } from '../tools/replay/until.ts';
import { hastyClock, type NetworkHouse, openNetworkHouse, type Talk, talk } from './network-house.ts';
import { differences, talkUntil } from './network-talks.ts';

const MINUTES = 60_000;
let house: NetworkHouse;
afterEach(() => house.stop());

/** What a client meets whose clock stands still while the network works: time passes only where he waits for it. */
async function untilStatus(
  chat: Chat,
  clock: TestClock,
  status: ConnectionState['status'],
  signal: AbortSignal,
): Promise<void> {
  while (chat.state.connection.status !== status) {
    const { connection } = chat.state;
    if (connection.status === 'reconnecting') await clock.advance(Math.ceil(connection.retryAt - clock.now()));
    if (chat.state.connection === connection)
      await until(chat, () => (chat.state.connection === connection ? undefined : true), signal);
  }
}

describe('a conversation over a bad network', () => {
  it('loses and doubles nothing while connections break at random bytes', async ({ signal }) => {
    house = await openNetworkHouse({ faults: randomCuts(createRandom(1)), clock: hastyClock(50) });
    const talks = await talkUntil(house, { cuts: 300, parallel: 16, turns: 5, signal });
    expect(house.proxy.cuts).toBeGreaterThanOrEqual(300);
    expect(differences(talks, await house.log())).toEqual([]);
  });

  it('is the same when every byte comes by itself', async ({ signal }) => {
    const faults: Faults = { up: { chunkBytes: 1 }, down: { chunkBytes: 1 } };
    house = await openNetworkHouse({ faults: () => faults });
    const ada = await house.agent('ada');
    const talks: Talk[] = [];
    for (const transport of ['websocket', 'http'] as const)
      talks.push(await talk({ chat: house.visitor({ transport }), agent: ada, name: transport, turns: 2, signal }));
    expect(differences(talks, await house.log())).toEqual([]);
  });
});

describe('a connection that is dead on one side', () => {
  it.for([
    { lost: 'either way', directions: ['up', 'down'] },
    { lost: 'up', directions: ['up'] },
    { lost: 'down', directions: ['down'] },
  ] as const)('is found by both within 35 s when nothing goes $lost', async ({ directions }, { signal }) => {
    const [serverClock, clock] = [manualClock(), testClock()];
    house = await openNetworkHouse({ serverClock });
    const ada = await house.agent('ada');
    const chat = house.visitor({ clock });
    const first = await talk({ chat, agent: ada, name: 'before', turns: 1, signal });
    const control = house.visitor({ isNear: true });
    await control.send('Still here?');
    await ada.destroy();
    // Somewhere between two pings.
    for (let second = 0; second < 7; second++) await pass();

    house.proxy.stall(...directions);
    const found: { relay?: number; client?: number } = {};
    for (let second = 1; second <= 35; second++) {
      await pass();
      if ((await house.closes(4410)) > 0) found.relay ??= second;
      if (chat.state.connection.status !== 'online') found.client ??= second;
    }
    expect(found).toEqual({ relay: expect.any(Number), client: expect.any(Number) });
    expect(await house.closes(4410)).toBe(1);
    expect(control.state.connection.status).toBe('online');

    house.proxy.release();
    const second = chat.send('And here I am again.');
    await untilStatus(chat, clock, 'online', signal);
    await second;
    const log = (await house.log()).filter(({ conversation }) => conversation === first.conversation);
    expect(log.map(({ text }) => text)).toEqual([...first.said.map(({ text }) => text), 'And here I am again.']);

    /** A second on all clocks, and what it brings about: whoever lives has heard and answered by then. */
    async function pass(): Promise<void> {
      serverClock.advance(1_000);
      await clock.advance(1_000);
      await control.send('Still here?');
    }
  });
});

const unsentIn = (storage: MemoryStorage): string[] =>
  storage.keys().flatMap((key) => /(?:^|:)out:(.+)$/.exec(key)?.[1] ?? []);

describe('a network that lets no WebSocket through', () => {
  it.for(['silent-socket', 'no-socket'] as const)(
    'is gone around within 10 s, and tried again later (%s)',
    async (instead, { signal }) => {
      const clock = testClock();
      let isBlocked = true;
      house = await openNetworkHouse({ faults: () => (isBlocked ? { instead } : {}) });
      const ada = await house.agent('ada');
      const storage = memoryStorage();
      const chat = house.visitor({ transport: 'auto', clock, storage });
      const startedAt = clock.now();
      const first = chat.send('Is anybody there?');
      const [kept] = unsentIn(storage);
      // Only a socket that says nothing is waited for; one that is refused is not.
      if (instead === 'silent-socket') await clock.advance(3_000);
      await untilStatus(chat, clock, 'online', signal);
      expect(clock.now() - startedAt).toBeLessThan(10_000);
      expect(chat.state.connection).toEqual({ status: 'online', via: 'http' });
      expect((await first).id).toBe(kept);
      const talked = await talk({ chat, agent: ada, name: instead, turns: 2, signal });

      isBlocked = false;
      /** The line breaks; over what it comes back. */
      const comesBackBy = async (): Promise<ConnectionState> => {
        house.proxy.cut();
        await until(chat, () => (chat.state.connection.status === 'online' ? undefined : true), signal);
        await untilStatus(chat, clock, 'online', signal);
        return chat.state.connection;
      };
      clock.jump(6 * MINUTES);
      expect(await comesBackBy()).toEqual({ status: 'online', via: 'http' });
      clock.jump(6 * MINUTES);
      expect(await comesBackBy()).toEqual({ status: 'online', via: 'websocket' });
      const said = [{ role: 'visitor' as const, text: 'Is anybody there?' }, ...talked.said];
      const whole = { ...talked, said, acked: [await first, ...talked.acked] };
      expect(differences([whole], await house.log())).toEqual([]);
    },
  );
});

describe('a captive portal', () => {
  it.for(['login-page', 'redirect'] as const)(
    'counts as being offline, and what was typed is kept (%s)',
    async (instead, { signal }) => {
      const clock = testClock();
      let isCaught = true;
      house = await openNetworkHouse({ faults: () => (isCaught ? { instead } : {}) });
      const storage = memoryStorage();
      const chat = house.visitor({ transport: 'auto', clock, storage });
      const sent = chat.send('From the lobby');
      const kept = unsentIn(storage);
      expect(kept).toHaveLength(1);
      await untilStatus(chat, clock, 'offline', signal);
      expect(unsentIn(storage)).toEqual(kept);
      expect(chat.state).toMatchObject({ problem: null, entries: [{ delivery: 'sending', text: 'From the lobby' }] });

      isCaught = false;
      while (chat.state.connection.status !== 'online') {
        const { connection } = chat.state;
        await clock.advance(LIMITS.heartbeatMs);
        if (chat.state.connection === connection)
          await until(chat, () => chat.state.connection.status === 'online' || undefined, signal);
      }
      expect((await sent).id).toBe(kept[0]);
      expect(await house.log()).toMatchObject([{ id: kept[0], text: 'From the lobby' }]);
    },
  );
});
