import { describe, expect, it } from 'vitest';
import { conversation, refusal, visitor, watched } from '../testing/agent-double.ts';
import { settled, testDesk } from '../testing/desk.ts';

const now = Date.UTC(2025, 2, 4, 12, 5);
const day = 24 * 60 * 60_000;
const here = conversation({ id: 'c-1', locale: 'lv', startedAt: now - 60_000 });

describe('the visitor', () => {
  it('is shown with what is known and how far it can be trusted', () => {
    const { desk, agent } = testDesk({ fragment: '#/queue/c-1' });
    agent.put(
      watched(here, {
        visitor: visitor({
          name: 'Mia',
          email: 'mia@example.com',
          verified: true,
          locale: 'lv',
          timeZone: 'Asia/Tokyo',
        }),
      }),
    );
    expect(desk.person.details.value).toMatchObject({
      name: 'Mia',
      email: 'mia@example.com',
      verified: true,
      online: true,
      language: 'Latvian',
      localTime: { time: '21:05', place: 'Tokyo', difference: '7 h ahead of you' },
    });
  });

  it('has a clock that goes on', () => {
    const { desk, agent, around } = testDesk({ fragment: '#/queue/c-1' });
    agent.put(watched(here, { visitor: visitor({ timeZone: 'Asia/Tokyo' }) }));
    around.pass(60_000);
    expect(desk.person.details.value?.localTime?.time).toBe('21:06');
  });

  it('is shown from the list while the log is on its way', () => {
    const { desk } = testDesk({ fragment: '#/queue/c-1', state: { conversations: new Map([['c-1', here]]) } });
    expect(desk.person.details.value).toMatchObject({
      name: 'Mia',
      isKnown: false,
      language: 'Latvian',
      localTime: null,
    });
    expect(desk.person.visit.value).toMatchObject({ team: 'Sales', started: { text: '1 min' } });
  });
});

describe('earlier conversations', () => {
  const earlier = (id: string, days: number, part = {}) =>
    conversation({
      id,
      startedAt: now - days * day,
      status: 'resolved',
      resolvedAt: now - days * day,
      wrapUp: 'refund',
      ...part,
    });

  it('are those of the same visitor without this one, newest first, paged', async () => {
    const { desk, agent } = testDesk();
    agent.pages.set('visitor', { conversations: [earlier('old-1', 20), here], cursor: 7 });
    agent.put(watched(conversation({ id: 'c-9', visitor: { id: 'noah', name: 'Noah' } })));
    desk.routing.go({ conversation: 'c-1' });
    agent.put(watched(here));
    await settled();
    expect(desk.person.earlier.value).toMatchObject([{ id: 'old-1', date: '12 Feb', wrapUp: 'Refund' }]);
    expect(desk.person.hasMore.value).toBe(true);
    agent.pages.set('visitor', { conversations: [earlier('old-2', 60)], cursor: null });
    await desk.person.loadMore();
    expect(desk.person.earlier.value.map(({ id }) => id)).toEqual(['old-1', 'old-2']);
    expect(agent.calls.at(-1)).toBe('list {"view":"visitor","visitor":"mia","limit":10,"before":7}');
  });

  it('say so when they cannot be loaded, and that there are none only when it is known', async () => {
    const { desk, agent } = testDesk();
    await settled();
    agent.refuse('list', refusal('unavailable', 'The relay is not able to answer at the moment.'));
    agent.put(watched(here));
    desk.routing.go({ conversation: 'c-1' });
    await settled();
    expect(desk.person.problem.value).toBe(
      'Earlier conversations could not be loaded. The relay is not able to answer at the moment.',
    );
    expect(desk.person.isComplete.value).toBe(false);
    await desk.person.loadMore();
    expect([desk.person.problem.value, desk.person.isComplete.value]).toEqual([null, true]);
  });
});
