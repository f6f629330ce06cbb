import { type Chat, createChat, isKind, plainText } from '@sveiki/sdk';
import { type Agent, createAgent, type HandoffDetails } from '@sveiki/sdk/agent';
import { browserAt, until } from '@sveiki/sdk/testing';
import { startRelay } from '@sveiki/server';
import config from './sveiki.config.ts';

export interface TeaHouse {
  ada: Agent;
  /** Somebody on the site. */
  visitor(locale?: string): Visitor;
  /** Resolves with what Ada is told when she is asked to go on with this conversation. */
  askedFor(conversation: string): Promise<HandoffDetails | undefined>;
  stop(): Promise<void>;
}

export interface Visitor {
  chat: Chat;
  conversation(): string;
  /** Says something; resolves with everything that was said to him then, when the last of it has these words in it. */
  ask(words: string, expected: string): Promise<string[]>;
}

export async function openTeaHouse(): Promise<TeaHouse> {
  const people = [{ id: 'ada', name: 'Ada', email: 'ada@tea.example.com' }] as const;
  const relay = await startRelay({ config, people, port: 0, dataDir: ':memory:' });
  const ada = createAgent({ server: relay.url, ...browserAt(relay.url) });
  await ada.signInWithCode(await relay.signInCode('ada'));
  await ada.connect();
  const chats: Chat[] = [];
  return {
    ada,
    visitor(locale = 'en') {
      const page = browserAt('https://tea.example.com');
      const chat = createChat({ server: relay.url, site: 'pk_tea_house', storage: 'memory', locale, ...page });
      chats.push(chat);
      const said = (): string[] =>
        chat.state.entries.flatMap(({ event }) =>
          event !== null && isKind(event, 'message') && event.actor.kind !== 'visitor'
            ? plainText(event.body.blocks)
            : [],
        );
      return {
        chat,
        conversation: () => chat.state.conversation?.id ?? '',
        async ask(words, expected) {
          const before = said().length;
          await chat.send(words);
          return until(chat, () => {
            const news = said().slice(before);
            return news.at(-1)?.includes(expected) ? news : null;
          });
        },
      };
    },
    async askedFor(conversation) {
      await until(ada, () => ada.state.offers.some((offer) => offer.conversation.id === conversation));
      await ada.watch(conversation);
      const events = ada.state.watched.get(conversation)?.events ?? [];
      return events.findLast((event) => isKind(event, 'handoff-requested'))?.body.details;
    },
    async stop() {
      await Promise.all([...chats, ada].map((one) => one.destroy()));
      await relay.stop();
    },
  };
}
