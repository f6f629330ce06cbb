import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeTab, fakeBrowser } from '../testing/fake-browser.ts';
import { type Pair, pair } from '../testing/pair.ts';
import { createChatIn } from './create-chat.ts';
import type { Chat, ToolRequest } from './types.ts';

let at: Pair;
let browser: ReturnType<typeof fakeBrowser>;
beforeEach(async () => {
  at = await pair({ bots: [{ id: 'robin', name: 'Robin' }], firstBot: 'robin' });
  browser = fakeBrowser();
  // What a bot's call needs is fetched when one calls; here it is there at once.
  await import('./tools.ts');
});
afterEach(async () => {
  await at.destroy();
  expect({ lines: at.network.open, timers: at.clock.waiting }).toEqual({ lines: 0, timers: 0 });
});

async function talking(chat: Chat = at.chat) {
  await Promise.all([chat.send('What is in my cart?'), at.clock.advance(500)]);
  return chat.state.conversation?.id ?? '';
}
/** The bot calls a tool, and half a second passes. */
async function call(conversation: string, tool: string, input: Record<string, unknown> = {}) {
  const result = at.server.agent('robin').callTool(conversation, tool, input);
  await at.clock.advance(500);
  return result;
}

describe('tools of a page', () => {
  it('run when they need no consent, and give the bot their output', async () => {
    const conversation = await talking();
    const take = at.chat.tools.register({
      name: 'show-cart',
      needsConsent: false,
      handler: async ({ page }) => ({ page, items: ['scarf'] }),
    });
    await expect(call(conversation, 'show-cart', { page: 2 })).resolves.toEqual({
      outcome: 'done',
      output: { page: 2, items: ['scarf'] },
    });
    await expect(call(conversation, 'other')).resolves.toEqual({ outcome: 'no-such-tool' });
    take();
    await expect(call(conversation, 'show-cart')).resolves.toEqual({ outcome: 'no-such-tool' });
  });

  it('ask the visitor first, with what is going to happen', async () => {
    const conversation = await talking();
    let runs = 0;
    at.chat.tools.register({ name: 'buy', description: 'Buys the scarf', handler: () => void runs++ });
    // Nobody is there to ask.
    await expect(call(conversation, 'buy')).resolves.toEqual({ outcome: 'refused' });
    const requests: ToolRequest[] = [];
    at.chat.on('tool-call', (request) => requests.push(request));
    const allowed = at.server.agent('robin').callTool(conversation, 'buy', { size: 'M' });
    await at.clock.advance(5_000);
    const [request] = requests.splice(0);
    expect(request).toMatchObject({
      tool: 'buy',
      description: 'Buys the scarf',
      input: { size: 'M' },
      who: { id: 'robin', name: 'Robin', bot: true },
    });
    expect(runs).toBe(0);
    request?.allow();
    request?.refuse();
    await at.clock.advance(100);
    await expect(allowed).resolves.toEqual({ outcome: 'done' });
    expect(request?.signal.aborted).toBe(true);
    const refused = at.server.agent('robin').callTool(conversation, 'buy', {});
    await at.clock.advance(500);
    requests[0]?.refuse();
    await at.clock.advance(100);
    await expect(refused).resolves.toEqual({ outcome: 'refused' });
    expect(runs).toBe(1);
  });

  it('take no answer after a minute as none', async () => {
    const conversation = await talking();
    let runs = 0;
    at.chat.tools.register({ name: 'buy', handler: () => void runs++ });
    const requests: ToolRequest[] = [];
    at.chat.on('tool-call', (request) => requests.push(request));
    const called = at.server.agent('robin').callTool(conversation, 'buy', {});
    await at.clock.advance(61_000);
    await expect(called).resolves.toEqual({ outcome: 'timed-out' });
    expect(requests[0]?.signal.aborted).toBe(true);
    requests[0]?.allow();
    await at.clock.advance(100);
    expect(runs).toBe(0);
  });

  it('that throw, give too much or are called nonsense fail alone, and the site hears why', async () => {
    const conversation = await talking();
    const heard: string[] = [];
    at.chat.on('error', ({ message }) => heard.push(message));
    at.chat.tools.register({
      name: 'broken',
      needsConsent: false,
      handler: () => {
        throw new Error('a secret of the shop');
      },
    });
    at.chat.tools.register({ name: 'huge', needsConsent: false, handler: () => 'x'.repeat(20_000) });
    await expect(call(conversation, 'broken')).resolves.toEqual({ outcome: 'failed' });
    await expect(call(conversation, 'huge')).resolves.toEqual({ outcome: 'failed' });
    expect(heard).toEqual(['The tool "broken" of this page failed.', 'The tool "huge" of this page failed.']);
    expect(() => at.chat.tools.register({ name: 'broken', handler: () => 0 })).toThrow(
      'is no name for a tool, or taken',
    );
    expect(() => at.chat.tools.register({ name: 'Not a name', handler: () => 0 })).toThrow('no name');
    at.server.inject('visitor', {
      type: 'tool-call',
      call: 'call-0001',
      conversation,
      tool: 'broken',
      input: null,
      who: {},
    });
    await at.clock.advance(100);
    expect(at.chat.state.connection.status).toBe('online');
  });

  it('end with the chat', async () => {
    const conversation = await talking();
    let signal: AbortSignal | undefined;
    at.chat.tools.register({
      name: 'slow',
      needsConsent: false,
      handler: (_input, options) => {
        ({ signal } = options);
        return new Promise(() => {});
      },
    });
    const called = at.server.agent('robin').callTool(conversation, 'slow', {});
    await at.clock.advance(500);
    expect(signal?.aborted).toBe(false);
    await at.chat.destroy();
    expect(signal?.aborted).toBe(true);
    await at.clock.advance(60_000);
    await expect(called).resolves.toEqual({ outcome: 'timed-out' });
  });
});

describe('tools of several tabs', () => {
  function open(tab: FakeTab = browser.newTab()) {
    const { server, clock, network, http } = at;
    const chat = createChatIn(tab, {
      site: server.site,
      server: server.url,
      clock: tab.clock(clock),
      random: Math.random,
      WebSocket: tab.sockets(network.WebSocket),
      fetch: http.fetch,
    });
    const runs: string[] = [];
    return { tab, chat, runs };
  }

  it('run in one of them: in the one that is looked at, if it has the tool', async () => {
    await at.chat.destroy();
    const tabs = [open(), open(), open(), open()];
    for (const { chat } of tabs) chat.connect();
    await at.clock.advance(1_000);
    const [leader, hidden, shown, without] = tabs;
    const conversation = await talking(leader?.chat);
    for (const one of [leader, hidden, shown])
      one?.chat.tools.register({ name: 'go', needsConsent: false, handler: () => void one.runs.push('go') });
    for (const one of [hidden, shown])
      one?.chat.tools.register({ name: 'stay', needsConsent: false, handler: () => void one.runs.push('stay') });
    // The tab that has the line is looked at: nobody else is asked.
    for (const one of [hidden, shown, without]) one?.tab.show(false);
    await expect(call(conversation, 'go')).resolves.toEqual({ outcome: 'done' });
    expect(leader?.runs.splice(0)).toEqual(['go']);
    leader?.tab.show(false);
    shown?.tab.show(true);
    await expect(call(conversation, 'go')).resolves.toEqual({ outcome: 'done' });
    expect(shown?.runs.splice(0)).toEqual(['go']);
    shown?.tab.show(false);
    without?.tab.show(true);
    await expect(call(conversation, 'stay')).resolves.toEqual({ outcome: 'done' });
    expect([...(hidden?.runs ?? []), ...(shown?.runs ?? [])]).toEqual(['stay']);
    await expect(call(conversation, 'none')).resolves.toEqual({ outcome: 'no-such-tool' });
    await at.clock.advance(10_000);
    expect(tabs.flatMap(({ runs }) => runs)).toEqual(['stay']);
    for (const { chat } of tabs) await chat.destroy();
    await at.clock.settle();
    expect(browser.left).toBe(0);
  });
});
