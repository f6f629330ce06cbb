import { createAgent } from '../agent/create-agent.ts';
import type { Agent, AgentOptions } from '../agent/types.ts';
import { createChat } from '../host/create-chat.ts';
import type { Chat, ChatOptions } from '../host/types.ts';
import { cast } from './cast.ts';
import { type TestClock, testClock } from './clock.ts';
import { type FakeHttp, fakeHttp } from './fake-http.ts';
import { type FakeServer, type FakeServerOptions, fakeServer } from './fake-server.ts';
import { type FakeNetwork, fakeNetwork } from './network.ts';
import { type MemoryStorage, memoryStorage } from './storage.ts';

export interface Pair {
  clock: TestClock;
  network: FakeNetwork;
  server: FakeServer;
  http: FakeHttp;
  /** The disk of Mia's browser. */
  storage: MemoryStorage;
  /** Mia's chat, connected. */
  chat: Chat;
  /** Ada, signed in and connected. */
  agent: Agent;
  /** More of them on the same server. Not connected yet. */
  newChat(options?: Partial<ChatOptions>): Chat;
  newAgent(id: string, options?: Partial<AgentOptions>): Agent;
  /** Ends all of them. */
  destroy(): Promise<void>;
}

/**
 * A visitor and an agent, both connected to a fake server under a test clock.
 *
 * @example
 * const { chat, agent, clock, destroy } = await pair();
 * chat.send('Where is my parcel?');
 * await clock.advance(1_000);
 * agent.state.counts.queue; // 1
 * await destroy();
 */
export async function pair(options: Omit<Partial<FakeServerOptions>, 'clock'> = {}): Promise<Pair> {
  // What a chat fetches later is there before: then all that tests wait for is their clock.
  await Promise.all([import('../state/conversation.ts'), import('../connection/stream.ts'), import('../host/more.ts')]);
  const clock = testClock();
  const network = fakeNetwork({ clock });
  const server = fakeServer({ clock, ...options });
  const http = fakeHttp(server, { agents: options.agents ?? Object.values(cast.agents) });
  const storage = memoryStorage();
  network.accept = server.accept;
  const ends: { destroy(): Promise<void> }[] = [];
  const common = { server: server.url, clock, random: () => 0.5, WebSocket: network.WebSocket, fetch: http.fetch };

  const newChat: Pair['newChat'] = (more) => {
    const chat = createChat({ site: server.site, storage, ...common, ...more });
    ends.push(chat);
    return chat;
  };
  const newAgent: Pair['newAgent'] = (id, more) => {
    const agent = createAgent({ getTicket: async () => server.ticket(id), ...common, ...more });
    ends.push(agent);
    return agent;
  };
  const chat = newChat();
  const agent = newAgent('ada');
  chat.connect();
  agent.connect().catch(() => {});
  await clock.advance(100);
  return {
    clock,
    network,
    server,
    http,
    storage,
    chat,
    agent,
    newChat,
    newAgent,
    async destroy() {
      for (const end of ends) await end.destroy();
      await clock.advance(1_000);
    },
  };
}
