import { describe, expect, it } from 'vitest';
import { conversation, logOf, say, visitorActor, watched } from '../testing/agent-double.ts';
import { testDesk } from '../testing/desk.ts';

const now = Date.UTC(2025, 2, 4, 12, 5);
const ada = { id: 'ada', name: 'Ada Ozola' };
const mine = conversation({
  id: 'c-1',
  owner: ada,
  publicHead: 1,
  last: { at: now, by: 'visitor', text: 'Hi', publicSeq: 1 },
});
const events = logOf('c-1', [{ at: now, actor: visitorActor(), body: say('Hi') }]);
const [event] = events;

function desk(fragment = '') {
  const found = testDesk({ fragment });
  found.agent.put(watched(mine, { events }));
  const arrive = () => event && found.agent.emit('message', { conversation: 'c-1', event });
  return { ...found, arrive };
}

describe('the title', () => {
  it('counts what is unread', () => {
    const { desk: it_, around } = desk();
    expect(around.title).toBe('(1) Desk · Sveiki');
    it_.routing.go({ conversation: 'c-1' });
    expect(around.title).toBe('Desk · Sveiki');
  });
});

describe('a message', () => {
  it('of the open conversation is said once, after a breath, and not again', () => {
    const { desk: it_, around, arrive } = desk('#/mine/c-1');
    arrive();
    const said = () => it_.alerts.said.value.map(({ text }) => text);
    expect(said()).toEqual([]);
    around.pass(250);
    expect(said()).toEqual(['Mia: Hi']);
    around.pass(1_000);
    expect(said()).toEqual([]);
    expect(around.tones).toBe(0);
  });

  it('of another of one’s conversations makes the tone, unless it is turned off', () => {
    const { desk: it_, around, arrive } = desk();
    arrive();
    expect(around.tones).toBe(1);
    it_.settings.change({ sound: false });
    arrive();
    expect(around.tones).toBe(1);
  });

  it('shows a notification only when asked for, and only while the page is hidden', () => {
    const { desk: it_, around, arrive } = desk('#/mine/c-1');
    around.show(false);
    arrive();
    expect(around.notices).toEqual([]);
    it_.settings.change({ notifications: true });
    arrive();
    expect(around.notices).toMatchObject([{ title: 'Mia', text: 'Hi', tag: 'c-1' }]);
    around.show(true);
    arrive();
    expect(around.notices.length).toBe(1);
  });

  it('leads to its conversation from the notification', () => {
    const { desk: it_, around, arrive } = desk();
    it_.settings.change({ notifications: true });
    around.show(false);
    arrive();
    around.notices[0]?.open();
    expect(it_.conversation.id.value).toBe('c-1');
  });
});

describe('what happens elsewhere', () => {
  it('is told in a line that goes by itself', () => {
    const { desk: it_, agent, around } = desk();
    agent.emit('assigned', mine);
    agent.emit('lost', { ...mine, owner: { id: 'ben', name: 'Ben Kalns' } });
    agent.emit('lost', { ...mine, owner: null });
    expect(it_.alerts.toasts.value.map(({ text }) => text)).toEqual([
      'Mia is yours now.',
      'Ben Kalns answers Mia now.',
      'Mia went back to the queue.',
    ]);
    around.pass(8_000);
    expect(it_.alerts.toasts.value).toEqual([]);
  });

  it('calls when somebody waits in the queue', () => {
    const { agent, around } = desk();
    agent.emit('queued', conversation({ id: 'c-9' }));
    expect(around.tones).toBe(1);
  });
});

describe('many at once', () => {
  it('are told together, once a minute, after the first three', () => {
    const { desk: it_, agent, around } = desk();
    const arrive = () => agent.emit('queued', conversation({ id: 'c-9' }));
    for (let i = 0; i < 20; i++) arrive();
    expect(around.tones).toBe(3);
    around.pass(60_000);
    expect(around.tones).toBe(4);
    expect(it_.alerts.toasts.value.map(({ text }) => text)).toEqual(['17 more came into the queue.']);
    // The minute after it was calm: each is told again.
    around.pass(60_000);
    arrive();
    expect(around.tones).toBe(5);
  });

  it('call nobody more than once a minute while a bot makes a thousand conversations in an hour', () => {
    const { agent, around } = desk();
    const told: number[] = [];
    for (let second = 0; second < 3_600; second++) {
      const before = around.tones;
      if (second % 3.6 < 1) agent.emit('queued', conversation({ id: `c-${second}` }));
      around.pass(1_000);
      for (let n = before; n < around.tones; n++) told.push(second);
    }
    const inMinute = (minute: number) => told.filter((second) => Math.floor(second / 60) === minute).length;
    // The first three were told one by one, because nobody knew yet what they began.
    expect(inMinute(0)).toBe(3);
    for (let minute = 1; minute < 60; minute++) expect(inMinute(minute)).toBeLessThanOrEqual(1);
    expect(told.length).toBe(62);
  });

  it('given to one agent are told together, too', () => {
    const { desk: it_, agent, around } = desk();
    for (let i = 0; i < 5; i++) agent.emit('assigned', mine);
    expect(around.tones).toBe(3);
    around.pass(60_000);
    expect(it_.alerts.toasts.value.map(({ text }) => text)).toEqual(['2 more conversations are yours.']);
  });
});

describe('the end of a session', () => {
  it('takes away what was told to that agent, and what was not told yet', () => {
    const { desk: it_, agent, around } = desk();
    it_.settings.change({ notifications: true });
    around.show(false);
    for (let i = 0; i < 5; i++) agent.emit('assigned', mine);
    agent.set({ me: null, signedIn: false });
    expect([it_.alerts.toasts.value, around.notices]).toEqual([[], []]);
    agent.set({ me: { id: 'ben', name: 'Ben Kalns', role: 'agent', presence: 'online' }, signedIn: true });
    around.pass(60_000);
    expect([it_.alerts.toasts.value, around.tones]).toEqual([[], 3]);
  });
});

describe('spam', () => {
  it('takes its notices with it', () => {
    const { desk: it_, agent, around } = desk();
    it_.settings.change({ notifications: true });
    around.show(false);
    agent.emit('assigned', mine);
    agent.emit('queued', conversation({ id: 'c-9' }));
    expect(around.notices.map(({ tag }) => tag)).toEqual(['c-1', 'c-9']);
    expect(it_.alerts.toasts.value).toHaveLength(1);
    agent.put(watched({ ...mine, status: 'resolved', wrapUp: 'spam' }, { events }));
    expect(around.notices.map(({ tag }) => tag)).toEqual(['c-9']);
    expect(it_.alerts.toasts.value).toEqual([]);
  });
});
