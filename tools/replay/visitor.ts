import { type Chat, type ConversationEvent, createChat, isKind, type KeyValueStorage, plainText } from '@sveiki/sdk';
import type { Random } from './random.ts';
import type { Role } from './scripts.ts';
import type { fetchOf, socketsOf } from './site-socket.ts';
import { until } from './until.ts';

/** What somebody was told is stored. */
export interface Acked {
  id: string;
  conversation: string;
}

/** A line of the transcript, as one side shows it. */
export interface Shown {
  role: Role;
  text: string;
}

/** A visitor on a page of the shop, who now and then reloads it. */
export interface Visitor {
  /** Types, sends, and waits for the ack; sometimes reloads the page before it came. */
  say(text: string): Promise<Acked>;
  /** Resolves when this many messages are on his screen. */
  sees(count: number): Promise<void>;
  markRead(): void;
  shown(): Shown[];
  leave(): Promise<void>;
}

/** How often a page is reloaded before a message is sent, and between sending and its ack. */
const reloadsBefore = 0.03;
const reloadsWhileSending = 0.03;

/** The disk of one browser: it outlives its pages. */
export function diskInMemory(): KeyValueStorage {
  const map = new Map<string, string>();
  return {
    keys: () => [...map.keys()],
    get: (key) => map.get(key) ?? null,
    set: (key, value) => void map.set(key, value),
    remove: (key) => void map.delete(key),
  };
}

export function shownOf(events: readonly ConversationEvent[]): Shown[] {
  return events.flatMap((event) =>
    isKind(event, 'message')
      ? [{ role: event.actor.kind === 'visitor' ? 'visitor' : 'agent', text: plainText(event.body.blocks) }]
      : [],
  );
}

export function createVisitor(options: {
  server: string;
  site: string;
  Socket: ReturnType<typeof socketsOf>['Socket'];
  fetch: ReturnType<typeof fetchOf>;
  transport: 'websocket' | 'http';
  random: Random;
  signal: AbortSignal;
}): Visitor {
  const { server, site, Socket, fetch, transport, random, signal } = options;
  const storage = diskInMemory();
  const open = (): Chat =>
    createChat({ server, site, storage, WebSocket: Socket, fetch, transport, locale: 'en', client: 'replay/1' });
  let chat = open();
  let said = 0;

  const reload = async (): Promise<void> => {
    await chat.destroy();
    chat = open();
    chat.connect();
  };
  const events = (): ConversationEvent[] => chat.state.entries.flatMap(({ event }) => event ?? []);
  /** As `until`, on the whole log, and hears of it when the relay refuses something for good. */
  const eventually = <T>(read: () => T | undefined, ends: AbortSignal = signal): Promise<T> =>
    until(
      chat,
      () => {
        const { problem, entries, hasOlder, loadingOlder, connection } = chat.state;
        if (problem !== null) throw problem;
        const failed = entries.find(({ error }) => error !== null)?.error;
        if (failed != null) throw new Error(`A message of the visitor was refused: ${failed.message}`);
        if (hasOlder && !loadingOlder && connection.status === 'online') chat.loadOlder().catch(() => {});
        return hasOlder ? undefined : read();
      },
      ends,
    );

  return {
    async say(text) {
      if (said > 0 && random.chance(reloadsBefore)) await reload();
      chat.typing();
      const mine = said++;
      const sent = chat.send(text);
      if (!random.chance(reloadsWhileSending)) {
        const answered = new AbortController();
        const refused = eventually<never>(() => undefined, AbortSignal.any([signal, answered.signal]));
        try {
          return await Promise.race([sent, refused]);
        } finally {
          answered.abort();
        }
      }
      // The page that would have heard the ack is gone. What he typed is on his disk and goes out by itself: he sees it stored.
      sent.catch(() => {});
      await reload();
      return await eventually(() => {
        const own = events().filter((event) => isKind(event, 'message') && event.actor.kind === 'visitor')[mine];
        return own === undefined ? undefined : { id: own.id, conversation: own.conversation };
      });
    },
    async sees(count) {
      await eventually(() => (shownOf(events()).length >= count ? true : undefined));
    },
    markRead: () => chat.markRead(),
    shown: () => shownOf(events()),
    leave: () => chat.destroy(),
  };
}
