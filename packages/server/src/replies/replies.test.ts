import type { ConversationState, ReplyContent } from '@sveiki/protocol';
import { describe, expect, it } from 'vitest';
import type { Config } from '../config-types.ts';
import type { CannedReplyContent } from '../domain/canned-replies/reply.ts';
import { createPipeline, type HookRun } from '../hooks/pipeline.ts';
import { silentLog } from '../log.ts';
import type { BusMessage, ConversationRow, Store } from '../ports.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { manualClock } from '../test-support/manual-clock.ts';
import { createReplies, type Member } from './replies.ts';

const SITE = 'pk_shop_test';
const ada: Member = { id: 'ada', name: 'Ada', role: 'agent', teams: ['sales'] };
const ben: Member = { id: 'ben', name: 'Ben', role: 'agent', teams: ['billing'] };
const cleo: Member = { id: 'cleo', name: 'Cleo', role: 'lead', teams: ['sales'] };

const content = (part: Partial<ReplyContent> = {}): ReplyContent => ({
  shortcut: 'late',
  title: 'Parcel is late',
  body: { en: 'Sorry {{visitor.name|there}}, order {{order}} is late.', lv: 'Pasūtījums {{order}} kavējas.' },
  variables: [{ name: 'order', ask: 'Order number' }],
  scope: { kind: 'me' },
  tags: ['delivery'],
  ...part,
});
const ofFile = (id: string, part: Partial<CannedReplyContent> = {}): CannedReplyContent => ({
  id,
  shortcut: id,
  title: `About ${id}`,
  body: { en: `We speak of ${id} here.` },
  variables: [],
  scope: { kind: 'site' },
  attachments: [],
  tags: [],
  ...part,
});

const plain = { shortcut: 'plain', body: { en: 'At noon.' }, variables: [] };

async function house(
  options: {
    cannedReplies?: CannedReplyContent[];
    hooks?: Config['hooks'];
    store?: Store;
    state?: Partial<ConversationState>;
  } = {},
) {
  const clock = manualClock();
  const store = options.store ?? createMemoryStore();
  const published: BusMessage[] = [];
  const runs: HookRun[] = [];
  let made = 0;
  const conversation = {
    id: 'conv-one',
    visitor: { id: 'mia', name: 'Mia' },
    team: { id: 'sales', name: 'Sales' },
    locale: 'en',
    status: 'open',
    ...options.state,
  } as ConversationState;
  const row: ConversationRow = { site: SITE, state: conversation };
  const replies = await createReplies({
    config: {
      sites: [{ key: SITE, name: 'Mug shop', origins: [], team: 'sales' }],
      teams: [
        { id: 'sales', name: 'Sales', strategy: 'manual' },
        { id: 'billing', name: 'Billing', strategy: 'manual' },
      ],
      cannedReplies: options.cannedReplies ?? [],
      hooks: options.hooks ?? {},
    },
    store,
    bus: {
      publish: (message) => void published.push(message),
      subscribe: () => () => {},
      onUp: () => () => {},
      close: async () => {},
    },
    clock,
    ids: { next: () => `reply-${++made}`, secret: () => 's' },
    log: silentLog,
    pipeline: createPipeline({ clock, report: (run) => void runs.push(run) }),
    rowOf: async (id) => (id === 'conv-one' ? row : null),
  });
  const search = async (query: string, agent = ada, limit = 20) => {
    const hits = await replies.search(query, { agent, conversation: 'conv-one', limit });
    if ('refused' in hits) throw new Error(hits.refused);
    return hits;
  };
  const save = async (reply: ReplyContent & { id?: string }, agent: Member) => {
    const saved = await replies.save(reply, agent);
    if ('refused' in saved || !saved.ok) throw new Error(JSON.stringify(saved));
    return saved.reply;
  };
  return { clock, store, published, runs, replies, search, save, row };
}

describe('what the file has and what people change', () => {
  it('adds new ones of the file, follows it where nobody changed anything, and else lets the desk win', async () => {
    const store = createMemoryStore();
    const first = await house({ store, cannedReplies: [ofFile('one'), ofFile('two'), ofFile('three')] });
    await first.save({ ...content({ shortcut: 'two', scope: { kind: 'site' } }), id: 'two' }, cleo);
    expect(await first.replies.remove('three', cleo)).toBeNull();
    const file = ['one', 'two', 'three', 'four'].map((id) => ofFile(id, { title: `New words of ${id}` }));
    const second = await house({ store, cannedReplies: file });
    const titles = second.replies.list({}, cleo).replies.map(({ id, title }) => [id, title]);
    expect(Object.fromEntries(titles)).toEqual({
      one: 'New words of one',
      two: 'Parcel is late',
      four: 'New words of four',
    });
  });

  it('writes nothing again when nothing is new', async () => {
    const store = createMemoryStore();
    await house({ store, cannedReplies: [ofFile('one')] });
    const wrote: unknown[] = [];
    const watched = { ...store, saveCannedReplies: async (rows: unknown) => void wrote.push(rows) };
    await house({ store: watched as Store, cannedReplies: [ofFile('one')] });
    expect(wrote).toEqual([]);
  });
});

describe('a search', () => {
  it('shows what would be sent, asks for what is missing, and marks the words found', async () => {
    const { save, search } = await house();
    const { id } = await save(content(), ada);
    const [hit] = await search('sorry');
    expect(hit).toMatchObject({
      id,
      why: 'words',
      locale: 'en',
      scope: { kind: 'me' },
      preview: 'Sorry Mia, order [Order number] is late.',
      text: null,
      missing: [{ name: 'order', ask: 'Order number', required: true, default: '' }],
      marks: [{ field: 'preview', start: 0, end: 5 }],
    });
  });

  it('has the text ready when nothing is missing, in the language of the visitor', async () => {
    const { save, search } = await house({ state: { locale: 'lv-LV', visitor: { id: 'mia', name: null } } });
    await save(content({ variables: [{ name: 'order', default: '7' }] }), ada);
    const [hit] = await search('late');
    expect(hit).toMatchObject({ why: 'shortcut', locale: 'lv', text: 'Pasūtījums 7 kavējas.' });
  });

  it('finds only what is his: his own, those of his teams, and everybody’s', async () => {
    const { save, search } = await house();
    await save(content({ shortcut: 'own', title: 'Mine' }), ben);
    await save(content({ shortcut: 'team', title: 'Of sales', scope: { kind: 'team', team: 'sales' } }), cleo);
    await save(content({ shortcut: 'all', title: 'Of all', scope: { kind: 'site' } }), cleo);
    expect((await search('', ada)).map(({ title }) => title).sort()).toEqual(['Of all', 'Of sales']);
    expect((await search('', ben)).map(({ title }) => title).sort()).toEqual(['Mine', 'Of all']);
  });

  it('never shows an address that nobody vouched for', async () => {
    const { save, search } = await house();
    await save(content({ body: { en: 'To {{visitor.email}}' }, variables: [] }), ada);
    expect((await search('late'))[0]).toMatchObject({ text: null, preview: 'To [visitor.email]' });
  });

  it('is refused for a conversation that is not there', async () => {
    const { replies } = await house();
    expect(await replies.search('', { agent: ada, conversation: 'conv-two', limit: 5 })).toEqual({
      refused: 'not-found',
    });
  });

  it('finds one among 5,000, and lists them in pages', async () => {
    const { replies, search } = await house({
      cannedReplies: Array.from({ length: 5_000 }, (_, n) =>
        ofFile(`reply-${n}`, { title: `Topic ${n % 97}`, body: { en: `Answer about case ${n}` } }),
      ),
    });
    expect((await search('case 4321'))[0]?.id).toBe('reply-4321');
    const seen = new Set<string>();
    let cursor: string | null = null;
    do {
      const page: ReturnType<typeof replies.list> = replies.list(cursor === null ? {} : { cursor }, ada);
      for (const { id } of page.replies) seen.add(id);
      cursor = page.cursor;
    } while (cursor !== null);
    expect(seen.size).toBe(5_000);
  });
});

describe('replies at hand for a bot', () => {
  const bot: Member = { id: 'faq', name: 'Faq', role: 'bot', teams: [] };

  it('are as many as fit, of those that ask nothing and that it may find', async () => {
    const cannedReplies = Array.from({ length: 5_000 }, (_, n) => ofFile(`r${n}`, { body: { en: 'x'.repeat(150) } }));
    const many = (await house({ cannedReplies })).replies.atHand(bot);
    expect(many.length).toBeGreaterThan(40);
    expect(JSON.stringify(many).length).toBeLessThan(17_000);
    const { save, replies } = await house();
    await save(content({ scope: { kind: 'site' } }), cleo);
    await save(content({ ...plain, shortcut: 'own' }), ben);
    await save(content({ ...plain, title: 'Ready', scope: { kind: 'site' } }), cleo);
    expect(replies.atHand(bot)).toEqual([{ id: 'reply-3', shortcut: 'plain', title: 'Ready', text: 'At noon.' }]);
  });
});

describe('a search for a bot', () => {
  it('gives ready texts only, of everybody and of the team that has the conversation', async () => {
    const { save, replies } = await house();
    await save(content({ shortcut: 'asks', title: 'Parcel that asks', scope: { kind: 'site' } }), cleo);
    const ready = { body: { en: 'Your parcel is on its way, {{visitor.name}}.' }, variables: [] };
    await save(content({ ...ready, shortcut: 'site', scope: { kind: 'site' } }), cleo);
    await save(content({ ...ready, shortcut: 'sales', scope: { kind: 'team', team: 'sales' } }), cleo);
    await save(content({ ...ready, shortcut: 'billing', scope: { kind: 'team', team: 'billing' } }), cleo);
    await save(content({ ...ready, shortcut: 'own' }), ada);
    const found = await replies.searchForBot('parcel', { conversation: 'conv-one', limit: 10 });
    expect(found.map(({ id }) => id).sort()).toEqual(['reply-2', 'reply-3']);
    expect(found[0]).toMatchObject({ title: 'Parcel is late', text: 'Your parcel is on its way, Mia.', score: 1 });
    expect(await replies.searchForBot('parcel', { conversation: 'conv-two', limit: 10 })).toEqual([]);
  });
});

describe('replies of the site’s own code', () => {
  const found = { id: 'crm', title: 'From the CRM', text: 'Order 7 left today.' };

  it('come between what was called and what was found', async () => {
    const asked: unknown[] = [];
    const hook = {
      run(input: { query: string; agent: string }) {
        asked.push([input.query, input.agent]);
        return [found];
      },
    };
    const { save, search } = await house({ hooks: { cannedReplies: hook } });
    await save(content(), ada);
    await save(content({ shortcut: 'other', title: 'Another late one' }), ada);
    const hits = await search('late');
    expect(hits.map(({ id, why }) => [id, why])).toEqual([
      ['reply-1', 'shortcut'],
      ['dynamic:crm', 'dynamic'],
      ['reply-2', 'words'],
    ]);
    expect(hits[1]).toMatchObject({ text: found.text, missing: [] });
    expect(asked).toEqual([['late', 'ada']]);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('no'))],
    ['answers nonsense', () => Promise.resolve([{ id: 1 }] as never)],
    ['floods', () => Promise.resolve(Array.from({ length: 10_000 }, () => found))],
    ['writes a book', () => Promise.resolve([{ ...found, text: 'x'.repeat(9_000) }])],
  ])('are left out when it %s, and the others are there', async (_what, run) => {
    const { save, search, runs } = await house({ hooks: { cannedReplies: { run } } });
    await save(content(), ada);
    expect((await search('late')).map(({ id }) => id)).toEqual(['reply-1']);
    expect(runs[0]?.outcome).not.toBe('done');
  });

  it('are not waited for longer than their deadline', async () => {
    const { save, search, runs, clock } = await house({
      hooks: { cannedReplies: { run: () => new Promise(() => {}) } },
    });
    await save(content(), ada);
    const searching = search('late');
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(300);
    expect((await searching).map(({ id }) => id)).toEqual(['reply-1']);
    expect(runs).toMatchObject([{ outcome: 'late', ms: 300 }]);
  });
});

describe('a reply that is inserted', () => {
  it('is never made with a value missing, and names it', async () => {
    const { replies, save } = await house();
    const { id } = await save(content(), ada);
    const render = (values: Record<string, string>) =>
      replies.render(id, { agent: ada, conversation: 'conv-one', values });
    expect(await render({})).toEqual({
      ok: false,
      missing: [{ name: 'order', ask: 'Order number', required: true, default: '' }],
      problems: [],
    });
    expect(await render({ order: '  ' })).toMatchObject({ ok: false });
    expect(await render({ order: 'x'.repeat(1_001) })).toMatchObject({ ok: false, problems: [{ path: 'order' }] });
    expect(await render({ order: '*7* {{agent.name}}' })).toEqual({
      ok: true,
      text: String.raw`Sorry Mia, order \*7\* {{agent.name}} is late.`,
    });
  });

  it('of somebody else does not exist', async () => {
    const { replies, save } = await house();
    const { id } = await save(content(), ada);
    const options = { agent: cleo, conversation: 'conv-one', values: { order: '7' } };
    expect(await replies.render(id, options)).toEqual({ refused: 'not-found' });
    expect(await replies.used(id, 'conv-one', cleo)).toEqual({ refused: 'not-found' });
  });
});

describe('writing', () => {
  it('what others use is for leads; what is his own for anybody', async () => {
    const { replies, save } = await house();
    expect(await replies.save(content({ scope: { kind: 'site' } }), ada)).toMatchObject({
      ok: false,
      problems: [{ path: 'scope' }],
    });
    const shared = await save(content({ scope: { kind: 'site' } }), cleo);
    expect(shared).toMatchObject({ mayEdit: true, updatedBy: 'cleo' });
    expect(await replies.save({ ...content({ scope: { kind: 'me' } }), id: shared.id }, ada)).toEqual({
      refused: 'forbidden',
    });
    expect(await replies.remove(shared.id, ada)).toEqual({ refused: 'forbidden' });
    expect(replies.list({}, ada).replies).toMatchObject([{ id: shared.id, mayEdit: false }]);
    const own = await save(content(), ada);
    expect(await replies.remove(own.id, cleo)).toEqual({ refused: 'not-found' });
    expect(await replies.save({ ...content(), id: own.id }, cleo)).toEqual({ refused: 'not-found' });
    expect(await replies.remove(own.id, ada)).toBeNull();
    expect(await replies.remove(own.id, ada)).toEqual({ refused: 'not-found' });
  });

  it.each([
    ['a shortcut that is taken in its scope', content({ shortcut: 'LATE' }), 'shortcut'],
    ['a team that is not there', content({ shortcut: 'a', scope: { kind: 'team', team: 'nope' } }), 'scope'],
    ['an owner who is not there', content({ shortcut: 'a', owner: 'zoe' }), 'owner'],
    ['a template that cannot be read', content({ shortcut: 'a', body: { en: 'Open {{' } }), 'body.en'],
    ['hostile names', content({ shortcut: 'a', body: { en: '{{constructor.prototype}}' } }), 'body.en'],
    ['no text', content({ shortcut: 'a', body: {} }), 'body'],
  ])('is refused in words for %s', async (_what, reply, path) => {
    const { replies, save } = await house();
    await save(content(), cleo);
    const saved = await replies.save(reply, cleo);
    expect(saved).toMatchObject({ ok: false, problems: [{ path }] });
    expect(replies.list({}, cleo).replies).toHaveLength(1);
  });

  it('tells the other nodes, and they read it from the store', async () => {
    const store = createMemoryStore();
    const [here, there] = [await house({ store }), await house({ store })];
    const { id } = await here.save(content({ scope: { kind: 'site' } }), cleo);
    expect(here.published).toEqual([{ kind: 'canned-replies', ids: [id] }]);
    for (const message of here.published) there.replies.hear(message);
    await there.replies.settled();
    expect((await there.search('late')).map((hit) => hit.id)).toEqual([id]);
    await here.replies.remove(id, cleo);
    there.replies.hear({ kind: 'canned-replies', ids: null });
    await there.replies.settled();
    expect(await there.search('late')).toEqual([]);
  });
});

describe('use and outcome', () => {
  it('are counted by conversation', async () => {
    const { replies, save, row } = await house();
    const { id } = await save(content(), ada);
    const told = (body: object) =>
      replies.follower.run({ event: { conversation: 'conv-one', body } } as never, {} as never);
    expect(await replies.used(id, 'conv-one', ada)).toBeNull();
    expect(await replies.used(id, 'conv-one', ada)).toBeNull();
    expect(await replies.used('dynamic:crm', 'conv-one', ada)).toBeNull();
    expect(await replies.used(id, 'conv-nine', ada)).toEqual({ refused: 'not-found' });
    await told({ kind: 'resolved' });
    await told({ kind: 'resolved' });
    await told({ kind: 'answered', survey: { id: 'after-chat', kind: 'csat' }, score: 2 });
    await told({ kind: 'answered', survey: { id: 'after-chat', kind: 'csat' }, score: 5 });
    await told({ kind: 'answered', survey: { id: 'recommend', kind: 'nps' }, score: 9 });
    const [shown] = replies.list({}, ada).replies;
    expect(shown?.usage).toMatchObject({ uses: 2, resolved: 1, csat: { sum: 5, n: 1 } });
    expect(shown?.usage.lastUsedAt).toBeGreaterThan(0);
    row.state = { ...row.state, status: 'resolved' };
    const late = await save(content({ shortcut: 'bye' }), ada);
    await replies.used(late.id, 'conv-one', ada);
    expect(replies.list({ tag: 'delivery' }, ada).replies.find((one) => one.id === late.id)?.usage.resolved).toBe(1);
  });
});

describe('files', () => {
  it('keep 5,000 replies, come back the same, and cannot run as formulas', async () => {
    const { replies, search } = await house();
    const rows = Array.from({ length: 5_000 }, (_, n) => `id-${n},s${n},"Title ${n}","=1+${n} is the answer",site`);
    const file = `id,shortcut,title,body.en,scope\n${rows.join('\n')}\n`;
    expect(await replies.importFile(file, 'csv', cleo)).toEqual({ saved: 5_000, problems: [] });
    expect((await search('s4999'))[0]).toMatchObject({ id: 'id-4999', text: '=1+4999 is the answer' });
    const out = await replies.exportFile('csv', cleo);
    expect(out).toContain("'=1+4999");
    expect(out).not.toMatch(/,"?=1\+/);
    const other = await house();
    expect(await other.replies.importFile(out, 'csv', cleo)).toEqual({ saved: 5_000, problems: [] });
    expect(await other.replies.exportFile('json', cleo)).toBe(await replies.exportFile('json', cleo));
  });

  it('keep what is right and name the lines that are wrong, also for who may not write them', async () => {
    const { replies } = await house({ cannedReplies: [ofFile('theirs')] });
    const file = [
      'id,shortcut,title,body.en,scope',
      'a,one,One,Hello,me:ada',
      'b,two,Two,Hello,site',
      'c,three,Three,Open {{,me:ada',
      'd,four,Four,Hello,me:ben',
      'theirs,five,Five,Hello,me:ada',
    ].join('\n');
    const { saved, problems } = await replies.importFile(file, 'csv', ada);
    expect(saved).toBe(1);
    expect(problems.map(({ at, path }) => [at, path])).toEqual([
      [3, 'scope'],
      [4, 'body.en'],
      [5, 'scope'],
      [6, 'id'],
    ]);
    expect(replies.list({ scope: 'me' }, ada).replies.map(({ id }) => id)).toEqual(['a']);
  });

  it.each([
    ['json', '{"cannedReplies": 7}'],
    ['json', 'not json'],
    ['csv', ''],
    ['csv', '\u0000\u0001,,,\n"'],
  ] as const)('that are something else (%s) are refused in words', async (kind, text) => {
    const { replies } = await house();
    const { saved, problems } = await replies.importFile(text, kind, cleo);
    expect(saved).toBe(0);
    expect(problems.length).toBeGreaterThan(0);
  });
});
