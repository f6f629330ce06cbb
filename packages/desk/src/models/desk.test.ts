import { cast, pair } from '@sveiki/sdk/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeSurroundings } from '../testing/surroundings.ts';
import { createDesk } from './desk.ts';

/** The models over the SDK's own agent door and its relay in memory: what the doubles of the other tests are held against. */
type Shop = Awaited<ReturnType<typeof pair>>;
let shop: Shop;
afterEach(() => shop.destroy());

async function open(fragment = '') {
  shop = await pair();
  const entering = shop.agent.signIn(cast.agents.ada);
  await shop.clock.advance(100);
  await entering;
  const around = fakeSurroundings({ fragment, now: shop.clock.now() });
  const desk = createDesk(shop.agent, around);
  await desk.session.start();
  await shop.clock.advance(100);
  return { ...shop, around, desk };
}

describe('a desk on a relay', () => {
  it('shows who waits, takes, answers, notes and resolves; the visitor never sees the note', async () => {
    const { desk, chat, clock, around } = await open();
    void chat.send('Where is my parcel?');
    await clock.advance(1_000);
    expect(desk.inbox.next.value).toMatchObject([{ preview: 'Where is my parcel?', heavy: true, ageOf: 'queue' }]);
    expect([desk.inbox.counts.value.queue, around.tones]).toEqual([1, 1]);

    desk.routing.go({ conversation: desk.inbox.next.value[0]?.id ?? '' });
    await clock.advance(500);
    expect([desk.conversation.status.value, desk.conversation.footer.value]).toEqual(['ready', 'take']);
    const taking = desk.conversation.take();
    await clock.advance(500);
    expect([await taking, desk.conversation.footer.value]).toEqual([true, 'reply']);

    desk.composer.input('It went out this morning.', 0);
    void desk.composer.submit();
    desk.composer.setMode('note');
    desk.composer.input('Third time she asks.', 0);
    void desk.composer.submit();
    await clock.advance(1_000);
    const said = desk.conversation.entries.value.flatMap((entry) =>
      'side' in entry ? [`${entry.kind} ${entry.side}`] : [],
    );
    expect(said).toEqual(['message visitor', 'message me', 'note me']);
    const seen = JSON.stringify(chat.state.entries);
    expect([seen.includes('It went out'), seen.includes('Third time')]).toEqual([true, false]);

    const resolving = desk.conversation.resolve(desk.state.value.wrapUpCodes[0]?.id ?? '');
    await clock.advance(1_000);
    expect([await resolving, desk.conversation.footer.value, desk.inbox.rows.value]).toEqual([true, 'resolved', []]);
  });

  it('reads what it shows, and says so to the visitor', async () => {
    const { desk, chat, clock, server } = await open();
    void chat.send('Hello?');
    await clock.advance(1_000);
    const id = desk.inbox.next.value[0]?.id ?? '';
    server.agent('ada').take(id);
    await clock.advance(500);
    expect(desk.alerts.toasts.value.length).toBe(0);
    expect(desk.inbox.rows.value).toMatchObject([{ id, unread: 1 }]);
    desk.routing.go({ conversation: id });
    await clock.advance(1_000);
    expect(desk.inbox.rows.value).toMatchObject([{ id, unread: 0 }]);
    expect(chat.state.entries.some(({ delivery }) => delivery === 'read')).toBe(true);
  });

  it('loses nothing that was typed while the line is down', async () => {
    const { desk, chat, clock, network, server } = await open();
    void chat.send('Are you there?');
    await clock.advance(1_000);
    const id = desk.inbox.next.value[0]?.id ?? '';
    server.agent('ada').take(id);
    desk.routing.go({ conversation: id });
    await clock.advance(1_000);
    network.cut();
    desk.composer.input('Yes, one moment.', 0);
    void desk.composer.submit();
    await clock.advance(10);
    expect(desk.conversation.entries.value.at(-1)).toMatchObject({
      kind: 'pending',
      text: 'Yes, one moment.',
      problem: null,
    });
    await clock.advance(30_000);
    expect(desk.conversation.entries.value.at(-1)).toMatchObject({ kind: 'message', side: 'me' });
    expect(JSON.stringify(chat.state.entries)).toContain('Yes, one moment.');
  });

  it('gives way when the conversation goes to a colleague, and keeps what was typed', async () => {
    const { desk, chat, clock, server } = await open();
    void chat.send('Hello?');
    await clock.advance(1_000);
    const id = desk.inbox.next.value[0]?.id ?? '';
    server.agent('ada').take(id);
    desk.routing.go({ conversation: id });
    await clock.advance(1_000);
    desk.composer.input('Half a sentence', 0);
    server.agent('ada').transfer(id, { agent: 'ben' });
    await clock.advance(1_000);
    expect(desk.conversation.footer.value).toBe('take');
    expect(desk.composer.text.value).toBe('Half a sentence');
  });
});
