import { type Agent, ChatError, type ConversationState, createAgent } from '@sveiki/sdk/agent';
import type { Random } from './random.ts';
import { fetchOf, type socketsOf } from './site-socket.ts';
import { until } from './until.ts';
import { type Acked, type Shown, shownOf } from './visitor.ts';

/** The people who answer. Whoever has room takes the next conversation from the queue; what is said in it, its owner says. */
export interface Staff {
  /** Rejects when nobody has it before `ends`; then it was not said. */
  say(conversation: string, text: string, ends?: AbortSignal): Promise<Acked>;
  /** Resolves when the owner, whoever that is by then, has this many messages on his screen, and gives what is there. */
  sees(conversation: string, count: number): Promise<Shown[]>;
  resolve(conversation: string): Promise<void>;
  leave(): Promise<void>;
}

/** How long an agent who found nothing waits before he asks for the queue himself. */
const askAgainMs = 250;

export async function openStaff(options: {
  server: string;
  Socket: ReturnType<typeof socketsOf>['Socket'];
  /** One-time sign-in code of each agent. */
  codes: readonly string[];
  /** Conversations one of them answers at a time. */
  atOnce: number;
  wrapUp: string;
  random: Random;
  /** Chance inside their clients. @default the machine's */
  inside?: () => number;
  signal: AbortSignal;
}): Promise<Staff> {
  const { server, Socket, codes, atOnce, wrapUp, random, inside, signal } = options;
  const listeners = new Set<() => void>();
  let isTelling = false;
  /** Many agents change at once: whoever waits looks once for all of them. */
  const changed = (): void => {
    if (isTelling) return;
    isTelling = true;
    setImmediate(() => {
      isTelling = false;
      for (const listener of [...listeners]) listener();
    });
  };
  const everybody = {
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };

  const agents = await Promise.all(
    codes.map(async (code) => {
      const agent = createAgent({
        server,
        WebSocket: Socket,
        fetch: fetchOf(server),
        transport: 'websocket',
        client: 'replay/1',
        ...(inside === undefined ? {} : { random: inside }),
      });
      agent.subscribe(changed);
      await agent.signInWithCode(code);
      await agent.connect();
      return agent;
    }),
  );
  const owns = (agent: Agent, state: ConversationState | undefined): boolean =>
    state !== undefined && state.status !== 'resolved' && state.owner?.id === agent.state.me?.id;
  const ownerOf = (conversation: string): Agent | undefined =>
    agents.find((agent) => owns(agent, agent.state.watched.get(conversation)?.state));

  const claimed = new Set<string>();
  const isWaiting = (state: ConversationState): boolean =>
    state.owner === null && state.status !== 'resolved' && !claimed.has(state.id);
  const closing = new AbortController();
  const closed = AbortSignal.any([signal, closing.signal]);
  const work = async (agent: Agent): Promise<void> => {
    while (!closed.aborted) {
      const { conversations, connection } = agent.state;
      const load = [...conversations.values()].filter((state) => owns(agent, state)).length;
      const waiting = [...conversations.values()]
        .filter(isWaiting)
        .toSorted((a, b) => (a.queuedAt ?? 0) - (b.queuedAt ?? 0));
      const next = waiting[0];
      if (connection.status === 'online' && load < atOnce && next !== undefined) {
        // Now and then two reach for the same one, as people do.
        if (random.chance(0.95)) claimed.add(next.id);
        await agent.take(next.id).catch(ignoreRefusal);
        claimed.delete(next.id);
      } else if (connection.status === 'online' && load < atOnce) {
        await pause(askAgainMs, closed);
        await agent.list({ view: 'queue', limit: 100 }).catch(ignoreRefusal);
      } else await pause(askAgainMs / 5, closed);
    }
  };
  const working = agents.map(work);

  return {
    async say(conversation, text, ends = signal) {
      for (;;) {
        const agent = await until(everybody, () => ownerOf(conversation), ends);
        agent.typing(conversation);
        try {
          return await agent.send(conversation, text);
        } catch (error) {
          // It went to somebody else meanwhile: refused is not stored, so the next owner says it.
          if (!(error instanceof ChatError) || error.code !== 'not-owner') throw error;
          for (const { id } of agent.state.watched.get(conversation)?.pending ?? []) agent.discard(conversation, id);
          await pause(askAgainMs, ends);
        }
      }
    },
    async sees(conversation, count) {
      return await until(
        everybody,
        () => {
          const agent = ownerOf(conversation);
          const watched = agent?.state.watched.get(conversation);
          if (agent === undefined || watched === undefined) return undefined;
          const shown = shownOf(watched.events);
          if (watched.hasOlder) {
            agent.loadOlder(conversation).catch(ignoreRefusal);
            return undefined;
          }
          if (shown.length < count) return undefined;
          agent.markRead(conversation);
          return shown;
        },
        signal,
      );
    },
    async resolve(conversation) {
      for (;;) {
        const agent = await until(everybody, () => ownerOf(conversation), signal);
        try {
          await agent.resolve(conversation, { wrapUp });
          return;
        } catch (error) {
          if (!(error instanceof ChatError) || error.code !== 'not-owner') throw error;
          await pause(askAgainMs, signal);
        }
      }
    },
    async leave() {
      closing.abort();
      await Promise.all(agents.map((agent) => agent.destroy()));
      await Promise.all(working);
    },
  };
}

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof ChatError)) throw error;
}

/** Waits, but not beyond the end. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
