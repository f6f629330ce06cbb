import type { FormDefinition, FromServer } from '@sveiki/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import type { Config } from '../config-types.ts';
import type { SurveyRule } from '../domain/surveys/rule.ts';
import { surveyRule } from '../domain/surveys/rule.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { type RelayUnderTest, relayUnderTest, type TestLine } from '../testing/relay-under-test.ts';

const DAY_MS = 86_400_000;
const returns: FormDefinition = {
  id: 'return-feedback',
  purpose: 'post-chat',
  fields: [
    { id: 'score', kind: 'rating', scale: 'csat', label: 'How was it?', required: true },
    { id: 'team', kind: 'department', label: 'Who helped?' },
    {
      id: 'why',
      kind: 'text',
      label: 'What went wrong?',
      required: true,
      when: { field: 'score', op: 'at-most', value: 2 },
    },
  ],
};
const forms = new Map([[returns.id, returns]]);
const afterChat = surveyRule({ id: 'after-chat', kind: 'csat', when: { on: 'resolve', quietDays: 0 } }, forms);
const moved = surveyRule({ id: 'moved', kind: 'ces', when: { on: 'transfer' } }, forms);
const custom = surveyRule({ id: 'returns', kind: 'custom', form: returns.id, when: { on: 'resolve' } }, forms);

let under: RelayUnderTest;
let made = 0;
const next = (what: string) => `${what}-${String(++made).padStart(8, '0')}`;
afterEach(async () => {
  await under.checkEventLaw();
  await under.relay.stop();
});

async function start(surveys: SurveyRule[], config: Partial<Config> = {}, store = createMemoryStore()): Promise<void> {
  under = await relayUnderTest({
    store,
    config: { surveys, forms: [returns], reopenWindowMs: 30 * DAY_MS, ...config },
  });
}
/** Until what follows the log has followed it. */
async function follow(): Promise<void> {
  for (let i = 0; i < 5; i++) await under.pass(0);
}
const say = (text: string) => [{ kind: 'text', text }];

async function write(mia: TestLine, conversation: string, text = 'Where is my parcel?'): Promise<void> {
  await mia.send({ type: 'send', id: next('message'), conversation, blocks: say(text) });
}
const stateOf = async (conversation: string) => {
  const state = (await under.store.conversations([conversation])).get(conversation)?.state;
  if (state === undefined) throw new Error(`There is no ${conversation}.`);
  return state;
};
async function act(agent: TestLine, conversation: string, frame: object): Promise<void> {
  const { ownership } = await stateOf(conversation);
  await agent.send({ id: next('act'), conversation, ownership, ...frame });
  expect(agent.frames.findLast(({ type }) => type === 'ack' || type === 'nack')?.type).toBe('ack');
}
const resolve = async (agent: TestLine, conversation: string, wrapUp = 'answered') => {
  await act(agent, conversation, { type: 'resolve', wrapUp });
  await follow();
};
async function help(mia: TestLine, agent: TestLine, conversation: string): Promise<void> {
  await write(mia, conversation);
  await act(agent, conversation, { type: 'take' });
  await act(agent, conversation, { type: 'send', blocks: say('Tomorrow at noon.') });
}
const asksOf = async (conversation: string) => under.store.eventsOfKinds(conversation, ['asked']);
async function answer(mia: TestLine, conversation: string, answers: object, partial = false): Promise<FromServer> {
  const ask = (await asksOf(conversation)).at(-1)?.id;
  const id = next('answer');
  await mia.send({ type: 'answer', id, conversation, ask, answers, ...(partial ? { partial: true } : {}) });
  return mia.frames.findLast((frame) => 'id' in frame && frame.id === id) as FromServer;
}
async function csat() {
  const [survey] = await under.relay.deskData.surveys.list({});
  const [question] = survey?.questions ?? [];
  return { response: survey?.response, human: question?.human, question };
}

describe('a survey after the end', () => {
  it('is asked once, with its words and its end, and speaks of who replied', async () => {
    await start([afterChat]);
    const [mia, ada] = [await under.visitor(), await under.agent('ada')];
    await help(mia, ada, 'conv-0001');
    await resolve(ada, 'conv-0001');
    const asks = await asksOf('conv-0001');
    expect(asks).toHaveLength(1);
    expect(asks[0]).toMatchObject({
      actor: { kind: 'system' },
      body: {
        survey: { id: 'after-chat', kind: 'csat' },
        form: { id: 'csat' },
        until: under.clock.now() + 7 * DAY_MS,
        about: { agent: { id: 'ada' }, team: { id: 'sales' } },
      },
    });
    const seen = mia.of('event').flatMap(({ event }) => (event.body.kind === 'asked' ? [event] : []));
    expect(seen).toHaveLength(1);
    // Staff's number of the event it follows is nobody's business.
    expect(seen[0]?.id).toMatch(/^survey-[\w-]{32}$/);
    expect(seen[0]?.body).not.toHaveProperty('about');
  });

  it('is not asked where the end is that its visitor was forgotten', async () => {
    await start([afterChat]);
    const [mia, ada] = [await under.visitor(), await under.agent('ada')];
    await help(mia, ada, 'conv-0001');
    await under.relay.personalData.eraseOwn((await stateOf('conv-0001')).visitor.id);
    await under.relay.personalData.settled();
    await follow();
    expect(await stateOf('conv-0001')).toMatchObject({ status: 'resolved', visitor: { name: null } });
    expect(await asksOf('conv-0001')).toEqual([]);
  });

  it('is not asked again after a bare thank-you, and is after more help', async () => {
    await start([afterChat]);
    const [mia, ada] = [await under.visitor(), await under.agent('ada')];
    await help(mia, ada, 'conv-0001');
    await resolve(ada, 'conv-0001');
    await write(mia, 'conv-0001', 'Thank you!');
    await resolve(await under.agent('cleo'), 'conv-0001');
    expect(await asksOf('conv-0001')).toHaveLength(1);
    await write(mia, 'conv-0001', 'It is not here.');
    if ((await stateOf('conv-0001')).owner === null) await act(ada, 'conv-0001', { type: 'take' });
    await act(ada, 'conv-0001', { type: 'send', blocks: say('We look for it.') });
    await resolve(ada, 'conv-0001');
    expect(await asksOf('conv-0001')).toHaveLength(2);
  });

  it('is not asked about spam, and not when nobody replied', async () => {
    await start([afterChat], {
      wrapUpCodes: [
        { id: 'answered', name: 'Answered' },
        { id: 'spam', name: 'Spam' },
      ],
    });
    const [mia, noah, ada] = [await under.visitor(), await under.visitor(), await under.agent('ada')];
    await help(mia, ada, 'conv-0001');
    await resolve(ada, 'conv-0001', 'spam');
    await write(noah, 'conv-0002');
    await resolve(await under.agent('cleo'), 'conv-0002');
    expect(await asksOf('conv-0001')).toEqual([]);
    expect(await asksOf('conv-0002')).toEqual([]);
  });

  it('waits for its quiet period, and counts whom that held back', async () => {
    const daily = surveyRule({ id: 'after-chat', kind: 'csat', when: { on: 'resolve', quietDays: 2 } }, forms);
    await start([daily], { reopenWindowMs: 1_000 });
    const [mia, ada] = [await under.visitor(), await under.agent('ada')];
    await help(mia, ada, 'conv-0001');
    await resolve(ada, 'conv-0001');
    under.clock.jump(DAY_MS);
    await help(mia, ada, 'conv-0002');
    await resolve(ada, 'conv-0002');
    expect(await asksOf('conv-0002')).toEqual([]);
    expect((await csat()).response).toMatchObject({ sent: 1, suppressed: 1 });
    under.clock.jump(DAY_MS);
    await help(mia, ada, 'conv-0003');
    await resolve(ada, 'conv-0003');
    expect(await asksOf('conv-0003')).toHaveLength(1);
  });

  it('is asked after a transfer, about the team that gave it away', async () => {
    await start([moved]);
    const [mia, ada] = [await under.visitor(), await under.agent('ada')];
    await help(mia, ada, 'conv-0001');
    await act(ada, 'conv-0001', { type: 'transfer', to: { kind: 'team', id: 'billing' } });
    await follow();
    expect((await asksOf('conv-0001')).map(({ body }) => body)).toMatchObject([
      { survey: { id: 'moved', kind: 'ces' } },
    ]);
  });

  it('is asked after a crash in the middle, and once', async () => {
    await start([afterChat]);
    const [mia, ada] = [await under.visitor(), await under.agent('ada')];
    await help(mia, ada, 'conv-0001');
    // The bus loses the end, and the process dies before it looks again.
    under.bus.lose = () => true;
    await act(ada, 'conv-0001', { type: 'resolve', wrapUp: 'answered' });
    expect(await asksOf('conv-0001')).toEqual([]);
    under.bus.lose = () => false;
    await under.crash();
    await follow();
    expect(await asksOf('conv-0001')).toHaveLength(1);
    // Told of the same event again: the position was never saved.
    for (const { position, event } of await under.store.eventsAfter(0, 100))
      if (event.body.kind === 'resolved') await under.store.saveConsumerPosition('hook:surveys:surveys', position);
    await under.crash();
    await follow();
    await under.pass(10_000);
    expect(await asksOf('conv-0001')).toHaveLength(1);
  });
});

describe('answers', () => {
  async function asked(surveys = [afterChat], config: Partial<Config> = {}) {
    await start(surveys, config);
    const [mia, ada] = [await under.visitor(), await under.agent('ada')];
    await help(mia, ada, 'conv-0001');
    await resolve(ada, 'conv-0001');
    return { mia, ada };
  }

  it('count once, however often they are given, until the window is over', async () => {
    const { mia } = await asked();
    expect((await answer(mia, 'conv-0001', { score: 2 }, true)).type).toBe('ack');
    expect((await answer(mia, 'conv-0001', { score: 2 })).type).toBe('ack');
    expect((await answer(mia, 'conv-0001', { score: 4 })).type).toBe('ack');
    expect((await csat()).human).toMatchObject({ n: 1, csat: 100, mean: 4 });
    under.clock.jump(DAY_MS + 1);
    expect(await answer(mia, 'conv-0001', { score: 1 })).toMatchObject({ type: 'nack', code: 'too-late' });
    expect((await csat()).human).toMatchObject({ n: 1, mean: 4, few: true });
    expect((await stateOf('conv-0001')).status).toBe('resolved');
  });

  it('out of range or of the wrong kind change nothing, and name their field', async () => {
    const { mia } = await asked();
    for (const score of [0, 6, 2.5, '5 stars', true, ['5']])
      expect(await answer(mia, 'conv-0001', { score })).toMatchObject({
        type: 'nack',
        code: 'bad-answers',
        problems: [{ field: 'score' }],
      });
    expect(await answer(mia, 'conv-0001', {})).toMatchObject({
      problems: [{ field: 'score', code: 'required', params: {} }],
    });
    expect(await under.store.eventsOfKinds('conv-0001', ['answered'])).toEqual([]);
  });

  it('that come after the end are kept and not counted', async () => {
    const { mia } = await asked();
    under.clock.jump(8 * DAY_MS);
    expect((await answer(mia, 'conv-0001', { score: 1 })).type).toBe('ack');
    const { response, human } = await csat();
    expect(response).toMatchObject({ sent: 1, answered: 0, late: 1 });
    expect(human).toMatchObject({ n: 0, csat: null });
    const { rows } = await under.relay.deskData.surveys.answers('after-chat', { state: 'late' }, 'cleo');
    expect(rows).toMatchObject([{ conversation: 'conv-0001', late: true, answers: { score: 1 } }]);
  });

  it('of somebody else are nobody’s', async () => {
    await asked();
    const noah = await under.visitor();
    expect(await answer(noah, 'conv-0001', { score: 5 })).toMatchObject({ type: 'nack', code: 'not-found' });
  });

  it('to a form of one’s own are checked with its conditions and the teams there are', async () => {
    const { mia } = await asked([custom]);
    expect(await answer(mia, 'conv-0001', { score: 1 })).toMatchObject({
      problems: [{ field: 'why', code: 'required' }],
    });
    expect(await answer(mia, 'conv-0001', { score: 5, team: 'nowhere' })).toMatchObject({
      problems: [{ field: 'team' }],
    });
    expect((await answer(mia, 'conv-0001', { score: 5, team: 'billing' })).type).toBe('ack');
    expect((await csat()).human).toMatchObject({ n: 1, csat: 100 });
  });

  it('are looked at by the site’s own code before they count, and count when it fails', async () => {
    let word: () => string | null = () => 'Please give the score we agreed on.';
    const seen: string[] = [];
    const { mia } = await asked([afterChat], {
      hooks: {
        checkAnswers: {
          run({ form, answers }) {
            seen.push(`${form} ${JSON.stringify(answers)}`);
            return word();
          },
        },
      },
    });
    expect((await answer(mia, 'conv-0001', { score: 1 }, true)).type).toBe('ack');
    const refused = await answer(mia, 'conv-0001', { score: 1 });
    expect(refused).toMatchObject({
      type: 'nack',
      code: 'bad-answers',
      message: 'Please give the score we agreed on.',
    });
    expect(refused).not.toHaveProperty('problems');
    word = () => {
      throw new Error('no');
    };
    expect((await answer(mia, 'conv-0001', { score: 1 })).type).toBe('ack');
    expect(seen).toEqual(['csat {"score":1}', 'csat {"score":1}']);
    expect(under.relay.deskData.hookFailures()).toMatchObject([{ hook: 'checkAnswers', stage: 'answers' }]);
  });
});

describe('results', () => {
  it('count what was seen and answered, and lead to the conversations behind each number', async () => {
    await start([afterChat]);
    const [ada, ben] = [await under.agent('ada'), await under.agent('ben')];
    for (const [i, score] of [5, 4, 1, null, null].entries()) {
      const visitor = await under.visitor();
      const [agent, conversation] = [i % 2 === 0 ? ada : ben, `conv-000${i}`];
      await help(visitor, agent, conversation);
      await resolve(agent, conversation);
      if (score !== null) await answer(visitor, conversation, { score });
      if (i === 3) {
        const { publicHead } = await stateOf(conversation);
        await visitor.send({ type: 'mark', conversation, delivered: publicHead, read: publicHead });
        await under.pass(1_000);
      }
    }
    const { response, question, human } = await csat();
    expect(response).toMatchObject({ sent: 5, delivered: 4, answered: 3, rate: 75, ofSent: 60 });
    expect(human).toMatchObject({ n: 3, counts: [1, 0, 0, 1, 1] });
    expect(human).toMatchObject({ interval: { low: expect.closeTo(20.77, 1), high: expect.closeTo(93.85, 1) } });
    expect(question?.agents.map(({ agent, figures }) => [agent.id, figures.n])).toEqual([
      ['ada', 2],
      ['ben', 1],
    ]);
    expect(question?.teams.map(({ team, figures }) => [team.id, figures.n])).toEqual([['sales', 3]]);
    const { answers } = under.relay.deskData.surveys;
    const conversations = async (query: object) =>
      (await answers('after-chat', { ...query, series: 'human' }, 'cleo')).rows
        .map(({ conversation }) => conversation)
        .sort();
    expect(await conversations({ state: 'counted' })).toEqual(['conv-0000', 'conv-0001', 'conv-0002']);
    expect(await conversations({ state: 'counted', agent: 'ada' })).toEqual(['conv-0000', 'conv-0002']);
    expect(await conversations({ score: 1 })).toEqual(['conv-0002']);
    expect(await conversations({ state: 'unanswered' })).toEqual(['conv-0003', 'conv-0004']);
    expect(await conversations({ team: 'billing' })).toEqual([]);
    expect(await answers('no-such-survey', {}, 'cleo')).toEqual({ rows: [], cursor: null });
  });

  it('come in pages, and of a survey that is not asked any more too', async () => {
    const store = createMemoryStore();
    await start([afterChat], {}, store);
    const ada = await under.agent('ada');
    for (let i = 0; i < 60; i++) {
      const conversation = `conv-${String(i).padStart(4, '0')}`;
      await help(await under.visitor(), ada, conversation);
      await resolve(ada, conversation);
    }
    await under.relay.stop();
    await start([], {}, store);
    const [survey] = await under.relay.deskData.surveys.list({});
    expect(survey).toMatchObject({ id: 'after-chat', kind: 'csat', retired: true, response: { sent: 60 }, cut: false });
    const first = await under.relay.deskData.surveys.answers('after-chat', {}, 'cleo');
    const second = await under.relay.deskData.surveys.answers('after-chat', { cursor: first.cursor ?? '' }, 'cleo');
    expect([first.rows.length, second.rows.length, second.cursor]).toEqual([50, 10, null]);
    const all = [...first.rows, ...second.rows].map(({ conversation }) => conversation);
    expect(new Set(all).size).toBe(60);
  });
});

describe('a link', () => {
  async function linked() {
    await start([afterChat]);
    const [mia, ada] = [await under.visitor(), await under.agent('ada')];
    await help(mia, ada, 'conv-0001');
    await resolve(ada, 'conv-0001');
    const ask = (await asksOf('conv-0001'))[0]?.id ?? '';
    const link = await under.relay.linkedAnswers.link('conv-0001', ask, { id: 'ada', role: 'agent' });
    if ('refused' in link) throw new Error(link.refused);
    return { link, token: link.url.split('#')[1] ?? '', ask, mia };
  }

  it('opens its one question, and takes its answers, also after a restart', async () => {
    const { link, token } = await linked();
    expect(link.url.startsWith('http://127.0.0.1/survey/#')).toBe(true);
    await under.restart();
    const { linkedAnswers } = under.relay;
    expect(await linkedAnswers.question(token)).toMatchObject({
      form: { id: 'csat' },
      answers: null,
      final: false,
      locale: 'en',
    });
    expect(await linkedAnswers.answer(token, { id: next('answer'), answers: { score: 9 } })).toMatchObject({
      refused: 'bad-answers',
      problems: [{ field: 'score' }],
    });
    expect(await linkedAnswers.answer(token, { id: next('answer'), answers: { score: 5 } })).toBeNull();
    expect(await linkedAnswers.question(token)).toMatchObject({ answers: { score: 5 }, final: true });
    expect((await csat()).response).toMatchObject({ delivered: 1, answered: 1 });
  });

  it('that is made up, changed or too old opens nothing', async () => {
    const { token } = await linked();
    const { linkedAnswers } = under.relay;
    const [payload = '', signature = ''] = token.split('.');
    const other = Buffer.from(JSON.stringify(['conv-0002', 'ask', 'mia', 9e15])).toString('base64url');
    for (const bad of [
      '',
      'x',
      `${other}.${signature}`,
      `${payload}.${'A'.repeat(43)}`,
      `${token}x`,
      'x'.repeat(100_000),
    ])
      expect(await linkedAnswers.question(bad)).toEqual({ refused: 'no-such-question' });
    under.clock.jump(7 * DAY_MS);
    expect(await linkedAnswers.answer(token, { id: next('answer'), answers: { score: 5 } })).toEqual({
      refused: 'no-such-question',
    });
  });

  it('is made by who helped, or a lead, for a question that is there', async () => {
    const { ask } = await linked();
    const { linkedAnswers } = under.relay;
    expect(await linkedAnswers.link('conv-0001', ask, { id: 'ben', role: 'agent' })).toEqual({ refused: 'not-owner' });
    expect(await linkedAnswers.link('conv-0001', 'other', { id: 'cleo', role: 'lead' })).toEqual({
      refused: 'no-such-question',
    });
    expect(await linkedAnswers.link('conv-0009', ask, { id: 'cleo', role: 'lead' })).toEqual({ refused: 'not-found' });
    expect(await linkedAnswers.link('conv-0001', ask, { id: 'cleo', role: 'lead' })).toHaveProperty('url');
  });

  it('opens nothing of somebody who was forgotten, and none is made any more', async () => {
    const { token, ask, mia } = await linked();
    const { linkedAnswers, personalData } = under.relay;
    expect(await linkedAnswers.answer(token, { id: next('answer'), answers: { score: 5 } })).toBeNull();
    const welcome = mia.last('welcome');
    await personalData.eraseOwn(welcome.role === 'visitor' ? welcome.visitor.id : '');
    await personalData.settled();
    expect(await linkedAnswers.question(token)).toEqual({ refused: 'no-such-question' });
    expect(await linkedAnswers.link('conv-0001', ask, { id: 'cleo', role: 'lead' })).toEqual({
      refused: 'no-such-question',
    });
    expect(await linkedAnswers.answer(token, { id: next('answer'), answers: { score: 1 } })).toEqual({
      refused: 'no-such-question',
    });
  });
});
