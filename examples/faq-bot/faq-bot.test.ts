import { isKind, plainText } from '@sveiki/sdk';
import { until } from '@sveiki/sdk/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTeaHouse, type TeaHouse } from './tea-house.ts';

let house: TeaHouse;
beforeEach(async () => {
  house = await openTeaHouse();
});
afterEach(() => house.stop());

it('greets, is marked as a bot, and answers with what people would answer, in the visitor’s language', async () => {
  const mia = house.visitor('lv');
  const answers = await mia.ask('Cik ilgst piegāde?', 'divas darba dienas');
  expect(answers[0]).toBe('Labdien! Zinu biežākās atbildes.');
  expect(mia.chat.state).toMatchObject({ isBot: true, conversation: { owner: { id: 'helper', bot: true } } });
});

it('offers a person after three answers that did not help', async () => {
  const mia = house.visitor();
  await mia.ask('Do you sell teapots with dragons?', 'another way');
  await mia.ask('Dragons. On a teapot.', 'another way');
  await mia.ask('You know, those flying ones.', 'talk to a person');
  const offer = mia.chat.state.entries.at(-1)?.event;
  expect(offer && isKind(offer, 'message') && offer.body.blocks).toMatchObject([
    { kind: 'quick-replies', replies: [{ text: 'Talk to a person', action: 'request-human' }] },
  ]);
  // What the button does.
  await mia.chat.requestHuman();
  await until(house.ada, () => house.ada.state.offers.length === 1);
  expect(mia.chat.state.handoff).toMatchObject({ by: 'visitor', state: 'requested' });
});

it('hands over with a summary, is silent while a person answers, and goes on when it gets the conversation back', async () => {
  const { ada } = house;
  const mia = house.visitor();
  await mia.ask('Can I speak with a person about a dragon teapot?', 'asking a person');
  const conversation = mia.conversation();
  expect(await house.askedFor(conversation)).toMatchObject({
    reason: 'The visitor asked for a person.',
    summary: 'Can I speak with a person about a dragon teapot?',
    language: 'en',
  });
  await ada.acceptOffer(conversation);
  await until(mia.chat, () => mia.chat.state.handoff?.state === 'accepted');
  expect(mia.chat.state.isBot).toBe(false);

  // A question the bot knows goes to Ada now; the bot proposes its answer to her, and says nothing.
  await mia.chat.send('And how long does shipping take?');
  const proposed = await until(ada, () => ada.state.watched.get(conversation)?.draft);
  expect(plainText(proposed.body.blocks)).toBe('Shipping takes two working days.');
  await ada.send(conversation, 'Only with cranes, I am afraid.');

  await ada.returnToBot(conversation, { note: 'Looked for a dragon teapot.' });
  await mia.ask('Which water temperature for green tea?', '75');
  const speakers = mia.chat.state.entries.flatMap(({ event }) =>
    event !== null && isKind(event, 'message') ? [event.actor.kind] : [],
  );
  expect(speakers.slice(-4)).toEqual(['visitor', 'agent', 'visitor', 'bot']);
});
