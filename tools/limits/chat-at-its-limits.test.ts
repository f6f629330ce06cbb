import { afterEach, describe, expect, it } from 'vitest';
import { plainText } from '../../packages/protocol/src/entities/block.ts';
import type { WebSocketLike } from '../../packages/sdk/src/connection/types.ts';
import { createChat } from '../../packages/sdk/src/host/create-chat.ts';
import type { Chat } from '../../packages/sdk/src/host/types.ts';
import { memoryStorage } from '../../packages/sdk/src/testing/storage.ts';
import { createRateLimiter } from '../../packages/server/src/limits.ts';
import type { Session } from '../../packages/server/src/relay.ts';
import {
  CONFIG,
  type RelayUnderTest,
  relayUnderTest,
  turn,
} from '../../packages/server/src/testing/relay-under-test.ts';

const SITE = CONFIG.sites[0]!;
const RULES = { firstMessageMs: 2_000, calm: 0, flood: 60, maxLinks: 1, bits: 8 };

let under: RelayUnderTest;
const chats: Chat[] = [];
afterEach(async () => {
  for (const chat of chats.splice(0)) await chat.destroy();
  await under.relay.stop();
});

/** The chat of the SDK over the whole relay, both by one standing clock, with a wire in between that keeps nothing back. */
async function connected(proofOfWork: 'off' | 'suspicious' | 'always' = 'off', spam = {}): Promise<Chat> {
  under = await relayUnderTest({ config: { sites: [{ ...SITE, spam: { ...RULES, proofOfWork, ...spam } }] } });
  under.limits.take = createRateLimiter(under.clock).take;
  return chatOn();
}

async function chatOn(): Promise<Chat> {
  class Wire implements WebSocketLike {
    readyState = 0;
    bufferedAmount = 0;
    onopen: WebSocketLike['onopen'] = null;
    onmessage: WebSocketLike['onmessage'] = null;
    onclose: WebSocketLike['onclose'] = null;
    onerror: WebSocketLike['onerror'] = null;
    #session: Session | null = null;
    constructor() {
      queueMicrotask(() => {
        this.#session = under.relay.openSession({
          ...{ bufferedBytes: 0, door: 'site', remote: { address: '192.0.2.7', origin: 'https://shop.example' } },
          send: (data) => queueMicrotask(() => this.onmessage?.({ data })),
          close: (code, reason) => queueMicrotask(() => this.#end(code, reason)),
        });
        this.readyState = 1;
        this.onopen?.({} as never);
      });
    }
    send(data: string) {
      this.#session?.receive(data);
    }
    close() {
      this.#end(1000, '');
    }
    #end(code: number, reason: string) {
      if (this.readyState === 3) return;
      this.readyState = 3;
      this.#session?.closed();
      this.onclose?.({ code, reason });
    }
  }
  const chat = createChat({
    ...{ site: SITE.key, server: 'http://127.0.0.1', transport: 'websocket', WebSocket: Wire },
    ...{ storage: memoryStorage(), clock: under.clock, random: () => 0, shareTabs: false },
  });
  chats.push(chat);
  chat.connect();
  await until(() => chat.state.connection.status === 'online');
  return chat;
}

/** Lets what is ready happen, as often as it takes; no time passes on the clock. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

/** His own words, and what became of them. */
const said = (chat: Chat) =>
  chat.state.entries.flatMap(({ text, event, delivery }) =>
    delivery === null ? [] : [[event?.body.kind === 'message' ? plainText(event.body.blocks) : text, delivery]],
  );

describe('a chat that is faster than it may be', () => {
  it('keeps everything, in order, and sends it when the relay said, with nothing lost and nothing twice', async () => {
    const chat = await connected('off', { firstMessageMs: 0 });
    const stored: string[] = [];
    const words = Array.from({ length: 16 }, (_, i) => `message ${i}`);
    for (const text of words) void chat.send(text).then(({ seq }) => stored.push(`${seq} ${text}`));
    chat.setDraft('and what I am writing');
    await until(() => stored.length === 10);
    await under.relay.settled();
    await turn();
    // Ten at once; the rest is neither stored nor failed.
    expect(stored).toHaveLength(10);
    expect(said(chat).slice(10)).toEqual(words.slice(10).map((text) => [text, 'sending']));
    expect(chat.state.draft).toBe('and what I am writing');
    for (let seconds = 0; seconds < 120 && stored.length < words.length; seconds += 2) {
      await under.clock.advance(2_000);
      await under.relay.settled();
      await turn();
    }
    expect(stored).toEqual(words.map((text, i) => `${i + 2} ${text}`));
    const [row] = await under.store.unresolved();
    expect(row?.state.head).toBe(1 + words.length);
    expect(said(chat).map(([text]) => text)).toEqual(words);
    expect(chat.state.draft).toBe('and what I am writing');
  });

  it('does the work that is asked of a stranger by itself, and says so while it does', async () => {
    const chat = await connected('always');
    const checking: boolean[] = [];
    chat.subscribe(() => {
      if (chat.state.checking !== (checking.at(-1) ?? false)) checking.push(chat.state.checking);
    });
    const sent = [chat.send('Hello'), chat.send('Are you there?')];
    let isStored = false;
    void Promise.all(sent).then(() => {
      isStored = true;
    });
    // Between two pieces of work it asks the clock for the next turn.
    while (!isStored) await under.clock.advance(0);
    expect((await Promise.all(sent)).map(({ seq }) => seq)).toEqual([2, 3]);
    expect(checking).toEqual([true, false]);
  });

  it('waits where the work is too hard for it, and is heard when the relay said', async () => {
    const chat = await connected('suspicious', { bits: 30 });
    const sent = chat.send('Hello');
    await until(() => chat.state.entries.length === 1);
    await under.clock.advance(1_999);
    expect(said(chat)).toEqual([['Hello', 'sending']]);
    await under.clock.advance(20_000);
    expect((await sent).seq).toBe(2);
  });
});

describe('a chat that is shut', () => {
  it('says that its visitor is blocked, stays closed, and keeps what he was writing', async () => {
    const chat = await connected('off', { firstMessageMs: 0 });
    chat.setDraft('Let me in');
    const { spam } = under.relay.deskData;
    await spam.block({ network: '192.0.2.0/24', reason: 'Adverts', forMs: null }, { id: 'cleo', role: 'lead' });
    await until(() => chat.state.problem !== null);
    expect(chat.state.problem).toMatchObject({ code: 'blocked', retryable: false });
    expect(chat.state.connection).toEqual({ status: 'closed' });
    await under.clock.advance(600_000);
    expect(chat.state).toMatchObject({ connection: { status: 'closed' }, draft: 'Let me in' });
    await expect(chat.send('Hello')).rejects.toMatchObject({ code: 'blocked' });
  });

  it('says that the site is closed, keeps what could not be sent, and sends it when it is asked to again', async () => {
    const chat = await connected('off', { firstMessageMs: 0 });
    await under.relay.reconfigure({
      ...CONFIG,
      sites: [{ ...SITE, paused: true, contact: { phone: '+371 20000000' } }],
    });
    await until(() => chat.state.site?.paused === true);
    expect(chat.state.site?.contact).toEqual({ phone: '+371 20000000' });
    await expect(chat.send('Hello')).rejects.toMatchObject({ code: 'paused' });
    expect(said(chat)).toEqual([['Hello', 'failed']]);
    await under.relay.reconfigure(CONFIG);
    await until(() => chat.state.site?.paused !== true);
    chat.retry(chat.state.entries[0]?.key ?? '');
    await until(() => chat.state.conversation !== null);
    await until(() => said(chat)[0]?.[1] === 'sent');
    expect(said(chat)).toEqual([['Hello', 'sent']]);
  });
});
