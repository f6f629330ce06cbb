import { once } from 'node:events';
import { expect, test } from 'vitest';
import { busContract } from '../contract.ts';
import { createInProcessBus } from './in-process-bus.ts';

busContract('The in-process bus', async (onError) => createInProcessBus({ onError }));

test('is never down, so nobody is called to heal', async () => {
  const bus = createInProcessBus();
  const calls: string[] = [];
  const stop = bus.onUp(() => calls.push('up'));
  const heard = new Promise<void>((resolve) => bus.subscribe(() => resolve()));
  bus.publish({ kind: 'agents' });
  await heard;
  stop();
  expect(calls).toEqual([]);
});

test('warns about a handler that throws when nobody else wants to know', async () => {
  const bus = createInProcessBus();
  bus.subscribe(() => {
    throw new Error('a mistake in a handler');
  });
  const warning = once(process, 'warning');
  bus.publish({ kind: 'agents' });
  expect((await warning)[0]).toMatchObject({ message: 'a mistake in a handler' });
});
