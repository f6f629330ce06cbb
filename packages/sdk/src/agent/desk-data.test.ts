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
