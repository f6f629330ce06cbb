import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChatError } from '../chat-error.ts';
import { type Pair, pair } from '../testing/pair.ts';
import type { Chat, Entry } from './types.ts';

let at: Pair;
beforeEach(async () => {
  at = await pair();
});
afterEach(async () => {
  await at.destroy();
  // Nothing is left behind, whatever the test did.
  expect({ lines: at.network.open, timers: at.clock.waiting }).toEqual({ lines: 0, timers: 0 });
});

const textOf = ({ event, text }: Entry) =>
  event?.body.kind === 'message' ? event.body.blocks.map((block) => block.text).join('\n') : text;
const texts = (chat: Chat) => chat.state.entries.map(textOf).filter((text) => text !== null);
const deliveries = (chat: Chat) =>
  chat.state.entries.map(({ delivery }) => delivery).filter((delivery) => delivery !== null);
function goOffline() {
  at.network.mode = 'refused';
  at.http.mode = 'refused';
}
function comeBack() {
  at.network.mode = 'ok';
  at.http.mode = 'ok';
}
/** The log and the screen of Mia are the same, and each text is there once. */
function expectSame(chat: Chat, said: string[]) {
  const id = chat.state.conversation?.id ?? '';
  const { state, events } = at.server.log(id, 'visitor');
  expect(texts(chat)).toEqual(said);
  expect(at.server.transcript(id).map(({ text }) => text)).toEqual(said);
  expect(chat.state.conversation).toEqual(state);
  expect(chat.state.entries.map(({ event }) => event)).toEqual(events);
}

describe('createChat', () => {
  it('shows a message at once, then as sent, delivered and read, and keeps its key', async () => {
    const { chat, server, clock } = at;
    const sent = chat.send('Is the blue scarf still there?');
    expect(chat.state.entries).toMatchObject([
      { text: 'Is the blue scarf still there?', delivery: 'sending', event: null },
    ]);
    const [before] = chat.state.entries;
    await clock.advance(100);
    const ref = await sent;
    const last = () => chat.state.entries.at(-1);
    expect(last()).toMatchObject({ key: before?.key, delivery: 'sent', event: { seq: 2 } });
    expect(ref).toEqual({ id: before?.key, conversation: chat.state.conversation?.id, seq: 2 });
    server.agent('ada').take(ref.conversation);
    server.agent('ada').mark(ref.conversation, { delivered: 2 });
    await clock.advance(100);
    expect(deliveries(chat)).toEqual(['delivered']);
    server.agent('ada').mark(ref.conversation);
    await clock.advance(100);
    expect(deliveries(chat)).toEqual(['read']);
  });

  it('leaves unchanged parts of its state identical', async () => {
    const { chat, server, clock } = at;
    void chat.send('Hello');
    await clock.advance(1_000);
    const before = chat.state;
    server.changeSite({ availability: 'away' });
    await clock.advance(100);
    expect(chat.state).not.toBe(before);
    expect(chat.state.entries).toBe(before.entries);
    expect(chat.state.conversation).toBe(before.conversation);
    const now = chat.state;
    server.inject('visitor', { type: 'site', site: now.site });
    server.inject('visitor', { type: 'something-new' });
    await clock.advance(100);
    expect(chat.state.entries).toBe(now.entries);
  });

  it('counts what others said until it is read, and tells the relay what it got', async () => {
    const { chat, server, clock } = at;
    const heard: string[] = [];
    chat.on('message', (event) => heard.push(event.id));
    void chat.send('Hello');
    await clock.advance(100);
    const id = chat.state.conversation?.id ?? '';
    server.agent('ada').take(id);
    server.agent('ada').say(id, 'Hello Mia');
    server.agent('ada').note(id, 'A regular');
    server.agent('ada').say(id, 'How can I help?');
    await clock.advance(100);
    expect(chat.state.unread).toBe(2);
    expect(heard).toHaveLength(2);
    expect(server.conversations.get(id)?.cursors.get('visitor')).toEqual({ delivered: 5, read: 0 });
    chat.markRead();
    expect(chat.state.unread).toBe(0);
    await clock.advance(100);
    expect(server.conversations.get(id)?.cursors.get('visitor')).toEqual({ delivered: 5, read: 5 });
  });

  it('shows who types until he stops, speaks or six seconds pass', async () => {
    const { chat, server, clock } = at;
    void chat.send('Hello');
    await clock.advance(100);
    const id = chat.state.conversation?.id ?? '';
    const ada = server.agent('ada');
    ada.take(id);
    ada.typing(id);
    await clock.advance(100);
    expect(chat.state.typing).toEqual(['Ada']);
    await clock.advance(6_000);
    expect(chat.state.typing).toEqual([]);
    ada.typing(id);
    await clock.advance(100);
    ada.say(id, 'Yes');
    await clock.advance(100);
    expect(chat.state.typing).toEqual([]);
  });

  it('says that it types at most once in three seconds', async () => {
    const { chat, network, clock } = at;
    void chat.send('Hello');
    await clock.advance(100);
    const typed = () => network.traffic.filter(({ text }) => text.includes('"typing"')).length;
    for (let i = 0; i < 10; i++) {
      chat.typing();
      await clock.advance(500);
    }
    expect(typed()).toBe(2);
  });

  it('shows the place in the queue until somebody answers', async () => {
    const { chat, server, clock } = at;
    server.visitor('Noah').say('I was first');
    await clock.advance(1);
    void chat.send('Hello');
    await clock.advance(1_000);
    expect(chat.state.queue).toEqual({ position: 2, waitMs: null });
    server.agent('ada').take(chat.state.conversation?.id ?? '');
    await clock.advance(1_000);
    expect(chat.state.queue).toBeNull();
  });

  it('shows no place in the queue that was true before the line broke', async () => {
    const { chat, server, clock, network } = at;
    void chat.send('Hello');
    await clock.advance(1_000);
    expect(chat.state.queue).toMatchObject({ position: 1 });
    goOffline();
    network.cut();
    expect(chat.state.connection.status).toBe('reconnecting');
    expect(chat.state.queue).toBeNull();
    comeBack();
    await clock.advance(5_000);
    expect(chat.state.queue).toMatchObject({ position: 1 });
    expect(server.conversations.size).toBe(1);
  });

  it('refuses empty and oversized messages without sending them', async () => {
    const { chat, network } = at;
    const before = network.traffic.length;
    await expect(chat.send('  \n ')).rejects.toMatchObject({ code: 'empty-message', retryable: false });
    await expect(chat.send('x'.repeat(16_385))).rejects.toMatchObject({ code: 'too-large' });
    // Short enough as text, but longer than a frame once written as JSON.
    await expect(chat.send('\u0001'.repeat(11_000))).rejects.toMatchObject({ code: 'too-large' });
    expect(chat.state.entries).toEqual([]);
    expect(network.traffic).toHaveLength(before);
  });

  it('keeps a message that was refused for good, and sends it again with its old id when asked', async () => {
    const { chat, server, clock } = at;
    const errors: unknown[] = [];
    server.refuse('too-large');
    const sent = chat.send('Hello').catch((error) => errors.push(error));
    await clock.advance(100);
    await sent;
    expect(errors).toMatchObject([{ code: 'too-large', retryable: false }]);
    const [failed] = chat.state.entries;
    expect(failed).toMatchObject({ delivery: 'failed', error: { code: 'too-large' }, text: 'Hello' });
    chat.retry(failed?.key ?? '');
    await clock.advance(100);
    expect(chat.state.entries.at(-1)).toMatchObject({ key: failed?.key, delivery: 'sent' });
  });

  it('forgets a failed message when it is discarded', async () => {
    const { chat, server, clock, storage } = at;
    server.refuse('too-large');
    chat.send('Hello').catch(() => {});
    await clock.advance(100);
    chat.discard(chat.state.entries[0]?.key ?? '');
    expect(chat.state.entries).toEqual([]);
    expect(Object.keys(storage.all).filter((key) => key.includes(':out:'))).toEqual([]);
  });

  it('holds everything back while the relay asks for patience, then sends it in order', async () => {
    const { chat, server, clock } = at;
    server.refuse('rate-limited', { times: 3, retryAfterMs: 4_000 });
    for (const text of ['One', 'Two', 'Three']) void chat.send(text);
    await clock.advance(3_900);
    expect(deliveries(chat)).toEqual(['sending', 'sending', 'sending']);
    await clock.advance(2_000);
    expectSame(chat, ['One', 'Two', 'Three']);
  });

  it('waits longer once for each round of refusals, however many messages were in it', async () => {
    const { chat, server, clock, network } = at;
    server.refuse('unavailable', { times: 32 });
    for (let i = 0; i < 16; i++) void chat.send(`Message ${i}`);
    const asked = () => network.traffic.filter(({ text }) => text.includes('"type":"send"')).length;
    await clock.advance(50);
    expect(asked()).toBe(16);
    // random() is 0.5: half of 500 ms after the first round, half of 1,000 ms after the second.
    await clock.advance(300);
    expect(asked()).toBe(32);
    await clock.advance(600);
    expect(asked()).toBe(48);
    expect(deliveries(chat)).toEqual(Array(16).fill('sent'));
  });

  it('goes on in the conversation where its message landed', async () => {
    const { chat, server, clock, storage, newChat } = at;
    // Another device of hers, which does not know of this one.
    void chat.send('From the phone');
    await clock.advance(100);
    const session = storage.all[`sveiki:${server.site}:session`] ?? '';
    const laptop = newChat({ storage: { ...memory({ [`sveiki:${server.site}:session`]: session }) } });
    goOffline();
    void laptop.send('From the laptop');
    void laptop.send('And again');
    await clock.advance(100);
    comeBack();
    await clock.advance(30_000);
    expectSame(laptop, ['From the phone', 'From the laptop', 'And again']);
    expectSame(chat, ['From the phone', 'From the laptop', 'And again']);
  });

  it('begins a new conversation after the window, and lets the rest of the outbox follow', async () => {
    const short = await pair({ reopenWindowMs: 1_000 });
    const { chat, server, clock, network } = short;
    void chat.send('First question');
    await clock.advance(100);
    const first = chat.state.conversation?.id ?? '';
    server.agent('ada').take(first);
    server.agent('ada').resolve(first);
    await clock.advance(60_000);
    network.cut();
    void chat.send('Second question');
    void chat.send('By the way');
    await clock.advance(30_000);
    expect(chat.state.conversation?.id).not.toBe(first);
    expect(texts(chat)).toEqual(['Second question', 'By the way']);
    expect(server.conversations.size).toBe(2);
    await short.destroy();
  });

  it('reopens a resolved conversation by writing again', async () => {
    const { chat, server, clock } = at;
    void chat.send('Hello');
    await clock.advance(100);
    const id = chat.state.conversation?.id ?? '';
    server.agent('ada').take(id);
    server.agent('ada').resolve(id);
    await clock.advance(100);
    expect(chat.state.conversation?.status).toBe('resolved');
    void chat.send('One more thing');
    await clock.advance(100);
    expect(chat.state.conversation).toMatchObject({ id, status: 'open', reopenedCount: 1 });
    expectSame(chat, ['Hello', 'One more thing']);
  });

  it('pages older history in, without holes, until there is none', async () => {
    const paged = await pair({ pageEvents: 10 });
    const { chat, server, clock, storage, newChat } = paged;
    void chat.send('Hello');
    await clock.advance(100);
    const id = chat.state.conversation?.id ?? '';
    server.agent('ada').take(id);
    for (let i = 0; i < 120; i++) server.agent('ada').say(id, `Answer ${i}`);
    await clock.advance(100);
    const reloaded = newChat({ storage });
    reloaded.connect();
    await clock.advance(100);
    expect(reloaded.state).toMatchObject({ hasOlder: true, loadingOlder: false });
    expect(reloaded.state.entries).toHaveLength(10);
    const loading = reloaded.loadOlder();
    expect(reloaded.state.loadingOlder).toBe(true);
    await clock.advance(100);
    await loading;
    expect(reloaded.state.entries).toHaveLength(60);
    while (reloaded.state.hasOlder) {
      const more = reloaded.loadOlder();
      await clock.advance(100);
      await more;
    }
    expect(reloaded.state.entries.map(({ event }) => event?.seq)).toEqual(Array.from({ length: 123 }, (_, i) => i + 1));
    await reloaded.loadOlder();
    await paged.destroy();
  });

  it('loads older history over the next line when the first one broke', async () => {
    const paged = await pair({ pageEvents: 5 });
    const { chat, server, clock, network } = paged;
    void chat.send('Hello');
    await clock.advance(100);
    const id = chat.state.conversation?.id ?? '';
    server.agent('ada').take(id);
    for (let i = 0; i < 20; i++) server.agent('ada').say(id, `Answer ${i}`);
    await clock.advance(100);
    const reloaded = paged.newChat();
    reloaded.connect();
    await clock.advance(100);
    const loading = reloaded.loadOlder();
    network.cut();
    await clock.advance(30_000);
    await loading;
    expect(reloaded.state.hasOlder).toBe(false);
    expect(reloaded.state.entries).toHaveLength(23);
    await paged.destroy();
  });

  it('opens and stores nothing before it is asked to', async () => {
    const { newChat, network, clock } = at;
    const disk = memory({});
    const tried = network.tried;
    const chat = newChat({ storage: disk });
    expect(chat.hasHistory()).toBe(false);
    chat.setDraft('Hel');
    chat.markRead();
    chat.typing();
    await clock.advance(1_000);
    expect(network.tried).toBe(tried);
    expect(disk.writes).toBe(0);
    expect(disk.reads).toBe(1);
  });

  it('keeps a draft over a reload, and nothing of a visitor who only looked', async () => {
    const { newChat, clock } = at;
    const disk = memory({});
    const looker = newChat({ storage: disk });
    looker.connect();
    await clock.advance(100);
    expect(looker.hasHistory()).toBe(false);
    looker.setDraft('Do you ship to');
    await looker.destroy();
    const reloaded = newChat({ storage: disk });
    reloaded.connect();
    expect(reloaded.state.draft).toBe('Do you ship to');
    reloaded.setDraft('');
    await reloaded.destroy();
    expect(disk.keys()).toEqual([]);
  });

  it('sends what was written without a network after a reload, exactly once', async () => {
    const { server, clock, newChat } = at;
    const disk = memory({});
    goOffline();
    const offline = newChat({ storage: disk });
    void offline.send('Written on the train');
    void offline.send('In the tunnel');
    await clock.advance(10_000);
    await offline.destroy();
    expect(newChat({ storage: disk }).hasHistory()).toBe(true);
    const reloaded = newChat({ storage: disk });
    reloaded.connect();
    expect(texts(reloaded)).toEqual(['Written on the train', 'In the tunnel']);
    comeBack();
    await clock.advance(60_000);
    expectSame(reloaded, ['Written on the train', 'In the tunnel']);
    expect(server.conversations.size).toBe(1);
  });

  it('writes new messages after those an earlier page left, even when the clock stepped back', async () => {
    const { clock, newChat } = at;
    const disk = memory({});
    goOffline();
    const before = newChat({ storage: disk });
    void before.send('First');
    await before.destroy();
    clock.jump(-86_400_000);
    const after = newChat({ storage: disk });
    void after.send('Second');
    comeBack();
    await clock.advance(60_000);
    expectSame(after, ['First', 'Second']);
  });

  it('does not send again what an earlier page had sent already', async () => {
    const { server, clock, network, newChat } = at;
    const disk = memory({});
    const before = newChat({ storage: disk });
    before.connect();
    await clock.advance(100);
    network.meddle = (text, direction) => (direction === 'down' && /"(ack|event)"/.test(text) ? [] : [text]);
    void before.send('Hello');
    await clock.advance(100);
    await before.destroy();
    network.meddle = null;
    const reloaded = newChat({ storage: disk });
    reloaded.connect();
    await clock.advance(1_000);
    expectSame(reloaded, ['Hello']);
    expect(server.conversations.size).toBe(1);
    expect(disk.keys().filter((key) => key.includes(':out:'))).toEqual([]);
  });

  it('shows no message twice when its ack is older than the page of history it gets', async () => {
    const { server, clock, network, newChat } = at;
    const disk = memory({});
    const before = newChat({ storage: disk });
    before.connect();
    await clock.advance(100);
    network.meddle = (text, direction) => (direction === 'down' && /"(ack|event)"/.test(text) ? [] : [text]);
    void before.send('Hello');
    await clock.advance(100);
    await before.destroy();
    network.meddle = null;
    const [id = ''] = server.conversations.keys();
    server.agent('ada').take(id);
    for (let i = 0; i < 80; i++) server.agent('ada').say(id, `Answer ${i}`);
    await clock.advance(100);
    const reloaded = newChat({ storage: disk });
    reloaded.connect();
    await clock.advance(1_000);
    expect(texts(reloaded)).not.toContain('Hello');
    expect(reloaded.state.entries).toHaveLength(50);
  });

  it('goes on in memory when the disk is full', async () => {
    const { chat, storage, clock } = at;
    storage.fill();
    void chat.send('Hello');
    chat.setDraft('And');
    await clock.advance(100);
    expectSame(chat, ['Hello']);
    expect(chat.state.draft).toBe('And');
  });

  it('survives a disk that may not even be looked at', async () => {
    const { clock, newChat } = at;
    const forbidden = () => {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    };
    const chat = newChat({ storage: { keys: forbidden, get: forbidden, set: forbidden, remove: forbidden } });
    expect(chat.hasHistory()).toBe(false);
    void chat.send('Hello');
    await clock.advance(100);
    expectSame(chat, ['Hello']);
  });

  it('forgets the visitor at logout, and the next message is from somebody new', async () => {
    const { chat, storage, server, clock } = at;
    void chat.send('Hello');
    await clock.advance(100);
    const before = chat.state.visitor?.id;
    chat.setDraft('secret');
    await chat.logout();
    expect(storage.all).toEqual({});
    expect(chat.state).toMatchObject({
      connection: { status: 'idle' },
      conversation: null,
      entries: [],
      draft: '',
      visitor: null,
    });
    void chat.send('Hello again');
    await clock.advance(100);
    expect(chat.state.visitor?.id).not.toBe(before);
    expect(server.conversations.size).toBe(2);
  });

  it('answers every call after destroy with "destroyed", also those under way', async () => {
    const { chat, storage, network, clock } = at;
    network.mode = 'lost';
    network.cut();
    const sent = chat.send('Hello');
    await chat.destroy();
    await expect(sent).rejects.toMatchObject({ code: 'destroyed' });
    await expect(chat.send('Hello')).rejects.toMatchObject({ code: 'destroyed' });
    await expect(chat.loadOlder()).rejects.toMatchObject({ code: 'destroyed' });
    await expect(chat.identify({ token: 'x' })).rejects.toMatchObject({ code: 'destroyed' });
    await expect(chat.logout()).rejects.toBeInstanceOf(ChatError);
    const [unsent] = chat.state.entries;
    chat.retry(unsent?.key ?? '');
    chat.discard(unsent?.key ?? '');
    chat.connect();
    chat.typing();
    chat.markRead();
    chat.setDraft('x');
    await clock.advance(1_000);
    // What was not sent stays on disk.
    expect(Object.keys(storage.all).filter((key) => key.includes(':out:'))).toHaveLength(1);
  });

  it('lets a handler that throws hurt nobody else', async () => {
    const { chat, clock } = at;
    const uncaught: unknown[] = [];
    const listener = (error: unknown) => uncaught.push(error);
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', listener);
    const problem = new Error('A bug of the page');
    let calls = 0;
    chat.subscribe(() => {
      throw problem;
    });
    chat.subscribe(() => calls++);
    void chat.send('Hello');
    await clock.advance(100);
    process.removeAllListeners('unhandledRejection');
    for (const other of others) process.on('unhandledRejection', other);
    expect(calls).toBeGreaterThan(0);
    expect(uncaught).toContain(problem);
    expectSame(chat, ['Hello']);
  });

  it('ends handlers by their return value, a signal or after once', async () => {
    const { chat, server, clock } = at;
    void chat.send('Hello');
    await clock.advance(100);
    const id = chat.state.conversation?.id ?? '';
    server.agent('ada').take(id);
    const heard: string[] = [];
    const abort = new AbortController();
    const off = chat.on('message', () => heard.push('off'));
    chat.on('message', () => heard.push('signal'), { signal: abort.signal });
    chat.on('message', () => heard.push('once'), { once: true });
    chat.on('message', () => heard.push('never'), { signal: AbortSignal.abort() });
    server.agent('ada').say(id, 'One');
    await clock.advance(100);
    off();
    abort.abort();
    server.agent('ada').say(id, 'Two');
    await clock.advance(100);
    expect(heard).toEqual(['off', 'signal', 'once']);
  });

  it('throws at once when an option is missing, and says which', () => {
    expect(() => at.newChat({ site: '' })).toThrow(/`site`/);
    expect(() => at.newChat({ server: undefined as never })).toThrow(/`server`/);
  });
});

/** A disk that counts how often it is touched. */
function memory(start: Record<string, string>) {
  const values = new Map(Object.entries(start));
  return {
    reads: 0,
    writes: 0,
    keys: () => [...values.keys()],
    get(key: string) {
      this.reads++;
      return values.get(key) ?? null;
    },
    set(key: string, value: string) {
      this.writes++;
      values.set(key, value);
    },
    remove(key: string) {
      this.writes++;
      values.delete(key);
    },
  };
}
