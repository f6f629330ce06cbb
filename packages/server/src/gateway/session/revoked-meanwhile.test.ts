import { describe, expect, it } from 'vitest';
import { StorageFull } from '../../ports.ts';
import { createMemoryStore } from '../../store/memory/memory-store.ts';
import { deferred } from '../../test-support/deferred.ts';
import { relayUnderTest, text, turn } from '../../testing/relay-under-test.ts';

const C1 = 'conversation-0001';

describe('rights that end while an agent is being welcomed', () => {
  it.each([
    ['agent', 'ada'],
    ['agent-session', 'session-of-ada'],
  ] as const)('end his line too (%s)', async (what, id) => {
    const memory = createMemoryStore();
    const answer = deferred();
    const asked = deferred();
    let isSlow = false;
    const under = await relayUnderTest({
      store: {
        ...memory,
        async agent(agent) {
          const row = await memory.agent(agent);
          if (isSlow) {
            asked.resolve();
            await answer.promise;
          }
          return row;
        },
      },
    });
    const mia = await under.visitor();
    await mia.send({ type: 'send', id: 'message-01', conversation: C1, blocks: text('Hello') });
    isSlow = true;
    const ada = under.line({ door: 'desk', origin: 'http://127.0.0.1' });
    await ada.push({ type: 'hello', role: 'agent', versions: [1], client: 'test', ticket: 'ticket-ada' });
    await asked.promise;
    under.bus.publish({ kind: 'revoked', what, id });
    answer.resolve();
    await turn();
    expect(ada.closed?.code).toBe(4401);
    expect(ada.of('welcome')).toEqual([]);
    await under.relay.stop();
  });
});

describe('a conversation whose owner is not there', () => {
  it('is queued again also when the disk was full at the moment', async () => {
    const memory = createMemoryStore();
    let isFull = false;
    const under = await relayUnderTest({
      store: {
        ...memory,
        append: (batch) => (isFull ? Promise.reject(new StorageFull('full')) : memory.append(batch)),
      },
    });
    const mia = await under.visitor();
    await mia.send({ type: 'send', id: 'message-01', conversation: C1, blocks: text('Hello') });
    const ada = await under.agent('ada');
    await ada.send({ type: 'take', id: 'take-0001', conversation: C1 });
    await ada.cut();
    isFull = true;
    await under.pass(31_000);
    isFull = false;
    await under.pass(61_000);
    expect(mia.last('event').event.body).toMatchObject({ kind: 'queued', why: 'agent-lost' });
    await under.relay.stop();
  });

  it('is queued again when it was given to somebody who does not come', async () => {
    const under = await relayUnderTest();
    const mia = await under.visitor();
    await mia.send({ type: 'send', id: 'message-01', conversation: C1, blocks: text('Hello') });
    const ada = await under.agent('ada');
    await ada.send({ type: 'take', id: 'take-0001', conversation: C1 });
    await ada.send({
      type: 'transfer',
      id: 'transfer-1',
      conversation: C1,
      ownership: 2,
      to: { kind: 'agent', id: 'ben' },
    });
    await under.pass(61_000);
    expect(mia.last('event').event.body).toMatchObject({ kind: 'queued', why: 'agent-lost' });
    await under.relay.stop();
  });
});
