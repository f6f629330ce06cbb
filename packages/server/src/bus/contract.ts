import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Bus, BusMessage } from '../ports.ts';

/** What every `Bus` promises; `onError` is the reporter it is to be opened with. A new adapter calls this from its test. */
export function busContract(name: string, open: (onError: (error: unknown) => void) => Promise<Bus>): void {
  describe(`${name} is a bus`, () => {
    const visitor = (n: number): BusMessage => ({ kind: 'visitor', visitor: `visitor-${n}` });
    const onError = vi.fn();
    let bus: Bus;
    beforeEach(async () => {
      onError.mockReset();
      bus = await open(onError);
    });
    afterEach(() => bus.close());

    /** Everything heard so far, and a promise of the first `count`. */
    function listen(count: number) {
      const heard: BusMessage[] = [];
      let enough = () => {};
      const all = new Promise<BusMessage[]>((resolve) => {
        enough = () => resolve(heard.slice(0, count));
      });
      const stop = bus.subscribe((message) => {
        heard.push(message);
        if (heard.length === count) enough();
      });
      return { heard, all, stop };
    }

    test('brings every message to every handler, in the order they were published', async () => {
      const [one, other] = [listen(500), listen(500)];
      const messages = Array.from({ length: 500 }, (_, n) => visitor(n));
      for (const message of messages) bus.publish(message);
      expect(await one.all).toEqual(messages);
      expect(await other.all).toEqual(messages);
    });

    test('carries every kind of message whole', async () => {
      const messages: BusMessage[] = [
        { kind: 'cursor', cursor: { conversation: 'conv-one', reader: 'ada', delivered: 2, read: 1 } },
        { kind: 'typing', conversation: 'conv-one', who: { kind: 'agent', id: 'ada', name: 'Ada' }, on: true },
        { kind: 'agents' },
        { kind: 'signed-out', agent: 'ada', session: 'hash' },
        { kind: 'revoked', what: 'agent-session', id: 'hash' },
      ];
      const { all } = listen(messages.length);
      for (const message of messages) bus.publish(message);
      expect(await all).toEqual(messages);
    });

    test('does not run handlers inside publish', async () => {
      const { heard, all } = listen(1);
      bus.publish(visitor(1));
      expect(heard).toEqual([]);
      await all;
    });

    test('delivers what a handler publishes after what was published before', async () => {
      bus.subscribe((message) => {
        if (message.kind === 'agents') bus.publish(visitor(9));
      });
      const { all } = listen(3);
      bus.publish({ kind: 'agents' });
      bus.publish(visitor(1));
      expect(await all).toEqual([{ kind: 'agents' }, visitor(1), visitor(9)]);
    });

    test('goes on when a handler throws, and reports it', async () => {
      const mistake = new Error('a mistake in a handler');
      bus.subscribe(() => {
        throw mistake;
      });
      const { all } = listen(2);
      bus.publish(visitor(1));
      bus.publish(visitor(2));
      expect(await all).toEqual([visitor(1), visitor(2)]);
      expect(onError.mock.calls).toEqual([[mistake], [mistake]]);
    });

    test('brings nothing to a handler that has left, even in the middle of a message', async () => {
      const left = listen(1);
      const first = bus.subscribe(() => late.stop());
      const late = listen(1);
      const stays = listen(2);
      left.stop();
      bus.publish(visitor(1));
      bus.publish(visitor(2));
      await stays.all;
      expect([left.heard, late.heard]).toEqual([[], []]);
      first();
    });

    test('is silent after it was closed, and closes twice without complaint', async () => {
      const before = listen(1);
      bus.publish(visitor(1));
      await before.all;
      await bus.close();
      await bus.close();
      bus.publish(visitor(2));
      const after = listen(1);
      bus.publish(visitor(3));
      await Promise.resolve();
      expect([before.heard, after.heard]).toEqual([[visitor(1)], []]);
    });
  });
}
