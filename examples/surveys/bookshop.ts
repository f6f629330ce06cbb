import { type Chat, type ChatOptions, createChat, type Question } from '@sveiki/sdk';
import { type Agent, createAgent } from '@sveiki/sdk/agent';
import { browserAt, until } from '@sveiki/sdk/testing';
import { startRelay } from '@sveiki/server';
import config from './sveiki.config.ts';

export interface Reader {
  chat: Chat;
  conversation: string;
  /** Resolves with the survey on his screen. */
  question(): Promise<Question>;
}

export interface Bookshop {
  ada: Agent;
  cleo: Agent;
  /** Somebody on a page of the shop. With the storage of an earlier one it is the same browser after a reload. */
  open(site: 'sales' | 'returns' | 'club', options?: Partial<ChatOptions>): Chat;
  /** He asks something, Ada answers and resolves. */
  serve(site: 'sales' | 'returns' | 'club', options?: Partial<ChatOptions>): Promise<Reader>;
  stop(): Promise<void>;
}

export async function openBookshop(): Promise<Bookshop> {
  const people = [
    { id: 'ada', name: 'Ada', email: 'ada@books.example.com' },
    { id: 'cleo', name: 'Cleo', email: 'cleo@books.example.com', role: 'lead', teams: [] },
  ] as const;
  const relay = await startRelay({ config, people, port: 0, dataDir: ':memory:' });
  const signIn = async (id: string): Promise<Agent> => {
    const agent = createAgent({ server: relay.url, ...browserAt(relay.url) });
    await agent.signInWithCode(await relay.signInCode(id));
    await agent.connect();
    return agent;
  };
  const [ada, cleo] = [await signIn('ada'), await signIn('cleo')];
  const chats: Chat[] = [];
  const open: Bookshop['open'] = (site, options) => {
    const page = browserAt('https://books.example.com');
    const chat = createChat({ server: relay.url, site: `pk_bookshop_${site}`, storage: 'memory', ...page, ...options });
    chats.push(chat);
    chat.connect();
    return chat;
  };
  return {
    ada,
    cleo,
    open,
    async serve(site, options) {
      const chat = open(site, options);
      const { conversation } = await chat.send('I have a question about a book.');
      await until(ada, () => ada.state.conversations.get(conversation)?.owner?.id === 'ada');
      await ada.send(conversation, 'Here is the answer.');
      await ada.resolve(conversation, { wrapUp: 'answered' });
      return { chat, conversation, question: () => until(chat, () => chat.state.question) };
    },
    async stop() {
      await Promise.all([...chats, ada, cleo].map((one) => one.destroy()));
      await relay.stop();
    },
  };
}
