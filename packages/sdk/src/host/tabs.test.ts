import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeTab, fakeBrowser } from '../testing/fake-browser.ts';
import { type Pair, pair } from '../testing/pair.ts';
import { createChatIn } from './create-chat.ts';
import type { Chat, ChatOptions } from './types.ts';

let at: Pair;
let browser: ReturnType<typeof fakeBrowser>;
let ends: (() => Promise<void>)[];

beforeEach(async () => {
  at = await pair();
  await at.chat.destroy();
  await at.agent.destroy();
  await at.clock.advance(1_000);
  browser = fakeBrowser();
  ends = [];
});
afterEach(async () => {
  for (const end of ends) await end();
  await at.destroy();
  expect({ lines: at.network.open, timers: at.clock.waiting, left: browser.left }).toEqual({
    lines: 0,
    timers: 0,
    left: 0,
  });
});

/** Chance that is the same in every run and different in every tab. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

function open(options: Partial<ChatOptions> = {}, tab: FakeTab = browser.newTab()): { tab: FakeTab; chat: Chat } {
  const { clock: _clock, WebSocket: _WebSocket, ...rest } = options;
  const { server, clock, network, http } = at;
  const chat = createChatIn(tab, {
    site: server.site,
    server: server.url,
    clock: tab.clock(options.clock ?? clock),
    random: seeded(ends.length),
    WebSocket: tab.sockets(options.WebSocket ?? network.WebSocket),
    fetch: http.fetch,
    ...rest,
  });
  ends.push(async () => {
    await chat.destroy();
    expect(tab.listeners).toBe(0);
  });
  return { tab, chat };
}

const texts = (chat: Chat) =>
  chat.state.entries.flatMap(({ event, text }) =>
    event ? (event.body.kind === 'message' ? event.body.blocks.map((block) => block.text) : []) : [text],
  );

describe('tabs of one browser', () => {
  it('share one line, and all show the same', async () => {
    const { server, clock, network } = at;
    const tabs = [open(), open(), open(), open(), open()];
    for (const { chat } of tabs) chat.connect();
    await clock.advance(1_000);
    expect(network.open).toBe(1);
    void tabs[0]?.chat.send('From the first tab');
    void tabs[4]?.chat.send('From the last tab');
    await clock.advance(1_000);
    const id = tabs[0]?.chat.state.conversation?.id ?? '';
    server.agent('ada').take(id);
    server.agent('ada').say(id, 'Hello Mia');
    await clock.advance(100);
    server.agent('ada').typing(id);
    await clock.advance(1_000);
    for (const { chat } of tabs) {
      expect(texts(chat)).toEqual(['From the first tab', 'From the last tab', 'Hello Mia']);
      expect(chat.state).toMatchObject({
        unread: 1,
        typing: ['Ada'],
        connection: { status: 'online' },
        visitor: { name: null },
      });
      expect(chat.state.conversation).toEqual(tabs[0]?.chat.state.conversation);
    }
    tabs[2]?.chat.markRead();
    tabs[3]?.chat.setDraft('Thank');
    await clock.advance(100);
    for (const { chat } of tabs) expect(chat.state).toMatchObject({ unread: 0, draft: 'Thank' });
    expect(server.conversations.get(id)?.cursors.get('visitor')?.read).toBe(5);
    expect(network.tried - network.open).toBeLessThanOrEqual(2);
  });

  it('resolves and rejects in the tab that sent, whoever has the line', async () => {
    const { server, clock } = at;
    const [first, second] = [open(), open()];
    first.chat.connect();
    second.chat.connect();
    await clock.advance(100);
    const sent = second.chat.send('Hello');
    await clock.advance(100);
    await expect(sent).resolves.toMatchObject({ seq: 2 });
    server.refuse('too-large');
    const refused = second.chat.send('Too much');
    await clock.advance(100);
    await expect(refused).rejects.toMatchObject({ code: 'too-large' });
    expect(first.chat.state.entries.at(-1)).toMatchObject({ delivery: 'failed', text: 'Too much' });
    first.chat.discard(first.chat.state.entries.at(-1)?.key ?? '');
    await clock.advance(100);
    expect(texts(second.chat)).toEqual(['Hello']);
  });

  it('gives a tab that comes later everything the others have', async () => {
    const { server, clock } = at;
    const first = open();
    void first.chat.send('Hello');
    await clock.advance(100);
    const id = first.chat.state.conversation?.id ?? '';
    server.agent('ada').take(id);
    server.agent('ada').say(id, 'Hello Mia');
    await clock.advance(100);
    const second = open();
    second.chat.connect();
    await clock.advance(50);
    expect(texts(second.chat)).toEqual(['Hello', 'Hello Mia']);
    expect(second.chat.state.unread).toBe(1);
    expect(at.network.open).toBe(1);
  });

  it('have a new leader at once when the leader is gone, with nothing lost or doubled', async () => {
    const { server, clock, network } = at;
    const [first, second] = [open(), open()];
    first.chat.connect();
    second.chat.connect();
    await clock.advance(100);
    void first.chat.send('Last words of the first tab');
    await clock.advance(5);
    first.tab.kill();
    network.cut();
    void second.chat.send('Words of the second');
    await clock.advance(2_000);
    expect(texts(second.chat)).toEqual(['Last words of the first tab', 'Words of the second']);
    const id = second.chat.state.conversation?.id ?? '';
    expect(server.transcript(id).map(({ text }) => text)).toEqual([
      'Last words of the first tab',
      'Words of the second',
    ]);
    expect(second.chat.state.connection.status).toBe('online');
    await clock.advance(60_000);
    expect(server.conversations.size).toBe(1);
  });

  it('take the line from a leader that is frozen', async () => {
    const { clock, server } = at;
    const [first, second] = [open(), open()];
    first.chat.connect();
    await clock.advance(100);
    second.chat.connect();
    await clock.advance(100);
    first.tab.freeze();
    void second.chat.send('Is anybody there?');
    await clock.advance(2_100);
    const id = second.chat.state.conversation?.id ?? '';
    expect(server.transcript(id)).toEqual([{ by: 'visitor', text: 'Is anybody there?' }]);
    expect(second.chat.state.connection.status).toBe('online');
    first.tab.thaw();
    await clock.advance(5_000);
    // The one that slept follows now.
    expect(at.network.open).toBe(1);
    expect(texts(first.chat)).toEqual(['Is anybody there?']);
  });

  it('let go of line, lock and channel when the page is put aside, and come back with it', async () => {
    const { clock, server, network } = at;
    const [first, second] = [open(), open()];
    void first.chat.send('Hello');
    second.chat.connect();
    await clock.advance(100);
    first.tab.fire({ type: 'pagehide' });
    await clock.advance(1_000);
    expect(network.open).toBe(1);
    expect(second.chat.state.connection.status).toBe('online');
    const id = second.chat.state.conversation?.id ?? '';
    server.agent('ada').take(id);
    server.agent('ada').say(id, 'While you were away');
    second.tab.fire({ type: 'pagehide' });
    await clock.advance(1_000);
    expect(network.open).toBe(0);
    expect(browser.left).toBe(0);
    first.tab.fire({ type: 'pageshow', persisted: true });
    await clock.advance(1_000);
    expect(texts(first.chat)).toEqual(['Hello', 'While you were away']);
    expect(network.open).toBe(1);
  });

  it('do not come back at a pageshow that was no return', async () => {
    const { clock, network } = at;
    const first = open();
    first.chat.connect();
    await clock.advance(100);
    first.tab.fire({ type: 'pageshow', persisted: false });
    await clock.advance(100);
    expect(network.tried).toBe(network.open + 2);
  });

  it('have a line each where locks are missing, and still show each message once', async () => {
    const { clock, network, server } = at;
    const [first, second] = [
      open({}, browser.newTab({ hasLocks: false })),
      open({}, browser.newTab({ hasLocks: false })),
    ];
    void first.chat.send('Hello');
    await clock.advance(100);
    void second.chat.send('Me again');
    await clock.advance(1_000);
    expect(network.open).toBe(2);
    expect(texts(first.chat)).toEqual(['Hello', 'Me again']);
    expect(texts(second.chat)).toEqual(['Hello', 'Me again']);
    expect(server.conversations.size).toBe(1);
  });

  it('have a line each when they are told not to share', async () => {
    const [first, second] = [open({ shareTabs: false }), open({ shareTabs: false })];
    first.chat.connect();
    second.chat.connect();
    await at.clock.advance(100);
    expect(at.network.open).toBe(2);
  });

  it('are all signed out by one logout', async () => {
    const { clock, network } = at;
    const [first, second] = [open(), open()];
    void first.chat.send('Hello');
    second.chat.connect();
    await clock.advance(100);
    await second.chat.logout();
    await clock.advance(100);
    for (const { chat } of [first, second])
      expect(chat.state).toMatchObject({ entries: [], conversation: null, connection: { status: 'idle' } });
    expect(network.open).toBe(0);
    expect([...browser.disk.keys()]).toEqual([]);
  });

  it('all hear why the relay does not serve them', async () => {
    const { clock } = at;
    const [first, second] = [open({ site: 'pk_nobody' }), open({ site: 'pk_nobody' })];
    first.chat.connect();
    second.chat.connect();
    const before = second.chat.send('Is anybody there?');
    await clock.advance(1_000);
    await expect(before).rejects.toMatchObject({ code: 'bad-site' });
    await expect(second.chat.send('And now?')).rejects.toMatchObject({ code: 'bad-site' });
  });

  it('page history in together, also when a follower asks', async () => {
    const paged = await pair({ pageEvents: 5 });
    const { server, clock, network } = paged;
    const options = { server: server.url, clock, WebSocket: network.WebSocket, fetch: paged.http.fetch };
    const [first, second] = [open(options), open(options)];
    void first.chat.send('Hello');
    await clock.advance(100);
    const id = first.chat.state.conversation?.id ?? '';
    server.agent('ada').take(id);
    for (let i = 0; i < 20; i++) server.agent('ada').say(id, `Answer ${i}`);
    network.cut();
    first.tab.kill();
    second.chat.connect();
    await clock.advance(1_000);
    const third = open(options);
    third.chat.connect();
    await clock.advance(100);
    const loading = third.chat.loadOlder();
    await clock.advance(100);
    await loading;
    expect(second.chat.state.entries).toHaveLength(23);
    expect(third.chat.state.entries).toEqual(second.chat.state.entries);
    for (const { chat } of [second, third]) await chat.destroy();
    await paged.destroy();
  });

  it('keep in step while what a follower wrote fits on no disk', async () => {
    const { clock, server } = at;
    const full = {
      keys: () => [],
      get: () => null,
      remove: () => {},
      set: () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
    };
    const [first, second] = [open({ storage: full }), open({ storage: full })];
    first.chat.connect();
    second.chat.connect();
    await clock.advance(100);
    void second.chat.send('Hello');
    await clock.advance(100);
    expect(texts(first.chat)).toEqual(['Hello']);
    expect(server.conversations.size).toBe(1);
  });
});

describe('a page', () => {
  it('tells where the visitor is, in which language and time zone, and on which page of which tab', async () => {
    const { clock, server } = at;
    const first = open();
    void first.chat.send('Hello');
    await clock.advance(100);
    expect(server.hellos.at(-1)).toMatchObject({
      role: 'visitor',
      locale: 'en',
      visit: { url: 'https://shop.example.com/scarves', title: 'Scarves' },
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    });
    const second = open();
    second.chat.connect();
    second.chat.visit({ url: `https://shop.example.com/${'x'.repeat(5_000)}`, title: 'Hats'.repeat(100) });
    await clock.advance(100);
    expect(
      at.network.traffic.some(
        ({ text, direction }) => direction === 'up' && text.includes('"visit"') && text.includes('Hats'),
      ),
    ).toBe(true);
    expect(first.chat.state.connection.status).toBe('online');
  });

  it('goes by what the browser says about its network, and is back at once', async () => {
    const { clock, network } = at;
    const { tab, chat } = open();
    void chat.send('Hello');
    await clock.advance(100);
    network.mode = 'refused';
    at.http.mode = 'refused';
    browser.setOnline(false, tab);
    network.cut();
    await clock.advance(60_000);
    expect(chat.state.connection).toEqual({ status: 'offline' });
    void chat.send('Still typing');
    network.mode = 'ok';
    at.http.mode = 'ok';
    browser.setOnline(true, tab);
    await clock.advance(100);
    expect(chat.state.connection.status).toBe('online');
    expect(texts(chat)).toEqual(['Hello', 'Still typing']);
    expect(chat.state.entries.at(-1)?.delivery).toBe('sent');
  });

  it('says at once that it is offline, and takes it back when the line is alive all the same', async () => {
    const { clock, network } = at;
    const { tab, chat } = open();
    void chat.send('Hello');
    await clock.advance(100);
    tab.show(false);
    network.stall('both');
    browser.setOnline(false, tab);
    expect(chat.state).toMatchObject({ connection: { status: 'offline' }, queue: null });
    network.flow();
    const { tried } = network;
    await clock.advance(1_000);
    expect(chat.state).toMatchObject({ connection: { status: 'online' }, queue: { position: 1 } });
    expect(network.tried).toBe(tried);
    browser.setOnline(true, tab);
  });

  it('finds a line that died while it was hidden, within three seconds', async () => {
    const { clock, network, server } = at;
    const { tab, chat } = open();
    void chat.send('Hello');
    await clock.advance(100);
    tab.show(false);
    network.stall('both');
    const id = chat.state.conversation?.id ?? '';
    server.agent('ada').take(id);
    server.agent('ada').say(id, 'Hello Mia');
    await clock.advance(20_000);
    tab.show(true);
    network.accept = server.accept;
    await clock.advance(2_900);
    expect(chat.state.connection.status).toBe('online');
    network.forget();
    network.flow();
    await clock.advance(1_000);
    expect(texts(chat)).toEqual(['Hello', 'Hello Mia']);
  });

  it('keeps a line that is alive when it is shown again', async () => {
    const { clock, network } = at;
    const { tab, chat } = open();
    void chat.send('Hello');
    await clock.advance(10_000);
    const tried = network.tried;
    tab.show(false);
    tab.show(true);
    browser.setOnline(true, tab);
    await clock.advance(10_000);
    expect(network.tried).toBe(tried);
    expect(chat.state.connection.status).toBe('online');
  });
});
