import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Pair, pair } from '../testing/pair.ts';

const preChat = {
  id: 'before',
  purpose: 'pre-chat',
  fields: [
    { id: 'topic', kind: 'radio', label: 'About', required: true, options: [{ value: 'order', label: 'An order' }] },
  ],
} as const;
const order = {
  id: 'order',
  purpose: 'in-chat',
  fields: [
    { id: 'number', kind: 'text', label: 'Order number', required: true },
    { id: 'why', kind: 'textarea', label: 'What happened' },
  ],
} as const;
const csat = {
  id: 'csat',
  purpose: 'post-chat',
  fields: [{ id: 'score', kind: 'rating', label: 'How was it?', scale: 'csat', required: true }],
} as const;

let at: Pair;
beforeEach(async () => {
  at = await pair({
    bots: [{ id: 'robin', name: 'Robin' }],
    siteInfo: { preChat },
    forms: [order],
    surveys: [{ id: 'after', kind: 'csat', form: csat }],
  });
});
afterEach(async () => {
  await at.destroy();
  expect({ lines: at.network.open, timers: at.clock.waiting }).toEqual({ lines: 0, timers: 0 });
});

async function talking(words = 'Hello') {
  await Promise.all([at.chat.send(words), at.clock.advance(500)]);
  return at.chat.state.conversation?.id ?? '';
}
const answersIn = (conversation: string) =>
  (at.server.conversations.get(conversation)?.events ?? []).flatMap(({ body }) =>
    body.kind === 'answered' ? [{ ask: body.ask, answers: body.answers, final: body.final }] : [],
  );
function goOffline() {
  at.network.mode = 'refused';
  at.http.mode = 'refused';
  at.network.cut();
}
function comeBack() {
  at.network.mode = 'ok';
  at.http.mode = 'ok';
}

describe('questions', () => {
  it('sends what was filled in before the first message along with it', async () => {
    const { chat, clock } = at;
    expect(chat.state.site?.preChat).toEqual(preChat);
    const wrong = chat.send('Hello', { before: { form: 'before', answers: { topic: 'weather' } } });
    wrong.catch(() => {});
    await clock.advance(500);
    await expect(wrong).rejects.toMatchObject({ code: 'bad-answers' });
    chat.discard(chat.state.entries.at(-1)?.key ?? '');
    goOffline();
    void chat.send('Hello', { before: { form: 'before', answers: { topic: 'order' } } });
    await clock.advance(500);
    // Also after the page went away in between.
    await chat.destroy();
    comeBack();
    const again = at.newChat();
    again.connect();
    await clock.advance(5_000);
    const { id = '', events = [] } = { ...again.state.conversation, events: again.state.entries };
    expect(events.map(({ event }) => event?.body.kind)).toEqual(['started', 'answered', 'message']);
    expect(answersIn(id)).toEqual([{ ask: 'pre-chat', answers: { topic: 'order' }, final: true }]);
  });

  it('come as state and event, keep partial answers over a reload, and end with final ones', async () => {
    const { chat, clock, server } = at;
    const conversation = await talking();
    const heard: (string | null)[] = [];
    chat.on('question', (question) => heard.push(question?.form.id ?? null));
    server.agent('ada').take(conversation);
    const ask = server.agent('ada').ask(conversation, 'order');
    await clock.advance(100);
    expect(chat.state.question).toEqual({ id: ask, form: order, survey: null, until: null, answers: {} });
    await Promise.all([chat.answer(ask, { number: '7' }, { partial: true }), clock.advance(500)]);
    expect(chat.state.question?.answers).toEqual({ number: '7' });
    await chat.destroy();
    const again = at.newChat();
    again.connect();
    await clock.advance(500);
    expect(again.state.question).toMatchObject({ id: ask, answers: { number: '7' } });
    await Promise.all([again.answer(ask, { number: '7', why: 'It broke' }), clock.advance(500)]);
    expect(again.state.question).toBeNull();
    expect(heard).toEqual(['order', 'order']);
    expect(answersIn(conversation)).toEqual([
      { ask, answers: { number: '7' }, final: false },
      { ask, answers: { number: '7', why: 'It broke' }, final: true },
    ]);
  });

  it('stores an answer once, through a page that goes away before it was acknowledged', async () => {
    const { chat, clock, server } = at;
    const conversation = await talking();
    server.agent('ada').take(conversation);
    const ask = server.agent('ada').ask(conversation, 'after');
    await clock.advance(100);
    expect(chat.state.question?.survey).toEqual({ id: 'after', kind: 'csat' });
    // It arrives, but no ack comes back; and what was partly said before is out of date.
    at.network.meddle = (text, direction) => (direction === 'down' && /"(ack|answered)"/.test(text) ? [] : [text]);
    const early = chat.answer(ask, { score: 2 }, { partial: true });
    const final = chat.answer(ask, { score: 5 });
    final.catch(() => {});
    expect(chat.state.question).toBeNull();
    await clock.advance(500);
    await expect(early).resolves.toBeUndefined();
    await chat.destroy();
    await expect(final).rejects.toMatchObject({ code: 'destroyed' });
    expect(at.storage.keys().filter((key) => key.includes('out:'))).toHaveLength(1);
    at.network.meddle = null;
    const again = at.newChat();
    again.connect();
    expect(again.state.entries.filter(({ event }) => event === null)).toEqual([]);
    await clock.advance(500);
    expect(again.state.question).toBeNull();
    expect(answersIn(conversation).filter((answer) => answer.final)).toEqual([
      { ask, answers: { score: 5 }, final: true },
    ]);
    expect(at.storage.keys().filter((key) => key.includes('out:'))).toEqual([]);
  });

  it('refuses an answer that is none, and one to a question that is none; the question stays', async () => {
    const { chat, clock, server } = at;
    const conversation = await talking();
    server.agent('ada').take(conversation);
    const ask = server.agent('ada').ask(conversation, 'after');
    await clock.advance(100);
    for (const [question, answers, code] of [
      [ask, { score: 9 }, 'bad-answers'],
      ['no-such-question', { score: 5 }, 'no-such-question'],
    ] as const) {
      const answered = chat.answer(question, answers);
      answered.catch(() => {});
      await clock.advance(500);
      await expect(answered).rejects.toMatchObject({ code });
    }
    expect(chat.state.question).toMatchObject({ id: ask, answers: {} });
    server.agent('ada').resolve(conversation);
    await Promise.all([chat.answer(ask, { score: 4 }), clock.advance(500)]);
    expect(chat.state.question).toBeNull();
    expect(chat.state.conversation?.status).toBe('resolved');
  });
});

describe('a person', () => {
  it('can be asked for, called off and asked for again; the bot has it in between', async () => {
    const { chat, clock, server } = at;
    const conversation = await talking();
    server.agent('cleo').transfer(conversation, { bot: 'robin' });
    await clock.advance(500);
    expect(chat.state).toMatchObject({ isBot: true, handoff: null });
    const heard: (string | undefined)[] = [];
    chat.on('handoff', (handoff) => heard.push(handoff?.state));
    goOffline();
    const requested = chat.requestHuman();
    await clock.advance(500);
    comeBack();
    await Promise.all([requested, clock.advance(5_000)]);
    expect(chat.state).toMatchObject({
      isBot: false,
      handoff: { by: 'visitor', state: 'requested' },
      queue: { position: 1 },
    });
    await Promise.all([chat.cancelHandoff(), clock.advance(500)]);
    expect(chat.state).toMatchObject({ isBot: true, handoff: { state: 'failed' } });
    await Promise.all([chat.requestHuman(), clock.advance(500)]);
    server.agent('ada').take(conversation);
    await clock.advance(500);
    expect(chat.state).toMatchObject({ isBot: false, handoff: { state: 'accepted' } });
    expect(heard).toEqual(['requested', 'failed', 'requested', 'accepted']);
    // With a person there it changes nothing.
    const { publicHead } = server.conversations.get(conversation)?.state ?? {};
    await Promise.all([chat.requestHuman(), clock.advance(500)]);
    expect(server.conversations.get(conversation)?.state.publicHead).toBe(publicHead);
  });

  it('cannot come to a conversation that never began', async () => {
    const asked = at.chat.requestHuman();
    asked.catch(() => {});
    await at.clock.advance(500);
    await expect(asked).rejects.toMatchObject({ code: 'not-found' });
    expect(at.storage.keys().filter((key) => key.includes('out:'))).toEqual([]);
  });
});

describe('a reply that is being made', () => {
  it('is shown until it is said, taken back, or somebody else has the conversation', async () => {
    const { chat, clock, server } = at;
    const conversation = await talking();
    server.agent('cleo').transfer(conversation, { bot: 'robin' });
    await clock.advance(500);
    const robin = server.agent('robin');
    robin.typing(conversation);
    robin.stream(conversation, 'message-0001', 'One mo');
    await clock.advance(100);
    expect(chat.state).toMatchObject({ streaming: { message: 'message-0001', text: 'One mo' }, typing: [] });
    robin.stream(conversation, 'message-0001', '');
    await clock.advance(100);
    expect(chat.state.streaming).toBeNull();
    robin.stream(conversation, 'message-0002', 'It is');
    await clock.advance(100);
    server.agent('cleo').take(conversation);
    await clock.advance(100);
    expect(chat.state.streaming).toBeNull();
    server.inject('visitor', { type: 'stream', conversation, message: 7, who: null, text: {} });
    await clock.advance(100);
    expect(chat.state.streaming).toBeNull();
  });
});
