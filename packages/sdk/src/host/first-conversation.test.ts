import { plainText } from '@sveiki/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeBrowser } from '../testing/fake-browser.ts';
import { type Pair, pair } from '../testing/pair.ts';
import { createChatIn } from './create-chat.ts';
import type { Chat } from './types.ts';

const part = '../state/conversation.ts';
let at: Pair;
let isReachable: boolean;
let asked: number;
/** Stands for the part; what came once is not asked for again until it is put there anew. */
const fetchPart = async (original: () => Promise<object>) => {
  asked++;
  if (!isReachable) throw new TypeError('Failed to fetch dynamically imported module');
  return original();
};

beforeEach(async () => {
  isReachable = true;
  asked = 0;
  at = await pair();
  vi.resetModules();
  vi.doMock(part, fetchPart);
});
afterEach(async () => {
  vi.doUnmock(part);
  await at.destroy();
});

const texts = (chat = at.chat) =>
  chat.state.entries.flatMap(({ event, text }) =>
    event?.body.kind === 'message' ? plainText(event.body.blocks) : (text ?? []),
  );
/** Lets time pass here and in the world until it holds: what is fetched comes by no clock of ours. */
const passes = (check: () => void) =>
  vi.waitFor(
    async () => {
      await at.clock.advance(1_000);
      check();
    },
    { timeout: 20_000 },
  );

describe('what follows a conversation', () => {
  it('is fetched with the first message, not before', async () => {
    expect([at.chat.state.connection.status, asked]).toEqual(['online', 0]);
    void at.chat.send('Hello');
    expect(texts()).toEqual(['Hello']);
    await passes(() => expect(at.chat.state.conversation?.last?.text).toBe('Hello'));
    expect(asked).toBe(1);
  });

  it('is asked for again until it comes, and what came meanwhile waits in its order', async () => {
    isReachable = false;
    const errors: unknown[] = [];
    at.chat.on('error', (error) => errors.push(error));
    const sent = at.chat.send('One');
    void at.chat.send('Two');
    await passes(() => expect(asked).toBeGreaterThan(2));
    expect(at.chat.state).toMatchObject({ connection: { status: 'online' }, conversation: null });
    expect(at.chat.state.entries.map(({ delivery }) => delivery)).toEqual(['sending', 'sending']);
    const [state] = at.agent.state.conversations.values();
    at.server.agent('ada').take(`${state?.id}`);
    at.server.agent('ada').say(`${state?.id}`, 'Three');
    await at.clock.advance(1_000);
    isReachable = true;
    await passes(() => expect(at.chat.state.unread).toBe(1));
    expect(await sent).toMatchObject({ conversation: state?.id });
    expect(texts()).toEqual(['One', 'Two', 'Three']);
    expect(at.chat.state.entries.at(-1)?.event).toEqual(at.server.log(`${state?.id}`, 'visitor').events.at(-1));
    expect(errors).toEqual([]);
  });

  it('is waited for before anything is said into a conversation that was found', async () => {
    void at.chat.send('Before');
    await passes(() => expect(at.chat.state.conversation?.last?.text).toBe('Before'));
    const { id } = at.chat.state.conversation ?? {};
    await at.chat.destroy();
    isReachable = false;
    asked = 0;
    vi.resetModules();
    vi.doMock(part, fetchPart);
    const again = at.newChat();
    again.connect();
    await passes(() => expect(asked).toBeGreaterThan(1));
    const sent = again.send('After');
    await at.clock.advance(1_000);
    expect([again.state.connection.status, texts(again)]).toEqual(['online', ['After']]);
    isReachable = true;
    await passes(() => expect(again.state.conversation?.last?.text).toBe('After'));
    expect(await sent).toMatchObject({ conversation: id });
    expect(texts(again)).toEqual(['Before', 'After']);
  });

  it('may be missing in every tab without one taking the line from another', async () => {
    await at.chat.destroy();
    isReachable = false;
    const browser = fakeBrowser();
    const { server, clock, network, http } = at;
    const chats = [browser.newTab(), browser.newTab()].map((tab) =>
      createChatIn(tab, {
        site: server.site,
        server: server.url,
        clock: tab.clock(clock),
        random: () => 0.5,
        WebSocket: tab.sockets(network.WebSocket),
        fetch: http.fetch,
      }),
    );
    for (const chat of chats) chat.connect();
    await clock.advance(1_000);
    let lines = 0;
    network.accept = (line) => {
      lines++;
      return server.accept(line);
    };
    const [first, second] = chats as [Chat, Chat];
    void second.send('One');
    await passes(() => expect(asked).toBeGreaterThan(2));
    void second.send('Two');
    await clock.advance(10_000);
    isReachable = true;
    for (const chat of [first, second]) {
      await passes(() => expect(chat.state.conversation?.last?.text).toBe('Two'));
      expect(texts(chat)).toEqual(['One', 'Two']);
    }
    for (const chat of chats) await chat.destroy();
    expect(lines).toBe(0);
  });

  it('opens no line when it comes after the end of the chat', async () => {
    const { server, network, storage, clock } = at;
    const chat = at.newChat();
    chat.send('One').catch(() => {});
    const ended = chat.destroy();
    // Another page of this browser has begun meanwhile.
    storage.set(`sveiki:${server.site}:session`, 'session-of-another-page');
    await ended;
    let lines = 0;
    network.accept = (line) => {
      lines++;
      return server.accept(line);
    };
    await vi.dynamicImportSettled();
    await clock.advance(5_000);
    expect(lines).toBe(0);
  });

  it('is not waited for any longer when the chat ends', async () => {
    isReachable = false;
    at.chat.send('One').catch(() => {});
    await passes(() => expect(asked).toBeGreaterThan(0));
    await at.destroy();
    const before = asked;
    await at.clock.advance(60_000);
    expect([asked, at.clock.waiting]).toEqual([before, 0]);
  });
});
