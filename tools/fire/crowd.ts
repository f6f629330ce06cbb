import type { KeyValueStorage, WebSocketClass } from '../../packages/sdk/src/index.ts';
import { type Chat, createChat } from '../../packages/sdk/src/index.ts';
import { createRandom, type Random } from '../replay/random.ts';
import { fetchOf, type Opened, type Resends, type SocketOptions, socketsOf } from '../replay/site-socket.ts';
import { openStaff, pause, type Staff } from '../replay/staff.ts';
import { storedMessages } from '../replay/stored-messages.ts';
import { until } from '../replay/until.ts';
import { diskInMemory, type Shown, shownOf } from '../replay/visitor.ts';
import { ORIGIN, SITE, type Stage } from './stage.ts';
import { type Author, judge, type Verdict } from './verdict.ts';

export interface CrowdOptions {
  stage: Pick<Stage, 'server' | 'codes' | 'database'> & { relay: Pick<Stage['relay'], 'stop'> };
  /** Those who talk, and are answered by the agents of the stage. */
  talkers: number;
  /** Those who said one thing and stay. @default 0 */
  listeners?: number;
  /** Between two messages of one author, about this long. @default 100 ms */
  everyMs?: number;
  /** One talker of so many messages reloads his page while a message is on its way. 0: nobody does. @default 20 */
  reloadOneIn?: number;
  seed: number;
  /** They come back after this share of the time that clients wait, so that a relay that is often gone is often full. @default 1 */
  impatience?: number;
  /** Everything must be over by then. */
  deadlineMs: number;
  sockets?: SocketOptions;
}

/** People at a relay: visitors with their outboxes on disk, and agents. What they say, what they were told is stored, and what they see is written down. */
export interface Crowd {
  /** Messages that somebody waits to hear of that they are stored. */
  readonly underWay: number;
  readonly acked: number;
  /** Sockets of visitors. */
  readonly opened: Opened;
  readonly resends: Resends;
  /** Visitors who are online. */
  readonly online: number;
  readonly signal: AbortSignal;
  /** Resolves when so many visitors are online. @default all */
  allOnline(count?: number): Promise<void>;
  /** Resolves when so many messages were acknowledged. */
  untilAcked(count: number): Promise<void>;
  /** Resolves when everything was acknowledged that is under way now. */
  acknowledged(): Promise<void>;
  /** Ends the talking, waits until everything is stored and seen, ends the relay, and judges. */
  verdict(): Promise<Verdict>;
  close(): Promise<void>;
}

const OPEN_AT_ONCE = 100;
/** How often is looked whether what is waited for is there. */
const LOOK_MS = 10;

export async function openCrowd(options: CrowdOptions): Promise<Crowd> {
  const { stage, talkers, listeners = 0, everyMs = 100, reloadOneIn = 20, impatience = 1, seed, deadlineMs } = options;
  const random = createRandom(seed);
  const ends = new AbortController();
  const deadline = setTimeout(() => ends.abort(new Error('The time for all of it is over.')), deadlineMs);
  const { signal } = ends;
  const talk = new AbortController();
  const talking = AbortSignal.any([signal, talk.signal]);
  const chance = random.fork();
  const inside = (): number => chance.next() * impatience;
  const { Socket, resends, opened } = socketsOf(ORIGIN, options.sockets);
  const fetch = fetchOf(ORIGIN);
  const authors: Author[] = [];
  const visitors: Visitor[] = [];
  /** What agents say, by whom they say it to. */
  const answers = new Map<Visitor, Author>();
  const working: Promise<void>[] = [];
  const { server, codes } = stage;
  const staff: Staff | null =
    codes.length === 0
      ? null
      : await openStaff({
          ...{ server, codes, wrapUp: 'done', random: random.fork(), inside, signal },
          Socket: socketsOf(server).Socket,
          atOnce: Math.ceil(talkers / codes.length) + 1,
        });

  async function answer(author: Author, conversation: string): Promise<void> {
    const chance = random.fork();
    while (!talking.aborted && staff !== null) {
      await pause(everyMs * 2 * chance.next(), talking);
      const text = `${author.name} ${author.said.length}`;
      try {
        author.open++;
        author.acked.push({ ...(await staff.say(conversation, text, talking)), text });
        author.said.push(text);
      } catch (error) {
        // Rejected is not said: nobody owned it before the talk was over.
        if (!talking.aborted) throw error;
      } finally {
        author.open--;
        author.answered++;
      }
    }
  }

  async function begin(index: number): Promise<void> {
    const isTalker = index < talkers;
    const visitor = createVisitor({ server, Socket, fetch, name: `visitor-${index}`, random: random.fork(), inside });
    visitors.push(visitor);
    authors.push(visitor.author);
    const conversation = await visitor.begin(signal);
    if (!isTalker) return;
    working.push(visitor.talk({ everyMs, reloadOneIn, ends: talking }));
    const answering: Author = { name: `answer-${index}`, said: [], acked: [], open: 0, answered: 0 };
    authors.push(answering);
    answers.set(visitor, answering);
    working.push(answer(answering, conversation));
  }

  let next = 0;
  const open = async (end: number): Promise<void> => {
    const opening = async (): Promise<void> => {
      while (next < end && !signal.aborted) await begin(next++);
    };
    await Promise.all(Array.from({ length: OPEN_AT_ONCE }, opening));
  };
  // Who talks comes first, and so finds an agent with room.
  await open(talkers);
  await open(talkers + listeners);
  for (const work of working) work.catch(() => {}); // heard by `verdict`

  const isOnline = (visitor: Visitor): boolean => visitor.chat.state.connection.status === 'online';
  const ackedNow = (): number => authors.reduce((sum, { acked }) => sum + acked.length, 0);
  const onlineNow = (): number => visitors.filter(isOnline).length;
  const lookUntil = async (isDone: () => boolean): Promise<void> => {
    while (!isDone()) {
      if (signal.aborted) throw signal.reason as Error;
      await pause(LOOK_MS, signal);
    }
  };

  return {
    signal,
    opened,
    resends,
    get underWay() {
      return authors.reduce((sum, { open }) => sum + open, 0);
    },
    get acked() {
      return ackedNow();
    },
    get online() {
      return onlineNow();
    },
    allOnline: (count = visitors.length) => lookUntil(() => onlineNow() >= count),
    untilAcked: (count) => lookUntil(() => ackedNow() >= count),
    async acknowledged() {
      const before = authors.map((author) => ({ author, count: author.answered + author.open }));
      await lookUntil(() => before.every(({ author, count }) => author.answered >= count));
    },
    async verdict() {
      talk.abort();
      const problems: string[] = [];
      const tell = (error: unknown): void => void problems.push((error as Error).message);
      await Promise.all(working).catch(tell);
      await lookUntil(() => visitors.every((visitor) => visitor.isQuiet())).catch(tell);
      // Everybody has what the log has, or the time is over and the difference is told.
      const counts = new Map<string, number>();
      for (const { conversation } of storedMessages(stage.database))
        counts.set(conversation, (counts.get(conversation) ?? 0) + 1);
      const views: { whose: string; conversation: string; shown: readonly Shown[] }[] = [];
      await Promise.all(
        visitors.map(async (visitor) => {
          const conversation = visitor.conversation;
          if (conversation === null) return;
          const count = counts.get(conversation) ?? 0;
          await visitor.sees(count, signal).catch(tell);
          views.push({ whose: visitor.author.name, conversation, shown: visitor.shown() });
          if (staff === null || (answers.get(visitor)?.acked.length ?? 0) === 0) return;
          await staff.sees(conversation, count).then((shown) => {
            views.push({ whose: `the agent of ${visitor.author.name}`, conversation, shown });
          }, tell);
        }),
      );
      await staff?.leave();
      await Promise.all(visitors.map((visitor) => visitor.chat.destroy()));
      await stage.relay.stop();
      const verdict = judge({ authors, views, stored: storedMessages(stage.database) });
      return { ...verdict, differences: [...problems, ...verdict.differences] };
    },
    async close() {
      clearTimeout(deadline);
      talk.abort();
      ends.abort(new Error('It has ended.'));
      await staff?.leave().catch(() => {});
      await Promise.all(visitors.map((visitor) => visitor.chat.destroy()));
    },
  };
}

interface Visitor {
  readonly author: Author;
  readonly chat: Chat;
  readonly conversation: string | null;
  /** Says his first words; resolves with the conversation that began. */
  begin(signal: AbortSignal): Promise<string>;
  talk(options: { everyMs: number; reloadOneIn: number; ends: AbortSignal }): Promise<void>;
  /** Nothing of his is on its way any more. */
  isQuiet(): boolean;
  sees(count: number, signal: AbortSignal): Promise<unknown>;
  shown(): Shown[];
}

function createVisitor(parts: {
  server: string;
  Socket: WebSocketClass;
  fetch: typeof globalThis.fetch;
  name: string;
  random: Random;
  /** Chance inside his client. */
  inside: () => number;
}): Visitor {
  const { server, Socket, fetch, name, random, inside } = parts;
  const storage: KeyValueStorage = diskInMemory();
  const author: Author = { name, said: [], acked: [], open: 0, answered: 0 };
  const options = { server, fetch, storage, site: SITE, locale: 'en', client: 'fire/1', random: inside };
  const open = (): Chat => createChat({ ...options, WebSocket: Socket, transport: 'websocket' });
  let chat = open();
  let conversation: string | null = null;

  function say(): Promise<void> {
    const text = `${name} ${author.said.length}`;
    author.said.push(text);
    author.open++;
    return chat
      .send(text)
      .then(
        (ref) => {
          conversation = ref.conversation;
          author.acked.push({ ...ref, text });
        },
        () => {
          // The page that would have heard of it is gone; what he wrote is on his disk and goes out by itself.
        },
      )
      .finally(() => {
        author.open--;
        author.answered++;
      });
  }
  const events = () => chat.state.entries.flatMap(({ event }) => event ?? []);

  return {
    author,
    get chat() {
      return chat;
    },
    get conversation() {
      return conversation;
    },
    async begin(signal) {
      await say();
      return await until(chat, () => conversation ?? undefined, signal);
    },
    async talk({ everyMs, reloadOneIn, ends }) {
      for (;;) {
        await pause(everyMs * 2 * random.next(), ends);
        if (ends.aborted) return;
        void say();
        if (reloadOneIn === 0 || !random.chance(1 / reloadOneIn)) continue;
        await chat.destroy();
        chat = open();
        chat.connect();
      }
    },
    isQuiet: () => chat.state.connection.status === 'online' && chat.state.entries.every(({ event }) => event !== null),
    sees: (count, signal) =>
      until(
        chat,
        () => {
          const { hasOlder, loadingOlder, connection } = chat.state;
          if (hasOlder && !loadingOlder && connection.status === 'online') chat.loadOlder().catch(() => {});
          return !hasOlder && messagesOf(events()) >= count ? true : undefined;
        },
        signal,
      ),
    shown: () => shownOf(events()),
  };
}

const messagesOf = (events: Parameters<typeof shownOf>[0]): number => shownOf(events).length;
