import { beforeEach, describe, expect, it } from 'vitest';
import { noAudit } from '../audit/audit.ts';
import { DEFAULT_PRIVACY } from '../config-privacy.ts';
import type { Config } from '../config-types.ts';
import { refuse } from '../domain/refusal.ts';
import { createMemoryFiles } from '../files/memory.ts';
import { createIds } from '../ids.ts';
import { silentLog } from '../log.ts';
import { StorageFull, type Store } from '../ports.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import {
  type RelayUnderTest,
  relayUnderTest,
  standingClock,
  type TestLine,
  text,
} from '../testing/relay-under-test.ts';
import { createRetention } from './retention.ts';
import type { RetentionRule } from './rules.ts';

const DAY = 86_400_000;
const rule = (what: RetentionRule['what'], days: number, part: Partial<RetentionRule> = {}): RetentionRule => ({
  ...{ what, days, teams: null, sites: null },
  ...part,
});

let store: Store;
let relay: RelayUnderTest;
let made: number;
beforeEach(() => {
  store = createMemoryStore();
  made = 0;
});
const id = (): string => `made-${String(++made).padStart(8, '0')}`;

async function withRules(...retention: RetentionRule[]): Promise<void> {
  const privacy: Config['privacy'] = { ...DEFAULT_PRIVACY, retention };
  relay = await relayUnderTest({ store, config: { privacy } });
}
async function say(line: TestLine, conversation: string, what: string): Promise<void> {
  await line.send({ type: 'send', id: id(), conversation, blocks: text(what) });
  expect(line.of('nack')).toEqual([]);
}
/** A visitor of each of these sites, long ago. */
async function come(...sites: string[]): Promise<void> {
  const visitors = sites.map((site, n) => ({
    ...{ id: `v-${n}`, site, name: null, email: null, externalId: null, locale: null, timeZone: null, visit: null },
    ...{ firstSeenAt: 1, lastSeenAt: 1 },
  }));
  await store.append({ events: [], conversations: [], visitors, visitorSessions: [], cursors: [] });
}
/** Time goes on while nobody is there, and whatever is due then happens. */
async function later(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= DAY / 4) {
    relay.clock.jump(Math.min(left, DAY / 4));
    await relay.pass(1_000);
  }
  await relay.pass(1_000);
}
/** Every event that is stored, as text, with its time. */
async function stored(): Promise<{ at: number; text: string }[]> {
  return (await store.eventsAfter(0, 100_000)).map(({ event }) => ({ at: event.at, text: JSON.stringify(event.body) }));
}

describe('what was kept long enough', () => {
  it('is older than its limit by a day at no time, over months of talk', async () => {
    await withRules(rule('messages', 30), rule('messages', 7, { teams: ['billing'] }));
    let { session } = await relay.visitor();
    const conversation = id();
    for (let day = 0; day < 80; day++) {
      const line = await relay.visitor({ session });
      session = line.session;
      await say(line, conversation, `WORDS of day ${day}`);
      await line.cut();
      await later(DAY);
      const now = relay.clock.now();
      for (const { at, text } of await stored()) if (text.includes('WORDS')) expect(now - at).toBeLessThan(31 * DAY);
    }
    const words = (await stored()).filter(({ text }) => text.includes('WORDS'));
    expect(words.length).toBeGreaterThanOrEqual(29);
    await relay.checkEventLaw();
  });

  it('is that of the teams and sites that the rule names', async () => {
    await withRules(rule('messages', 7, { teams: ['billing'] }), rule('messages', 9, { sites: ['pk_elsewhere'] }));
    const [mia, noah] = [await relay.visitor(), await relay.visitor({ address: '127.0.0.2' })];
    const [mias, noahs] = [id(), id()];
    await say(mia, mias, 'MIAS');
    await say(noah, noahs, 'NOAHS');
    const cleo = await relay.agent('cleo');
    const to = { kind: 'team', id: 'billing' };
    await cleo.send({
      type: 'transfer',
      id: id(),
      conversation: mias,
      ownership: 1,
      to,
      note: text('NOTED about Mia'),
    });
    expect(cleo.of('nack')).toEqual([]);
    await later(8 * DAY);
    const all = (await stored()).map(({ text }) => text).join();
    expect(all).not.toContain('MIAS');
    expect(all).not.toContain('NOTED');
    expect(all).toContain('NOAHS');
    await relay.checkEventLaw();
  });

  it('is told to whoever follows the conversation, who loses it too', async () => {
    await withRules(rule('messages', 7));
    const line = await relay.visitor();
    const conversation = id();
    await say(line, conversation, 'WORDS');
    const ada = await relay.agent('ada');
    await ada.send({ type: 'watch', id: id(), conversation });
    await later(7 * DAY + DAY / 2);
    expect(ada.last('event').event).toMatchObject({
      body: { kind: 'erased', what: 'messages' },
      actor: { kind: 'system' },
    });
    const back = await relay.visitor({ session: line.session });
    expect(JSON.stringify(back.frames)).not.toContain('WORDS');
    expect((await store.conversations([conversation])).get(conversation)?.state).toMatchObject({
      status: 'open',
      head: 3,
    });
  });

  it('is looked at once, and nothing is said where nothing is taken', async () => {
    await withRules(rule('messages', 7), rule('answers', 7), rule('files', 7));
    const line = await relay.visitor();
    const conversation = id();
    await say(line, conversation, 'WORDS');
    await later(30 * DAY);
    const row = (await store.conversations([conversation])).get(conversation);
    expect(row?.state.head).toBe(3);
    expect(await relay.relay.personalData.retention.run()).toEqual([0, 0, 0]);
  });

  it('is counted before it is taken, and a look changes nothing', async () => {
    await withRules(rule('messages', 7), rule('answers', 7), rule('visitors', 20));
    const line = await relay.visitor();
    const conversation = id();
    await say(line, conversation, 'WORDS');
    relay.clock.jump(8 * DAY);
    const { retention } = relay.relay.personalData;
    const before = await stored();
    const nothing = { count: 0, more: false, examples: [] };
    expect(await retention.preview()).toEqual([
      { ...rule('messages', 7), next: { count: 1, more: false, examples: [conversation] } },
      { ...rule('answers', 7), next: nothing },
      { ...rule('visitors', 20), next: nothing },
    ]);
    expect(await stored()).toEqual(before);
    expect(await retention.run()).toEqual([1, 0, 0]);
    expect((await retention.preview())[0]?.next).toEqual(nothing);
  });

  it('is a whole visitor when he was not seen for so long', async () => {
    await withRules(rule('visitors', 20));
    relay.claims.set('mia', { sub: 'c-1', name: 'Mia', email: null });
    const line = await relay.visitor({ identity: 'mia' });
    await say(line, id(), 'WORDS');
    await line.cut();
    await later(15 * DAY);
    const noah = await relay.visitor();
    await say(noah, id(), 'NOAHS');
    await later(6 * DAY);
    await relay.relay.personalData.settled();
    expect((await stored()).map(({ text }) => text).join()).not.toMatch(/WORDS|Mia/);
    expect((await stored()).map(({ text }) => text).join()).toContain('NOAHS');
    expect((await store.erasures({ limit: 5 })).map(({ by, reason, state }) => [by, reason, state])).toEqual([
      ['retention', 'no-longer-needed', 'done'],
    ]);
  });

  it('waits where it could not be taken, and does not hold up the other rules', async () => {
    await withRules(rule('messages', 7), rule('visitors', 7));
    const line = await relay.visitor();
    await say(line, id(), 'WORDS');
    await line.cut();
    relay.clock.jump(8 * DAY);
    const mark = store.markAged;
    store.markAged = () => Promise.reject(new Error('The store is away.'));
    expect(await relay.relay.personalData.retention.run()).toEqual([0, 1]);
    store.markAged = mark;
    await relay.relay.personalData.settled();
    expect(await relay.relay.personalData.retention.run()).toEqual([0, 0]);
  });

  it('is taken by every rule, also when a row of the audit log cannot be written', async () => {
    const [here, there] = ['pk_shop_test', 'pk_elsewhere'];
    await come(here, there);
    const taken: string[] = [];
    const clock = standingClock();
    const retention = createRetention({
      ...{ store, clock, files: createMemoryFiles(), ids: createIds(clock), log: silentLog },
      rules: () => [here, there].map((site) => rule('visitors', 7, { sites: [site] })),
      audit: { ...noAudit, note: () => Promise.reject(new StorageFull('No room.')) },
      submit: () => Promise.reject(new Error('Nobody here has a conversation.')),
      eraser: {
        async request({ visitor }) {
          taken.push(visitor);
          return refuse('not-found');
        },
      },
    });
    expect(await retention.run()).toEqual([1, 1]);
    expect(taken).toEqual(['v-0', 'v-1']);
  });

  it('lets others have their turn between the pages that it reads', async () => {
    await come(...Array.from({ length: 1_000 }, () => 'pk_shop_test'));
    await withRules(rule('visitors', 7), rule('messages', 7));
    let turns = 0;
    let isOver = false;
    const takeTurns = (): void => {
      turns += 1;
      if (!isOver) setImmediate(takeTurns);
    };
    setImmediate(takeTurns);
    await relay.relay.personalData.retention.preview();
    isOver = true;
    expect(turns).toBeGreaterThanOrEqual(5);
  });
});
