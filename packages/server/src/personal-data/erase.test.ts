import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Audit, createAudit, noAudit } from '../audit/audit.ts';
import { systemClock } from '../clock.ts';
import { createMemoryFiles } from '../files/memory.ts';
import { createIds } from '../ids.ts';
import { silentLog } from '../log.ts';
import { StorageFull, type Store } from '../ports.ts';
import { cast } from '../security/cast.ts';
import { logOf } from '../store/contract.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { toldEverything } from '../test-support/told-everything.ts';
import { text, turn } from '../testing/relay-under-test.ts';
import { erasureOf } from './eraser.ts';
import { erasureListIn } from './erasure-list.ts';
import { personKey } from './keys.ts';
import { personalDataOffline } from './offline.ts';
import type { PersonalData } from './personal-data.ts';
import { receiptOf } from './receipt.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sveiki-erase-'));
  store = await openSqliteStore({ file: join(folder, 'sveiki.db') });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** Every word with this mark in any file of the folder, and which file. */
function found(mark: RegExp): Map<string, string> {
  const words = new Map<string, string>();
  for (const name of readdirSync(folder))
    for (const [word] of readFileSync(join(folder, name), 'latin1').matchAll(mark)) words.set(word, name);
  return words;
}

describe('somebody who is forgotten', () => {
  it('leaves nothing in any file, and others lose nothing', async () => {
    const { house, visitor, conversation, line } = await toldEverything(store, 'MIAS');
    const other = await toldEverything(store, 'NOAHS', house);
    const mias = /MIAS\d{4}x/g;
    const noahs = new Set(found(/NOAHS\d{4}x/g).keys());
    expect(found(mias).size).toBeGreaterThan(40);
    const before = await house.state(conversation);
    const { personalData } = house.relay.relay;
    const mel = await store.agent('mel');
    const erasure = await personalData.erase(visitor, 'asked-by-person', mel!);
    await personalData.settled();
    expect(line.closed).toEqual({ code: 4409, reason: 'forgotten' });
    expect([...found(mias)]).toEqual([]);
    expect(new Set(found(/NOAHS\d{4}x/g).keys())).toEqual(noahs);
    expect(other.line.closed).toBeNull();
    await house.relay.checkEventLaw();
    const after = await house.state(conversation);
    expect(after).toMatchObject({ status: 'resolved', visitor: { name: null }, startedAt: before.startedAt });
    expect(after.head).toBeGreaterThan(before.head);
    expect(erasure).toMatchObject({ state: 'queued', by: 'agent:mel' });
    const { erasures } = await personalData.erasures();
    expect(erasures[0]).toMatchObject({ state: 'done', counts: { conversations: 1, sessions: 1 } });
    const receipt = await personalData.receipt(erasures[0]!.id);
    expect(receipt).toMatchObject({ format: 'sveiki.erasure', person: personKey(visitor), reason: 'asked-by-person' });
    expect(JSON.stringify(receipt)).not.toContain(visitor);
  });

  it('is gone also when whoever does it is killed after any step', async () => {
    const { visitor, house } = await twoConversations(store);
    await house.relay.relay.stop();
    const list = erasureListIn(join(folder, 'erasures.jsonl'));
    let killedAt = 0;
    for (let isDone = false; !isDone; ) {
      killedAt += 1;
      const { dead, died } = dyingStore(store, killedAt);
      const doomed = await offline(dead, list, createAudit({ store: dead, clock: systemClock }));
      if (killedAt === 1) await personalData(store, visitor);
      doomed.wake();
      isDone = await Promise.race([doomed.settled().then(() => true), died.then(() => false)]);
    }
    expect(killedAt).toBeGreaterThan(4);
    expect([...found(/SECRET-\d+/g)]).toEqual([]);
    const [row] = await store.erasures({ limit: 5 });
    expect(row).toMatchObject({ state: 'done', visitor: null, counts: { conversations: 2 } });
    expect(await list.persons()).toContain(personKey(visitor));
    const noted = await store.auditRows({ action: 'person.erased', limit: 9 });
    expect(noted.map(({ detail }) => detail)).toEqual([JSON.stringify({ after: [receiptOf(row!).digest] })]);
    await house.relay.checkEventLaw();
  });

  it('is somebody new when the device comes back, and what it had not sent yet is not taken', async () => {
    const house = await cast(store);
    const { line, visitor, conversation } = await house.conversation('ada');
    const welcome = line.last('welcome');
    const session = welcome.role === 'visitor' ? welcome.session : '';
    const desk = house.relay.relay.personalData;
    await desk.erase(visitor, 'other', (await store.agent('mel'))!);
    // What he sends while it happens is refused, or goes with the rest.
    await line.push({ type: 'send', id: 'too-late-1', conversation, blocks: text('SECRET-late') });
    await desk.settled();
    const back = house.relay.line();
    const hello = { type: 'hello', role: 'visitor', versions: [1], client: 'test', site: 'pk_shop_test' };
    await back.push({ ...hello, session, have: { [conversation]: 1 } });
    while (back.closed === null) await turn();
    expect(back.last('error')).toMatchObject({ code: 'erased', retry: 'never' });
    expect(back.closed).toMatchObject({ code: 4401 });
    const anew = await house.relay.visitor();
    const again = anew.last('welcome');
    expect(again.role === 'visitor' && again.visitor.id).not.toBe(visitor);
    expect(again).toMatchObject({ conversation: null });
    await anew.send({ type: 'send', id: 'too-late-1', conversation, blocks: text('Hello') });
    expect(anew.last('nack')).toMatchObject({ code: 'not-found' });
    expect([...found(/SECRET-(?:late|\d+)/g)]).toEqual([]);
  });

  it('never began a conversation, and is found all the same', async () => {
    const house = await cast(store);
    house.relay.claims.set('mia', { sub: 'c-1', name: 'Mia Unsaid', email: 'unsaid@shop.example' });
    const line = await house.relay.visitor({ identity: 'mia' });
    const desk = house.relay.relay.personalData;
    const mel = (await store.agent('mel'))!;
    const [person] = await desk.find('unsaid@shop.example', mel);
    expect(person).toMatchObject({ name: 'Mia Unsaid', externalId: 'c-1', isBeingErased: false });
    await desk.erase(person!.id, 'consent-withdrawn', mel);
    await desk.settled();
    expect(line.closed).toMatchObject({ code: 4409 });
    expect(await desk.find('unsaid@shop.example', mel)).toEqual([]);
    expect([...found(/unsaid/gi)]).toEqual([]);
    expect(await desk.erase(person!.id, 'other', mel)).toEqual({ refused: 'not-found' });
  });

  it('does not come back with a copy from before', async () => {
    const { visitor, house } = await twoConversations(store);
    const copy = join(folder, '..', `${basename(folder)}-copy.db`);
    await store.backup(copy);
    await personalData(store, visitor);
    const list = erasureListIn(join(folder, 'erasures.jsonl'));
    const first = await offline(store, list);
    first.wake();
    await first.settled();
    expect(await list.persons()).toEqual([personKey(visitor)]);
    await house.relay.relay.stop();
    await store.close();
    for (const name of readdirSync(folder)) if (name.startsWith('sveiki.db')) rmSync(join(folder, name));
    renameSync(copy, join(folder, 'sveiki.db'));
    store = await openSqliteStore({ file: join(folder, 'sveiki.db') });
    expect(found(/SECRET-\d+/g).size).toBeGreaterThan(0);
    const restored = await offline(store, list);
    expect(await restored.replay()).toBe(1);
    await restored.settled();
    expect([...found(/SECRET-\d+/g)]).toEqual([]);
    expect((await store.erasures({ limit: 5 })).map(({ by, state }) => [by, state])).toEqual([['restore', 'done']]);
    expect(await restored.replay()).toBe(0);
  });

  it('leaves nothing in a conversation out of which words were taken a thousand times before', async () => {
    const crowded = createMemoryStore();
    const seen = { firstSeenAt: 1, lastSeenAt: 1, locale: null, timeZone: null, visit: null };
    const mia = { id: 'mia', site: 'pk_shop_test', name: null, email: null, externalId: null, ...seen };
    const log = logOf('conv-long', 'mia');
    await crowded.append({ ...log.start(1), visitors: [mia] });
    for (let at = 2; at < 1_100; at++)
      await crowded.append(log.next(at, ['s:erasure', { kind: 'erased', what: 'messages', before: at }]));
    await crowded.append(log.next(1_100, ['v:mia', { kind: 'message', blocks: [{ kind: 'text', text: 'SECRET-1' }] }]));
    const people = await offline(crowded);
    await people.eraseOwn('mia');
    await people.settled();
    await people.stop();
    expect(JSON.stringify(await crowded.eventsAfter(0, 9_999))).not.toContain('SECRET-1');
    expect((await crowded.erasures({ limit: 1 }))[0]).toMatchObject({ state: 'done', counts: { conversations: 1 } });
  });

  it('is asked for once, and does not wait behind a thousand whose file is yet to be made anew', async () => {
    const crowded = createMemoryStore();
    let isHeld = true;
    const compact = crowded.compact;
    crowded.compact = async () => !isHeld && compact();
    const seen = { firstSeenAt: 1, lastSeenAt: 1, locale: null, timeZone: null, visit: null };
    const mia = { id: 'mia', site: 'pk_shop_test', name: null, email: null, externalId: null, ...seen };
    await crowded.append({ events: [], conversations: [], visitors: [mia], visitorSessions: [], cursors: [] });
    const asked = { by: 'retention', reason: 'no-longer-needed', now: 1 } as const;
    const numbered = (id: string) => ({ next: () => id, secret: () => id });
    await crowded.saveErasure(erasureOf(mia, { ...asked, ids: numbered('0000') }));
    for (let n = 1001; n <= 2000; n++) {
      const gone = erasureOf({ id: `of-${n}`, site: mia.site }, { ...asked, ids: numbered(`${n}`) });
      await crowded.saveErasure({ ...gone, state: 'cleaning', visitor: null, erasedAt: 1 });
    }
    const people = await offline(crowded);
    expect(await people.eraseOwn('mia')).toMatchObject({ id: '0000' });
    people.wake();
    await people.settled();
    expect(await crowded.visitor('mia')).toBeNull();
    isHeld = false;
    people.wake();
    await people.settled();
    expect(await crowded.erasures({ open: true, limit: 1 })).toEqual([]);
    expect(await crowded.erasures({ limit: 9_999 })).toHaveLength(1_001);
    await people.stop();
  });

  it('has to wait while the disk is full, and is forgotten when there is room', async () => {
    const { visitor, house } = await twoConversations(store);
    await house.relay.relay.stop();
    await personalData(store, visitor);
    const full = Object.assign(Object.create(store) as Store, {
      forgetVisitor: () => Promise.reject(new StorageFull('No room.')),
    });
    const waiting = await offline(full);
    waiting.wake();
    await waiting.settled();
    expect((await store.erasures({ limit: 1 }))[0]).toMatchObject({ state: 'erasing', problem: 'storage-full' });
    await waiting.stop();
    const later = await offline(store);
    later.wake();
    await later.settled();
    expect((await store.erasures({ limit: 1 }))[0]).toMatchObject({ state: 'done', problem: null });
  });
});

async function twoConversations(store: Store) {
  const house = await cast(store);
  const secret = await house.conversation('ada');
  const { ownership } = await house.state(secret.conversation);
  const ada = await house.relay.agent('ada@more');
  const id = house.id();
  await ada.send({ type: 'resolve', id, conversation: secret.conversation, ownership, wrapUp: 'answered' });
  house.relay.clock.jump(2 * 86_400_000);
  await secret.line.send({ type: 'send', id: house.id(), conversation: house.id(), blocks: text(secret.marker) });
  return { house, ...secret };
}

async function offline(
  store: Store,
  list?: ReturnType<typeof erasureListIn>,
  audit: Audit = noAudit,
): Promise<PersonalData> {
  return personalDataOffline({
    ...{ store, files: createMemoryFiles(), clock: systemClock, ids: createIds(systemClock), log: silentLog },
    ...{ audit, rules: [], list: list ?? { add: async () => {}, persons: async () => [] } },
  });
}

/** Asked for by somebody else than who does it. */
async function personalData(store: Store, visitor: string): Promise<void> {
  const asker = await offline(Object.assign(Object.create(store) as Store, { erasures: async () => [] }));
  await asker.eraseOwn(visitor);
  await asker.settled();
}

/** Writes so many times, then never answers again, as when its process is killed. What it was writing may be stored or not. */
function dyingStore(store: Store, writes: number): { dead: Store; died: Promise<void> } {
  let left = writes;
  let die = (): void => {};
  const died = new Promise<void>((resolve) => {
    die = resolve;
  });
  const names = [
    'saveErasure',
    'shutOut',
    'append',
    'overwriteEvents',
    'removeFiles',
    'forgetVisitor',
    'compact',
  ] as const;
  const methods = names.map((name) => [
    name,
    async (...args: unknown[]) => {
      left -= 1;
      if (left < 0) return new Promise(() => {});
      const result = await (store[name] as (...args: unknown[]) => Promise<unknown>)(...args);
      if (left > 0) return result;
      die();
      return new Promise(() => {});
    },
  ]);
  return { dead: Object.assign(Object.create(store) as Store, Object.fromEntries(methods)), died };
}
