import { describe, expect, it } from 'vitest';
import {
  agentActor,
  conversation,
  logOf,
  ada as me,
  refusal,
  say,
  visitorActor,
  watched,
} from '../testing/agent-double.ts';
import { settled, testDesk } from '../testing/desk.ts';

const now = Date.UTC(2025, 2, 4, 12, 5);
const ada = { id: 'ada', name: 'Ada Ozola' };
const ben = { id: 'ben', name: 'Ben Kalns' };
const words = (...texts: string[]) =>
  logOf(
    'c-1',
    texts.map((text) => ({ at: now, actor: visitorActor(), body: say(text) })),
  );
const mine = (...texts: string[]) =>
  watched(conversation({ id: 'c-1', owner: ada, publicHead: texts.length }), { events: words(...texts) });

describe('spam', () => {
  it('says when the address that was to be blocked is not known', async () => {
    const { desk, agent } = testDesk({ fragment: '#/mine/c-1' });
    agent.put(mine('Hello'));
    await settled();
    agent.spam.mark = async () => ({ visitor: true, address: false });
    expect(await desk.conversation.markSpam({ forMs: 1, address: true })).toBe(true);
    expect(desk.conversation.refused.value).toContain('The address of the last message is not known any more');
    expect(await desk.conversation.markSpam({ forMs: 1, address: false })).toBe(true);
    expect(desk.conversation.refused.value).toBeNull();
  });
});

describe('the open conversation', () => {
  it('is watched while it is on screen, and no longer', async () => {
    const { desk, agent } = testDesk({ fragment: '#/queue/c-1' });
    expect(desk.conversation.status.value).toBe('loading');
    agent.put(watched(conversation({ id: 'c-1' })));
    expect(desk.conversation.status.value).toBe('ready');
    await settled();
    desk.routing.go({ conversation: 'c-2' });
    await settled();
    desk.routing.go({ conversation: null });
    expect(agent.calls.filter((call) => /watch/.test(call))).toEqual([
      'watch c-1',
      'unwatch c-1',
      'watch c-2',
      'unwatch c-2',
    ]);
  });

  it('lets go of one that was left before the relay answered', async () => {
    const { desk, agent } = testDesk({ fragment: '#/queue/c-1' });
    desk.routing.go({ conversation: null });
    await settled();
    expect(agent.calls.filter((call) => /watch/.test(call))).toEqual(['watch c-1', 'unwatch c-1']);
  });

  it('says why it cannot be opened, and tries again on request', async () => {
    const { desk, agent } = testDesk({ state: { me: null }, fragment: '#/open/c-1' });
    agent.refuse('watch', refusal('not-found', 'There is no such conversation for you.'));
    agent.set({ me });
    await settled();
    expect([desk.conversation.status.value, desk.conversation.problem.value]).toEqual([
      'failed',
      'There is no such conversation for you.',
    ]);
    desk.conversation.retryOpening();
    expect(desk.conversation.status.value).toBe('loading');
  });

  it('offers to take what is somebody else’s or nobody’s, and to reply to one’s own', () => {
    const { desk, agent } = testDesk({ fragment: '#/open/c-1' });
    const footer = (state: Parameters<typeof conversation>[0]) => {
      agent.put(watched(conversation(state)));
      const { mayTake, mayTransfer, mayResolve } = desk.conversation;
      const buttons = { take: mayTake.value, transfer: mayTransfer.value, resolve: mayResolve.value };
      return [desk.conversation.footer.value, ...Object.entries(buttons).flatMap(([name, may]) => (may ? [name] : []))];
    };
    expect(footer({ id: 'c-1' })).toEqual(['take', 'take', 'transfer']);
    expect(footer({ id: 'c-1', owner: ben })).toEqual(['take']);
    expect(footer({ id: 'c-1', owner: ada })).toEqual(['reply', 'transfer', 'resolve']);
    expect(footer({ id: 'c-1', owner: ada, status: 'resolved' })).toEqual(['resolved']);
    agent.set({ me: { ...me, role: 'lead' } });
    expect(footer({ id: 'c-1', owner: ben })).toEqual(['take', 'take', 'transfer', 'resolve']);
  });

  it('shows a refusal in words and goes on', async () => {
    const { desk, agent } = testDesk({ fragment: '#/queue/c-1' });
    agent.put(watched(conversation({ id: 'c-1' })));
    agent.refuse('take', refusal('already-taken', 'This conversation was taken a moment ago.'));
    expect(await desk.conversation.take()).toBe(false);
    expect(desk.conversation.refused.value).toBe('Not taken. This conversation was taken a moment ago.');
    expect(await desk.conversation.take()).toBe(true);
    expect(desk.conversation.refused.value).toBe(null);
  });

  it('hands over what was chosen', async () => {
    const { desk, agent } = testDesk({ fragment: '#/mine/c-1' });
    agent.put(mine('Hi'));
    await desk.conversation.transfer({ agent: 'ben' }, '  ');
    await desk.conversation.transfer({ team: 'billing' }, 'Wants a refund');
    await desk.conversation.resolve('refund');
    await desk.conversation.setStatus('waiting');
    expect(agent.calls.slice(-4)).toEqual([
      'transfer c-1 {"agent":"ben"} {}',
      'transfer c-1 {"team":"billing"} {"note":"Wants a refund"}',
      'resolve c-1 refund',
      'setStatus c-1 waiting',
    ]);
  });
});

describe('reading', () => {
  const reads = (calls: readonly string[]) => calls.filter((call) => call.startsWith('markRead')).length;

  it('counts when the newest line is on a visible screen', () => {
    const { desk, agent, around } = testDesk({ fragment: '#/mine/c-1' });
    around.show(false);
    agent.put(mine('Hi'));
    expect(reads(agent.calls)).toBe(0);
    around.show(true);
    expect(reads(agent.calls)).toBe(1);
    desk.conversation.isAtEnd.value = false;
    agent.put(mine('Hi', 'There'));
    expect([reads(agent.calls), desk.conversation.newCount.value]).toEqual([1, 1]);
    desk.conversation.isAtEnd.value = true;
    expect([reads(agent.calls), desk.conversation.newCount.value]).toEqual([2, 0]);
  });

  it('is nobody else’s business: looking into a colleague’s conversation marks nothing', () => {
    const { agent } = testDesk({ fragment: '#/open/c-1' });
    agent.put(watched(conversation({ id: 'c-1', owner: ben, publicHead: 1 }), { events: words('Hi') }));
    expect(reads(agent.calls)).toBe(0);
  });

  it('leaves a line where it had stopped', () => {
    const { desk, agent } = testDesk();
    const receipts = [{ reader: { kind: 'agent' as const, id: 'ada' }, delivered: 1, read: 1 }];
    agent.put({ ...mine('Read', 'New'), receipts });
    desk.routing.go({ conversation: 'c-1' });
    expect(desk.conversation.entries.value.map(({ kind }) => kind)).toEqual(['day', 'message', 'new', 'message']);
  });

  it('does not count one’s own words as new', () => {
    const { desk, agent } = testDesk({ fragment: '#/mine/c-1' });
    agent.put(mine('Hi'));
    desk.conversation.isAtEnd.value = false;
    const events = logOf('c-1', [
      { at: now, actor: visitorActor(), body: say('Hi') },
      { at: now, actor: agentActor(), body: say('Hello from another window') },
    ]);
    agent.put(watched(conversation({ id: 'c-1', owner: ada, publicHead: 2 }), { events }));
    expect(desk.conversation.newCount.value).toBe(0);
  });
});
