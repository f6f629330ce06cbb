import { type ConversationEvent, type ConversationState, plainText } from '../../packages/protocol/src/index.ts';
import { createAgentIn } from '../../packages/sdk/src/agent/create-agent.ts';
import type { Agent } from '../../packages/sdk/src/agent/types.ts';
import { createChatIn } from '../../packages/sdk/src/host/create-chat.ts';
import type { Chat } from '../../packages/sdk/src/host/types.ts';
import { type FakeTab, fakeBrowser } from '../../packages/sdk/src/testing/fake-browser.ts';
import type { Store } from '../../packages/server/src/ports.ts';
import { createRandom, type Random } from '../replay/random.ts';
import { type History, sorted } from './history.ts';
import type { Network } from './network.ts';
import type { Step } from './plan.ts';
import type { Timeline } from './timeline.ts';

/** Somebody in a world: does what the plan says, and can be asked whether he has what he should have. */
export interface Actor {
  act(step: Step): void;
  /** Faults are over: whoever is away comes back. */
  comeBack(): void;
  /** What he waits for; null when nothing. */
  unsettled(store: Store): Promise<string | null>;
}

interface Parts {
  timeline: Timeline;
  network: Network;
  history: History;
  random: Random;
}

export const SITE = 'pk_shop_test';
const SERVER = 'https://chat.example';
/** Tabs of one visitor. */
const MAX_TABS = 3;

/** A visitor with one browser, whose tabs come and go; what the browser keeps lasts. With `shareTabs` they have one line for all. */
export function createVisitor(
  name: string,
  { timeline, network, history, random, shareTabs }: Parts & { shareTabs: boolean },
): Actor {
  const browser = fakeBrowser();
  const caller = {
    who: name,
    kind: 'visitor',
    door: 'site',
    origin: 'https://shop.example',
    address: `10.0.0.${name.length}`,
  } as const;
  let tabs: { page: FakeTab; chat: Chat }[] = [];
  const frozen = new Set<FakeTab>();

  function openTab(): Chat {
    const page = browser.newTab();
    const own = createRandom(random.whole(2 ** 32));
    const chat = createChatIn(page, {
      site: SITE,
      server: SERVER,
      locale: 'en',
      clock: page.clock(timeline),
      random: own.next,
      WebSocket: page.sockets(network.sockets(caller)),
      transport: 'websocket',
      shareTabs,
    });
    chat.connect();
    tabs.push({ page, chat });
    return chat;
  }
  /** One of the tabs that can be looked at; one is opened when there is none. */
  function open(chance = 0): Chat {
    const awake = tabs.filter(({ page }) => !frozen.has(page));
    return awake[Math.floor(chance * awake.length)]?.chat ?? openTab();
  }

  function close(which: (index: number) => boolean): void {
    const ended = tabs.filter((_, index) => which(index));
    tabs = tabs.filter((tab) => !ended.includes(tab));
    for (const { page } of ended) page.kill();
  }

  return {
    act({ do: what, chance }) {
      history.tell(`${name}: ${what}`);
      const inner = (chance * 997) % 1;
      switch (what) {
        case 'send': {
          // Most say one thing, some several at once.
          const times = chance < 0.15 ? 2 + Math.floor(chance * 100) : 1;
          for (let i = 0; i < times; i++) {
            const chat = open(inner);
            const words = history.words(name, 'said', name, shareTabs ? chat : undefined);
            chat.send(words).then(
              () => history.became(words, 'stored'),
              ({ code }: { code: string }) => history.blame('said-is-stored', `${words} was refused: ${code}`),
            );
          }
          return;
        }
        case 'typing':
          return open(inner).typing();
        case 'read':
          return open(inner).markRead();
        case 'visit':
          return open(inner).visit({ url: `https://shop.example/${Math.floor(chance * 5)}`, title: 'Scarves' });
        case 'request-human':
          open(inner)
            .requestHuman()
            .catch(() => {});
          return;
        case 'tab':
          if (tabs.length < MAX_TABS) openTab();
          return;
        case 'freeze': {
          // As browsers do to tabs in the background: it keeps what it holds, and runs nothing for a while.
          const page = tabs[Math.floor(inner * tabs.length)]?.page;
          if (page === undefined || frozen.has(page)) return;
          frozen.add(page);
          page.freeze();
          timeline.after(Math.floor(chance * 10_000), () => {
            frozen.delete(page);
            page.thaw();
          });
          return;
        }
        case 'reload': {
          const which = Math.floor(inner * tabs.length);
          close((index) => index === which);
          timeline.after(Math.floor(chance * 3_000), () => (shareTabs && tabs.length < MAX_TABS ? openTab() : open()));
          return;
        }
        case 'close':
          return close(() => true);
        default:
          open();
      }
    },
    comeBack: () => void open(),
    async unsettled(store) {
      open();
      for (const [index, { chat }] of tabs.entries()) {
        const reason = await unsettledIn(chat, store);
        if (reason !== null) return `${name} in tab ${index}: ${reason}`;
      }
      return null;
    },
  };

  async function unsettledIn({ state }: Chat, store: Store): Promise<string | null> {
    if (state.connection.status !== 'online') return `${name} is ${state.connection.status}`;
    const waiting = state.entries.filter(({ delivery, event }) => event === null && delivery !== null);
    if (waiting.length > 0) return `${name} waits for ${waiting.length}: ${waiting[0]?.text}`;
    const { visitor, conversation } = state;
    const newest = await store.newestConversation(visitor?.id ?? '');
    if (newest === null) return conversation === null ? null : `${name} sees ${conversation.id}, the log has nothing`;
    const { events } = await store.events({ conversation: newest.state.id, count: 'staff', after: 0, limit: 10_000 });
    const expected = events.flatMap(({ id, publicSeq }) => (publicSeq === null ? [] : [{ id, seq: publicSeq }]));
    const seen = state.entries.flatMap(({ event }) => event ?? []);
    const place = disagreement(seen, expected, state.hasOlder);
    if (place !== null) return `${name} sees ${place} of ${newest.state.id}`;
    const { ownership, status } = newest.state;
    const isSame = conversation?.ownership === ownership && conversation.status === status;
    return isSame ? null : `${name} sees ${conversation?.status} ${conversation?.ownership}`;
  }
}

/** How what a reader sees differs from the end of what he should see; null when it does not. */
function disagreement(
  seen: readonly Pick<ConversationEvent, 'id' | 'seq'>[],
  expected: readonly { id: string; seq: number }[],
  hasOlder: boolean,
): string | null {
  const end = expected.slice(expected.length - seen.length);
  const isSame =
    seen.length <= expected.length && seen.every(({ id, seq }, i) => id === end[i]?.id && seq === end[i]?.seq);
  if (isSame && hasOlder === seen.length < expected.length) return null;
  return `[${seen.map(({ seq }) => seq)}] instead of [${expected.map(({ seq }) => seq)}]`;
}

/** An agent at the desk. A desk that is reloaded forgets what was on its way: it may be stored or not, also after what is said later. */
export function createAgentActor(
  id: string,
  parts: Parts & {
    ticket(id: string): string;
    colleagues: readonly string[];
    isBusLossy: boolean;
    teams: readonly string[];
  },
): Actor {
  const { timeline, network, history, random, ticket, colleagues, isBusLossy, teams } = parts;
  let life = 0;
  /** Words that are on their way; those of an earlier life are not waited for. */
  const underWay = new Map<string, number>();
  let agent = open();

  function open(): Agent {
    const own = createRandom(random.whole(2 ** 32));
    const mine = ++life;
    const isAlive = (): boolean => mine === life;
    const caller = { who: id, kind: 'agent', door: 'desk', origin: SERVER, address: '10.1.0.1' } as const;
    const Socket = network.sockets(caller);
    const opened = createAgentIn(
      {},
      {
        server: SERVER,
        transport: 'websocket',
        getTicket: async () => ticket(id),
        clock: { now: timeline.now, after: (ms, run) => timeline.after(ms, () => isAlive() && run()) },
        random: own.next,
        WebSocket: Socket,
      },
    );
    // As the desk does: what is open, and one's own; again when the relay could not say.
    const look = (): void => {
      Promise.all([opened.list({ view: 'open' }), opened.list({ view: 'mine' })]).catch(() => {
        timeline.after(5_000, () => isAlive() && look());
      });
    };
    opened.connect().then(look, () => {});
    return opened;
  }

  function reload(): void {
    void agent.destroy();
    agent = open();
  }

  /** One of those for which it holds. */
  function pick(chance: number, fits: (state: ConversationState) => boolean): ConversationState | null {
    const all = [...agent.state.conversations.values()].filter(fits).sort((a, b) => (a.id < b.id ? -1 : 1));
    return all[Math.floor(chance * all.length)] ?? null;
  }
  const isMine = ({ owner, status }: ConversationState): boolean => owner?.id === id && status !== 'resolved';
  const isOpen = ({ status }: ConversationState): boolean => status !== 'resolved';
  const isWaiting = (state: ConversationState): boolean => isOpen(state) && state.owner?.id !== id;
  /** Whose conversation it is, by the words in it; somebody who says nothing we know is the stranger. */
  const visitorOf = ({ id: conversation, last }: ConversationState): string => {
    const texts = (agent.state.watched.get(conversation)?.events ?? []).flatMap(({ body }) =>
      body.kind === 'message' ? [plainText(body.blocks)] : [],
    );
    const words = [...texts, last?.text ?? ''].flatMap((text) => /~(?:said|told|bot)~([a-z]+)/.exec(text)?.[1] ?? []);
    return words[0] ?? 'eve';
  };

  function say(state: ConversationState, kind: 'told' | 'noted'): void {
    const to = visitorOf(state);
    const words = history.words(id, kind, to, agent);
    const mine = life;
    underWay.set(words, mine);
    const done = (fate: 'stored' | 'refused' | 'unknown'): void => {
      underWay.delete(words);
      history.became(words, fate);
    };
    (kind === 'told' ? agent.send(state.id, words) : agent.note(state.id, words)).then(
      () => done('stored'),
      ({ code }: { code: string }) =>
        done(mine !== life || code === 'destroyed' || code === 'signed-out' ? 'unknown' : 'refused'),
    );
  }

  return {
    act({ do: what, chance }) {
      const inner = (chance * 997) % 1;
      const quiet = (promise: Promise<unknown> | undefined): void => void promise?.catch(() => {});
      const one = pick(inner, what === 'take' ? isWaiting : what === 'note' || what === 'watch' ? isOpen : isMine);
      history.tell(`${id}: ${what} ${one?.id ?? ''}`);
      switch (what) {
        case 'take':
          return quiet(one === null ? undefined : agent.take(one.id));
        case 'accept':
        case 'decline': {
          const offer = agent.state.offers[Math.floor(inner * agent.state.offers.length)];
          if (offer === undefined) return;
          const { id: conversation } = offer.conversation;
          return quiet(what === 'accept' ? agent.acceptOffer(conversation) : agent.declineOffer(conversation));
        }
        case 'tell':
          return one === null ? undefined : say(one, 'told');
        case 'note':
          return one === null ? undefined : say(one, 'noted');
        case 'transfer': {
          if (one === null) return;
          const note = { note: history.words(id, 'noted', visitorOf(one), agent) };
          history.became(note.note, 'unknown');
          const goal = [...colleagues, ...teams];
          const to = goal[Math.floor(chance * goal.length)] as string;
          return quiet(agent.transfer(one.id, teams.includes(to) ? { team: to } : { agent: to }, note));
        }
        case 'return':
          return quiet(one === null ? undefined : agent.returnToBot(one.id));
        case 'resolve':
          return quiet(one === null ? undefined : agent.resolve(one.id, { wrapUp: 'canary-wrap' }));
        case 'read':
          return one === null ? undefined : agent.markRead(one.id);
        case 'watch':
          return quiet(one === null ? undefined : agent.watch(one.id));
        case 'away':
          return quiet(agent.setPresence('away'));
        case 'back':
          return quiet(agent.setPresence('online'));
        default:
          return reload();
      }
    },
    comeBack() {},
    async unsettled(store) {
      const { connection, watched, conversations } = agent.state;
      if (connection.status !== 'online') return `${id} is ${connection.status}`;
      for (const [words, mine] of underWay) if (mine === life) return `${id} waits for ${words}`;
      for (const [conversation, { events, hasOlder, state }] of watched) {
        const stored = await store.events({ conversation, count: 'staff', after: 0, limit: 10_000 });
        const place = disagreement(events, stored.events, hasOlder);
        if (place !== null) return `${id} sees ${place} of ${conversation}`;
        const row = (await store.conversations([conversation])).get(conversation);
        if (JSON.stringify(sorted(row?.state)) !== JSON.stringify(sorted(state)))
          return `${id} sees ${conversation} as ${JSON.stringify(state)}`;
      }
      if (isBusLossy) return null;
      for (const { state } of await store.unresolved()) {
        const seen = conversations.get(state.id);
        // Lists follow what they show: who has it, and what was said last.
        if (seen === undefined) return `${id} does not know ${state.id}`;
        if (seen.owner?.id !== state.owner?.id || seen.status !== state.status || seen.last?.at !== state.last?.at)
          return `${id} has ${state.id} in his lists as ${JSON.stringify(seen)}`;
        if (state.owner?.id === id && !watched.has(state.id)) return `${id} owns ${state.id} and is not shown it`;
      }
      return null;
    },
  };
}
