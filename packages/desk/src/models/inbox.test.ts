import type { ConversationState } from '@sveiki/sdk/agent';
import { describe, expect, it } from 'vitest';
import { agentActor, conversation, logOf, refusal, say, visitorActor, watched } from '../testing/agent-double.ts';
import { settled, testDesk } from '../testing/desk.ts';

type Routing = NonNullable<ConversationState['routing']>;

const now = Date.UTC(2025, 2, 4, 12, 5);
const minute = 60_000;
const ada = { id: 'ada', name: 'Ada Ozola' };
const ben = { id: 'ben', name: 'Ben Kalns' };
const known = (...states: ReturnType<typeof conversation>[]) => new Map(states.map((one) => [one.id, one]));
const said = (at: number, by: 'visitor' | 'agent' | 'bot' = 'visitor', text = 'Hello') => ({
  at,
  by,
  text,
  publicSeq: 2,
});

describe('the lists', () => {
  it('hold what belongs to them and nothing else', () => {
    const { desk } = testDesk({
      state: {
        conversations: known(
          conversation({ id: 'mine-1', owner: ada }),
          conversation({ id: 'bens-1', owner: ben }),
          conversation({ id: 'queue-1' }),
          conversation({ id: 'done-1', owner: ada, status: 'resolved', resolvedAt: now }),
        ),
      },
    });
    const ids = () => desk.inbox.rows.value.map(({ id }) => id).sort();
    const next = () => desk.inbox.next.value.map(({ id }) => id);
    expect([ids(), next()]).toEqual([['mine-1'], ['queue-1']]);
    desk.routing.go({ view: 'queue' });
    expect([ids(), next()]).toEqual([['queue-1'], []]);
    desk.routing.go({ view: 'open' });
    expect(ids()).toEqual(['bens-1', 'mine-1', 'queue-1']);
    desk.routing.go({ view: 'resolved' });
    expect(ids()).toEqual(['done-1']);
  });

  it('put the longest wait of the queue first, and in one’s own list who waits before who does not', () => {
    const { desk } = testDesk({
      state: {
        conversations: known(
          conversation({ id: 'queue-young', queuedAt: now - minute }),
          conversation({ id: 'queue-old', queuedAt: now - 9 * minute }),
          conversation({ id: 'mine-newest', owner: ada, last: said(now, 'agent') }),
          conversation({
            id: 'mine-waits',
            owner: ada,
            last: said(now - 5 * minute),
            unansweredSince: now - 5 * minute,
          }),
          conversation({
            id: 'mine-waits-long',
            owner: ada,
            last: said(now - 8 * minute),
            unansweredSince: now - 8 * minute,
          }),
        ),
      },
    });
    expect(desk.inbox.rows.value.map(({ id }) => id)).toEqual(['mine-waits-long', 'mine-waits', 'mine-newest']);
    desk.routing.go({ view: 'queue' });
    expect(desk.inbox.rows.value.map(({ id }) => id)).toEqual(['queue-old', 'queue-young']);
  });

  it('put the queue in the order it is served: what was raised goes before longer waits', () => {
    const routed: Routing = {
      ...{ team: null, priority: 3, skills: [], relax: [], sticky: null },
      ...{ by: 'rule', reason: 'Gold customer' },
    };
    const { desk } = testDesk({
      fragment: '#/queue',
      state: {
        conversations: known(
          conversation({ id: 'long', queuedAt: now - 9 * minute }),
          conversation({ id: 'raised', queuedAt: now - 7 * minute, routing: routed }),
          conversation({ id: 'short', queuedAt: now - 5 * minute }),
        ),
      },
    });
    expect(desk.inbox.rows.value.map(({ id }) => id)).toEqual(['raised', 'long', 'short']);
  });

  it('show how long somebody waits, growing while one looks', () => {
    const { desk, around } = testDesk({
      fragment: '#/queue',
      state: { conversations: known(conversation({ id: 'queue-1', queuedAt: now - 2 * minute })) },
    });
    expect(desk.inbox.rows.value[0]).toMatchObject({ ageOf: 'queue', age: { text: '2 min', level: 'calm' } });
    around.pass(minute);
    expect(desk.inbox.rows.value[0]).toMatchObject({ age: { text: '3 min', level: 'warning' } });
    around.pass(8 * minute);
    expect(desk.inbox.rows.value[0]).toMatchObject({ age: { text: '11 min', level: 'danger' } });
  });

  it('count what they are ordered by, and the wait for an answer beside it where that is another one', () => {
    const { desk } = testDesk({
      fragment: '#/queue',
      state: {
        conversations: known(
          // Given on from team to team: in this queue for a minute, without an answer for forty.
          conversation({ id: 'sent-on', queuedAt: now - minute, unansweredSince: now - 40 * minute }),
          conversation({ id: 'came-first', queuedAt: now - 9 * minute, unansweredSince: now - 9 * minute }),
          conversation({ id: 'bot-answered', queuedAt: now - 3 * minute }),
          conversation({
            id: 'wrote-again',
            owner: ben,
            unansweredSince: now - 12 * minute,
            last: said(now - 2 * minute),
          }),
        ),
      },
    });
    const shown = () =>
      desk.inbox.rows.value.map(({ id, age, ageOf, unanswered }) => [id, age.text, ageOf, unanswered?.text ?? null]);
    expect(shown()).toEqual([
      ['came-first', '9 min', 'queue', null],
      ['bot-answered', '3 min', 'queue', null],
      ['sent-on', '1 min', 'queue', '40 min'],
    ]);
    desk.routing.go({ view: 'open' });
    expect(shown().at(0)).toEqual(['wrote-again', '2 min', 'past', '12 min']);
  });

  it('show the last words without Markdown marks', () => {
    const { desk } = testDesk({
      fragment: '#/queue',
      state: { conversations: known(conversation({ id: 'c-1', last: said(now, 'visitor', '**Hello**,\n- one') })) },
    });
    expect(desk.inbox.rows.value[0]?.preview).toBe('Hello, one');
  });

  it('say who spoke last only where the log knows', () => {
    const events = logOf('mine-1', [
      { at: now, actor: visitorActor(), body: say('Hi') },
      { at: now, actor: agentActor('ben', 'Ben Kalns'), body: say('Hello') },
    ]);
    const mine = conversation({ id: 'mine-1', owner: ada, last: said(now, 'agent') });
    const { desk, agent } = testDesk({
      fragment: '#/open',
      state: { conversations: known(mine, conversation({ id: 'bens-1', owner: ben, last: said(now - 1, 'agent') })) },
    });
    agent.put(watched(mine, { events }));
    expect(desk.inbox.rows.value.map(({ id, by }) => [id, by])).toEqual([
      ['mine-1', 'Ben:'],
      ['bens-1', ''],
    ]);
  });

  it('count what is unread, and forget it once it was read', () => {
    const { desk, agent } = testDesk();
    const mine = conversation({ id: 'mine-1', owner: ada, publicHead: 3 });
    const events = logOf(
      'mine-1',
      ['One', 'Two', 'Three'].map((text) => ({ at: now, actor: visitorActor(), body: say(text) })),
    );
    const receipts = [{ reader: { kind: 'agent' as const, id: 'ada' }, delivered: 3, read: 1 }];
    agent.put(watched(mine, { events, receipts }));
    expect(desk.inbox.rows.value[0]).toMatchObject({ unread: 2, heavy: true });
    desk.routing.go({ conversation: 'mine-1' });
    expect(desk.inbox.rows.value[0]).toMatchObject({ unread: 0, heavy: false });
    expect(agent.calls).toContain('markRead mine-1');
  });
});

describe('loading', () => {
  it('asks for a list when it is first looked at, and for more by its cursor', async () => {
    const { desk, agent } = testDesk();
    const page = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) =>
        conversation({ id: `open-${from + i}`, owner: ben, last: said(now - (from + i) * minute) }),
      );
    agent.pages.set('open', { conversations: page(0, 2), cursor: now - minute });
    desk.routing.go({ view: 'open' });
    expect(desk.inbox.status.value).toBe('loading');
    await settled();
    expect(desk.inbox.status.value).toBe('ready');
    expect(desk.inbox.hasMore.value).toBe(true);
    agent.pages.set('open', { conversations: page(2, 2), cursor: null });
    await desk.inbox.loadMore();
    expect(desk.inbox.rows.value.map(({ id }) => id)).toEqual(['open-0', 'open-1', 'open-2', 'open-3']);
    expect(desk.inbox.hasMore.value).toBe(false);
    expect(agent.calls.filter((call) => call.includes('"open"'))).toEqual([
      'list {"view":"open","limit":50}',
      `list {"view":"open","limit":50,"before":${now - minute}}`,
    ]);
  });

  it('leaves out what is known but lies beyond the page, so that no gap looks like the whole', async () => {
    const old = conversation({
      id: 'done-old',
      owner: ada,
      status: 'resolved',
      resolvedAt: now - 90 * minute,
      last: said(now - 90 * minute),
    });
    const young = conversation({ id: 'done-new', owner: ada, status: 'resolved', resolvedAt: now, last: said(now) });
    const { desk, agent } = testDesk({ fragment: '#/resolved', state: { conversations: known(old) } });
    agent.pages.set('resolved', { conversations: [young], cursor: now - minute });
    await settled();
    expect(desk.inbox.rows.value.map(({ id }) => id)).toEqual(['done-new']);
    agent.pages.set('resolved', { conversations: [old], cursor: null });
    await desk.inbox.loadMore();
    expect(desk.inbox.rows.value.map(({ id }) => id)).toEqual(['done-new', 'done-old']);
  });

  it('says what went wrong and tries again on request', async () => {
    const { desk, agent } = testDesk({ state: { connection: { status: 'connecting' } } });
    agent.refuse('list', refusal('unavailable', 'The relay is not able to answer at the moment.'));
    agent.set({ connection: { status: 'online', via: 'websocket' } });
    await settled();
    expect([desk.inbox.status.value, desk.inbox.problem.value]).toEqual([
      'failed',
      'The relay is not able to answer at the moment.',
    ]);
    await desk.inbox.retry();
    expect(desk.inbox.status.value).toBe('ready');
  });

  it('asks again after the connection was away, and keeps showing what it has meanwhile', async () => {
    const { desk, agent } = testDesk();
    agent.pages.set('mine', { conversations: [conversation({ id: 'mine-1', owner: ada })], cursor: null });
    await settled();
    agent.set({ connection: { status: 'reconnecting', attempt: 1, retryAt: now } });
    expect([desk.inbox.status.value, desk.inbox.rows.value.length]).toEqual(['ready', 1]);
    agent.set({ connection: { status: 'online', via: 'websocket' } });
    await settled();
    expect(agent.calls.filter((call) => call.startsWith('list {"view":"mine"')).length).toBe(2);
  });
});

describe('the keyboard in a list', () => {
  it('walks row by row, stops at both ends and begins at the open conversation', () => {
    const { desk } = testDesk({
      fragment: '#/queue/queue-2',
      state: {
        conversations: known(
          ...[1, 2, 3].map((n) => conversation({ id: `queue-${n}`, queuedAt: now - (10 - n) * minute })),
        ),
      },
    });
    expect(desk.inbox.active.value).toBe('queue-2');
    expect([desk.inbox.move(1), desk.inbox.move(1)]).toEqual(['queue-3', 'queue-3']);
    expect([desk.inbox.move(-1), desk.inbox.move(-1), desk.inbox.move(-1)]).toEqual(['queue-2', 'queue-1', 'queue-1']);
    desk.routing.go({ conversation: 'queue-3' });
    expect(desk.inbox.active.value).toBe('queue-3');
  });

  it('walks on from one’s own rows to who waits in the queue', () => {
    const { desk } = testDesk({
      state: { conversations: known(conversation({ id: 'mine-1', owner: ada }), conversation({ id: 'queue-1' })) },
    });
    expect([desk.inbox.active.value, desk.inbox.move(1), desk.inbox.move(1)]).toEqual(['mine-1', 'queue-1', 'queue-1']);
  });

  it('is on the first row when the one it was on is gone', () => {
    const { desk, agent } = testDesk({
      fragment: '#/queue',
      state: {
        conversations: known(
          conversation({ id: 'queue-1', queuedAt: 1 }),
          conversation({ id: 'queue-2', queuedAt: 2 }),
        ),
      },
    });
    desk.inbox.move(1);
    agent.set({
      conversations: known(conversation({ id: 'queue-1', queuedAt: 1 }), conversation({ id: 'queue-2', owner: ben })),
    });
    expect(desk.inbox.active.value).toBe('queue-1');
  });
});
