import { expect, it } from 'vitest';
import { relayUnderTest, type TestLine, text } from './testing/relay-under-test.ts';

const MINUTE = 60_000;

it('lists the queue as it is served, page by page', async () => {
  const under = await relayUnderTest({
    config: {
      teams: [{ id: 'sales', name: 'Sales', strategy: 'manual', ageingMs: 2 * MINUTE }],
      routing: {
        route: ({ conversation }) =>
          conversation.text.startsWith('!')
            ? { to: 'queue', id: 'sales', priority: 3, reason: 'It is urgent' }
            : { to: 'default' },
      },
    },
  });
  const ada = await under.agent('ada');
  const welcome = ada.last('welcome');
  expect(welcome.role === 'agent' && welcome.teams).toEqual([{ id: 'sales', name: 'Sales', ageingMs: 2 * MINUTE }]);
  const write = async (id: string, words: string): Promise<TestLine> => {
    const visitor = await under.visitor();
    await visitor.send({ type: 'send', id: `message-of-${id}`, conversation: id, blocks: text(words) });
    await under.pass(MINUTE);
    return visitor;
  };
  const page = async (limit: number, before?: number) => {
    const id = `list-${limit}-${before ?? 'first'}`;
    await ada.send({ type: 'get-list', id, view: 'queue', limit, ...(before === undefined ? {} : { before }) });
    const { conversations, cursor } = ada.last('list');
    return { ids: conversations.map((one) => one.id), cursor };
  };

  await write('conversation-1', 'Hello');
  await write('conversation-2', 'Hello');
  await write('conversation-3', '! It burns');
  expect(await page(2)).toEqual({ ids: ['conversation-3', 'conversation-1'], cursor: 2 });
  expect(await page(2, 2)).toEqual({ ids: ['conversation-2'], cursor: null });
  // Whoever waits long is overtaken by nobody.
  await under.pass(6 * MINUTE);
  await write('conversation-4', '! This too');
  expect(await page(10)).toEqual({
    ids: ['conversation-3', 'conversation-1', 'conversation-2', 'conversation-4'],
    cursor: null,
  });
  await under.relay.stop();
});
