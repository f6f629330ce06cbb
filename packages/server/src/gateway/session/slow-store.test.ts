import { afterEach, expect, it } from 'vitest';
import { createMemoryStore } from '../../store/memory/memory-store.ts';
import { type RelayUnderTest, relayUnderTest, text } from '../../testing/relay-under-test.ts';

const C1 = 'conversation-0001';
let under: RelayUnderTest;
afterEach(() => under.relay.stop());

it('brings an agent never back to before what he was sent, however long a snapshot takes', async () => {
  const memory = createMemoryStore();
  const gates: (() => void)[] = [];
  let isSlow = false;
  const store = {
    ...memory,
    visitor: async (id: string) => {
      const found = await memory.visitor(id);
      if (isSlow) await new Promise<void>((open) => gates.push(open));
      return found;
    },
  };
  under = await relayUnderTest({ store });
  const mia = await under.visitor();
  await mia.send({ type: 'send', id: 'message-01', conversation: C1, blocks: text('Where is my scarf?') });
  const ada = await under.agent('ada');
  isSlow = true;
  await ada.push({ type: 'watch', id: 'watch-0001', conversation: C1 });
  await ada.push({ type: 'watch', id: 'watch-0002', conversation: C1 });
  expect(gates).toHaveLength(2);
  isSlow = false;
  gates[1]?.();
  await mia.send({ type: 'send', id: 'message-02', conversation: C1, blocks: text('Hello?') });
  gates[0]?.();
  await under.pass(10);
  const heads = ada.frames.flatMap((frame) =>
    frame.type === 'snapshot' ? [frame.conversation.head] : frame.type === 'event' ? [frame.event.seq] : [],
  );
  expect(heads).toEqual([2, 3, 3]);
  await mia.send({ type: 'send', id: 'message-03', conversation: C1, blocks: text('Anybody?') });
  expect(ada.last('event').event.seq).toBe(4);
});
