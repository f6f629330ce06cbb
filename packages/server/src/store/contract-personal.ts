import type { EventBody } from '@sveiki/protocol';
import { describe, expect, test } from 'vitest';
import type { ErasureRow, Store, VisitorRow } from '../ports.ts';
import type { logOf as LogOf } from './contract.ts';

const visitor = (id: string, part: Partial<VisitorRow> = {}): VisitorRow => ({
  ...{ id, site: 'pk_shop', name: null, email: null, externalId: null, locale: null, timeZone: null, visit: null },
  ...{ firstSeenAt: 1, lastSeenAt: 1 },
  ...part,
});
const erasure = (id: string, part: Partial<ErasureRow> = {}): ErasureRow => ({
  ...{ id, person: 'hash', visitor: 'mia', as: 'gone-1', site: 'pk_shop', by: 'visitor', reason: 'asked-by-person' },
  ...{ state: 'queued', requestedAt: 5, erasedAt: null, cleanedAt: null, problem: null },
  counts: { conversations: 0, events: 0, files: 0, sessions: 0 },
  ...part,
});

/** The part of the contract about people as people: finding one, forgetting one, and what is old enough. */
export function personalContract(parts: { store: () => Store; logOf: typeof LogOf }): void {
  const { logOf } = parts;
  const say = (text: string): EventBody => ({ kind: 'message', blocks: [{ kind: 'text', text }] });
  const keep = (store: Store, rows: VisitorRow[], sessions: string[] = []) =>
    store.append({
      ...{ events: [], conversations: [], cursors: [], visitors: rows },
      visitorSessions: sessions.map((tokenHash) => ({
        tokenHash,
        visitor: rows[0]?.id ?? '',
        createdAt: 1,
        expiresAt: 9_000,
      })),
    });

  describe('people', () => {
    test('are found by id, external id, e-mail, conversation and part of a name', async () => {
      const store = parts.store();
      await keep(store, [
        visitor('mia', { name: 'Mia %_x', email: 'Mia@Shop.example', externalId: 'c-7', lastSeenAt: 3 }),
      ]);
      await keep(store, [visitor('noah', { name: 'Noah Mi', lastSeenAt: 9 })]);
      await store.append(logOf('conv-one').start(1));
      const found = async (text: string) => (await store.findVisitors({ text, limit: 5 })).map(({ id }) => id);
      expect(await found('mia')).toEqual(['mia']);
      expect(await found('c-7')).toEqual(['mia']);
      expect(await found('mia@shop.EXAMPLE')).toEqual(['mia']);
      expect(await found('conv-one')).toEqual(['mia']);
      expect(await found('Mi')).toEqual(['noah', 'mia']);
      expect(await found('%_')).toEqual(['mia']);
      expect(await found('nobody')).toEqual([]);
      expect((await store.visitorsAfter('', 9)).map(({ id }) => id)).toEqual(['mia', 'noah']);
      expect((await store.visitorsAfter('mia', 9)).map(({ id }) => id)).toEqual(['noah']);
    });

    test('who are shut out have no session any more, and their keys are remembered', async () => {
      const store = parts.store();
      await keep(store, [visitor('mia')], ['hash-1', 'hash-2']);
      await keep(store, [visitor('noah')], ['hash-3']);
      expect((await store.visitorSessions('mia')).map(({ tokenHash }) => tokenHash)).toEqual(['hash-1', 'hash-2']);
      await store.shutOut('mia', ['key-1', 'key-2'], 7);
      expect(await store.visitorSessions('mia')).toEqual([]);
      expect(await store.visitorSessions('noah')).toHaveLength(1);
      expect(await store.isShutOut(['key-9', 'key-2'])).toBe(true);
      expect(await store.isShutOut(['key-9'])).toBe(false);
      await store.shutOut('mia', ['key-1'], 8);
    });

    test('who are forgotten leave what is counted under another name', async () => {
      const store = parts.store();
      await keep(store, [visitor('mia', { externalId: 'c-7' })], ['hash-1']);
      const log = logOf('conv-one');
      await store.append(log.start(1));
      const asked: EventBody = {
        ...{ kind: 'asked', until: null, survey: { id: 'after-chat', kind: 'csat' } },
        form: { id: 'how', purpose: 'post-chat', fields: [{ id: 'score', kind: 'rating', scale: 'csat', label: '?' }] },
      };
      await store.append(log.next(2, ['s:surveys', asked]));
      await store.forgetVisitor('mia', 'gone-1');
      expect(await store.visitor('mia')).toBeNull();
      expect(await store.visitorByExternalId('pk_shop', 'c-7')).toBeNull();
      expect(await store.surveyAsksOf('mia')).toEqual([]);
      expect(await store.surveyAsksOf('gone-1')).toHaveLength(1);
      await keep(store, [visitor('zoe', { externalId: 'c-7' })]);
    });

    test('leave events under the same numbers, wherever they are read', async () => {
      const store = parts.store();
      const log = logOf('conv-one');
      await store.append(log.start(1));
      await store.append(log.next(2, ['v:mia', say('My secret')], ['a:ada', say('Yours')]));
      const [, second] = (await store.events({ conversation: 'conv-one', count: 'staff', after: 0, limit: 9 })).events;
      if (second === undefined) throw new Error('There are three events.');
      const left = {
        ...second,
        id: 'gone-2',
        author: 'v:gone' as const,
        body: { kind: 'message' as const, blocks: [] },
      };
      await store.overwriteEvents('conv-one', [left]);
      const page = await store.events({ conversation: 'conv-one', count: 'staff', after: 0, limit: 9 });
      expect(page.events[1]).toEqual(left);
      expect((await store.eventsAfter(0, 9)).map(({ event }) => event)).toEqual(page.events);
      expect((await store.commands([{ author: 'v:mia', id: second.id }])).size).toBe(0);
      expect((await store.commands([{ author: 'v:gone', id: 'gone-2' }])).size).toBe(1);
    });
  });

  test('erasures are kept as they stand, newest first', async () => {
    const store = parts.store();
    await store.saveErasure(erasure('e-1'));
    await store.saveErasure(erasure('e-2', { by: 'agent:cleo', problem: 'storage-full' }));
    const done = erasure('e-1', { state: 'done', visitor: null, erasedAt: 8, cleanedAt: 9 });
    await store.saveErasure(done);
    expect(await store.erasures({ limit: 9 })).toEqual([
      erasure('e-2', { by: 'agent:cleo', problem: 'storage-full' }),
      done,
    ]);
    expect((await store.erasures({ open: true, limit: 9 })).map(({ id }) => id)).toEqual(['e-2']);
    expect((await store.erasures({ before: { id: 'e-2' }, limit: 9 })).map(({ id }) => id)).toEqual(['e-1']);
    expect((await store.erasures({ isErased: true, limit: 9 })).map(({ id }) => id)).toEqual(['e-1']);
    expect((await store.erasures({ isErased: false, limit: 9 })).map(({ id }) => id)).toEqual(['e-2']);
    expect(await store.erasures({ open: true, isErased: true, limit: 9 })).toEqual([]);
    expect((await store.erasures({ visitor: 'mia', limit: 9 })).map(({ id }) => id)).toEqual(['e-2']);
    expect(await store.erasures({ visitor: 'noah', limit: 9 })).toEqual([]);
    expect(await store.erasures({ id: 'e-1', limit: 9 })).toEqual([done]);
  });

  test('an erasure is stored with what is noted of it', async () => {
    const store = parts.store();
    const note = {
      at: 5,
      actor: 'operator',
      action: 'person.erasure-asked',
      object: null,
      person: 'mia',
      detail: '{}',
    };
    await store.saveErasure(erasure('e-1'), [note]);
    await store.saveErasure(erasure('e-1', { state: 'erasing' }));
    expect(await store.auditAfter(0, 9)).toMatchObject([note]);
  });

  test('an erasure that is proven names nobody again, and is proven once', async () => {
    const store = parts.store();
    const note = { at: 5, actor: 'relay', action: 'person.erased', object: 'erasure:e-1', person: null, detail: '{}' };
    const gone = { visitor: null, erasedAt: 8 };
    await store.saveErasure(erasure('e-1'));
    await store.saveErasure(erasure('e-1', { ...gone, state: 'cleaning' }), [note]);
    await store.saveErasure(erasure('e-1', { state: 'erasing' }), [note]);
    await store.saveErasure(erasure('e-1', { ...gone, erasedAt: 9, state: 'cleaning' }), [note]);
    expect(await store.erasures({ limit: 9 })).toEqual([erasure('e-1', { ...gone, state: 'cleaning' })]);
    const done = erasure('e-1', { ...gone, state: 'done', cleanedAt: 9 });
    await store.saveErasure(done);
    expect(await store.erasures({ limit: 9 })).toEqual([done]);
    expect(await store.auditAfter(0, 9)).toMatchObject([note]);
  });

  test('conversations with something old enough are found until it was looked at', async () => {
    const store = parts.store();
    const [one, two] = [logOf('conv-one'), logOf('conv-two', 'noah')];
    await store.append(one.start(10));
    await store.append(one.next(20, ['v:mia', say('Old')]));
    await store.append(one.next(90, ['v:mia', say('New')]));
    await store.append(two.start(60));
    const aged = async (before: number, teams: string[] | null = null, sites: string[] | null = null) => {
      const found = [];
      for (let from: number | null = 0; from !== null; ) {
        const page = await store.agedConversations({ kind: 'messages', before, teams, sites, from });
        found.push(...page.conversations);
        from = page.next;
      }
      return found;
    };
    expect(await aged(5)).toEqual([]);
    expect(await aged(50)).toEqual([{ conversation: 'conv-one', seq: 0 }]);
    expect(await aged(70)).toHaveLength(2);
    expect(await aged(70, ['nobodys'])).toEqual([]);
    expect(await aged(70, null, ['elsewhere'])).toEqual([]);
    await store.markAged('messages', 'conv-one', 2);
    expect(await aged(50)).toEqual([]);
    expect(await aged(95)).toContainEqual({ conversation: 'conv-one', seq: 2 });
    expect(
      (await store.agedConversations({ kind: 'answers', before: 50, teams: null, sites: null, from: 0 })).conversations,
    ).toEqual([{ conversation: 'conv-one', seq: 0 }]);
  });

  test('a file that is made anew holds what it held', async () => {
    const store = parts.store();
    await store.append(logOf('conv-one').start(10));
    expect(await store.compact()).toBe(true);
    expect(await store.conversations(['conv-one'])).toHaveProperty('size', 1);
    expect(await store.size()).toBeGreaterThanOrEqual(0);
    await store.append(logOf('conv-two', 'noah').start(10));
  });
}
