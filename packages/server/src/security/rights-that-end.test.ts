import { describe, expect, it } from 'vitest';
import { turn } from '../testing/relay-under-test.ts';
import { cast, text } from './cast.ts';

describe('what a bot reads', () => {
  it('ends when another bot gets the conversation, also on its screen', async () => {
    const house = await cast();
    const secret = await house.conversation('faq');
    const { conversation } = secret;
    const faq = await house.relay.agent('faq');
    await faq.send({ type: 'watch', id: 'watch-0001', conversation });
    expect(faq.last('snapshot').conversation.id).toBe(conversation);
    const give = async (to: object) => {
      const { ownership } = await house.state(conversation);
      await house.witness.send({ type: 'transfer', id: house.id(), conversation, ownership, to });
    };
    // A person takes over: it was the last bot there, and may come back to it.
    await give({ kind: 'agent', id: 'ada' });
    await secret.line.send({ type: 'send', id: house.id(), conversation, blocks: text('To a person') });
    expect(JSON.stringify(faq.frames)).toContain('To a person');
    await give({ kind: 'bot', id: 'drafter' });
    await turn();
    await secret.line.send({ type: 'send', id: house.id(), conversation, blocks: text('To another bot') });
    await house.witness.send({ type: 'note', id: house.id(), conversation, blocks: text('A note about it') });
    await turn();
    expect(JSON.stringify(house.witness.frames)).not.toContain('nack');
    expect(JSON.stringify(faq.frames)).not.toContain('To another bot');
    expect(JSON.stringify(faq.frames)).not.toContain('A note about it');
    await faq.send({ type: 'get-events', id: 'events-0001', conversation, after: 0 });
    expect(faq.last('nack')).toMatchObject({ id: 'events-0001', code: 'not-found' });
  });

  it('does not begin with a note or a mark of its own', async () => {
    const house = await cast();
    const { conversation } = await house.conversation('ben');
    const faq = await house.relay.agent('faq');
    await faq.send({ type: 'note', id: 'note-00001', conversation, blocks: text('I was here') });
    expect(faq.last('nack')).toMatchObject({ id: 'note-00001', code: 'not-found' });
    await faq.push({ type: 'mark', conversation, read: 1, delivered: 1 });
    await house.relay.pass(10_000);
    const cursors = (await house.relay.store.cursors([conversation])).get(conversation) ?? [];
    expect(cursors.map(({ reader }) => reader)).not.toContain('faq');
  });
});

describe('the id of a command', () => {
  it('of somebody else says nothing about what he did with it', async () => {
    const house = await cast();
    const mia = await house.conversation('ben');
    const noah = await house.conversation('ben');
    const ada = await house.relay.agent('ada');
    const id = house.id();
    await mia.line.send({ type: 'send', id, conversation: mia.conversation, blocks: text('Mine') });
    expect(mia.line.last('ack').conversation).toBe(mia.conversation);
    await noah.line.send({ type: 'send', id, conversation: noah.conversation, blocks: text('Also mine') });
    expect(noah.line.last('ack')).toMatchObject({ id, conversation: noah.conversation });
    await ada.send({ type: 'note', id, conversation: noah.conversation, blocks: text('Hers') });
    expect(ada.last('ack')).toMatchObject({ id, conversation: noah.conversation });
  });
});
