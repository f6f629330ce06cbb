import { applyEvent, type ConversationState, type EventBody } from '@sveiki/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type AgentRow,
  AppendConflict,
  type Author,
  type Batch,
  type ListQuery,
  type Store,
  type StoredEvent,
  type VisitorRow,
} from '../ports.ts';
import { auditContract } from './contract-audit.ts';
import { blocksContract } from './contract-blocks.ts';
import { contentContract } from './contract-content.ts';
import { filesContract } from './contract-files.ts';
import { personalContract } from './contract-personal.ts';

/** A store to be tested. `reopen` closes it and opens the same data again; stores that keep nothing leave it out. `drop` cleans up. */
export interface OpenedStore {
  store: Store;
  reopen?: () => Promise<Store>;
  drop?: () => Promise<void>;
}

const SITE = 'pk_shopshop';
const sales = { id: 'sales', name: 'Sales' };
const billing = { id: 'billing', name: 'Billing' };
const ada = { id: 'ada', name: 'Ada' };
const ben = { id: 'ben', name: 'Ben' };

const text = (text: string): EventBody => ({ kind: 'message', blocks: [{ kind: 'text', text }] });
const note = (text: string): EventBody => ({ kind: 'note', blocks: [{ kind: 'text', text }] });
const started = (visitor: string, team: typeof sales | null = sales): EventBody => ({
  kind: 'started',
  channel: 'chat',
  team,
  visitor: { id: visitor, name: null },
  locale: 'lv',
  visit: null,
});
const taken = (owner = ada, team: typeof sales | null = sales): EventBody => ({
  kind: 'assigned',
  owner,
  team,
  how: 'taken',
});

const NOTHING: Batch = { events: [], conversations: [], visitors: [], visitorSessions: [], cursors: [] };

/** Joins batches to one commit. */
export function together(...batches: Batch[]): Batch {
  return {
    events: batches.flatMap(({ events }) => events),
    conversations: batches.flatMap(({ conversations }) => conversations),
    visitors: batches.flatMap(({ visitors }) => visitors),
    visitorSessions: batches.flatMap(({ visitorSessions }) => visitorSessions),
    cursors: batches.flatMap(({ cursors }) => cursors),
  };
}

/** Writes the log of one conversation as the core would, at instants of the test's choice. `next` does not change the log before it is stored. */
export function logOf(conversation: string, visitor = 'mia') {
  let state: ConversationState | null = null;
  let made = 0;

  function next(at: number, ...bodies: [Author, EventBody][]): Batch {
    const expectedHead = state?.head ?? 0;
    const events: StoredEvent[] = [];
    for (const [author, body] of bodies) {
      made += 1;
      const audience = body.kind === 'note' ? 'staff' : 'public';
      const event: StoredEvent = {
        conversation,
        seq: (state?.head ?? 0) + 1,
        publicSeq: audience === 'public' ? (state?.publicHead ?? 0) + 1 : null,
        id: `${conversation}-${String(made).padStart(4, '0')}`,
        author,
        at,
        actor: actorOf(author),
        audience,
        body,
      };
      state = applyEvent(state, event);
      events.push(event);
    }
    if (state === null) throw new Error('A log begins with an event.');
    return { ...NOTHING, events, conversations: [{ site: SITE, state, expectedHead }] };
  }

  return {
    next,
    start: (at: number, team: typeof sales | null = sales) => next(at, [`v:${visitor}`, started(visitor, team)]),
    state: () => state as ConversationState,
    row: () => ({ site: SITE, state: state as ConversationState }),
  };
}

function actorOf(author: Author): StoredEvent['actor'] {
  const id = author.slice(2);
  if (author.startsWith('v:')) return { kind: 'visitor', id };
  if (author.startsWith('s:')) return { kind: 'system' };
  return { kind: 'agent', id, name: id === 'ben' ? 'Ben' : 'Ada' };
}

const mia: VisitorRow = {
  id: 'mia',
  site: SITE,
  name: 'Mia',
  email: 'mia@example.com',
  externalId: null,
  locale: 'lv',
  timeZone: 'Europe/Riga',
  visit: { url: 'https://shop.example.com/mugs', title: 'Mugs' },
  firstSeenAt: 100,
  lastSeenAt: 200,
};
const noah: VisitorRow = { ...mia, id: 'noah', name: null, email: null, locale: null, timeZone: null, visit: null };

const adasAccount: AgentRow = {
  id: 'ada',
  email: 'Ada@Example.com',
  name: 'Ada',
  role: 'agent',
  teams: ['sales', 'billing'],
  capacity: 5,
  presence: 'online',
  passwordHash: 'scrypt$16384$8$1$c2FsdA$aGFzaA',
  active: true,
  createdAt: 10,
};
const bensAccount: AgentRow = {
  ...adasAccount,
  id: 'ben',
  email: 'ben@example.com',
  name: 'Ben',
  passwordHash: null,
  active: false,
};

/** What every `Store` promises. A new adapter calls this from its test and is done when it passes. */
export function storeContract(name: string, open: () => Promise<OpenedStore>): void {
  describe(`${name} is a store`, () => {
    let opened: OpenedStore;
    let store: Store;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(async () => {
      await store.close();
      await opened.drop?.();
    });

    /** The whole store, as far as its port shows it: to see that nothing changed. */
    async function everything() {
      const conversations = await store.list({ view: 'open', agent: '', limit: 1000 });
      const resolved = await store.list({ view: 'resolved', agent: '', limit: 1000 });
      const ids = [...conversations.conversations, ...resolved.conversations].map(({ state }) => state.id);
      const pages = ids.map((conversation) => store.events({ conversation, count: 'staff', after: 0, limit: 1000 }));
      return {
        conversations,
        resolved,
        events: await Promise.all(pages),
        log: await store.eventsAfter(0, 1000),
        cursors: await store.cursors(ids),
        mia: await store.visitor('mia'),
        noah: await store.visitor('noah'),
        session: await store.visitorBySession('hash', 0),
        takes: await store.recentTakes(0),
        replies: await store.recentFirstReplies(100),
      };
    }

    const events = (conversation: string) => store.events({ conversation, count: 'staff', after: 0, limit: 1000 });
    const ids = (page: { conversations: { state: ConversationState }[] }) =>
      page.conversations.map(({ state }) => state.id);

    contentContract({ opened: () => opened, store: () => store, logOf });
    blocksContract({ opened: () => opened, store: () => store, logOf });
    personalContract({ store: () => store, logOf });
    filesContract({ opened: () => opened, store: () => store, logOf });
    auditContract({ opened: () => opened, store: () => store });

    describe('append', () => {
      test('keeps events, state, visitor, session and cursors of one commit', async () => {
        const log = logOf('conv-one');
        const batch: Batch = {
          ...log.next(1000, ['v:mia', started('mia')], ['v:mia', text('Hello')], ['a:ada', note('A regular')]),
          visitors: [mia],
          visitorSessions: [{ tokenHash: 'hash', visitor: 'mia', createdAt: 1000, expiresAt: 9000 }],
          cursors: [{ conversation: 'conv-one', reader: 'visitor', delivered: 2, read: 2 }],
        };
        await store.append(batch);
        expect(await events('conv-one')).toEqual({ events: batch.events, more: false });
        expect(await store.conversations(['conv-one'])).toEqual(new Map([['conv-one', log.row()]]));
        expect(await store.visitor('mia')).toEqual(mia);
        expect(await store.visitorBySession('hash', 8999)).toEqual(mia);
        expect(await store.cursors(['conv-one'])).toEqual(new Map([['conv-one', batch.cursors]]));
      });

      test('follows a conversation over many commits', async () => {
        const log = logOf('conv-one');
        const batches = [
          log.start(1),
          log.next(2, ['v:mia', text('one')]),
          log.next(3, ['a:ada', taken()], ['a:ada', text('two')]),
        ];
        for (const batch of batches) await store.append(batch);
        expect((await events('conv-one')).events).toEqual(batches.flatMap((batch) => batch.events));
        expect((await store.conversations(['conv-one'])).get('conv-one')).toEqual(log.row());
      });

      // Many commits, one after the other, each waited for.
      test('shows a conversation as its log says, however much was only said since something happened', {
        timeout: 60_000,
      }, async () => {
        const log = logOf('conv-one');
        const said: (n: number) => [Author, EventBody] = (n) =>
          n % 7 === 5
            ? ['a:ben', note(`note ${n}`)]
            : n % 3 === 1
              ? ['a:ada', text(`text ${n}`)]
              : ['v:mia', text(`text ${n}`)];
        await store.append(together(log.start(1), logOf('conv-two', 'noah').start(1)));
        await store.append(log.next(2, ['a:ada', taken()], ['a:ada', { kind: 'status', status: 'waiting' }]));
        const looks = async () => {
          const page = { agent: 'ada', visitor: 'mia', limit: 10 };
          const [mine, open, ofMia] = await Promise.all([
            store.list({ ...page, view: 'mine' }),
            store.list({ ...page, view: 'open' }),
            store.list({ ...page, view: 'visitor' }),
          ]);
          return [
            (await store.conversations(['conv-two', 'conv-one'])).get('conv-one'),
            (await store.unresolved()).find(({ state }) => state.id === 'conv-one'),
            await store.newestConversation('mia'),
            ...[mine, open, ofMia].map((list) => list.conversations.find(({ state }) => state.id === 'conv-one')),
          ];
        };
        for (let n = 1; n <= 70; n += n % 20 === 0 ? 2 : 1) {
          // Now and then two at once: a commit may step over a round number.
          const bodies = n % 20 === 0 ? [said(n), said(n + 1)] : [said(n)];
          await store.append(log.next(2 + n, ...bodies));
          expect(await looks()).toEqual(Array(6).fill(log.row()));
          if (opened.reopen === undefined || n % 23 !== 0) continue;
          store = await opened.reopen();
          expect(await looks()).toEqual(Array(6).fill(log.row()));
        }
        expect(log.state()).toMatchObject({ status: 'open', repliedBy: { id: 'ada' }, last: { at: 72 } });
        await store.append(log.next(100, ['a:ada', { kind: 'resolved' }]));
        const resolved = await store.list({ view: 'resolved', agent: '', limit: 10 });
        expect(resolved.conversations).toEqual([log.row()]);
      });

      test('keeps text exactly, however hostile', async () => {
        const log = logOf('conv-one');
        const hostile = `'); DROP TABLE event;--\u0000\ud800 "quoted" \\ \u2028 🙂 سلام <script>`;
        await store.append({
          ...log.next(1, ['v:mia', started('mia')], ['v:mia', text(hostile)]),
          visitors: [{ ...mia, name: `O'Mia "🙂"` }],
        });
        expect((await events('conv-one')).events[1]?.body).toEqual(text(hostile));
        expect((await store.visitor('mia'))?.name).toBe(`O'Mia "🙂"`);
      });

      test('gives rows out by value', async () => {
        await store.append(logOf('conv-one').start(1));
        const row = (await store.conversations(['conv-one'])).get('conv-one');
        if (row) row.state.status = 'resolved';
        expect((await store.conversations(['conv-one'])).get('conv-one')?.state.status).toBe('open');
      });

      test('refuses a head that has moved and names every such conversation', async () => {
        const [one, two, three] = [logOf('conv-one'), logOf('conv-two', 'noah'), logOf('conv-three', 'olga')];
        await store.append(together(one.start(1), two.start(1), three.start(1)));
        const stale = together(
          one.next(2, ['v:mia', text('a')]),
          two.next(2, ['v:noah', text('b')]),
          three.next(2, ['v:olga', text('c')]),
        );
        await store.append(together(logOfMoved('conv-one', 'mia'), logOfMoved('conv-three', 'olga')));
        const before = await everything();
        const error = await store.append(stale).catch((error: unknown) => error);
        expect(error).toBeInstanceOf(AppendConflict);
        expect([...(error as AppendConflict).conversations].sort()).toEqual(['conv-one', 'conv-three']);
        expect(await everything()).toEqual(before);
      });

      test('refuses to begin a conversation that exists', async () => {
        await store.append(logOf('conv-one').start(1));
        await expect(store.append(logOf('conv-one', 'noah').start(2))).rejects.toBeInstanceOf(AppendConflict);
      });

      test('refuses to go on with a conversation that does not exist', async () => {
        const log = logOf('conv-one');
        log.start(1);
        await expect(store.append(log.next(2, ['v:mia', text('a')]))).rejects.toBeInstanceOf(AppendConflict);
      });

      test('of many parallel commits on one head takes exactly one', async () => {
        const log = logOf('conv-one');
        await store.append(log.start(1));
        const state = log.state();
        const rivals = Array.from({ length: 20 }, (_, n) => {
          const event: StoredEvent = {
            ...log.next(2, ['v:mia', text(`${n}`)]).events[0]!,
            seq: 2,
            publicSeq: 2,
            id: `rival-${n}`,
          };
          return {
            ...NOTHING,
            events: [event],
            conversations: [{ site: SITE, state: applyEvent(state, event), expectedHead: 1 }],
          };
        });
        const outcomes = await Promise.allSettled(rivals.map((batch) => store.append(batch)));
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect(
          outcomes
            .flatMap((o) => (o.status === 'rejected' ? [o.reason] : []))
            .every((e) => e instanceof AppendConflict),
        ).toBe(true);
        expect((await events('conv-one')).events).toHaveLength(2);
      });

      test('refuses to go on from an event in whose place another one was stored', async () => {
        const log = logOf('conv-one');
        await store.append(log.start(1));
        await store.append(log.next(2, ['a:ada', text('another node said this')]));
        // Decided upon something of ours that was to be the second, and never was.
        const upon = log.next(3, ['v:mia', text('decided upon it')]);
        const refused = store.append({ ...upon, conversations: [{ ...upon.conversations[0]!, after: 'phantom' }] });
        await expect(refused).rejects.toBeInstanceOf(AppendConflict);
        expect((await events('conv-one')).events).toHaveLength(2);
      });

      test('goes on from the event that was meant', async () => {
        const log = logOf('conv-one');
        await store.append(log.start(1));
        const first = log.next(2, ['v:mia', text('a')]);
        await store.append(first);
        const upon = log.next(3, ['v:mia', text('b')]);
        await store.append({ ...upon, conversations: [{ ...upon.conversations[0]!, after: first.events[0]!.id }] });
        expect((await events('conv-one')).events).toHaveLength(3);
      });

      test('lets a bad commit fail alone when others run beside it', async () => {
        const logs = Array.from({ length: 20 }, (_, n) => logOf(`conv-${n}`, `visitor-${n}`));
        const batches = logs.map((log, n) => (n === 7 ? { ...log.start(1), cursors: [orphan] } : log.start(1)));
        const outcomes = await Promise.allSettled(batches.map((batch) => store.append(batch)));
        expect(outcomes.map(({ status }) => status)).toEqual(
          batches.map((_, n) => (n === 7 ? 'rejected' : 'fulfilled')),
        );
        expect(await store.unresolved()).toHaveLength(19);
      });

      const orphan = { conversation: 'conv-none', reader: 'visitor', delivered: 1, read: 1 };
      const twice = (batch: Batch) => ({ ...batch, conversations: [...batch.conversations, ...batch.conversations] });
      const change = (batch: Batch, index: number, part: Partial<StoredEvent>): Batch => ({
        ...batch,
        events: batch.events.map((event, n) => (n === index ? { ...event, ...part } : event)),
      });
      /** Each makes one row of a good batch bad. The batch begins Noah's conversation and goes on with Mia's, which is at 2 (public 2). */
      const oneBadRow: Record<string, (batch: Batch) => Batch> = {
        'an event whose author used the id before': (batch) =>
          change(batch, 1, { author: 'v:mia', id: 'conv-one-0002' }),
        'two events of one author with one id': (batch) =>
          change(change(batch, 0, { author: 'v:mia', id: 'same' }), 1, { author: 'v:mia', id: 'same' }),
        'a number that is taken': (batch) => change(batch, 1, { seq: 2 }),
        'a number with a hole before it': (batch) => change(batch, 1, { seq: 4 }),
        'a public number that is taken': (batch) => change(batch, 1, { publicSeq: 2 }),
        'a public number on a note': (batch) => change(batch, 1, { audience: 'staff' }),
        'a public event without a public number': (batch) => change(batch, 1, { publicSeq: null }),
        'an event of a conversation that is not in the batch': (batch) =>
          change(batch, 1, { conversation: 'conv-none' }),
        'a head that its events do not reach': (batch) => ({ ...batch, events: batch.events.slice(0, 1) }),
        'a conversation named twice': twice,
        'a cursor in a conversation that does not exist': (batch) => ({ ...batch, cursors: [orphan] }),
        'a visitor with an external id of another': (batch) => ({
          ...batch,
          visitors: [noah, { ...noah, id: 'olga', externalId: 'crm-1' }],
        }),
        'two visitors with one external id': (batch) => ({
          ...batch,
          visitors: [
            { ...noah, externalId: 'crm-2' },
            { ...noah, id: 'olga', externalId: 'crm-2' },
          ],
        }),
        'a second unresolved conversation of a visitor': (batch) =>
          together(batch, logOf('conv-three', 'mia').start(5)),
      };
      for (const [what, spoil] of Object.entries(oneBadRow)) {
        test(`writes nothing of a batch with ${what}`, async () => {
          const one = logOf('conv-one');
          await store.append({ ...one.start(1), visitors: [{ ...mia, externalId: 'crm-1' }] });
          await store.append(one.next(2, ['v:mia', text('a')]));
          const before = await everything();
          const good = together(logOf('conv-two', 'noah').start(5), one.next(5, ['v:mia', text('b')]));
          const full = {
            ...good,
            visitors: [noah],
            cursors: [{ conversation: 'conv-two', reader: 'visitor', delivered: 1, read: 1 }],
          };
          const error = await store.append(spoil(full)).catch((error: unknown) => error);
          expect(error).toBeInstanceOf(Error);
          expect(await everything()).toEqual(before);
          await store.append(full);
          expect(ids(await store.list({ view: 'open', agent: '', limit: 10 })).sort()).toEqual([
            'conv-one',
            'conv-two',
          ]);
        });
      }

      test('says that another was faster: with a command, and with a conversation of the same visitor', async () => {
        const log = logOf('conv-one');
        await store.append(log.start(1));
        await store.append(log.next(2, ['v:mia', text('a')]));
        const again = log.next(3, ['v:mia', text('a')]);
        const repeated = { ...again, events: again.events.map((event) => ({ ...event, id: 'conv-one-0002' })) };
        await expect(store.append(repeated)).rejects.toBeInstanceOf(AppendConflict);
        await expect(store.append(logOf('conv-two', 'mia').start(5))).rejects.toBeInstanceOf(AppendConflict);
      });

      test('lets two authors use one id', async () => {
        const log = logOf('conv-one');
        const batch = log.next(1, ['v:mia', started('mia')], ['a:ada', text('b')]);
        await store.append({ ...batch, events: batch.events.map((event) => ({ ...event, id: 'same-id-1' })) });
        const found = await store.commands([
          { author: 'v:mia', id: 'same-id-1' },
          { author: 'a:ada', id: 'same-id-1' },
        ]);
        expect(found.get('v:mia same-id-1')?.seq).toBe(1);
        expect(found.get('a:ada same-id-1')?.seq).toBe(2);
      });

      test('lets a visitor begin anew in the commit that resolves the old conversation', async () => {
        const old = logOf('conv-old');
        await store.append(old.start(1));
        await store.append(together(logOf('conv-new').start(2), old.next(2, ['a:ada', { kind: 'resolved' }])));
        expect((await store.unresolved()).map(({ state }) => state.id)).toEqual(['conv-new']);
        await expect(store.append(old.next(3, ['v:mia', { kind: 'reopened' }]))).rejects.toThrow();
      });

      test('takes an empty batch', async () => {
        await store.append(NOTHING);
        expect(await store.unresolved()).toEqual([]);
      });
    });

    /** One more event by somebody else, on a conversation that was just begun. */
    function logOfMoved(conversation: string, visitor: string): Batch {
      const log = logOf(conversation, visitor);
      log.start(1);
      const batch = log.next(2, [`v:${visitor}`, text('first')]);
      return { ...batch, events: batch.events.map((event) => ({ ...event, id: `${event.id}-other` })) };
    }

    describe('reading the log', () => {
      /** Ten events: numbers 3, 4 and 8 are notes, so there are seven public ones. */
      async function tenEvents(): Promise<StoredEvent[]> {
        const log = logOf('conv-one');
        const bodies = Array.from({ length: 9 }, (_, n): [Author, EventBody] =>
          [3, 4, 8].includes(n + 2) ? ['a:ada', note(`note ${n}`)] : ['v:mia', text(`text ${n}`)],
        );
        const batch = log.next(1, ['v:mia', started('mia')], ...bodies);
        await store.append(batch);
        return batch.events;
      }
      const seqs = ({ events, more }: { events: StoredEvent[]; more: boolean }) => [events.map(({ seq }) => seq), more];
      const page = async (count: 'staff' | 'public', part: { after?: number; before?: number }, limit: number) =>
        seqs(await store.events({ conversation: 'conv-one', count, limit, ...part }));

      test("pages forward in staff's count", async () => {
        await tenEvents();
        expect(await page('staff', { after: 0 }, 4)).toEqual([[1, 2, 3, 4], true]);
        expect(await page('staff', { after: 4 }, 4)).toEqual([[5, 6, 7, 8], true]);
        expect(await page('staff', { after: 8 }, 4)).toEqual([[9, 10], false]);
        expect(await page('staff', { after: 10 }, 4)).toEqual([[], false]);
        expect(await page('staff', { after: 6 }, 4)).toEqual([[7, 8, 9, 10], false]);
      });
      test("pages back in staff's count, each page in rising order", async () => {
        await tenEvents();
        expect(await page('staff', { before: Number.MAX_SAFE_INTEGER }, 4)).toEqual([[7, 8, 9, 10], true]);
        expect(await page('staff', { before: 7 }, 4)).toEqual([[3, 4, 5, 6], true]);
        expect(await page('staff', { before: 3 }, 4)).toEqual([[1, 2], false]);
        expect(await page('staff', { before: 1 }, 4)).toEqual([[], false]);
      });
      test('leaves staff-only events out of the public count, forward and back', async () => {
        const all = await tenEvents();
        expect(await page('public', { after: 0 }, 3)).toEqual([[1, 2, 5], true]);
        expect(await page('public', { after: 3 }, 3)).toEqual([[6, 7, 9], true]);
        expect(await page('public', { after: 6 }, 3)).toEqual([[10], false]);
        expect(await page('public', { before: Number.MAX_SAFE_INTEGER }, 3)).toEqual([[7, 9, 10], true]);
        expect(await page('public', { before: 5 }, 4)).toEqual([[1, 2, 5, 6], false]);
        const { events } = await store.events({ conversation: 'conv-one', count: 'public', after: 0, limit: 100 });
        expect(events).toEqual(all.filter(({ publicSeq }) => publicSeq !== null));
      });
      test('gives nothing of a conversation that does not exist', async () => {
        expect(await store.events({ conversation: 'conv-none', count: 'staff', after: 0, limit: 5 })).toEqual({
          events: [],
          more: false,
        });
      });
      test('does not mix conversations', async () => {
        const [one, two] = [logOf('conv-one'), logOf('conv-two', 'noah')];
        await store.append(together(one.start(1), two.start(1)));
        await store.append(together(two.next(2, ['v:noah', text('two')]), one.next(2, ['v:mia', text('one')])));
        expect((await events('conv-two')).events.map(({ id }) => id)).toEqual(['conv-two-0001', 'conv-two-0002']);
      });
      test('tells which commands are stored and what became of them', async () => {
        await tenEvents();
        const found = await store.commands([
          { author: 'a:ada', id: 'conv-one-0003' },
          { author: 'v:mia', id: 'conv-one-0005' },
          { author: 'v:mia', id: 'conv-one-0003' },
          { author: 'v:noah', id: 'conv-one-0005' },
        ]);
        expect([...found.entries()].sort()).toEqual([
          [
            'a:ada conv-one-0003',
            { author: 'a:ada', id: 'conv-one-0003', conversation: 'conv-one', seq: 3, publicSeq: null, at: 1 },
          ],
          [
            'v:mia conv-one-0005',
            { author: 'v:mia', id: 'conv-one-0005', conversation: 'conv-one', seq: 5, publicSeq: 3, at: 1 },
          ],
        ]);
        expect(await store.commands([])).toEqual(new Map());
      });
    });

    describe('the log as outbox', () => {
      test('gives the events of all conversations after a position, in the order of their commits', async () => {
        const one = logOf('conv-one');
        const two = logOf('conv-two', 'noah');
        const batches = [
          one.start(1),
          together(two.start(2), one.next(2, ['v:mia', text('a')])),
          two.next(3, ['a:ada', note('b')]),
        ];
        for (const batch of batches) await store.append(batch);
        const log = await store.eventsAfter(0, 100);
        const seen = log.map(({ event }) => `${event.conversation} ${event.seq}`);
        expect(seen.slice(0, 1)).toEqual(['conv-one 1']);
        expect(seen.slice(1, 3).sort()).toEqual(['conv-one 2', 'conv-two 1']);
        expect(seen.slice(3)).toEqual(['conv-two 2']);
        expect(log.map(({ event }) => event)).toEqual(expect.arrayContaining(batches.flatMap(({ events }) => events)));
        const positions = log.map(({ position }) => position);
        expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
        expect(await store.eventsAfter(positions[0]!, 2)).toEqual(log.slice(1, 3));
        expect(await store.eventsAfter(positions[3]!, 2)).toEqual([]);
      });

      test('remembers how far each consumer is, also after it was opened again', async () => {
        expect(await store.consumerPosition('webhooks')).toBe(0);
        await store.saveConsumerPosition('webhooks', 3);
        await store.saveConsumerPosition('mail', 1);
        await store.saveConsumerPosition('webhooks', 5);
        store = (await opened.reopen?.()) ?? store;
        expect(await store.consumerPosition('webhooks')).toBe(5);
        expect(await store.consumerPosition('mail')).toBe(1);
      });
    });

    describe('conversations', () => {
      test('finds those that exist, and unresolved ones by themselves', async () => {
        const [one, two] = [logOf('conv-one'), logOf('conv-two', 'noah')];
        await store.append(together(one.start(1), two.start(2)));
        await store.append(two.next(3, ['a:ada', { kind: 'resolved', wrapUp: 'done' }]));
        expect(await store.conversations(['conv-two', 'conv-none', 'conv-one'])).toEqual(
          new Map([
            ['conv-one', one.row()],
            ['conv-two', two.row()],
          ]),
        );
        expect(await store.conversations([])).toEqual(new Map());
        expect(await store.unresolved()).toEqual([one.row()]);
      });

      test('finds the newest conversation of a visitor, resolved or not', async () => {
        const [first, second] = [logOf('conv-one'), logOf('conv-two')];
        expect(await store.newestConversation('mia')).toBeNull();
        await store.append(first.start(1));
        await store.append(first.next(2, ['a:ada', { kind: 'resolved' }]));
        expect(await store.newestConversation('mia')).toEqual(first.row());
        await store.append(second.start(2));
        await store.append(second.next(2, ['a:ada', { kind: 'resolved' }]));
        expect(await store.newestConversation('mia')).toEqual(second.row());
        expect(await store.newestConversation('noah')).toBeNull();
      });

      test('finds the events of some kinds in one conversation, in order', async () => {
        const [one, two] = [logOf('conv-one'), logOf('conv-two', 'noah')];
        await store.append(together(one.start(1), two.start(1)));
        await store.append(
          one.next(2, ['v:mia', { kind: 'reopened' }], ['a:ada', { kind: 'status', status: 'waiting' }]),
        );
        await store.append(two.next(2, ['v:noah', { kind: 'reopened' }]));
        const found = await store.eventsOfKinds('conv-one', ['started', 'status']);
        expect(found.map(({ seq, body }) => [seq, body.kind])).toEqual([
          [1, 'started'],
          [expect.any(Number), 'status'],
        ]);
        expect(found).toEqual(
          (await store.events({ conversation: 'conv-one', count: 'staff', after: 0, limit: 10 })).events.filter(
            ({ body }) => body.kind !== 'message' && body.kind !== 'reopened',
          ),
        );
        expect(await store.eventsOfKinds('conv-none', ['started'])).toEqual([]);
      });

      test('finds the newest of them where there are very many', async () => {
        const log = logOf('conv-long');
        await store.append(log.start(1));
        const erased = (at: number): [Author, EventBody] => [
          's:erasure',
          { kind: 'erased', what: 'messages', before: at },
        ];
        await store.append(log.next(2, ...Array.from({ length: 1_001 }, (_, n) => erased(n))));
        const found = await store.eventsOfKinds('conv-long', ['erased']);
        expect(found.map(({ seq }) => seq)).toEqual(Array.from({ length: 1_000 }, (_, n) => n + 3));
      });

      test('counts what was resolved since an instant, and not what was reopened', async () => {
        const logs = [logOf('conv-one', 'mia'), logOf('conv-two', 'noah'), logOf('conv-three', 'olga')] as const;
        await store.append(together(...logs.map((log) => log.start(1))));
        await store.append(together(...logs.map((log, n) => log.next(10 + n, ['a:ada', { kind: 'resolved' }]))));
        await store.append(logs[2].next(20, ['v:olga', { kind: 'reopened' }]));
        expect(await store.resolvedSince(10)).toBe(2);
        expect(await store.resolvedSince(11)).toBe(1);
        expect(await store.resolvedSince(12)).toBe(0);
      });

      test('moves cursors forward only, each reader for himself', async () => {
        const log = logOf('conv-one');
        const cursor = (reader: string, delivered: number, read: number) => ({
          conversation: 'conv-one',
          reader,
          delivered,
          read,
        });
        await store.append({ ...log.start(1), cursors: [cursor('visitor', 1, 0)] });
        await store.append({ ...NOTHING, cursors: [cursor('visitor', 5, 4), cursor('ada', 2, 2)] });
        await store.append({ ...NOTHING, cursors: [cursor('visitor', 3, 3)] });
        const found = await store.cursors(['conv-one', 'conv-none']);
        expect(found.get('conv-one')?.sort((a, b) => (a.reader < b.reader ? -1 : 1))).toEqual([
          cursor('ada', 2, 2),
          cursor('visitor', 5, 4),
        ]);
        expect(found.get('conv-none')).toEqual([]);
      });
    });

    describe('lists', () => {
      /** Nine conversations, begun at 1..9, in every place a conversation can be. */
      async function nine() {
        const logs = Array.from({ length: 9 }, (_, n) => logOf(`conv-${n + 1}`, `visitor-${n + 1}`));
        const at = (n: number) => logs[n - 1]!;
        await store.append(together(...logs.map((log, n) => log.start(n + 1))));
        await store.append(
          together(
            at(2).next(20, ['a:ada', taken(ada)]),
            at(4).next(21, ['a:ada', taken(ada)]),
            at(6).next(22, ['a:ben', taken(ben)]),
          ),
        );
        await store.append(at(2).next(30, ['a:ada', text('Hello')], ['a:ada', { kind: 'status', status: 'waiting' }]));
        await store.append(
          together(at(8).next(31, ['a:ada', { kind: 'resolved' }]), at(9).next(32, ['a:ada', { kind: 'resolved' }])),
        );
        await store.append(at(4).next(40, ['a:ada', note('only among us')]));
        await store.append(at(1).next(50, ['a:ada', { kind: 'queued', team: billing, why: 'transferred' }]));
        return { at };
      }
      /** All pages of a view, one after the other. */
      async function pages(query: Omit<ListQuery, 'before'>): Promise<string[][]> {
        const found: string[][] = [];
        let cursor: number | null = null;
        do {
          const page: Awaited<ReturnType<Store['list']>> = await store.list(
            cursor === null ? query : { ...query, before: cursor },
          );
          found.push(ids(page));
          cursor = page.cursor;
        } while (cursor !== null);
        return found;
      }

      test('mine: owned by the agent and not resolved, newest activity first', async () => {
        await nine();
        expect(await pages({ view: 'mine', agent: 'ada', limit: 10 })).toEqual([['conv-2', 'conv-4']]);
        expect(await pages({ view: 'mine', agent: 'ada', limit: 1 })).toEqual([['conv-2'], ['conv-4']]);
        expect(await pages({ view: 'mine', agent: 'cleo', limit: 10 })).toEqual([[]]);
      });
      test("queue: nobody's, the longest waiting first", async () => {
        await nine();
        expect(await pages({ view: 'queue', agent: 'ada', limit: 10 })).toEqual([
          ['conv-3', 'conv-5', 'conv-7', 'conv-1'],
        ]);
        expect(await pages({ view: 'queue', agent: 'ada', limit: 3 })).toEqual([
          ['conv-3', 'conv-5', 'conv-7'],
          ['conv-1'],
        ]);
      });
      test('open: not resolved, newest public message first', async () => {
        const { at } = await nine();
        const page = await store.list({ view: 'open', agent: '', limit: 10 });
        expect(ids(page)).toEqual(['conv-2', 'conv-7', 'conv-6', 'conv-5', 'conv-4', 'conv-3', 'conv-1']);
        expect(page.conversations[0]).toEqual(at(2).row());
        expect(page.cursor).toBeNull();
        expect(await pages({ view: 'open', agent: '', limit: 3 })).toEqual([
          ['conv-2', 'conv-7', 'conv-6'],
          ['conv-5', 'conv-4', 'conv-3'],
          ['conv-1'],
        ]);
      });
      test('resolved: what was resolved last first', async () => {
        const { at } = await nine();
        expect(await pages({ view: 'resolved', agent: '', limit: 1 })).toEqual([['conv-9'], ['conv-8']]);
        await store.append(at(9).next(60, ['v:visitor-9', { kind: 'reopened' }]));
        expect(await pages({ view: 'resolved', agent: '', limit: 1 })).toEqual([['conv-8']]);
      });
      test('visitor: all of one visitor, newest first', async () => {
        const [one, two, three] = [logOf('conv-a'), logOf('conv-b'), logOf('conv-c')];
        for (const [n, log] of [one, two].entries()) {
          await store.append(log.start(n * 10));
          await store.append(log.next(n * 10 + 5, ['a:ada', { kind: 'resolved' }]));
        }
        await store.append(together(three.start(30), logOf('conv-d', 'noah').start(31)));
        expect(await pages({ view: 'visitor', agent: '', visitor: 'mia', limit: 2 })).toEqual([
          ['conv-c', 'conv-b'],
          ['conv-a'],
        ]);
      });
      test('a page never splits an instant, so that none of those who share it is lost or doubled', async () => {
        const logs = Array.from({ length: 7 }, (_, n) => logOf(`conv-${n}`, `visitor-${n}`));
        await store.append(together(...logs.map((log, n) => log.start(n < 2 ? 1 : 2))));
        expect((await pages({ view: 'queue', agent: '', limit: 3 })).map((page) => page.sort())).toEqual([
          ['conv-0', 'conv-1'],
          ['conv-2', 'conv-3', 'conv-4', 'conv-5', 'conv-6'],
        ]);
        expect((await pages({ view: 'open', agent: '', limit: 5 })).map((page) => page.length)).toEqual([5, 2]);
      });
      test('a conversation that moves up between two pages pushes no other out of them', async () => {
        const { at } = await nine();
        const first = await store.list({ view: 'open', agent: '', limit: 3 });
        await store.append(at(3).next(70, ['v:visitor-3', text('Still there?')]));
        await store.append(at(7).next(71, ['v:visitor-7', text('Me too')]));
        const second = await store.list({ view: 'open', agent: '', limit: 10, before: first.cursor ?? 0 });
        expect([ids(first), ids(second)]).toEqual([
          ['conv-2', 'conv-7', 'conv-6'],
          ['conv-5', 'conv-4', 'conv-1'],
        ]);
      });
    });

    describe('waits and replies', () => {
      test('keeps each wait that ended with an agent: the queue it waited in, when, how long', async () => {
        const [one, two] = [logOf('conv-one'), logOf('conv-two', 'noah')];
        await store.append(
          together(one.start(1000), two.next(1500, ['v:noah', started('noah', null)], ['s:relay', taken(ben, null)])),
        );
        await store.append(one.next(4000, ['a:ada', taken(ada, billing)]));
        await store.append(
          one.next(5000, ['a:ada', { kind: 'assigned', owner: ben, team: sales, how: 'transferred' }]),
        );
        await store.append(one.next(6000, ['a:ben', { kind: 'queued', team: billing, why: 'transferred' }]));
        await store.append(one.next(9000, ['a:ada', taken()]));
        await store.append(one.next(10_000, ['a:ada', { kind: 'resolved' }]));
        await store.append(one.next(11_000, ['v:mia', { kind: 'reopened' }]));
        await store.append(one.next(11_500, ['a:ada', taken()]));
        expect(await store.recentTakes(1500)).toEqual([
          { team: null, takenAt: 1500, waitedMs: 0 },
          { team: 'sales', takenAt: 4000, waitedMs: 3000 },
          { team: 'billing', takenAt: 9000, waitedMs: 3000 },
          { team: 'sales', takenAt: 11_500, waitedMs: 500 },
        ]);
        expect(await store.recentTakes(9000)).toHaveLength(2);
      });
      test('does not count a wait that ended without an agent', async () => {
        const log = logOf('conv-one');
        await store.append(log.start(1));
        await store.append(log.next(2, ['s:relay', { kind: 'resolved' }]));
        expect(await store.recentTakes(0)).toEqual([]);
      });
      test("keeps the time from the visitor's first message to an agent's first one after it, the newest first", async () => {
        const [one, two, three] = [logOf('conv-one'), logOf('conv-two', 'noah'), logOf('conv-three', 'olga')];
        await store.append(together(one.start(1), two.start(1), three.start(1)));
        await store.append(
          one.next(100, ['s:relay', text('We are here')], ['a:ada', text('How can I help?')], ['v:mia', text('Hello')]),
        );
        await store.append(two.next(200, ['v:noah', text('Hi')], ['a:ben', text('Hi, Noah')]));
        await store.append(one.next(300, ['v:mia', text('Anybody?')]));
        await store.append(one.next(350, ['a:ada', note('looks it up')]));
        await store.append(one.next(400, ['a:ada', text('Yes')]));
        await store.append(one.next(500, ['a:ada', text('And more')]));
        await store.append(three.next(600, ['v:olga', text('Nobody answers')]));
        expect(await store.recentFirstReplies(10)).toEqual([300, 0]);
        expect(await store.recentFirstReplies(1)).toEqual([300]);
      });
    });

    describe('visitors', () => {
      test('finds a visitor by session until it expires or ends', async () => {
        await store.append({ ...NOTHING, visitors: [mia] });
        await store.saveVisitorSession({ tokenHash: 'one', visitor: 'mia', createdAt: 1, expiresAt: 100 });
        await store.saveVisitorSession({ tokenHash: 'two', visitor: 'mia', createdAt: 1, expiresAt: 100 });
        expect(await store.visitorBySession('one', 99)).toEqual(mia);
        expect(await store.visitorBySession('one', 100)).toBeNull();
        await store.saveVisitorSession({ tokenHash: 'one', visitor: 'mia', createdAt: 1, expiresAt: 200 });
        expect(await store.visitorBySession('one', 100)).toEqual(mia);
        await store.endVisitorSession('one');
        expect(await store.visitorBySession('one', 99)).toBeNull();
        expect(await store.visitorBySession('two', 99)).toEqual(mia);
        expect(await store.visitorBySession('none', 0)).toBeNull();
      });
      test('changes a visitor who is kept, and keeps nobody else', async () => {
        await store.append({ ...NOTHING, visitors: [mia] });
        const changed: VisitorRow = { ...mia, name: 'Mia K.', externalId: 'crm-7', visit: null, lastSeenAt: 300 };
        await store.saveVisitor(changed);
        await store.saveVisitor(noah);
        expect(await store.visitor('mia')).toEqual(changed);
        expect(await store.visitor('noah')).toBeNull();
      });
      test('finds a visitor by the external id in its site', async () => {
        await store.append({
          ...NOTHING,
          visitors: [
            { ...mia, externalId: 'crm-1' },
            { ...noah, site: 'pk_othershop', externalId: 'crm-1' },
          ],
        });
        expect((await store.visitorByExternalId(SITE, 'crm-1'))?.id).toBe('mia');
        expect((await store.visitorByExternalId('pk_othershop', 'crm-1'))?.id).toBe('noah');
        expect(await store.visitorByExternalId(SITE, 'crm-2')).toBeNull();
        await store.saveVisitor({ ...mia, externalId: 'crm-2' });
        expect(await store.visitorByExternalId(SITE, 'crm-1')).toBeNull();
        expect((await store.visitorByExternalId(SITE, 'crm-2'))?.id).toBe('mia');
      });
      test('refuses to give a visitor the external id of another', async () => {
        await store.append({ ...NOTHING, visitors: [{ ...mia, externalId: 'crm-1' }, noah] });
        await expect(store.saveVisitor({ ...noah, externalId: 'crm-1' })).rejects.toThrow();
        expect(await store.visitor('noah')).toEqual(noah);
      });
    });

    describe('agents', () => {
      test('keeps accounts, changes them, and finds them by id and by address in any case', async () => {
        await store.saveAgent(adasAccount);
        await store.saveAgent(bensAccount);
        expect(await store.agents()).toEqual([adasAccount, bensAccount]);
        expect(await store.agent('ben')).toEqual(bensAccount);
        expect(await store.agent('cleo')).toBeNull();
        expect(await store.agentByEmail('aDA@example.COM')).toEqual(adasAccount);
        expect(await store.agentByEmail('cleo@example.com')).toBeNull();
        const changed: AgentRow = {
          ...adasAccount,
          teams: [],
          presence: 'away',
          role: 'lead',
          email: 'ada.l@example.com',
        };
        await store.saveAgent(changed);
        expect(await store.agent('ada')).toEqual(changed);
        expect(await store.agentByEmail('ada@example.com')).toBeNull();
      });
      test('refuses two accounts with one address, whatever the case, also beyond ASCII', async () => {
        await store.saveAgent({ ...adasAccount, email: 'Жанна@Example.com' });
        await expect(store.saveAgent({ ...bensAccount, email: 'жАННА@example.COM' })).rejects.toThrow();
        expect(await store.agents()).toHaveLength(1);
      });
      test('keeps sessions until they are ended, one by one or all of an agent', async () => {
        const session = (tokenHash: string, agent: string) => ({
          tokenHash,
          agent,
          createdAt: 1,
          expiresAt: 100,
          lastUsedAt: 1,
        });
        for (const row of [
          session('one', 'ada'),
          session('two', 'ada'),
          session('three', 'ada'),
          session('four', 'ben'),
        ]) {
          await store.saveAgentSession(row);
        }
        await store.saveAgentSession({ ...session('one', 'ada'), lastUsedAt: 50 });
        expect(await store.agentSession('one')).toEqual({ ...session('one', 'ada'), lastUsedAt: 50 });
        await store.endAgentSession('one');
        expect(await store.agentSession('one')).toBeNull();
        await store.endAgentSessionsOf('ada');
        expect([await store.agentSession('two'), await store.agentSession('three')]).toEqual([null, null]);
        expect(await store.agentSession('four')).toEqual(session('four', 'ben'));
      });
    });

    describe('presence', () => {
      test('is changed alone: what was written of the agent meanwhile stands, and nobody is made', async () => {
        await store.saveAgent(adasAccount);
        await store.saveAgent({ ...adasAccount, passwordHash: 'scrypt$new', active: false, role: 'lead' });
        await store.setPresence('ada', 'away');
        await store.setPresence('cleo', 'online');
        expect(await store.agents()).toEqual([
          { ...adasAccount, passwordHash: 'scrypt$new', active: false, role: 'lead', presence: 'away' },
        ]);
      });
    });

    describe('purging', () => {
      const purge = (limit: number) => store.purgeExpired({ now: 100, unusedSince: 40, limit });
      const session = (tokenHash: string, expiresAt: number, lastUsedAt = 90) => ({
        tokenHash,
        agent: 'ada',
        createdAt: 1,
        expiresAt,
        lastUsedAt,
      });

      test('removes what opens nothing any more, and only that', async () => {
        await store.append({ ...NOTHING, visitors: [mia] });
        await store.saveVisitorSession({ tokenHash: 'over', visitor: 'mia', createdAt: 1, expiresAt: 100 });
        await store.saveVisitorSession({ tokenHash: 'open', visitor: 'mia', createdAt: 1, expiresAt: 101 });
        for (const row of [session('over', 100), session('unused', 500, 40), session('open', 101, 41)])
          await store.saveAgentSession(row);
        await store.saveSignInCode({ codeHash: 'over', agent: 'ada', expiresAt: 100 });
        await store.saveSignInCode({ codeHash: 'open', agent: 'ada', expiresAt: 101 });
        expect(await purge(10)).toBe(2);
        expect(await purge(10)).toBe(0);
        // Asked at a time at which those that went would still have opened something.
        expect(await store.visitorBySession('over', 50)).toBeNull();
        expect(await store.visitorBySession('open', 50)).toEqual(mia);
        const left = await Promise.all(['over', 'unused', 'open'].map((hash) => store.agentSession(hash)));
        expect(left).toEqual([null, null, session('open', 101, 41)]);
        expect(await store.redeemSignInCode('over', 50)).toBeNull();
        expect(await store.redeemSignInCode('open', 50)).not.toBeNull();
      });

      test('removes no more than it is told to at once, and says that there may be more', async () => {
        for (let n = 0; n < 5; n += 1)
          await store.saveVisitorSession({ tokenHash: `over-${n}`, visitor: 'mia', createdAt: 1, expiresAt: n });
        expect([await purge(2), await purge(2), await purge(2), await purge(2)]).toEqual([2, 2, 1, 0]);
      });
    });

    describe('sign-in codes', () => {
      const code = { codeHash: 'code', agent: 'ada', expiresAt: 100 };

      test('gives a code to exactly one of a hundred parallel calls', async () => {
        await store.saveSignInCode(code);
        const redeemed = await Promise.all(Array.from({ length: 100 }, () => store.redeemSignInCode('code', 50)));
        expect(redeemed.filter((row) => row !== null)).toEqual([code]);
      });
      test('gives no code that is unknown, used or expired', async () => {
        await store.saveSignInCode(code);
        await store.saveSignInCode({ ...code, codeHash: 'other', expiresAt: 200 });
        expect(await store.redeemSignInCode('none', 50)).toBeNull();
        expect(await store.redeemSignInCode('code', 100)).toBeNull();
        expect(await store.redeemSignInCode('code', 50)).toBeNull();
        expect((await store.redeemSignInCode('other', 199))?.agent).toBe('ada');
        expect(await store.redeemSignInCode('other', 199)).toBeNull();
      });
    });

    test('is writable while all is well', async () => {
      expect(await store.writable()).toBe(true);
    });

    test('refuses everything after it was closed, and closes twice without complaint', async () => {
      await store.close();
      await store.close();
      await expect(store.append(NOTHING)).rejects.toThrow('closed');
      await expect(store.agent('ada')).rejects.toThrow('closed');
      await expect(store.saveAgent(adasAccount)).rejects.toThrow('closed');
      await expect(store.writable()).rejects.toThrow('closed');
    });

    test('finds everything again after it was closed and opened, where it promises durability', async () => {
      const log = logOf('conv-one');
      await store.append({
        ...log.next(1, ['v:mia', started('mia')], ['v:mia', text('Hello')]),
        visitors: [mia],
        visitorSessions: [{ tokenHash: 'hash', visitor: 'mia', createdAt: 1, expiresAt: 100 }],
        cursors: [{ conversation: 'conv-one', reader: 'ada', delivered: 2, read: 1 }],
      });
      await store.append(log.next(9, ['a:ada', taken()], ['a:ada', text('Hello, Mia')]));
      await store.saveAgent(adasAccount);
      const before = await everything();
      if (opened.reopen !== undefined) store = await opened.reopen();
      expect(await everything()).toEqual(before);
      expect(await store.agents()).toEqual([adasAccount]);
      await store.append(log.next(10, ['v:mia', text('Thanks')]));
      expect((await events('conv-one')).events).toHaveLength(5);
    });
  });
}
