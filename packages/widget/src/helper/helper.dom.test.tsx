import type { Agent, OutgoingBlock } from '@sveiki/sdk/agent';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Stage, stage } from '../testing/stage.ts';

let scene: Stage;
let helper: Agent;
const advance = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const texts = (selector: string) => scene.findAll(selector).map(({ textContent }) => textContent);
const there = (selector: string) =>
  vi.waitFor(
    async () => {
      await scene.wait(100);
      expect(scene.find(selector)).not.toBeNull();
    },
    { timeout: 20_000 },
  );
const press = async (selector: string, index = 0) => {
  scene.findAll(selector)[index]!.click();
  await scene.wait();
};
const focused = () => scene.host._root.activeElement;

/** Mia has written, and a bot has it. */
const meet = async (options?: Parameters<typeof stage>[1]) => {
  scene = await stage(advance, {
    ...options,
    server: { bots: [{ id: 'helper', name: 'Helper' }], firstBot: 'helper', ...options?.server },
  });
  helper = scene.newAgent('helper');
  helper.connect().catch(() => {});
  scene.panel.open();
  await scene.wait();
  await scene.say('Where is my parcel?');
  await there('.person');
  return scene.server.agent('helper');
};
const say = async (...blocks: OutgoingBlock[]) => {
  helper.send(scene.conversation(), blocks).catch(() => {});
  await scene.wait();
};
const choices: OutgoingBlock = {
  kind: 'quick-replies',
  text: 'What is it about?',
  replies: [{ text: 'An order' }, { text: 'A return' }, { text: 'A person, now', action: 'request-human' }],
};

beforeAll(async () => {
  await import('./helper.tsx');
});
beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
    now: Date.UTC(2026, 10, 23, 9),
  });
});
afterEach(async () => {
  await helper.destroy();
  await scene.strike();
  vi.useRealTimers();
});

describe('a bot', () => {
  it('is called one wherever its name stands', async () => {
    const bot = await meet();
    await say({ kind: 'text', text: 'Let me look.' });
    expect(texts('.who h2')).toEqual(['Helper · bot']);
    expect(texts('.message .meta[dir]')).toEqual(['Helper · bot']);
    expect(texts('.message > .hidden')[1]).toMatch(/^Helper · bot, /);
    bot.typing(scene.conversation());
    await scene.wait();
    expect(texts('.typing')).toEqual(['Helper · bot is typing']);
    await scene.wait(1_500);
    expect(scene.spoken).toContain('Helper · bot: Let me look.');
  });

  it('grows a reply in one bubble, which is heard once, when it is done', async () => {
    const bot = await meet();
    bot.stream(scene.conversation(), 'message-0001', 'Your');
    await scene.wait();
    const bubble = scene.findAll('.message').at(-1)!;
    bot.stream(scene.conversation(), 'message-0001', 'Your parcel is on its way');
    await scene.wait();
    expect(scene.findAll('.message').at(-1)).toBe(bubble);
    expect(bubble.querySelector('.bubble')?.textContent).toBe('Your parcel is on its way');
    expect(texts('.typing')).toEqual([]);
    await say({ kind: 'text', text: 'Your parcel is on its way.' });
    bot.stream(scene.conversation(), 'message-0001', '');
    await scene.wait(1_500);
    expect(scene.findAll('.message')).toHaveLength(2);
    expect(scene.findAll('.message').at(-1)).toBe(bubble);
    expect(scene.spoken.filter((line) => /parcel is/.test(line))).toEqual(['Helper · bot: Your parcel is on its way.']);
  });
});

describe('answers that need one tap', () => {
  it('stand under the newest message only, and become a message', async () => {
    await meet();
    await say(choices);
    await there('.replies');
    expect(texts('.replies button')).toEqual(['An order', 'A return', 'A person, now']);
    scene.findAll('.replies button')[1]!.focus();
    await press('.replies button', 1);
    expect(scene.server.transcript(scene.conversation()).at(-1)).toEqual({ by: 'visitor', text: 'A return' });
    expect(scene.find('.replies')).toBeNull();
    expect(focused()).toBe(scene.find('[role=log]'));
  });

  it('go when something else is said, without losing the focus', async () => {
    await meet();
    await say(choices);
    await there('.replies');
    scene.find('.replies button')!.focus();
    await say({ kind: 'text', text: 'Or tell me in your words.' });
    expect(scene.find('.replies')).toBeNull();
    expect(focused()).toBe(scene.find('[role=log]'));
  });

  it('ask for a person where that is what they say', async () => {
    await meet();
    await say(choices);
    await there('.replies');
    await press('.replies button', 2);
    expect(scene.server.log(scene.conversation(), 'visitor').state).toMatchObject({
      owner: null,
      handoff: { state: 'requested', by: 'visitor' },
    });
    expect(scene.server.transcript(scene.conversation()).map(({ by }) => by)).toEqual(['visitor', 'helper']);
    expect(texts('.replies button')).toEqual(['An order', 'A return']);
  });
});

describe('a card', () => {
  it('shows its facts, leads to safe addresses, and replies', async () => {
    await meet();
    await say({
      kind: 'card',
      text: 'Order AW-1042 is on its way.',
      title: 'Order AW-1042',
      subtitle: 'On its way',
      facts: [{ label: 'Carrier', value: 'Omniva' }],
      actions: [
        { kind: 'link', label: 'Follow it', href: 'https://example.com/track' },
        { kind: 'reply', label: 'Change the address' },
      ],
    });
    await there('.card');
    expect(texts('.card p, .card dt, .card dd')).toEqual(['Order AW-1042', 'On its way', 'Carrier', 'Omniva']);
    const link = scene.find<HTMLAnchorElement>('.card a')!;
    expect([link.href, link.target, link.rel]).toEqual(['https://example.com/track', '_blank', 'noopener noreferrer']);
    // Its plain form is for those who cannot draw it.
    expect(texts('.bubble')).toEqual(['Where is my parcel?']);
    await press('.card button');
    expect(scene.server.transcript(scene.conversation()).at(-1)?.text).toBe('Change the address');
  });

  it('that makes no sense is its plain text', async () => {
    await meet();
    const { head, publicHead } = scene.server.log(scene.conversation(), 'visitor').state!;
    scene.server.inject('visitor', {
      type: 'event',
      event: {
        conversation: scene.conversation(),
        seq: head + 1,
        publicSeq: publicHead + 1,
        id: 'hostile-0001',
        at: Date.now(),
        actor: { kind: 'bot', id: 'helper', name: 'Helper' },
        audience: 'public',
        body: {
          kind: 'message',
          blocks: [
            {
              kind: 'card',
              text: 'x',
              title: { kind: 'strong' },
              subtitle: 5,
              facts: [null, { label: ['<b>'], value: {} }],
              actions: [
                { kind: 'link', label: 'Press', href: 'javascript:alert(1)' },
                { kind: 'link', label: 'Me', href: { toString: 'https://example.com' } },
                'x',
              ],
            },
          ],
        },
      },
    });
    await scene.wait();
    expect(scene.find('.card')).toBeNull();
    expect(texts('.bubble').at(-1)).toBe('x');
  });
});

describe('the way to a person', () => {
  it('is there as long as a bot has the conversation', async () => {
    await meet();
    expect(texts('.person button')).toEqual(['Talk to a person']);
    scene.find('.person button')!.focus();
    await press('.person button');
    await scene.wait(1_000);
    expect(texts('.person p')).toEqual(['You are waiting for a person.', 'You are next']);
    expect(texts('.person button')).toEqual(['Stop waiting']);
    // A second press in a row would take it back.
    expect(focused()).toBe(scene.find('.person'));
    expect(scene.findAll('.strip')).toHaveLength(1);
    scene.server.agent('ada').take(scene.conversation());
    await scene.wait();
    expect(scene.find('.person')).toBeNull();
    await scene.wait(1_500);
    expect(scene.spoken.filter((line) => /waiting for a person/.test(line))).toHaveLength(1);
  });

  it('leads back', async () => {
    await meet();
    await press('.person button');
    await press('.person button');
    expect(texts('.person p')).toEqual(['You stopped waiting for a person.']);
    expect(texts('.person button')).toEqual(['Talk to a person']);
    expect(texts('.who h2')).toEqual(['Helper · bot']);
    await say({ kind: 'text', text: 'Then let me try.' });
    expect(texts('.person p')).toEqual([]);
  });

  it('says when somebody will be there, where nobody is', async () => {
    await meet();
    scene.server.changeSite({ availability: 'online', opensAt: scene.clock.now() + 10_800_000 });
    const { head, publicHead } = scene.server.log(scene.conversation(), 'visitor').state!;
    const event = (seq: number, body: object) =>
      scene.server.inject('visitor', {
        type: 'event',
        event: {
          conversation: scene.conversation(),
          seq: head + seq,
          publicSeq: publicHead + seq,
          id: `handoff-000${seq}`,
          at: scene.clock.now(),
          actor: { kind: 'system' },
          audience: 'public',
          body,
        },
      });
    event(1, { kind: 'handoff-requested', handoff: 'asked-0001', by: 'visitor' });
    event(2, { kind: 'queued', team: null, why: 'handoff' });
    event(3, { kind: 'handoff-failed', handoff: 'asked-0001', why: 'no-agents' });
    await scene.wait(1_500);
    const [why, when] = texts('.person p');
    expect(why).toBe('Nobody is free at the moment. Your message is kept, and we will answer here.');
    expect(when).toMatch(/^Opens at .+, your time$/);
    expect(scene.spoken.filter((line) => line === why)).toHaveLength(1);
  });
});

describe('a tool of the page', () => {
  const tool = (handler: () => unknown) => ({ name: 'show-cart', description: 'Show your cart', handler });

  it('runs only when the visitor allows it', async () => {
    const bot = await meet();
    const handler = vi.fn(() => ({ items: 2 }));
    await scene.panel.addTool(tool(handler));
    const field = focused();
    const called = bot.callTool(scene.conversation(), 'show-cart', { order: 'AW-1042' });
    await there('.consent');
    expect(texts('.consent .title')).toEqual(['Helper · bot asks to do this on the page: Show your cart']);
    expect(texts('.consent dt, .consent dd')).toEqual(['order', 'AW-1042']);
    expect(focused()).toBe(field);
    expect(handler).not.toHaveBeenCalled();
    await press('.consent button', 0);
    expect(handler.mock.calls).toHaveLength(1);
    expect(await called).toEqual({ outcome: 'done', output: { items: 2 } });
    expect(scene.find('.consent')).toBeNull();
  });

  it('does not run when he does not, or says nothing', async () => {
    const bot = await meet();
    const handler = vi.fn();
    await scene.panel.addTool(tool(handler));
    const refused = bot.callTool(scene.conversation(), 'show-cart');
    await there('.consent');
    await press('.consent button', 1);
    expect((await refused).outcome).toBe('refused');
    const unanswered = bot.callTool(scene.conversation(), 'show-cart');
    await there('.consent');
    await scene.wait(61_000);
    expect((await unanswered).outcome).toBe('timed-out');
    expect(scene.find('.consent')).toBeNull();
    expect(handler).not.toHaveBeenCalled();
  });
});
