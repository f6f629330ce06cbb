import { applyEvent, type ConversationState } from '@sveiki/protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import { createPasswords } from '../auth/password.ts';
import { loadConfig } from '../config.ts';
import type { Schedule } from '../config-types.ts';
import { openingAt } from '../domain/business-hours.ts';
import { staffView } from '../domain/log.ts';
import { createMemoryFiles } from '../files/memory.ts';
import { cleanPng } from '../files/pictures/png.ts';
import type { Store } from '../ports.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { seedDemo } from './seed.ts';
import { DEMO_PASSWORD, DEMO_SITE, demoConfigFile, STAFF, TEAMS, WRAP_UP_CODES } from './shop.ts';

const passwords = createPasswords({ N: 1_024, r: 8, p: 1 });
const now = Date.UTC(2026, 10, 22, 3, 30);
const all = { agent: '', limit: 100 };

const shopHours = async () => (await loadConfig({ file: demoConfigFile(), env: {} })).schedules['shop'] as Schedule;

let files = createMemoryFiles();
async function seeded(at: number): Promise<Store> {
  const store = createMemoryStore();
  files = createMemoryFiles();
  const hours = await shopHours();
  expect(await seedDemo({ store, files, now: at, origin: 'http://127.0.0.1:4310', passwords, hours })).toBe(true);
  return store;
}

let store: Store;
beforeAll(async () => {
  store = await seeded(now);
});

describe('the demo shop', () => {
  it('has a configuration that holds, and knows the people, teams and codes of its stories', async () => {
    const config = await loadConfig({ file: demoConfigFile(), env: {} });
    expect(config.sites[0]).toMatchObject({
      key: DEMO_SITE,
      origins: ['http://127.0.0.1:4310', 'http://localhost:4310'],
    });
    const teams = config.teams.map(({ id, name }) => ({ id, name }));
    expect(teams).toEqual(expect.arrayContaining([...TEAMS]));
    expect(config.wrapUpCodes).toEqual([...WRAP_UP_CODES]);
    expect(config.agents?.map(({ id }) => id)).toEqual(Object.keys(STAFF));
  });

  it('uses every section of a configuration', async () => {
    const config = await loadConfig({ file: demoConfigFile(), env: {} });
    const { schedules, agents, routing, forms, surveys, cannedReplies, bots, hooks } = config;
    for (const part of [
      Object.keys(schedules),
      agents,
      routing.rules,
      routing.weights,
      forms,
      surveys,
      cannedReplies,
      bots,
      hooks.events,
    ])
      expect(part?.length).toBeGreaterThan(0);
    expect(routing.route).toBeTypeOf('function');
    expect(hooks.cannedReplies).toBeDefined();
  });

  it('is closed on holidays and open on working days', async () => {
    const hours = await shopHours();
    const year = new Date().getFullYear();
    expect(openingAt(hours, Date.UTC(year, 10, 18, 10)).open).toBe(false);
    expect(openingAt(hours, Date.UTC(year, 10, 19, 10)).open).toBe(new Date(Date.UTC(year, 10, 19)).getUTCDay() !== 0);
  });

  it('has people of three roles who can sign in', async () => {
    const agents = await store.agents();
    expect(agents.map(({ id, role }) => `${id} ${role}`).sort()).toEqual([
      'ada agent',
      'ben agent',
      'cleo lead',
      'dace manager',
    ]);
    for (const { passwordHash } of agents) expect(await passwords.verify(DEMO_PASSWORD, passwordHash)).toBe(true);
  });

  it('is filled once', async () => {
    const hours = { timeZone: 'Europe/Riga', week: {} };
    expect(await seedDemo({ store, files, now, origin: 'http://127.0.0.1:4310', passwords, hours })).toBe(false);
  });
});

describe('the conversations of the demo', () => {
  it('are many that are done, some that wait, and some that are being answered', async () => {
    expect((await store.list({ view: 'resolved', ...all })).conversations).toHaveLength(27);
    const queue = (await store.list({ view: 'queue', ...all })).conversations.map(({ state }) => state);
    expect(queue.map(({ visitor }) => visitor.name)).toEqual(['Zane Kalēja', 'Noah Bergström', 'Miriam Castaño', null]);
    expect((await store.list({ view: 'mine', agent: 'ada', limit: 10 })).conversations).toHaveLength(1);
    expect((await store.list({ view: 'mine', agent: 'ben', limit: 10 })).conversations).toHaveLength(1);
  });

  it('have a picture, which is what it says and belongs to its message', async () => {
    const shop = await seeded(now);
    const [noah] = (await shop.list({ view: 'queue', ...all })).conversations.filter(
      ({ state }) => state.visitor.name === 'Noah Bergström',
    );
    const [file] = await shop.filesOf({ conversation: noah!.state.id });
    expect(file).toMatchObject({ name: 'border-chart.png', sent: { conversation: noah!.state.id } });
    const pieces = [];
    for await (const piece of (await files.get(file!.key))!) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    expect(bytes.length).toBe(file!.size);
    expect(cleanPng(bytes)).toMatchObject({ width: file!.width, height: file!.height });
  });

  it('are in six languages', async () => {
    const { conversations } = await store.list({ view: 'resolved', ...all });
    const languages = new Set(conversations.map(({ state }) => state.locale?.slice(0, 2)));
    expect([...languages].sort()).toEqual(['ar', 'de', 'en', 'es', 'lv', 'ru']);
  });

  it.each([
    ['at night', Date.UTC(2026, 10, 22, 3, 30)],
    ['on New Year', Date.UTC(2027, 0, 1, 12)],
    ['when clocks change', Date.UTC(2027, 2, 28, 1, 30)],
  ])(
    'hold together %s: every state is what its events lead to, nothing lies ahead, and nothing began when the shop was closed',
    async (_name, at) => {
      const shop = await seeded(at);
      const rows = [
        ...(await shop.list({ view: 'resolved', ...all })).conversations,
        ...(await shop.list({ view: 'open', ...all })).conversations,
      ];
      expect(rows).toHaveLength(33);
      const hours = await shopHours();
      for (const { state } of rows) {
        const { events } = await shop.events({ conversation: state.id, count: 'staff', after: 0, limit: 200 });
        const folded = events.reduce<ConversationState | null>(
          (before, event) => applyEvent(before, staffView(event)),
          null,
        );
        expect(folded).toEqual(state);
        const times = events.map((event) => event.at);
        expect([...times].sort((a, b) => a - b)).toEqual(times);
        expect(times.at(-1)).toBeLessThanOrEqual(at);
        if (state.status === 'resolved') {
          expect(openingAt(hours, times[0]!).open).toBe(true);
          expect(at - times[0]!).toBeLessThan(19 * 86_400_000);
        }
      }
    },
  );

  it('show notes, transfers, reopened ones and an honest usual reply time', async () => {
    const { conversations } = await store.list({ view: 'resolved', ...all });
    const pages = await Promise.all(
      conversations.map(({ state }) => store.events({ conversation: state.id, count: 'staff', after: 0, limit: 200 })),
    );
    const kinds = new Set(pages.flatMap(({ events }) => events.map(({ body }) => body.kind)));
    expect([...kinds].sort()).toEqual([
      'answered',
      'asked',
      'assigned',
      'message',
      'note',
      'queued',
      'reopened',
      'resolved',
      'started',
      'status',
    ]);
    expect(conversations.filter(({ state }) => state.reopenedCount > 0)).toHaveLength(2);
    const replies = (await store.recentFirstReplies(50)).sort((a, b) => a - b);
    expect(replies[Math.floor(replies.length / 2)]).toBeLessThan(10 * 60_000);
  });

  it('leave something unread for Ada', async () => {
    const [mine] = (await store.list({ view: 'mine', agent: 'ada', limit: 1 })).conversations;
    const cursor = (await store.cursors([mine!.state.id])).get(mine!.state.id)!.find(({ reader }) => reader === 'ada')!;
    expect(cursor.read).toBeLessThan(mine!.state.publicHead);
    expect(mine!.state.unansweredSince).not.toBeNull();
  });
});
