import { LIMITS } from '@sveiki/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { type RelayUnderTest, relayUnderTest, type TestLine, text } from '../../testing/relay-under-test.ts';
import { MAX_PAGE_BYTES } from './page.ts';

const C1 = 'conversation-0001';
const COUNT = 60;
const words = '*'.repeat(LIMITS.maxTextBytes - 100);
let under: RelayUnderTest;
afterEach(() => under.relay.stop());

/** A conversation of long messages: more of them than go into a page. */
async function longConversation() {
  under = await relayUnderTest();
  const mia = await under.visitor();
  for (let i = 1; i <= COUNT; i++)
    await mia.send({
      ...{ type: 'send', id: `message-${i}`, conversation: C1 },
      blocks: text(`${i} ${words}`),
    });
  return mia;
}
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
const conversationIn = (line: TestLine) => {
  const welcome = line.last('welcome');
  return welcome.role === 'visitor' ? welcome.conversation : null;
};
const seqs = (events: readonly { seq: number }[]): number[] => events.map(({ seq }) => seq);

describe('[R4] a page of long messages', () => {
  it('is the newest ones that go into it, and says that there are others', async () => {
    await longConversation();
    const ada = await under.agent('ada');
    await ada.push({ type: 'watch', id: 'watch-0001', conversation: C1 });
    const snapshot = ada.last('snapshot');
    expect(snapshot).toMatchObject({ from: 'newest', more: true });
    expect(snapshot.events.at(-1)?.seq).toBe(snapshot.conversation.head);
    expect(snapshot.events.length).toBeGreaterThan(3);
    expect(bytesOf(snapshot.events)).toBeLessThan(MAX_PAGE_BYTES + 1_000);
    expect(ada.closed).toBeNull();
  });

  it('is followed and preceded by the others, without a hole', async () => {
    await longConversation();
    const ada = await under.agent('ada');
    await ada.push({ type: 'watch', id: 'watch-0001', conversation: C1 });
    const { events, conversation } = ada.last('snapshot');
    const before = seqs(events);
    while (before[0] !== 1) {
      await ada.push({
        type: 'get-events',
        id: `before-${before[0]}`.padEnd(9, '-'),
        conversation: C1,
        before: before[0]!,
      });
      const page = ada.last('events');
      expect(page.events.length).toBeGreaterThan(0);
      expect(page.more).toBe(page.events[0]?.seq !== 1);
      before.unshift(...seqs(page.events));
    }
    const after: number[] = [];
    do {
      await ada.push({
        ...{ type: 'get-events', id: `after-${after.length}`.padEnd(9, '-'), conversation: C1 },
        ...{ after: after.at(-1) ?? 0, limit: LIMITS.maxPageEvents },
      });
      after.push(...seqs(ada.last('events').events));
    } while (ada.last('events').more);
    const all = Array.from({ length: conversation.head }, (_, i) => i + 1);
    expect([before, after]).toEqual([all, all]);
  });

  it('takes the place of the rest when somebody comes back who is further behind', async () => {
    const mia = await longConversation();
    const head = mia.last('event').event.seq;
    const near = await under.visitor({ session: mia.session, have: { [C1]: head - 2 } });
    expect(conversationIn(near)).toMatchObject({ from: 'have', more: false, events: [{}, {}] });
    const far = await under.visitor({ session: mia.session, have: { [C1]: 1 } });
    expect(conversationIn(far)).toMatchObject({ from: 'newest', more: true });
    expect(bytesOf(conversationIn(far))).toBeLessThan(MAX_PAGE_BYTES + 4_000);
  });

  it('waits its turn when somebody comes back to many conversations', async () => {
    await longConversation();
    const first = await under.agent('ada');
    await first.send({ type: 'take', id: 'take-0001', conversation: C1 });
    await first.cut();
    const ada = under.line({ door: 'desk', origin: 'http://127.0.0.1' });
    ada.buffered(LIMITS.ephemeralDropBytes + 1);
    await ada.push({ type: 'hello', role: 'agent', versions: [1], client: 'test', ticket: 'ticket-ada', lists: false });
    await under.pass(1_000);
    expect([ada.of('welcome').length, ada.of('snapshot').length]).toEqual([1, 0]);
    ada.buffered(0);
    await under.pass(100);
    expect(ada.of('snapshot')).toHaveLength(1);
  });
});
