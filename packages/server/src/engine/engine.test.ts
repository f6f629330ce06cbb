import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Command } from '../commands/command.ts';
import type { Draft } from '../domain/log.ts';
import { silentLog } from '../log.ts';
import { noMetrics } from '../metrics.ts';
import { AppendConflict, type Batch, type BusMessage, StorageFull, type Store } from '../ports.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { standingClock, turn } from '../testing/relay-under-test.ts';
import { createEngine, type Engine } from './engine.ts';

const startedBy = (visitor: string): Draft => ({
  actor: { kind: 'visitor', id: visitor },
  audience: 'public',
  body: {
    kind: 'started',
    channel: 'chat',
    team: null,
    visitor: { id: visitor, name: null },
    locale: null,
    visit: null,
  },
});
const row = {
  id: 'mia',
  site: 's',
  name: null,
  email: null,
  externalId: null,
  locale: null,
  timeZone: null,
  visit: null,
  firstSeenAt: 0,
  lastSeenAt: 0,
};
const session = { tokenHash: 'hash', visitor: 'mia', createdAt: 0, expiresAt: 9e15 };

/** A message of Mia, beginning the conversation when there is none. */
function message(id: string, conversation = 'conversation-1', visitor = 'mia'): Command {
  const actor = { kind: 'visitor', id: visitor } as const;
  return {
    author: `v:${visitor}`,
    id,
    needs: [conversation],
    decide(view) {
      const said: Draft = {
        actor,
        audience: 'public',
        body: { kind: 'message', blocks: [{ kind: 'text', text: id }] },
        primary: true,
      };
      const fresh = view.state(conversation) === null;
      return {
        conversation,
        site: 's',
        drafts: fresh ? [startedBy(visitor), said] : [said],
        ...(fresh
          ? { visitor: { row: { ...row, id: visitor }, session: { ...session, visitor, tokenHash: visitor } } }
          : {}),
      };
    },
  };
}

let store: Store;
let engine: Engine;
let published: BusMessage[];
/** Every batch that was asked to be appended; `hold` keeps them from finishing. */
let batches: Batch[];
let hold: Promise<void> | null;

beforeEach(async () => {
  const memory = createMemoryStore();
  batches = [];
  hold = null;
  published = [];
  store = {
    ...memory,
    async append(batch) {
      batches.push(batch);
      await hold;
      return memory.append(batch);
    },
  };
  engine = await engineOn(store, published);
});

function engineOn(on: Store, heard: BusMessage[]): Promise<Engine> {
  return createEngine({
    store: on,
    bus: {
      publish: (one) => void heard.push(one),
      subscribe: () => () => {},
      onUp: () => () => {},
      close: async () => {},
    },
    clock: standingClock(),
    ids: { next: () => 'id', secret: () => 'secret' },
    log: silentLog,
    metrics: noMetrics,
  });
}

describe('the engine', () => {
  it('commits together what arrives together, decides the next on top of it, and lets the rest wait', async () => {
    let go = (): void => {};
    hold = new Promise((done) => {
      go = done;
    });
    const first = [engine.submit(message('m-1')), engine.submit(message('m-2'))];
    await turn();
    const second = [engine.submit(message('m-3')), engine.submit(message('m-4')), engine.submit(message('m-5'))];
    await turn();
    const third = [engine.submit(message('m-6'))];
    await turn();
    expect(batches.map(({ events }) => events.length)).toEqual([3, 3]);
    expect(published).toEqual([]);
    go();
    const outcomes = await Promise.all([...first, ...second, ...third]);
    expect(outcomes.map((outcome) => outcome.done && outcome.seq)).toEqual([2, 3, 4, 5, 6, 7]);
    expect(batches.map(({ events }) => events.length)).toEqual([3, 3, 1]);
  });

  it('sends hundreds of commands of one turn off in full batches, three at once, in order', async () => {
    let go = (): void => {};
    hold = new Promise((done) => {
      go = done;
    });
    const submitted: ReturnType<Engine['submit']>[] = [];
    for (let i = 0; i < 650; i++) {
      submitted.push(engine.submit(message(`m-${i}`)));
      // As between the reads of two sockets: what is ready runs, the turn goes on.
      for (let step = 0; step < 10; step++) await Promise.resolve();
    }
    expect(batches.map(({ events }) => events.length)).toEqual([201, 200, 200]);
    await turn();
    expect(batches).toHaveLength(3);
    expect(published).toEqual([]);
    go();
    const outcomes = await Promise.all(submitted);
    expect(outcomes.map((outcome) => outcome.done && outcome.seq)).toEqual(outcomes.map((_, i) => i + 2));
  });

  it('lets a repetition share the fate of the command that is in the air', async () => {
    let go = (): void => {};
    hold = new Promise((done) => {
      go = done;
    });
    const first = engine.submit(message('m-1'));
    await turn();
    const again = engine.submit(message('m-1'));
    await turn();
    go();
    expect(await Promise.all([first, again])).toMatchObject([
      { done: true, seq: 2 },
      { done: true, seq: 2 },
    ]);
    expect(batches).toHaveLength(1);
  });

  it('decides again what was decided on top of a commit that failed', async () => {
    const append = store.append;
    let go = (): void => {};
    const held = new Promise<void>((done) => {
      go = done;
    });
    let calls = 0;
    store.append = async (batch) => {
      calls += 1;
      const isFirst = calls === 1;
      await held;
      if (isFirst) throw new Error('disk');
      return append(batch);
    };
    const first = engine.submit(message('m-1'));
    await turn();
    const second = [engine.submit(message('m-2')), engine.submit(message('m-3'))];
    await turn();
    go();
    expect(await first).toMatchObject({ done: false, refused: 'unavailable' });
    expect(await Promise.all(second)).toMatchObject([
      { done: true, seq: 2 },
      { done: true, seq: 3 },
    ]);
    expect(await engine.submit(message('m-1'))).toMatchObject({ done: true, seq: 4 });
  });

  it('stores every acknowledged message once and in order, whatever fails in between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ conversation: fc.nat(2), burst: fc.integer({ min: 1, max: 4 }), fails: fc.nat(4) }), {
          maxLength: 25,
        }),
        async (steps) => {
          const memory = createMemoryStore();
          const fates: number[] = steps.map(({ fails }) => fails);
          const random: Store = {
            ...memory,
            async append(batch) {
              const fate = fates.shift();
              for (let i = 0; i < (fate ?? 0); i++) await Promise.resolve();
              if (fate === 0) throw new Error('disk');
              return memory.append(batch);
            },
          };
          const under = await engineOn(random, []);
          const acked = new Map<string, { conversation: string; seq: number }>();
          const sent: Promise<void>[] = [];
          for (const [step, { conversation, burst }] of steps.entries()) {
            for (let i = 0; i < burst; i++) {
              const id = `m-${step}-${i}`;
              const command = message(id, `conversation-${conversation}`, `visitor-${conversation}`);
              // Every message is sent twice; both answers must agree.
              for (const again of [0, 1]) {
                sent.push(
                  under.submit(command).then((outcome) => {
                    if (!outcome.done) return;
                    if (again === 1 && acked.has(id)) expect(acked.get(id)?.seq).toBe(outcome.seq);
                    acked.set(id, { conversation: outcome.conversation, seq: outcome.seq });
                  }),
                );
              }
            }
            if (step % 3 === 0) await turn();
          }
          await Promise.all(sent);
          for (const conversation of [0, 1, 2].map((n) => `conversation-${n}`)) {
            const { events } = await memory.events({ conversation, count: 'staff', after: 0, limit: 1_000 });
            expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
            const mine = [...acked].filter(([, ack]) => ack.conversation === conversation);
            for (const [id, { seq }] of mine)
              expect(events.filter((event) => event.id === id).map((event) => event.seq)).toEqual([seq]);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('settles and publishes nothing before the commit is durable', async () => {
    let settled = false;
    let go = (): void => {};
    hold = new Promise((done) => {
      go = done;
    });
    const sent = engine.submit(message('m-1')).then(() => {
      settled = true;
    });
    await turn();
    expect([settled, published.length, engine.registry.get('conversation-1')]).toEqual([false, 0, undefined]);
    go();
    await sent;
    expect(published).toHaveLength(1);
  });

  it('decides again when another node moved the head', async () => {
    await engine.submit(message('m-1'));
    const append = store.append;
    let conflicts = 2;
    store.append = (batch) =>
      conflicts-- > 0 ? Promise.reject(new AppendConflict(['conversation-1'])) : append(batch);
    expect(await engine.submit(message('m-2'))).toMatchObject({ done: true, seq: 3 });
    expect(published).toHaveLength(2);
  });

  it('decides again before what came later, also when that was being looked up', async () => {
    await engine.submit(message('m-1'));
    const { append, commands } = store;
    let lose = (): void => {};
    store.append = () =>
      new Promise((_, reject) => {
        lose = () => reject(new AppendConflict(['conversation-1']));
      });
    const earlier = engine.submit(message('m-2'));
    await turn();
    let found = (): void => {};
    store.commands = async (keys) => {
      const known = await commands(keys);
      await new Promise<void>((done) => {
        found = done;
      });
      return known;
    };
    const later = engine.submit(message('m-3'));
    await turn();
    Object.assign(store, { append, commands });
    lose();
    await turn();
    found();
    expect(await Promise.all([earlier, later])).toMatchObject([{ seq: 3 }, { seq: 4 }]);
  });

  it.each([
    [new StorageFull(), 'storage-full'],
    [new Error('disk'), 'unavailable'],
  ])('refuses everything of a commit that failed with %s, and forgets what it had decided', async (error, refused) => {
    await engine.submit(message('m-1'));
    const append = store.append;
    store.append = () => Promise.reject(error);
    expect(await Promise.all([engine.submit(message('m-2')), engine.submit(message('m-3'))])).toMatchObject([
      { refused },
      { refused },
    ]);
    store.append = append;
    expect(await engine.submit(message('m-3'))).toMatchObject({ done: true, seq: 3 });
  });

  it('says what was stored before even while nothing can be stored', async () => {
    await engine.submit(message('m-1'));
    store.append = () => Promise.reject(new StorageFull());
    expect(await Promise.all([engine.submit(message('m-1')), engine.submit(message('m-2'))])).toMatchObject([
      { done: true, repeated: true, seq: 2 },
      { done: false, refused: 'storage-full' },
    ]);
  });

  it('fails only the command whose code fails', async () => {
    const broken: Command = {
      ...message('m-2'),
      decide() {
        throw new Error('a bug');
      },
    };
    const outcomes = await Promise.all([
      engine.submit(message('m-1')),
      engine.submit(broken),
      engine.submit(message('m-3')),
    ]);
    expect(outcomes).toMatchObject([{ seq: 2 }, { refused: 'internal' }, { seq: 3 }]);
  });

  it('finishes what it has begun, and begins nothing new, when it is drained', async () => {
    const sent = engine.submit(message('m-1'));
    const drained = engine.drain();
    expect(await engine.submit(message('m-2'))).toMatchObject({ refused: 'unavailable' });
    await drained;
    expect(await sent).toMatchObject({ done: true });
  });

  it('keeps a visitor’s conversation the current one when something happens in an older one beside it', async () => {
    const resolve: Command = {
      author: 'a:ada',
      id: 'resolve-1',
      needs: ['conversation-1'],
      decide: () => ({
        conversation: 'conversation-1',
        site: 's',
        drafts: [{ actor: { kind: 'system' }, audience: 'public', body: { kind: 'resolved' } }],
      }),
    };
    const note: Command = {
      ...resolve,
      id: 'note-1',
      decide: () => ({
        conversation: 'conversation-1',
        site: 's',
        drafts: [{ actor: { kind: 'system' }, audience: 'staff', body: { kind: 'note', blocks: [] } }],
      }),
    };
    await engine.submit(message('m-1'));
    await engine.submit(resolve);
    await engine.submit(message('m-2', 'conversation-2'));
    let current: string | undefined;
    const asks: Command = {
      ...message('m-3', 'conversation-2'),
      decide(view) {
        current = view.currentOf('mia')?.id;
        return message('m-3', 'conversation-2').decide(view);
      },
    };
    await Promise.all([engine.submit(note), engine.submit(asks)]);
    expect(current).toBe('conversation-2');
  });

  it('still knows what goes on when a commit failed and nothing can be read either', async () => {
    await engine.submit(message('m-1'));
    store.append = () => Promise.reject(new Error('disk'));
    store.conversations = () => Promise.reject(new Error('disk'));
    expect(await engine.submit(message('m-2'))).toMatchObject({ done: false });
    expect(engine.registry.currentOf('mia')?.id).toBe('conversation-1');
  });

  it('gives receipts up that cannot be stored, instead of trying without end', async () => {
    await engine.submit(message('m-1'));
    let tries = 0;
    // Forgiving after many, so that the test ends.
    store.append = () => (++tries > 50 ? Promise.resolve() : Promise.reject(new Error('closed')));
    store.conversations = () => Promise.reject(new Error('closed'));
    engine.mark({ conversation: 'conversation-1', reader: 'visitor', delivered: 1, read: 1 });
    await engine.drain();
    expect(tries).toBe(1);
  });

  it('says nothing about what is in the air before it has landed', async () => {
    await engine.submit(message('m-1'));
    const append = store.append;
    let fail = (): void => {};
    store.append = () =>
      new Promise((_done, reject) => {
        fail = () => reject(new StorageFull());
      });
    /** Takes it, or finds it taken: nothing to do, and done. */
    const take = (id: string): Command => ({
      author: 'a:ada',
      id,
      needs: ['conversation-1'],
      decide: (view) => ({
        conversation: 'conversation-1',
        site: 's',
        drafts:
          view.state('conversation-1')?.owner?.id === 'ada'
            ? []
            : [
                {
                  actor: { kind: 'system' },
                  audience: 'public',
                  body: { kind: 'assigned', owner: { id: 'ada', name: 'Ada' }, team: null, how: 'taken' },
                },
              ],
      }),
    });
    const first = engine.submit(take('take-1'));
    await turn();
    let isAnswered = false;
    const second = engine.submit(take('take-2')).finally(() => {
      isAnswered = true;
    });
    await turn();
    expect(isAnswered).toBe(false);
    store.append = append;
    fail();
    expect(await first).toMatchObject({ refused: 'storage-full' });
    expect(await second).toMatchObject({ done: true, seq: 3 });
    expect(engine.registry.get('conversation-1')?.state.owner?.id).toBe('ada');
  });
});
