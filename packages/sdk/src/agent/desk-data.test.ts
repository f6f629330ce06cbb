import { ERRORS, type SurveySettings } from '@sveiki/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cast } from '../testing/cast.ts';
import { type Pair, pair } from '../testing/pair.ts';

let at: Pair;
beforeEach(async () => {
  at = await pair({
    surveys: [{ id: 'after-chat', kind: 'csat', form: { id: 'csat', purpose: 'post-chat', fields: [] } }],
  });
});
afterEach(() => at.destroy());

async function signedIn(who: 'ada' | 'cleo' = 'ada') {
  const agent = who === 'ada' ? at.agent : at.newAgent(who);
  const { email, password } = cast.agents[who];
  await agent.signIn({ email, password });
  return agent;
}
const greeting = {
  shortcut: 'hi',
  title: 'Greeting',
  body: { en: 'Hello, order {{ask:order number}} is on its way.' },
  scope: { kind: 'me' },
} as const;

it('an archive that is asked for without a session says that nobody is signed in', async () => {
  const { agent } = at;
  expect(agent.state.signedIn).toBe(true);
  await expect(agent.people.export('visitor-mia')).rejects.toMatchObject({ code: 'signed-out' });
  expect(agent.state).toMatchObject({ signedIn: false, me: null });
});

it('a refusal has the sentence that the relay gave it, and ours where it gave none of its own', async () => {
  let answer = {};
  let status = 422;
  const agent = at.newAgent('ada', { fetch: async () => Response.json(answer, { status }) });
  const said = async () => (await agent.spam.unblock('b-1').catch((error: Error) => error))?.message;
  answer = { code: 'bad-frame', detail: 'There are 1000 blocks. Take some out.' };
  expect(await said()).toBe('There are 1000 blocks. Take some out.');
  answer = { code: 'rate-limited', detail: 'Wait an hour before the next archive.' };
  expect(await said()).toBe('Wait an hour before the next archive.');
  answer = { code: 'rate-limited', detail: ERRORS['rate-limited'].sentence };
  status = 429;
  expect(await said()).toBe('Too many tries. Wait a little and try again.');
  answer = { code: 'not-found', detail: 7 };
  status = 404;
  expect(await said()).toBe(ERRORS['not-found'].sentence);
});

it('a link to a file is asked for again by whoever signs in next', async () => {
  const asked: string[] = [];
  const agent = at.newAgent('ada', {
    fetch: async (input, init) => {
      if (!`${input}`.endsWith('/files/link')) return at.http.fetch(input, init);
      asked.push(`${init?.body}`);
      return Response.json({ url: `/files/${asked.length}/offer.pdf`, expiresAt: 0 });
    },
  });
  const first = await agent.files.link('file-one');
  expect(await agent.files.link('file-one')).toEqual(first);
  await agent.signOut();
  expect((await agent.files.link('file-one')).url).toMatch(/2.offer\.pdf$/);
  expect(asked).toHaveLength(2);
});

describe('canned replies of an agent', () => {
  it('are written, found, filled in, used, taken out and removed', async () => {
    const { replies } = await signedIn();
    const saved = await replies.save(greeting);
    if (!saved.ok) throw new Error('It is right.');
    const { id } = saved.reply;
    const [hit] = await replies.search('/hi', { conversation: 'conv-0001' });
    expect(hit).toMatchObject({ id, why: 'shortcut', text: null, missing: [{ ask: 'order number', required: true }] });
    const values = { [hit?.missing[0]?.name ?? '']: '7' };
    expect(await replies.render(id, { conversation: 'conv-0001', values: {} })).toMatchObject({ ok: false });
    expect(await replies.render(id, { conversation: 'conv-0001', values })).toEqual({
      ok: true,
      text: 'Hello, order 7 is on its way.',
    });
    await replies.used(id, 'conv-0001');
    expect(at.http.deskData.used).toEqual([`${id} conv-0001`]);
    expect((await replies.list()).replies.map(({ title }) => title)).toEqual(['Greeting']);
    expect(await replies.save(greeting)).toMatchObject({ ok: false, problems: [{ path: 'shortcut' }] });
    const file = await replies.exportFile('json');
    await replies.remove(id);
    expect(await replies.importFile(file, 'json')).toEqual({ saved: 1, problems: [] });
    await replies.remove(id);
    await expect(replies.remove(id)).rejects.toMatchObject({ code: 'not-found', retryable: false });
  });

  it('that others use are refused to agents', async () => {
    const { replies } = await signedIn();
    await expect(replies.save({ ...greeting, scope: { kind: 'site' } })).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('say when nobody is signed in, and when the relay is away', async () => {
    const { agent, http } = at;
    await expect(agent.replies.list()).rejects.toMatchObject({ code: 'signed-out' });
    expect(agent.state.signedIn).toBe(false);
    const { replies } = await signedIn();
    for (const [mode, code] of [
      ['refused', 'offline'],
      ['portal', 'offline'],
      ['busy', 'rate-limited'],
    ] as const) {
      http.mode = mode;
      await expect(replies.list()).rejects.toMatchObject({ code, retryable: true });
    }
  });

  it('are not asked for any longer by who has typed on', async () => {
    const { replies } = await signedIn();
    const typing = new AbortController();
    const search = replies.search('hi', { conversation: 'conv-0001', signal: typing.signal });
    typing.abort();
    await expect(search).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('surveys, hooks and what runs', () => {
  it('are for leads', async () => {
    const ada = await signedIn();
    for (const ask of [() => ada.surveys.list(), () => ada.surveys.answers('x'), () => ada.hooks.failures()])
      await expect(ask()).rejects.toMatchObject({ code: 'forbidden' });
    const cleo = await signedIn('cleo');
    at.http.deskData.failures = [{ hook: 'crm', stage: 'route', at: 5, message: 'It was late.', conversation: null }];
    expect(await cleo.hooks.failures()).toMatchObject([{ hook: 'crm' }]);
    expect(await ada.config()).toMatchObject({ source: 'sveiki.config.ts' });
    expect(await cleo.surveys.list({ since: 1 })).toEqual([]);
    expect(await cleo.surveys.answers('after-chat', { score: 5 })).toEqual({ rows: [], cursor: null });
  });

  it('let the owner ask one by its id', async () => {
    const { server, clock, agent } = at;
    const conversation = server.visitor('Mia').say('Where is my parcel?');
    const taken = agent.take(conversation);
    await clock.advance(500);
    await taken;
    const asked = agent.surveys.ask(conversation, 'after-chat');
    await clock.advance(500);
    const { id } = await asked;
    const events = agent.state.watched.get(conversation)?.events ?? [];
    expect(events.find((event) => event.id === id)?.body).toMatchObject({
      kind: 'asked',
      survey: { id: 'after-chat' },
    });
    const unknown = agent.surveys.ask(conversation, 'nothing');
    unknown.catch(() => {});
    await clock.advance(500);
    await expect(unknown).rejects.toMatchObject({ code: 'no-such-form' });
  });
});

describe('what leads change of the configuration', () => {
  const day = { timeZone: 'Europe/Riga', week: { 1: [['09:00', '17:00']] } } as const;
  const late = { timeZone: 'Europe/Riga', week: { 1: [['14:00', '22:00']] } } as const;
  const base = { from: 'file', revision: null, changedAt: null, changedBy: null, state: 'used', problems: [] } as const;
  const settings: SurveySettings = {
    ...{ enabled: true, on: 'resolve', sample: 1, quietDays: 1 },
    ...{ teams: null, sites: null, editWindowMs: 1_000, expiresMs: 1_000 },
  };

  it('is a schedule: read by everybody, saved and reset by who has seen the last change', async () => {
    at.http.deskData.schedules.set('office', { id: 'office', ...base, hours: day, file: day, mayEdit: false });
    const { schedules } = await signedIn();
    expect(await schedules.list()).toMatchObject([{ id: 'office', mayEdit: false, hours: day }]);
    await expect(schedules.save('office', late, { revision: null })).rejects.toMatchObject({ code: 'forbidden' });
    const cleo = (await signedIn('cleo')).schedules;
    const saved = await cleo.save('office', late, { revision: null });
    if (!saved.ok || saved.schedule.revision === null) throw new Error('It is right.');
    expect(saved.schedule).toMatchObject({ from: 'desk', changedBy: 'cleo', hours: late, file: day });
    await expect(cleo.save('office', day, { revision: null })).rejects.toMatchObject({
      code: 'changed-meanwhile',
      retryable: false,
    });
    const { revision } = saved.schedule;
    expect(await cleo.save('office', { ...day, week: { 1: [['9', '17:00']] } }, { revision })).toMatchObject({
      ok: false,
      problems: [{ path: 'week.1' }],
    });
    expect(await cleo.reset('office', { revision })).toMatchObject({ from: 'file', hours: day });
    const own = await cleo.save('holidays', day, { revision: null });
    if (!own.ok || own.schedule.revision === null) throw new Error('It is right.');
    expect(await cleo.reset('holidays', { revision: own.schedule.revision })).toBeNull();
    await expect(cleo.reset('holidays', { revision: 'r' })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is when a survey is asked', async () => {
    const setup = {
      id: 'after-chat',
      kind: 'csat',
      ...base,
      settings,
      file: settings,
      changed: [],
      mayEdit: true,
    } as const;
    at.http.deskData.setups.set('after-chat', setup);
    const cleo = await signedIn('cleo');
    const saved = await cleo.surveys.configure('after-chat', { sample: 0.5 }, { revision: null });
    if (!saved.ok || saved.survey.revision === null) throw new Error('It is right.');
    expect(saved.survey).toMatchObject({ changed: ['sample'], settings: { sample: 0.5 }, file: { sample: 1 } });
    expect((await cleo.config()).surveys).toMatchObject([{ id: 'after-chat', from: 'desk', changedBy: 'cleo' }]);
    const { revision } = saved.survey;
    expect(await cleo.surveys.configure('after-chat', { sample: 7 }, { revision })).toMatchObject({
      ok: false,
      problems: [{ path: 'sample' }],
    });
    const again = cleo.surveys.configure('after-chat', { sample: 1 }, { revision: null });
    await expect(again).rejects.toMatchObject({ code: 'changed-meanwhile' });
    expect(await cleo.surveys.reset('after-chat', { revision })).toMatchObject({ from: 'file', changed: [] });
    await expect(cleo.surveys.reset('nothing', { revision })).rejects.toMatchObject({ code: 'not-found' });
  });
});
