import type { EventBody } from '@sveiki/protocol';
import type { HookEvent } from '@sveiki/sdk/config';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberDrafts, type StoredEvent } from '../domain/log.ts';
import { silentLog } from '../log.ts';
import type { ConversationRow } from '../ports.ts';
import { standingClock, turn } from '../testing/relay-under-test.ts';
import { followersOf } from './event-hooks.ts';
import { createOutbox, type LogHook, TellLater } from './outbox.ts';
import { createPipeline, type HookRun } from './pipeline.ts';

const said = (text: string): EventBody => ({ kind: 'message', blocks: [{ kind: 'text', text }] });
const started: EventBody = {
  kind: 'started',
  channel: 'chat',
  team: null,
  visitor: { id: 'mia', name: null },
  locale: null,
  visit: null,
};

/** A log that is written to by hand, and the outboxes of one life after another on it. */
function house() {
  const clock = standingClock();
  const log: StoredEvent[] = [];
  const rows = new Map<string, ConversationRow>();
  const positions = new Map<string, number>();
  const runs: HookRun[] = [];
  const reads = { count: 0, fail: false };
  /** After so many more uses of the store the process is dead: nothing answers any more. */
  const life = { left: Number.POSITIVE_INFINITY };
  const use = async <T>(what: () => T): Promise<T> => (life.left-- > 0 ? what() : new Promise<never>(() => {}));
  const store = {
    eventsAfter: (position: number, limit: number) =>
      use(() => {
        reads.count += 1;
        if (reads.fail) throw new Error('the disk is away');
        return log.slice(position, position + limit).map((event, i) => ({ position: position + i + 1, event }));
      }),
    consumerPosition: (name: string) => use(() => positions.get(name) ?? 0),
    saveConsumerPosition: (name: string, position: number) => use(() => void positions.set(name, position)),
  };
  const pipeline = createPipeline({ clock, report: (run) => void runs.push(run) });
  const rowOf = async (id: string) => rows.get(id) ?? null;
  return {
    clock,
    log,
    runs,
    reads,
    life,
    positions,
    write(conversation: string, body: EventBody = said(`${log.length}`)) {
      const before = rows.get(conversation)?.state ?? null;
      const bodies = before === null ? [started, body] : [body];
      const { events, state } = numberDrafts(
        before,
        bodies.map((one) => ({ actor: { kind: 'visitor', id: 'mia' }, audience: 'public', body: one })),
        { conversation, author: 'v:mia', id: `message-${log.length}`, at: clock.now() },
      );
      rows.set(conversation, { site: 'pk_shop_test', state });
      log.push(...events);
    },
    open: (...hooks: LogHook[]) => createOutbox({ store, rowOf, clock, pipeline, log: silentLog, hooks }),
  };
}

function teller(run: (event: HookEvent) => Promise<void> | void, changes: Partial<LogHook> = {}): LogHook {
  return { name: 'crm', stage: 'event', on: ['message'], run, deadlineMs: 1_000, retryMs: [], ...changes };
}
const textOf = ({ event }: HookEvent): string => {
  const body = event.body as EventBody;
  return body.kind === 'message' ? (body.blocks[0]?.text ?? '') : body.kind;
};

describe('following the log', () => {
  it('begins at the end the first time, and goes on where it was after a stop', async () => {
    const under = house();
    for (let i = 0; i < 5; i++) under.write('c1');
    const told: string[] = [];
    const hook = teller((event) => void told.push(textOf(event)));
    const first = await under.open(hook);
    await turn();
    expect(told).toEqual([]);
    under.write('c1', said('new'));
    first.wake();
    await turn();
    await first.stop();
    under.write('c1', said('while it was down'));
    const second = await under.open(hook);
    await turn();
    expect(told).toEqual(['new', 'while it was down']);
    await second.stop();
  });

  it('tells what was stored while it died before it had saved anything', async () => {
    const under = house();
    const told: string[] = [];
    const hook = teller((event) => void told.push(textOf(event)));
    await under.open(hook);
    under.life.left = 0;
    under.write('c1', said('first of all'));
    await turn();
    under.life.left = Number.POSITIVE_INFINITY;
    await under.open(hook);
    await turn();
    expect(told).toEqual(['first of all']);
  });

  it('tells nothing of what a visitor said who was forgotten while it waited', async () => {
    const here = house();
    const told: HookEvent[] = [];
    const refuseOnce = (event: HookEvent): void => {
      told.push(event);
      if (told.length === 1) throw new Error('Not now.');
    };
    const outbox = await here.open(teller(refuseOnce, { retryMs: [1_000] }));
    here.write('conv-a', said('My name is Mia'));
    outbox.wake();
    await turn();
    expect(told.map(textOf)).toEqual(['My name is Mia']);
    here.write('conv-a', { kind: 'erased', what: 'person', visitor: 'gone-1' });
    await here.clock.advance(1_000);
    await turn();
    expect(told.map(textOf)).toEqual(['My name is Mia', '']);
    expect(told[1]?.event).toMatchObject({ actor: { kind: 'visitor', id: 'gone-1' } });
    await outbox.stop();
  });

  it('finds what the bus never spoke of, and goes on when the store is back', async () => {
    const under = house();
    const told: string[] = [];
    const outbox = await under.open(teller((event) => void told.push(textOf(event))));
    under.write('c1', said('unheard'));
    under.reads.fail = true;
    await under.clock.advance(5_000);
    expect(told).toEqual([]);
    under.reads.fail = false;
    await under.clock.advance(5_000);
    expect(told).toEqual(['unheard']);
    await outbox.stop();
  });

  it('tells one conversation in order and others meanwhile, at most so many at once', async () => {
    const under = house();
    const running: string[] = [];
    const ends: (() => void)[] = [];
    const hook = teller(
      ({ conversation, ...rest }) => {
        running.push(`${conversation.id} ${textOf({ conversation, ...rest })}`);
        return new Promise((resolve) => ends.push(resolve));
      },
      { parallel: 2 },
    );
    const outbox = await under.open(hook);
    under.write('a', said('1'));
    under.write('a', said('2'));
    under.write('b', said('1'));
    under.write('c', said('1'));
    outbox.wake();
    await turn();
    expect(running).toEqual(['a 1', 'b 1']);
    ends.shift()?.();
    await turn();
    expect(running).toEqual(['a 1', 'b 1', 'c 1']);
    ends.shift()?.();
    await turn();
    expect(running).toEqual(['a 1', 'b 1', 'c 1', 'a 2']);
    await outbox.stop();
  });

  it('tells again after 1 s, 5 s, 30 s, 2 min and 10 min, holds back only that conversation, and goes on then', async () => {
    const under = house();
    const told: string[] = [];
    const begun = under.clock.now();
    const [hook] = followersOf({
      events: [
        {
          name: 'crm',
          on: ['message'],
          onFailure: 'retry',
          run(event: HookEvent) {
            told.push(`${(under.clock.now() - begun) / 1_000} s: ${textOf(event)} #${event.attempt}`);
            if (textOf(event) === 'bad') throw new Error('no');
          },
        },
      ],
    });
    const outbox = await under.open(hook as LogHook);
    under.write('a', said('bad'));
    under.write('a', said('after it'));
    under.write('b', said('elsewhere'));
    outbox.wake();
    await turn();
    await under.clock.advance(800_000);
    expect(told).toEqual([
      '0 s: bad #1',
      '0 s: elsewhere #1',
      '1 s: bad #2',
      '6 s: bad #3',
      '36 s: bad #4',
      '156 s: bad #5',
      '756 s: bad #6',
      '756 s: after it #1',
    ]);
    expect(under.runs.filter(({ outcome }) => outcome === 'failed')).toHaveLength(6);
    await outbox.stop();
  });

  it('waits as long as it was asked to', async () => {
    const under = house();
    let tries = 0;
    const hook = teller(
      () => {
        tries += 1;
        throw new TellLater('busy', 60_000);
      },
      { retryMs: [1_000] },
    );
    const outbox = await under.open(hook);
    under.write('a');
    outbox.wake();
    await turn();
    await under.clock.advance(59_000);
    expect(tries).toBe(1);
    await under.clock.advance(2_000);
    expect(tries).toBe(2);
    await outbox.stop();
  });

  it('skips what fails or hangs when it is told to, and no other hook waits for it', async () => {
    const under = house();
    const told: string[] = [];
    const events = [
      { name: 'throws', on: ['message'] as const, run: () => Promise.reject(new Error('no')) },
      { name: 'hangs', on: ['message'] as const, run: () => new Promise<void>(() => {}), deadlineMs: 100 },
      { name: 'works', on: ['message'] as const, run: (event: HookEvent) => void told.push(textOf(event)) },
    ];
    const outbox = await under.open(...followersOf({ events }));
    under.write('a', said('1'));
    under.write('a', said('2'));
    outbox.wake();
    await turn();
    expect(told).toEqual(['1', '2']);
    await under.clock.advance(500);
    expect(
      under.runs.map(({ hook, outcome }) => `${hook} ${outcome}`).filter((run) => run.startsWith('hangs')),
    ).toEqual(['hangs late', 'hangs late']);
    await outbox.stop();
    expect([...under.positions.values()]).toEqual([4, 4, 4]);
  });

  it('reads the log once for a commit, however many conversations it speaks of and hooks follow', async () => {
    const under = house();
    let told = 0;
    const count = (): void => {
      told += 1;
    };
    const hooks = ['one', 'two'].map((name) => ({ ...teller(count), name }));
    const outbox = await under.open(...hooks);
    await turn();
    for (let i = 0; i < 50; i++) under.write(`c${i}`);
    under.reads.count = 0;
    for (let i = 0; i < 50; i++) outbox.wake();
    await turn();
    expect({ told, reads: under.reads.count }).toEqual({ told: 100, reads: 1 });
    await outbox.stop();
  });

  it('holds a bounded part of a flood, and the log the rest', async () => {
    const under = house();
    let ends: (() => void)[] = [];
    let told = 0;
    const hook = teller(
      () => {
        told += 1;
        return new Promise((resolve) => ends.push(resolve));
      },
      { parallel: 500 },
    );
    const outbox = await under.open(hook);
    for (let i = 0; i < 3_000; i++) under.write(`c${i}`);
    under.reads.count = 0;
    outbox.wake();
    await turn();
    // Two events a conversation, 200 a page, 1,000 held: ten pages or a little more.
    expect(under.reads.count).toBeLessThan(14);
    while (told < 3_000 || ends.length > 0) {
      for (const end of ends.splice(0)) end();
      await turn();
    }
    expect(told).toBe(3_000);
    await outbox.stop();
    ends = [];
  });

  it('calls off what runs when it stops, and tells it again in its next life', async () => {
    const under = house();
    const told: string[] = [];
    let hangs = true;
    const hook = teller((event) => {
      told.push(textOf(event));
      return hangs ? new Promise<void>(() => {}) : undefined;
    });
    const outbox = await under.open(hook);
    under.write('a', said('1'));
    outbox.wake();
    await turn();
    await outbox.stop();
    hangs = false;
    const next = await under.open(hook);
    await turn();
    expect(told).toEqual(['1', '1']);
    await next.stop();
  });

  it('skips nothing and keeps the order, wherever it is killed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 12 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
        async (lives, conversations, fails) => {
          const under = house();
          const told: { life: number; conversation: string; seq: number }[] = [];
          let life = 0;
          let calls = 0;
          const hookOf = (own: number): LogHook =>
            teller(
              ({ event }) => {
                // The dead say nothing.
                if (own !== life) return new Promise<void>(() => {});
                if (fails[calls++ % fails.length] === true && calls < 40) throw new Error('no');
                told.push({ life: own, conversation: event.conversation, seq: event.seq });
              },
              { retryMs: Array.from({ length: 50 }, () => 300), parallel: 2 },
            );
          await under.open(hookOf(life));
          for (const conversation of conversations) under.write(conversation);
          for (const left of lives) {
            life += 1;
            under.life.left = left;
            const own = life;
            void under.open(hookOf(own)).then((outbox) => outbox.wake());
            await turn();
            await under.clock.advance(600);
          }
          life += 1;
          under.life.left = Number.POSITIVE_INFINITY;
          const last = await under.open(hookOf(life));
          await under.clock.advance(20_000);
          await last.stop();
          for (const conversation of new Set(conversations)) {
            const all = under.log.filter(
              (event) => event.conversation === conversation && event.body.kind === 'message',
            );
            const here = told.filter((one) => one.conversation === conversation);
            const done = new Set<number>();
            let newest = 0;
            let inLife = 0;
            for (const one of here) {
              if (one.life !== inLife) newest = 0;
              inLife = one.life;
              // In one life never back, and never past something that was not told in this life or before it.
              expect(one.seq).toBeGreaterThan(newest);
              for (const { seq } of all) if (seq < one.seq) expect(done).toContain(seq);
              newest = one.seq;
              done.add(one.seq);
            }
            expect(done.size).toBe(all.length);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
