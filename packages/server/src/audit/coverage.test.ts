import { FROM_CLIENT, type FromClient } from '@sveiki/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maySendFrame } from '../domain/access.ts';
import { surveyRule } from '../domain/surveys/rule.ts';
import { BODIES } from '../gateway/http/desk-data.ts';
import { type OpenHouse, openHouse } from '../security/open-house.ts';
import { agentHello, type OpenLine, openLine, visitorHello } from '../security/open-line.ts';
import { AUDIT_ACTIONS, type AuditAction } from './actions.ts';

/** Why something is not in the audit log. */
type Reason = { none: string };
const reads = (what: string): Reason => ({ none: `reads ${what}` });
const isReason = (entry: AuditAction | Reason): entry is Reason => typeof entry === 'object';

/**
 * Each door of the desk, and what it notes. One that is not here fails the first test; one that notes something needs a body below that does it.
 */
const ROUTES: Readonly<Record<string, AuditAction | Reason>> = {
  'replies/search': 'conversation.opened',
  'replies/render': 'conversation.opened',
  'replies/list': reads('canned replies, which say nothing of anybody'),
  'replies/save': 'reply.saved',
  'replies/remove': 'reply.removed',
  'replies/import': 'replies.imported',
  'replies/export': 'replies.exported',
  'replies/used': { none: 'counts a use; the message itself is in the conversation' },
  'surveys/list': reads('sums'),
  'surveys/answers': 'survey.answers-read',
  'surveys/link': 'survey.link-made',
  'surveys/configure': 'survey.changed',
  'surveys/reset': 'survey.reset',
  'schedules/list': reads('opening hours'),
  'schedules/save': 'schedule.saved',
  'schedules/reset': 'schedule.reset',
  'hooks/failures': reads('what went wrong in hooks'),
  'spam/mark': 'block.made',
  'spam/undo': 'block.lifted',
  'spam/list': reads('blocks, and what was marked as spam'),
  'spam/block': 'block.made',
  'spam/unblock': 'block.lifted',
  'files/create': { none: 'begins an upload; the message that it is sent with is in the conversation' },
  'files/offset': { none: 'goes on with an upload' },
  'files/discard': { none: 'takes back an upload of his own that was not sent' },
  'files/link': 'file.opened',
  'people/find': 'person.found',
  'people/export': 'person.exported',
  'people/erase': 'person.erasure-asked',
  'people/erasures': reads('what is being forgotten, without names'),
  'people/receipt': reads('proof that somebody was forgotten, without names'),
  'retention/preview': reads('counts'),
  'audit/list': 'audit.read',
  config: reads('the configuration without its secrets'),
};

/** The other doors that agents have. */
const SESSION_DOORS: Readonly<Record<string, AuditAction>> = {
  'a sign-in with a link': 'agent.signed-in',
  'a sign-in that failed': 'agent.sign-in-failed',
  'a sign-out': 'agent.signed-out',
};

/** Each frame of people on staff: what it notes, `conversation` for what the conversation's own log keeps, or why nothing. */
const FRAMES: Readonly<Partial<Record<FromClient['type'], AuditAction | 'conversation' | Reason>>> = {
  send: 'conversation',
  note: 'conversation',
  take: 'conversation',
  transfer: 'conversation',
  resolve: 'conversation',
  'set-status': 'conversation',
  accept: 'conversation',
  decline: 'conversation',
  ask: 'conversation',
  'set-presence': { none: 'says that somebody is there, which changes nothing and shows nothing' },
  watch: 'conversation.opened',
  unwatch: { none: 'ends what "watch" began' },
  'get-events': 'conversation.opened',
  'get-list': 'person.history-read',
  typing: { none: 'is never kept' },
  mark: { none: 'says how far he has read' },
  pong: { none: 'says that the line is there' },
};

const HOURS = { timeZone: 'Europe/Riga', week: { 1: [['09:00', '17:00']] } };
const SURVEY = surveyRule({ id: 'well', kind: 'csat', when: { on: 'resolve' } }, new Map());

/** Somebody who has written once; gives his id. */
async function visitorWith(conversation: string): Promise<string> {
  const visitor = await openLine(house, 'socket', 'site', visitorHello);
  await visitor.until(({ type }) => type === 'welcome');
  const blocks = [{ kind: 'text', text: 'Hello' }];
  await visitor.send({ type: 'send', id: `${conversation}-first`, conversation, blocks });
  await visitor.until((frame) => frame.type === 'ack');
  return (await house.server.store.conversations([conversation])).get(conversation)?.state.visitor.id ?? '';
}

let house: OpenHouse;
let ari: { cookie: string };
let line: OpenLine;
const conversation = 'conversation-0001';
let mia = '';
let noah = '';
let ask = '';
const file = 'file-of-mia';
beforeAll(async () => {
  house = await openHouse({ config: { surveys: [SURVEY] } });
  ari = await house.signedIn('ari');
  mia = await visitorWith(conversation);
  noah = await visitorWith('conversation-0002');
  line = await openLine(house, 'socket', 'desk', agentHello(await house.ticket('ari')));
  await line.until(({ type }) => type === 'welcome');
  const form = { id: 'f', purpose: 'in-chat', fields: [{ kind: 'text', id: 'a', label: 'Which one?' }] };
  await line.send({ type: 'take', id: 'frame-take', conversation });
  await line.until((frame) => frame.type === 'ack' && frame.id === 'frame-take');
  await line.send({ type: 'ask', id: 'frame-ask1', conversation, ownership: 2, what: { kind: 'form', form } });
  await line.until((frame) => frame.type === 'ack' && frame.id === 'frame-ask1');
  await house.server.store.saveFile({
    ...{
      id: file,
      key: file,
      site: 'pk_shop_test',
      author: `v:${mia}`,
      name: 'order.pdf',
      type: 'application/pdf',
      size: 1,
    },
    ...{ width: null, height: null, received: 1, ready: true, createdAt: Date.now() },
    sent: { conversation, event: `${conversation}-first`, audience: 'public' },
  });
  ask = (await house.server.store.eventsOfKinds(conversation, ['asked']))[0]?.id ?? '';
});
afterAll(() => house.server.stop());

const rows = () => house.server.store.auditAfter(0, 10_000);
/** What was noted meanwhile. */
async function noted(work: () => Promise<unknown>) {
  const before = (await rows()).length;
  await work();
  return (await rows()).slice(before);
}
async function asked(path: string, body: object, who = ari): Promise<Record<string, unknown>> {
  const response = await house.post(`/desk/api/${path}`, body, who);
  const text = await response.text();
  expect(response.status, text).toBeLessThan(300);
  return text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
}

describe('sessions', () => {
  const session = (method: string, body: object | null, headers: Record<string, string> = {}) =>
    fetch(`${house.server.url}/desk/api/session`, {
      method,
      headers: { origin: house.desk, 'content-type': 'application/json', ...headers },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    });
  const WORKS: Readonly<Record<keyof typeof SESSION_DOORS, () => Promise<unknown>>> = {
    'a sign-in with a link': async () => session('POST', { code: await house.server.auth.makeCode('ben') }),
    'a sign-in that failed': () => session('POST', { email: 'ben@shop.example', password: 'not the right one' }),
    'a sign-out': async () => session('DELETE', null, { cookie: (await house.signedIn('ben')).cookie }),
  };

  it.each(Object.keys(SESSION_DOORS))('%s is noted, with the network and without what was typed', async (what) => {
    const found = (await noted(() => WORKS[what]?.() ?? Promise.reject())).filter(
      ({ action }) => action !== 'agent.link-made',
    );
    expect(found.map(({ action }) => action)).toEqual([SESSION_DOORS[what]]);
    if (what !== 'a sign-out') expect(found[0]?.detail).toContain('127.0.0.0');
    expect(JSON.stringify(found)).not.toMatch(/ben@|not the right one/);
    expect([found[0]?.actor, found[0]?.object]).toContain('agent:ben');
  });

  it('commands are noted as those of the operator', async () => {
    const { auth } = house.server;
    const found = await noted(async () => {
      await auth.makeCode('ben');
      await auth.setPassword('ben', 'correct horse battery');
      await auth.deactivate('ben');
    });
    expect(found.map(({ actor, action, object }) => [actor, action, object])).toEqual([
      ['operator', 'agent.link-made', 'agent:ben'],
      ['operator', 'agent.password-set', 'agent:ben'],
      ['operator', 'agent.deactivated', 'agent:ben'],
    ]);
  });
});

describe('the frames of staff', () => {
  it('all say where they are kept, or why nowhere', () => {
    const ofPeople = (Object.keys(FROM_CLIENT) as FromClient['type'][]).filter((type) => maySendFrame('agent', type));
    expect(ofPeople.length).toBeGreaterThan(10);
    expect(ofPeople.filter((type) => FRAMES[type] === undefined)).toEqual([]);
  });

  it.each([
    ['watch', { type: 'watch' }, 'conversation:conversation-0001'],
    ['get-events', { type: 'get-events', after: 0 }, 'conversation:conversation-0001'],
    ['get-list', { type: 'get-list', view: 'visitor' }, null],
  ] as const)('%s notes who read whose words, before they are sent', async (type, frame, object) => {
    const reader = `reader-by-${type}`;
    await house.server.store.saveAgent({
      ...{ id: reader, name: reader, role: 'agent', email: `${reader}@shop.example`, teams: ['sales'], capacity: 5 },
      ...{ presence: 'online', passwordHash: null, active: true, createdAt: 0 },
    });
    const own = await openLine(house, 'socket', 'desk', agentHello(await house.ticket(reader)));
    await own.until((one) => one.type === 'welcome');
    const found = await noted(async () => {
      const more = frame.type === 'get-list' ? { visitor: mia } : { conversation };
      await own.send({ ...frame, ...more, id: 'reading-0001' });
      await own.until((one) => 'id' in one && one.id === 'reading-0001');
    });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ actor: `agent:${reader}`, action: FRAMES[type], person: mia, object });
    await own.end();
  });
});

describe('the doors of the desk', () => {
  it('all say what they note, or why they note nothing', () => {
    const named = new Set(Object.keys(ROUTES));
    expect(Object.keys(BODIES).filter((path) => !named.has(path))).toEqual([]);
    expect([...named].filter((path) => !(path in BODIES))).toEqual([]);
    const actions = [...Object.values(ROUTES), ...Object.values(FRAMES), ...Object.values(SESSION_DOORS)];
    const unknown = actions.filter(
      (one) => typeof one === 'string' && one !== 'conversation' && !(one in AUDIT_ACTIONS),
    );
    expect(unknown).toEqual([]);
  });

  const reply = {
    shortcut: 'hello',
    title: 'Hello',
    body: { en: 'Hello {{visitor.name|there}}' },
    scope: { kind: 'site' },
  };
  let saved = '';
  let revision = '';
  let block = '';
  /** A body that is taken, for each door that notes something. In this order. */
  const DOINGS: Readonly<Record<string, () => Promise<object>>> = {
    'replies/save': async () => ({ reply }),
    'replies/search': async () => ({ query: 'hello', conversation }),
    'replies/render': async () => ({ id: saved, conversation, values: {} }),
    'replies/import': async () => ({ text: 'shortcut,title,body\nmine,Mine,Hello', kind: 'csv' }),
    'replies/export': async () => ({ kind: 'csv' }),
    'replies/remove': async () => ({ id: saved }),
    'schedules/save': async () => ({ id: 'shop', hours: HOURS, revision: null }),
    'schedules/reset': async () => ({ id: 'shop', revision }),
    'surveys/answers': async () => ({ id: 'well' }),
    'surveys/link': async () => ({ conversation, ask }),
    'surveys/configure': async () => ({ id: SURVEY.id, settings: { sample: 0.5 }, revision: null }),
    'surveys/reset': async () => ({ id: SURVEY.id, revision }),
    'audit/list': async () => ({ person: mia }),
    'files/link': async () => ({ id: file }),
    'spam/block': async () => ({ network: '198.51.100.0/24', reason: 'Sells links', forMs: 3_600_000 }),
    'spam/unblock': async () => ({ id: block }),
    'spam/mark': async () => ({ conversation, ownership: 2, block: { forMs: 3_600_000, address: false } }),
    'spam/undo': async () => ({ conversation }),
    'people/find': async () => ({ text: noah }),
    'people/export': async () => ({ id: noah, all: true }),
    'people/erase': async () => ({ id: noah, reason: 'other' }),
  };

  it.each(
    Object.keys(DOINGS).concat(
      Object.keys(ROUTES).filter((path) => !isReason(ROUTES[path] as Reason) && !(path in DOINGS)),
    ),
  )('%s notes it', async (path) => {
    const action = ROUTES[path];
    const body = await DOINGS[path]?.();
    if (body === undefined) throw new Error(`There is no body for ${path}: add one to DOINGS.`);
    // Once an hour is enough for what is read again and again: these are read by somebody who has not read it.
    const person =
      ({ 'replies/search': 'mel', 'replies/render': 'cleo' } as Record<string, 'mel' | 'cleo'>)[path] ?? 'ari';
    const who = person === 'ari' ? ari : await house.signedIn(person);
    const found = await noted(async () => {
      const answer = await asked(path, body, who);
      if (path === 'spam/block') block = (answer['block'] as { id: string }).id;
      if (path === 'replies/save') saved = (answer['reply'] as { id: string }).id;
      if (path.endsWith('save') || path.endsWith('configure')) {
        const one = (answer['schedule'] ?? answer['survey'] ?? {}) as { revision?: string };
        revision = one.revision ?? revision;
      }
    });
    // What the relay then does by itself has rows of its own.
    expect(found.filter(({ actor }) => actor !== 'relay').map((row) => row.action)).toEqual([action]);
    expect(found[0]?.actor).toBe(`agent:${person}`);
    expect(found[0]?.detail).toContain('127.0.0.0');
  });
});
