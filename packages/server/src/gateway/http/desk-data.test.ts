import type { Role } from '@sveiki/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPasswords } from '../../auth/password.ts';
import { StorageFull } from '../../ports.ts';
import { logOf } from '../../store/contract.ts';
import { DESK, type GatewayUnderTest, gatewayUnderTest, PASSWORD, SHOP } from '../../test-support/gateway.ts';

const SITE = 'pk_shop0001';
const own = { 'content-type': 'application/json', origin: DESK };
let house: GatewayUnderTest;
let full = false;

beforeEach(async () => {
  full = false;
  house = await gatewayUnderTest({ hasFeatures: true });
  const { store } = house;
  const save = store.saveCannedReplies;
  store.saveCannedReplies = async (rows) => {
    if (full) throw new StorageFull('full');
    return save(rows);
  };
  const passwordHash = await createPasswords({ N: 1_024, r: 8, p: 1 }).hash(PASSWORD);
  const ada = await store.agent('ada');
  if (ada === null) throw new Error('Ada is there.');
  for (const [id, role] of [
    ['cleo', 'lead'],
    ['faq', 'bot'],
  ] as [string, Role][])
    await store.saveAgent({ ...ada, id, name: id, role, email: `${id}@example.com`, passwordHash });
  const log = logOf('conv-0001');
  await store.append({
    ...log.start(1),
    visitors: [
      {
        ...{ id: 'mia', site: SITE, name: 'Mia', email: null, externalId: null, locale: 'en', timeZone: null },
        ...{ visit: null, firstSeenAt: 1, lastSeenAt: 1 },
      },
    ],
  });
});
afterEach(() => house.stop());

const post = (path: string, body: unknown, headers: Record<string, string> = own) =>
  fetch(`${house.url}/desk/api/${path}`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
async function as(
  id: string,
): Promise<(path: string, body: unknown, more?: Record<string, string>) => Promise<Response>> {
  const response = await post('session', { email: `${id}@example.com`, password: PASSWORD });
  const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
  return (path, body, more = {}) => post(path, body, { ...own, cookie, ...more });
}
const answer = async (response: Promise<Response>) => {
  const { status } = await response;
  return { status, body: (await (await response).json()) as Record<string, unknown> };
};
const reply = {
  shortcut: 'hi',
  title: 'Greeting',
  body: { en: 'Hello {{visitor.name|there}}, order {{ask:order number}}.' },
  scope: { kind: 'me' },
};
const PATHS = [
  'replies/search',
  'replies/render',
  'replies/list',
  'replies/save',
  'replies/remove',
  'replies/import',
  'replies/export',
  'replies/used',
  'surveys/list',
  'surveys/answers',
  'surveys/link',
  'schedules/list',
  'schedules/save',
  'schedules/reset',
  'surveys/configure',
  'surveys/reset',
  'hooks/failures',
  'config',
];

describe('each of the desk’s questions', () => {
  it.each(PATHS)('%s is for agents who are signed in, from a page of the desk, in JSON', async (path) => {
    const ada = await as('ada');
    expect((await post(path, {})).status).toBe(401);
    expect(await answer(ada(path, {}, { origin: SHOP }))).toMatchObject({ status: 403, body: { code: 'bad-origin' } });
    expect((await ada(path, {}, { origin: 'null' })).status).toBe(403);
    expect((await ada(path, {}, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await (await as('faq'))(path, {})).status).toBe(403);
    for (const body of ['[]', 'null', '7', '{', '"x"']) expect((await ada(path, body)).status).not.toBe(200);
    const strange = JSON.stringify({ __proto__: { admin: true }, constructor: 1, id: { $ne: 1 }, kind: ['csv'] });
    expect((await (await as('cleo'))(path, strange)).status).toBe(422);
  });

  it.each(['surveys/list', 'surveys/answers', 'hooks/failures'])('%s is for leads', async (path) => {
    const body = path === 'surveys/answers' ? { id: 'after-chat' } : {};
    expect(await answer((await as('ada'))(path, body))).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    const response = await (await as('cleo'))(path, body);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('is asked only so fast', async () => {
    await house.stop();
    house = await gatewayUnderTest({ hasFeatures: true, rateFactor: 1 });
    const ada = await as('ada');
    const statuses: number[] = [];
    for (let i = 0; i < 45; i++) statuses.push((await ada('replies/list', {})).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(40);
    expect(statuses.at(-1)).toBe(429);
  });
});

describe('canned replies', () => {
  it('are written, found, filled in, sent, listed and removed', async () => {
    const ada = await as('ada');
    const saved = await answer(ada('replies/save', { reply }));
    expect(saved).toMatchObject({ status: 200, body: { ok: true, reply: { title: 'Greeting', mayEdit: true } } });
    const { id } = saved.body['reply'] as { id: string };
    expect(await answer(ada('replies/search', { query: '/hi', conversation: 'conv-0001' }))).toMatchObject({
      status: 200,
      body: { hits: [{ id, why: 'shortcut', text: null, missing: [{ ask: 'order number' }] }] },
    });
    const name = 'ask:order number';
    expect(
      await answer(ada('replies/render', { id, conversation: 'conv-0001', values: { [name]: '7' } })),
    ).toMatchObject({
      status: 200,
      body: { ok: true, text: 'Hello there, order 7.' },
    });
    expect((await ada('replies/used', { id, conversation: 'conv-0001' })).status).toBe(200);
    expect(await answer(ada('replies/list', {}))).toMatchObject({ body: { replies: [{ id, usage: { uses: 1 } }] } });
    expect((await ada('replies/remove', { id })).status).toBe(200);
    expect(await answer(ada('replies/remove', { id }))).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it.each([
    { ...reply, scope: { kind: 'me', agent: 'cleo' } },
    { ...reply, scope: { kind: 'everybody' } },
    { ...reply, usage: { uses: 9_999 } },
    { ...reply, title: 7 },
    { ...reply, body: 'text' },
    { ...reply, body: { en: 'x'.repeat(30_000) } },
    { ...reply, variables: Array.from({ length: 200 }, () => ({ name: 'a' })) },
  ])('of a wrong shape are refused whole: %#', async (wrong) => {
    expect(await answer((await as('cleo'))('replies/save', { reply: wrong }))).toMatchObject({
      status: 422,
      body: { code: 'bad-frame' },
    });
  });

  it('cannot be written while the disk is full, and can again', async () => {
    const ada = await as('ada');
    full = true;
    expect(await answer(ada('replies/save', { reply }))).toMatchObject({ status: 507, body: { code: 'storage-full' } });
    full = false;
    expect((await ada('replies/save', { reply })).status).toBe(200);
  });

  it('come as a file of 5,000 and go as one', async () => {
    const cleo = await as('cleo');
    const rows = Array.from({ length: 5_000 }, (_, n) => `r${n},Reply ${n},@SUM(${n}) of it`);
    const text = `shortcut,title,body\n${rows.join('\n')}\nbad one,Bad,{{`;
    const { status, body } = await answer(cleo('replies/import', { text, kind: 'csv' }));
    expect(status).toBe(200);
    expect(body).toMatchObject({ saved: 5_000, problems: [{ at: 5_002 }, { at: 5_002 }] });
    const out = await answer(cleo('replies/export', { kind: 'csv' }));
    expect(out.body['text']).toContain("'@SUM(4999)");
    expect((await answer((await as('ada'))('replies/list', {}))).body['replies']).toHaveLength(100);
  });
});

describe('what leads change of the configuration', () => {
  const day = { timeZone: 'Europe/Riga', week: { 1: [['09:00', '17:00']] } };
  const change = { id: 'office', hours: day, revision: null };

  it('is seen by everybody, and changed and reset by leads who have seen the last change', async () => {
    const [ada, cleo] = [await as('ada'), await as('cleo')];
    expect(await answer(ada('schedules/save', change))).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    const saved = await answer(cleo('schedules/save', change));
    expect(saved).toMatchObject({ status: 200, body: { ok: true, schedule: { id: 'office', changedBy: 'cleo' } } });
    const { revision } = saved.body['schedule'] as { revision: string };
    expect(await answer(ada('schedules/list', {}))).toMatchObject({
      status: 200,
      body: { schedules: [{ id: 'office', from: 'desk', state: 'used', mayEdit: false, revision }] },
    });
    expect(await answer(cleo('schedules/save', change))).toMatchObject({
      status: 409,
      body: { code: 'changed-meanwhile' },
    });
    expect((await ada('schedules/reset', { id: 'office', revision })).status).toBe(403);
    expect(await answer(cleo('schedules/reset', { id: 'office', revision }))).toEqual({
      status: 200,
      body: { schedule: null },
    });
    expect((await cleo('schedules/reset', { id: 'office', revision })).status).toBe(404);
  });

  it('comes back with what is wrong by field, and a survey nobody knows is not found', async () => {
    const cleo = await as('cleo');
    const wrong = { ...change, hours: { timeZone: 'Riga', week: { 8: [] } } };
    expect(await answer(cleo('schedules/save', wrong))).toMatchObject({
      status: 200,
      body: { ok: false, problems: [{ path: 'timeZone' }, { path: 'week.8' }] },
    });
    const settings = { sample: 0.5, teams: null };
    expect((await cleo('surveys/configure', { id: 'after-chat', settings, revision: null })).status).toBe(404);
    expect((await cleo('surveys/reset', { id: 'after-chat', revision: 'r-1' })).status).toBe(404);
  });

  it.each([
    ['schedules/save', { ...change, hours: { ...day, more: 1 } }],
    ['schedules/save', { ...change, hours: { ...day, week: { 1: [['09:00']] } } }],
    [
      'schedules/save',
      { ...change, hours: { ...day, week: { 1: Array.from({ length: 49 }, () => ['09:00', '10:00']) } } },
    ],
    ['schedules/save', { id: 'office', hours: day }],
    ['surveys/configure', { id: 'after-chat', settings: { form: 'other' }, revision: null }],
    ['surveys/configure', { id: 'after-chat', settings: { on: 'start' }, revision: null }],
    ['surveys/configure', { id: 'after-chat', settings: { enabled: 'no' }, revision: null }],
  ])('%s of a wrong shape is refused whole: %#', async (path, body) => {
    expect(await answer((await as('cleo'))(path, body))).toMatchObject({ status: 422, body: { code: 'bad-frame' } });
  });

  it('cannot be stored while the disk is full', async () => {
    const cleo = await as('cleo');
    house.store.saveOverride = () => Promise.reject(new StorageFull('full'));
    expect(await answer(cleo('schedules/save', change))).toMatchObject({ status: 507, body: { code: 'storage-full' } });
  });
});

describe('what runs', () => {
  it('is told to everybody who answers, with who is open now', async () => {
    expect(await answer((await as('ada'))('config', {}))).toMatchObject({
      body: {
        version: '000000000000',
        source: 'a test',
        teams: [
          { id: 'sales', strategy: 'manual', schedule: null },
          { id: 'billing', strategy: 'round-robin' },
        ],
      },
    });
  });
});

describe('the door behind links', () => {
  const ask = (path: string, body: unknown, headers: Record<string, string> = own) =>
    fetch(`${house.url}/survey/api/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });

  it.each(['question', 'answer'])('%s opens to nobody without a token that was signed', async (path) => {
    const body = { token: 'eyJ9.x', ...(path === 'answer' ? { id: 'answer-0001', answers: { score: 5 } } : {}) };
    expect(await answer(ask(path, body))).toMatchObject({ status: 404, body: { code: 'no-such-question' } });
    expect((await ask(path, body, { ...own, origin: SHOP })).status).toBe(403);
    expect((await ask(path, body, { ...own, 'content-type': 'text/plain' })).status).toBe(415);
    expect((await ask(path, { ...body, more: 1 })).status).toBe(422);
    expect((await ask(path, { ...body, token: 'x'.repeat(40_000) })).status).toBe(413);
  });
});
