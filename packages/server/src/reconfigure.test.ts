import { afterEach, expect, it } from 'vitest';
import type { Config } from './config-types.ts';
import { CONFIG, type RelayUnderTest, relayUnderTest, type TestLine, text } from './testing/relay-under-test.ts';

let under: RelayUnderTest;
let count = 0;

afterEach(async () => {
  await under.checkEventLaw();
  await under.relay.stop();
});

const change = async (part: Partial<Config>): Promise<void> => {
  await under.relay.reconfigure({ ...CONFIG, version: `00000000000${++count}`, ...part });
  await under.pass(200);
};
const write = async (visitor: TestLine, words: string): Promise<string> => {
  const conversation = `conversation-${++count}`;
  await visitor.send({ type: 'send', id: `message-${++count}-0`, conversation, blocks: text(words) });
  await under.pass(200);
  return conversation;
};
const ownerOf = async (conversation: string) =>
  (await under.store.conversations([conversation])).get(conversation)?.state.owner?.id ?? null;

it('serves by another configuration without ending a line', async () => {
  under = await relayUnderTest();
  const ada = await under.agent('ada');
  const mia = await under.visitor();
  const first = await write(mia, 'Hello');
  expect(await ownerOf(first)).toBeNull();

  await change({
    teams: [
      { id: 'sales', name: 'Sales', strategy: 'round-robin' },
      { id: 'billing', name: 'Billing', strategy: 'manual' },
    ],
  });
  expect(await ownerOf(first)).toBe('ada');
  expect([ada.closed, mia.closed]).toEqual([null, null]);
  await ada.send({ type: 'send', id: 'reply-0001', conversation: first, ownership: 2, blocks: text('Hi') });
  expect(mia.last('event').event.body).toMatchObject({ kind: 'message', blocks: [{ text: 'Hi' }] });
});

it('asks and routes by what holds now, and by the hooks of now', async () => {
  const told: string[] = [];
  const hook = (name: string) => ({ events: [{ name, on: ['message'] as const, run: () => void told.push(name) }] });
  under = await relayUnderTest({ config: { hooks: hook('old') } });
  await under.agent('ada');
  await write(await under.visitor(), 'Hello');
  await under.pass(2_000);
  await change({
    hooks: hook('new'),
    routing: { route: () => ({ to: 'queue', id: 'billing', reason: 'Everything goes to Billing' }) },
    teams: [
      { id: 'sales', name: 'Sales', strategy: 'manual' },
      { id: 'billing', name: 'Billing', strategy: 'least-loaded' },
    ],
  });
  const noah = await under.visitor();
  const second = await write(noah, 'Hello too');
  await under.pass(2_000);
  expect(await ownerOf(second)).not.toBeNull();
  expect(told).toEqual(['old', 'new']);
});

it('knows new codes, and forgets old ones', async () => {
  under = await relayUnderTest();
  const ada = await under.agent('ada');
  const conversation = await write(await under.visitor(), 'Hello');
  await ada.send({ type: 'take', id: 'take-00001', conversation });
  await change({ wrapUpCodes: [{ id: 'done', name: 'Done' }] });
  await ada.send({ type: 'resolve', id: 'resolve-1', conversation, ownership: 2, wrapUp: 'answered' });
  expect(ada.last('nack')).toMatchObject({ id: 'resolve-1', code: 'no-such-code' });
  await ada.send({ type: 'resolve', id: 'resolve-2', conversation, ownership: 2, wrapUp: 'done' });
  expect(ada.last('ack').id).toBe('resolve-2');
});
