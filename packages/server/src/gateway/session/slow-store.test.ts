import { afterEach, expect, it } from 'vitest';
import { createMemoryStore } from '../../store/memory/memory-store.ts';
import { type RelayUnderTest, relayUnderTest, text } from '../../testing/relay-under-test.ts';

const C1 = 'conversation-0001';
const said = (id: string, words: string) => ({ type: 'send', id, conversation: C1, blocks: text(words) });
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
  await mia.send(said('message-01', 'Where is my scarf?'));
  const ada = await under.agent('ada');
  isSlow = true;
  await ada.push({ type: 'watch', id: 'watch-0001', conversation: C1 });
  await ada.push({ type: 'watch', id: 'watch-0002', conversation: C1 });
  expect(gates).toHaveLength(2);
  isSlow = false;
  gates[1]?.();
  await mia.send(said('message-02', 'Hello?'));
  gates[0]?.();
  await under.pass(10);
  const heads = ada.frames.flatMap((frame) =>
    frame.type === 'snapshot' ? [frame.conversation.head] : frame.type === 'event' ? [frame.event.seq] : [],
  );
  expect(heads).toEqual([2, 3, 3]);
  await mia.send(said('message-03', 'Anybody?'));
  expect(ada.last('event').event.seq).toBe(4);
});

it('leaves a snapshot unsent that an agent no longer needs when it is read', async () => {
  const memory = createMemoryStore();
  let open = (): void => {};
  let isSlow = false;
  const visitor = async (id: string) => {
    const found = await memory.visitor(id);
    if (isSlow)
      await new Promise<void>((resolve) => {
        open = resolve;
      });
    return found;
  };
  under = await relayUnderTest({ store: { ...memory, visitor } });
  const mia = await under.visitor();
  await mia.send(said('message-01', 'Where is my scarf?'));
  const ada = await under.agent('ada');
  const ben = await under.agent('ben');
  isSlow = true;
  await ada.push({ type: 'take', id: 'take-0001', conversation: C1 });
  isSlow = false;
  const give = { type: 'transfer', conversation: C1 };
  await ada.send({ ...give, id: 'transfer-1', ownership: 2, to: { kind: 'agent', id: 'ben' } });
  await ben.send({ ...give, id: 'transfer-2', ownership: 3, to: { kind: 'agent', id: 'ada' } });
  open();
  await under.pass(10);
  expect(ada.of('snapshot').map(({ conversation }) => conversation.head)).toEqual([5]);
  expect(ada.of('event')).toEqual([]);
});

it('sends nothing again that a snapshot held while what the bus lost was read', async () => {
  const memory = createMemoryStore();
  let open = (): void => {};
  let isSlow = false;
  const events: typeof memory.events = async (query) => {
    const found = await memory.events(query);
    if (isSlow && query.after !== undefined)
      await new Promise<void>((resolve) => {
        open = resolve;
      });
    return found;
  };
  under = await relayUnderTest({ store: { ...memory, events } });
  const mia = await under.visitor();
  await mia.send(said('message-01', 'Where is my scarf?'));
  const ada = await under.agent('ada');
  await ada.send({ type: 'watch', id: 'watch-0001', conversation: C1 });
  under.bus.lose = (message) => message.kind === 'events';
  await mia.send(said('message-02', 'Hello?'));
  under.bus.lose = () => false;
  isSlow = true;
  await mia.push(said('message-03', 'Anybody?'));
  isSlow = false;
  await ada.send({ type: 'watch', id: 'watch-0002', conversation: C1 });
  expect(ada.last('snapshot').conversation.head).toBe(4);
  open();
  await under.pass(10);
  expect(ada.of('event')).toEqual([]);
});

it('knows a visitor whose first message is stored while he comes back', async () => {
  const memory = createMemoryStore();
  let reached: (() => void) | null = null;
  let goOn = (): void => {};
  const store = {
    ...memory,
    visitorBySession: async (hash: string, now: number) => {
      const found = await memory.visitorBySession(hash, now);
      const tell = reached;
      reached = null;
      if (tell !== null)
        await new Promise<void>((resolve) => {
          goOn = resolve;
          tell();
        });
      return found;
    },
  };
  under = await relayUnderTest({ store });
  const before = await under.visitor();
  const looked = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const coming = under.visitor({ session: before.session });
  await looked;
  await before.send(said('message-01', 'Where is my scarf?'));
  goOn();
  const after = await coming;
  expect(after.session).toBe(before.session);
  await after.send(said('message-01', 'Where is my scarf?'));
  expect((await memory.eventsAfter(0, 10)).map(({ event }) => event.body.kind)).toEqual(['started', 'message']);
});

it('shows an agent what was resolved and is his again in the same commit', async () => {
  under = await relayUnderTest();
  const mia = await under.visitor();
  await mia.send(said('message-01', 'Where is my scarf?'));
  const ada = await under.agent('ada');
  await ada.send({ type: 'take', id: 'take-0001', conversation: C1 });
  const resolve = { type: 'resolve', id: 'resolve-01', conversation: C1, ownership: 2, wrapUp: 'answered' };
  await Promise.all([ada.push(resolve), mia.push(said('message-02', 'One more thing'))]);
  await under.pass(10);
  expect(ada.of('event').map(({ event }) => event.body.kind)).toEqual(['resolved', 'reopened', 'message', 'assigned']);
  expect(ada.last('snapshot').conversation).toMatchObject({ head: 7, owner: { id: 'ada' } });
});
