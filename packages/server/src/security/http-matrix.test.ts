import type { Role } from '@sveiki/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { may } from '../domain/access.ts';
import { BODIES, FOR_RESULTS } from '../gateway/http/desk-data.ts';
import { SURVEY_BODIES } from '../gateway/http/survey-door.ts';
import { gatewayUnderTest } from '../test-support/gateway.ts';
import { BOT_TOKEN, type OpenHouse, openHouse, PEOPLE, type Person, SITE_ORIGIN } from './open-house.ts';
import { type Hints, sampleOf } from './schema-samples.ts';

type Action = Parameters<typeof may>[1];
type Path = keyof typeof BODIES;

/** Who may ask what of the desk. A path that is not here is nobody's, and fails. */
const WHO: Readonly<Record<string, 'people' | Action | string>> = {
  'replies/search': 'people',
  'replies/render': 'people',
  'replies/list': 'people',
  // Replies of one's own are everybody's; whose a reply is decides about the rest.
  'replies/save': 'people',
  'replies/remove': 'people',
  'replies/import': 'people',
  'replies/export': 'people',
  'replies/used': 'people',
  'surveys/list': 'see-results',
  'surveys/answers': 'see-results',
  'surveys/link': 'people',
  'surveys/configure': 'change-setup',
  'surveys/reset': 'change-setup',
  'schedules/list': 'people',
  'schedules/save': 'change-setup',
  'schedules/reset': 'change-setup',
  'hooks/failures': 'see-results',
  // Whose the conversation is decides, as with any other end of it.
  'spam/mark': 'people',
  'spam/undo': 'people',
  'spam/list': 'change-blocks',
  'spam/block': 'change-blocks',
  'spam/unblock': 'change-blocks',
  'files/create': 'people',
  'files/offset': 'people',
  'files/discard': 'people',
  'files/link': 'people',
  'audit/list': 'read-audit',
  'people/find': 'manage-people',
  'people/export': 'manage-people',
  'people/erase': 'manage-people',
  'people/erasures': 'manage-people',
  'people/receipt': 'manage-people',
  'retention/preview': 'manage-people',
  config: 'people',
};

/** The other doors, and who they are for. */
const DOORS: Readonly<Record<string, 'everybody' | 'token' | 'site' | 'desk' | 'session' | 'link'>> = {
  'GET /healthz': 'everybody',
  'GET /readyz': 'everybody',
  'GET /metrics': 'token',
  // What the configuration says to every page: nothing of anybody.
  'GET /v1/site': 'everybody',
  'GET /v1/site/keys': 'everybody',
  'POST /v1/stream': 'site',
  'POST /v1/frames': 'site',
  'OPTIONS /v1/:name{stream|frames}': 'site',
  'POST /v1/people/export': 'site',
  'POST /v1/people/erase': 'site',
  'OPTIONS /v1/people/export': 'site',
  'OPTIONS /v1/people/erase': 'site',
  'POST /v1/files': 'site',
  'POST /v1/files/offset': 'site',
  'POST /v1/files/discard': 'site',
  'POST /v1/files/link': 'site',
  'PATCH /v1/files/:id': 'site',
  'OPTIONS /v1/files': 'site',
  'OPTIONS /v1/files/:id': 'site',
  'PATCH /desk/api/files/:id': 'desk',
  'GET /files/:token/:name': 'link',
  'POST /desk/stream': 'desk',
  'POST /desk/frames': 'desk',
  'GET /desk/api/session': 'session',
  'POST /desk/api/session': 'desk',
  'DELETE /desk/api/session': 'desk',
  'POST /desk/api/ticket': 'session',
  'POST /survey/api/question': 'link',
  'POST /survey/api/answer': 'link',
};

const PATHS = Object.keys(BODIES) as Path[];
const ROLES = Object.entries(PEOPLE) as [Person, Exclude<Role, 'bot'>][];
const mayAsk = (role: Role, path: string): boolean =>
  WHO[path] === 'people' || (WHO[path] !== undefined && may(role, WHO[path] as Action));

/** A conversation and a reply of somebody else's, with what nobody but him may read of the reply. */
const SECRET = 'SECRET-of-ben';
const BENS_REPLY = 'bens-own-reply';
const hints: Hints = (path) => {
  const step = path.filter((one) => one !== '').at(-1);
  if (step === 'id' || step === 'owner') return BENS_REPLY;
  if (step === 'scope') return { kind: 'me' };
  if (step === 'text') return 'shortcut,title,body\nmine,Mine,Hello';
  if (step === 'query') return 'SECRET';
  return undefined;
};

let house: OpenHouse;
let routes: { method: string; path: string }[];
beforeAll(async () => {
  const gateway = await gatewayUnderTest();
  routes = [...gateway.gateway.routes];
  await gateway.stop();
  house = await openHouse();
  await house.server.store.saveAgent({
    ...{ id: 'dora', name: 'Dora', role: 'admin', email: 'dora@shop.example', teams: [], capacity: 1 },
    ...{ presence: 'offline', passwordHash: null, active: false, createdAt: 0 },
  });
  const ben = await house.signedIn('ben');
  const reply = { id: BENS_REPLY, shortcut: 'bens', title: SECRET, body: { en: SECRET }, scope: { kind: 'me' } };
  const saved = await house.post('/desk/api/replies/save', { reply: { ...reply, id: undefined } }, ben);
  expect(saved.status).toBe(200);
  const [row] = (await house.server.store.cannedReplies()).filter(({ reply: one }) => one.title === SECRET);
  if (row === undefined) throw new Error('Ben has a reply.');
  await house.server.store.saveCannedReplies([{ ...row, reply: { ...row.reply, id: BENS_REPLY } }]);
});
afterAll(() => house.server.stop());

const bensReplies = async () =>
  JSON.stringify((await house.server.store.cannedReplies()).filter(({ reply }) => reply.title === SECRET));
const bodyFor = (path: Path, every: boolean) => sampleOf(BODIES[path], hints, every);

/** Those who are nobody at the desk, with what they hold in their hands. */
const NOBODIES: [string, () => Promise<Record<string, string>>][] = [
  ['nobody', async () => ({})],
  ['a made-up session', async () => ({ cookie: `sveiki_session=${'x'.repeat(43)}` })],
  [
    'a visitor with his token as cookie and bearer',
    async () => {
      const response = await fetch(`${house.server.url}/v1/stream`, {
        method: 'POST',
        headers: { origin: SITE_ORIGIN },
        body: JSON.stringify({ type: 'hello', role: 'visitor', versions: [1], client: 'x', site: 'pk_shop_test' }),
      });
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      while (!text.includes('"session":"')) text += (await reader.read()).value ?? '';
      await reader.cancel();
      const session = /"session":"([^"]+)"/.exec(text)?.[1] ?? '';
      return { cookie: `sveiki_session=${session}`, authorization: `Bearer ${session}` };
    },
  ],
  ['a bot with its token', async () => ({ authorization: `Bearer ${BOT_TOKEN}` })],
  ['a bot with its token as a cookie', async () => ({ cookie: `sveiki_session=${BOT_TOKEN}` })],
  ['an admin who has left', () => house.signedIn('dora')],
  [
    'an admin who signed out',
    async () => {
      const session = await house.signedIn('ari');
      const principal = await house.server.auth.session(session.token);
      await house.server.auth.signOut(principal!);
      return session;
    },
  ],
];

describe('the doors over HTTP', () => {
  it('are all declared: nobody adds one without saying whose it is', () => {
    const named = new Set(
      routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`),
    );
    const data = PATHS.map((path) => `POST /desk/api/${path}`);
    expect([...named].filter((route) => DOORS[route] === undefined && !data.includes(route))).toEqual([]);
    expect(PATHS.filter((path) => WHO[path] === undefined)).toEqual([]);
    expect(data.filter((route) => !named.has(route))).toEqual([]);
    expect(FOR_RESULTS.filter((path) => WHO[path] !== 'see-results')).toEqual([]);
    expect(routes.filter(({ method, path }) => method === 'ALL' && !path.endsWith('*'))).toEqual([]);
    expect(mayAsk('admin', 'made/up')).toBe(false);
  });

  it('answer no method that was not meant', async () => {
    const asked = routes.map(({ path }) => path.replace(/:\w+\{(\w+).*\}/, '$1')).filter((path) => !path.includes('*'));
    const known = new Set(routes.map(({ method, path }) => `${method} ${path.replace(/:\w+\{(\w+).*\}/, '$1')}`));
    const cleo = await house.signedIn('cleo');
    for (const path of new Set(asked)) {
      for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        if (known.has(`${method} ${path}`) || (method === 'HEAD' && known.has(`GET ${path}`))) continue;
        const response = await fetch(house.server.url + path, {
          method,
          headers: { origin: house.desk, cookie: cleo.cookie },
        });
        // What comes instead is the refusal of a site's preflight.
        expect([403, 404, 405], `${method} ${path}`).toContain(response.status);
        expect(response.headers.get('access-control-allow-origin')).toBeNull();
      }
    }
  });
});

it('shows Ben his own, so that others could see it if it were shown to them', async () => {
  const ben = await house.signedIn('ben');
  expect(await (await house.post('/desk/api/replies/list', {}, ben)).text()).toContain(SECRET);
  expect(await (await house.post('/desk/api/replies/export', { kind: 'csv' }, ben)).text()).toContain(SECRET);
});

describe.each(PATHS)('POST /desk/api/%s', (path) => {
  const url = `/desk/api/${path}`;

  it.each(NOBODIES)('is closed to %s', async (_who, headersOf) => {
    const headers = await headersOf();
    for (const every of [false, true]) {
      const response = await house.post(url, bodyFor(path, every), headers);
      expect(response.status).toBe(401);
      expect(await response.text()).not.toContain(SECRET);
    }
  });

  it('is closed to a bot that somehow has a session', async () => {
    const response = await house.post(url, bodyFor(path, true), await house.signedIn('faq'));
    expect(response.status).toBe(403);
  });

  it.each(ROLES)('is for %s, %s, as declared, and shows nothing of a colleague’s own', async (person, role) => {
    const headers = await house.signedIn(person);
    const before = await bensReplies();
    for (const every of [false, true]) {
      const response = await house.post(url, bodyFor(path, every), headers);
      const text = await response.text();
      expect(response.status, text).toBeLessThan(500);
      if (!mayAsk(role, path)) expect(response.status, text).toBe(403);
      else expect(response.status === 401 || (response.status === 403 && person === 'ben'), text).toBe(false);
      if (person !== 'ben') {
        expect(text).not.toContain(SECRET);
        expect(await bensReplies()).toBe(before);
      }
      if (person === 'ben' && path === 'replies/remove') {
        const rows = JSON.parse(before) as Parameters<typeof house.server.store.saveCannedReplies>[0];
        await house.server.store.saveCannedReplies(rows);
      }
    }
  });

  it.each(['https://evil.example', SITE_ORIGIN, 'null', undefined])(
    'is closed to pages at %j, also with a session',
    async (origin) => {
      const { cookie } = await house.signedIn('ari');
      const response = await fetch(house.server.url + url, {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json', ...(origin === undefined ? {} : { origin }) },
        body: JSON.stringify(bodyFor(path, false)),
      });
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ code: 'bad-origin' });
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    },
  );
});

describe('the doors of sessions', () => {
  it.each(NOBODIES)('give nothing to %s', async (_who, headersOf) => {
    const { authorization, ...headers } = await headersOf();
    for (const [route, door] of Object.entries(DOORS)) {
      const [method = '', path = ''] = route.split(' ');
      if (door !== 'session') continue;
      const response = await fetch(house.server.url + path, {
        method,
        headers: { origin: house.desk, 'content-type': 'application/json', ...headers },
        ...(method === 'POST' ? { body: '{}' } : {}),
      });
      expect(response.status, route).toBe(401);
      expect(await response.text()).not.toContain('"ticket"');
      if (authorization === undefined || method !== 'POST') continue;
      const withToken = await fetch(house.server.url + path, { method, headers: { authorization } });
      expect(withToken.status, route).toBe(authorization === `Bearer ${BOT_TOKEN}` ? 200 : 401);
    }
  });
});

describe('the doors behind links', () => {
  it.each(Object.keys(SURVEY_BODIES) as (keyof typeof SURVEY_BODIES)[])(
    '%s opens to nobody without a link, whoever he is',
    async (name) => {
      const body = sampleOf(SURVEY_BODIES[name], undefined, true);
      for (const headers of [{}, await house.signedIn('ari'), { authorization: `Bearer ${BOT_TOKEN}` }]) {
        const response = await house.post(`/survey/api/${name}`, body, headers as Record<string, string>);
        expect(response.status).toBe(404);
        expect(await response.json()).toMatchObject({ code: 'no-such-question' });
      }
    },
  );
});
