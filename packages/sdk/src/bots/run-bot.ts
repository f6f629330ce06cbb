import { type ConversationEvent, type ConversationState, plainText } from '@sveiki/protocol';
import type { Agent, WatchedConversation } from '../agent/types.ts';
import { ChatError } from '../chat-error.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Bot, BotCannedReply, BotMessage, BotTurn } from '../config/bot.ts';
import { createTurn, type Facts, readReply } from './turn.ts';

export interface RunBotOptions {
  /** The key of the bot's site, for `turn.conversation.site`. @default '' */
  site?: string;
  /** Turns in a row that did not help, after which a person is offered. @default 3 */
  offerAfter?: number;
  /** Where `turn.cannedReplies` looks. @default those the relay told at sign-in, in their first language, by their words */
  searchReplies?: (query: string, options: { conversation: string; limit: number }) => Promise<BotCannedReply[]>;
  /** Hears what a turn threw; the conversation is given to people by then. */
  onError?: (error: unknown, conversation: string) => void;
  clock?: Clock;
}

export interface RunningBot {
  /** Begins no turn any more and aborts those under way; resolves when all have ended. The agent stays as it is. */
  stop(): Promise<void>;
}

const defaultDeadlineMs = 20_000;
const maxHistory = 50;
/** Conversations of which is known how far the bot is; the log knows it too, but for turns in which nothing was said. */
const maxKnown = 10_000;

interface Running {
  ownership: number;
  end: AbortController;
  done: Promise<void>;
}

/** What is known of a conversation beside its log. */
interface Known {
  /** The public number of the visitor's newest message that had its turn. */
  handled: number;
  failures: number;
  /** What this process said: it answers `handled`, whatever came meanwhile. */
  said: Set<string>;
}

/**
 * Runs a bot over a connected agent (made with the bot's token): the same bot that runs inside the relay when it stands in `sveiki.config.ts`. A turn
 * for the visitor's newest words in each conversation it owns, one at a time in a conversation; aborted when somebody else owns it; given to people when
 * it throws or takes too long. Time in which the visitor is asked for his consent to a tool is not the bot's.
 *
 * A bot with `draft` goes on to watch conversations that people took from it, and proposes words to them.
 *
 * @example
 * const agent = createAgent({ server, getTicket: botTicket(server, token), lists: false });
 * const running = runBot(agent, bot);
 * await agent.connect();
 */
export function runBot(agent: Agent, bot: Bot, options: RunBotOptions = {}): RunningBot {
  const { clock = systemClock, onError = () => {} } = options;
  const running = new Map<string, Running>();
  const known = new Map<string, Known>();
  /** What a drafting bot has on its screen, and how to leave it. */
  const followed = new Map<string, () => void>();
  const drafted = new Map<string, number>();
  let isStopped = false;

  const stateOf = (conversation: string) => agent.state.watched.get(conversation)?.state;
  const isMine = (state: ConversationState | undefined, ownership = state?.ownership): boolean =>
    state !== undefined &&
    state.owner !== null &&
    state.owner.id === agent.state.me?.id &&
    state.ownership === ownership &&
    state.status !== 'resolved';

  function knownOf(conversation: string): Known {
    const found = known.get(conversation) ?? { handled: 0, failures: 0, said: new Set<string>() };
    known.delete(conversation);
    known.set(conversation, found);
    for (const oldest of known.keys()) {
      if (known.size <= maxKnown) break;
      if (!running.has(oldest)) known.delete(oldest);
    }
    return found;
  }

  /** Looks at everything anew: ends what is not his any more, and begins what is due. */
  function look(): void {
    for (const [conversation, { ownership, end }] of running)
      if (!isMine(stateOf(conversation), ownership)) end.abort();
    if (isStopped || agent.state.connection.status !== 'online') return;
    for (const [conversation, watched] of agent.state.watched) {
      if (running.has(conversation)) continue;
      if (isMine(watched.state)) begin(watched);
      else if (watched.state.status === 'resolved' || watched.state.owner?.bot === true) unfollow(conversation);
      else if (watched.state.owner !== null && followed.has(conversation)) beginDraft(watched);
    }
  }

  function factsOf({ state, events, visitor }: WatchedConversation, pending: Pending): Facts {
    const collected: Record<string, unknown> = {};
    for (const { body } of events) if (body.kind === 'answered' && body.final) Object.assign(collected, body.answers);
    return {
      conversation: {
        id: state.id,
        site: options.site ?? '',
        team: state.team?.id ?? null,
        language: state.locale ?? visitor?.locale ?? null,
        visitor: { id: state.visitor.id, name: state.visitor.name, verified: visitor?.verified === true },
        page: visitor?.visit ?? null,
      },
      text: pending.text,
      history: pending.history,
      collected,
      failures: knownOf(state.id).failures,
    };
  }

  function begin(watched: WatchedConversation): void {
    const { id, ownership } = watched.state;
    const memory = knownOf(id);
    const pending = pendingFor(agent.state.me?.id ?? '', watched.events, memory);
    if (pending === null) return;
    const end = new AbortController();
    const turn = { ownership, end, done: Promise.resolve() };
    running.set(id, turn);
    turn.done = take(watched, pending, end).finally(() => {
      running.delete(id);
      look();
    });
  }

  /** One turn from its beginning to its end. Never rejects. */
  async function take(watched: WatchedConversation, pending: Pending, end: AbortController): Promise<void> {
    const { id, ownership } = watched.state;
    const memory = knownOf(id);
    const deadline = createDeadline(clock, bot.deadlineMs ?? defaultDeadlineMs, () => end.abort('late'));
    const { turn, failures } = createTurn(agent, factsOf(watched, pending), {
      signal: end.signal,
      offerAfter: options.offerAfter ?? 3,
      mustOwn: () => {
        if (end.signal.aborted || !isMine(stateOf(id), ownership)) throw notOwner();
      },
      said: (message) => memory.said.add(message),
      handedOff: () => end.abort('handed-off'),
      meanwhile: deadline.pauseWhile,
      searchReplies: options.searchReplies,
    });
    let failed: { error: unknown } | null = null;
    try {
      await orAborted(run(turn, pending.isFirst), end.signal);
    } catch (error) {
      failed = { error };
    }
    deadline.cancel();
    const isLate = end.signal.aborted && end.signal.reason === 'late';
    const isCalledOff = end.signal.aborted && !isLate;
    if (isStopped) return;
    memory.handled = pending.publicSeq;
    memory.failures = isMine(stateOf(id), ownership) ? failures() : 0;
    // What was refused because somebody else has it by now is nobody's to send again.
    for (const { id: message, error } of agent.state.watched.get(id)?.pending ?? [])
      if (error) agent.discard(id, message);
    if (isCalledOff || (!failed && !isLate)) return;
    // Whatever it still wants to do is too late.
    if (!isLate) end.abort('failed');
    if (failed && !isLate) onError(failed.error, id);
    if (!isMine(stateOf(id), ownership)) return;
    const name = agent.state.me?.name ?? bot.name;
    const reason = isLate ? `${name} did not answer in time.` : `${name} failed.`;
    await agent.handoff(id, { reason }).catch((error: unknown) => onError(error, id));
  }

  async function run(turn: BotTurn, isFirst: boolean): Promise<void> {
    if (isFirst) await bot.greet?.(turn);
    if (!turn.signal.aborted) await bot.onMessage(turn);
  }

  // -------------------------------------------------------------------------------------------------- while people answer

  /** Goes on to watch what people took. */
  function follow({ id }: ConversationState): void {
    if (!bot.draft || followed.has(id) || isStopped) return;
    followed.set(id, () => {});
    agent.watch(id).then(
      (leave) => {
        if (isStopped) return leave();
        followed.set(id, leave);
        look();
      },
      () => followed.delete(id),
    );
  }

  function unfollow(conversation: string): void {
    followed.get(conversation)?.();
    followed.delete(conversation);
    drafted.delete(conversation);
  }

  function beginDraft(watched: WatchedConversation): void {
    const { id, ownership } = watched.state;
    const pending = pendingFor('', watched.events, { handled: drafted.get(id) ?? 0, said: new Set() });
    if (pending === null) return;
    drafted.set(id, pending.publicSeq);
    const end = new AbortController();
    const cancel = clock.after(bot.deadlineMs ?? defaultDeadlineMs, () => end.abort('late'));
    const isStill = () => stateOf(id)?.ownership === ownership && !end.signal.aborted;
    const { turn } = createTurn(agent, factsOf(watched, pending), {
      signal: end.signal,
      offerAfter: 0,
      mustOwn: () => {
        throw notOwner();
      },
      said: () => {},
      handedOff: () => {},
      meanwhile: (work) => work,
      searchReplies: options.searchReplies,
    });
    const { conversation, text, history, collected, failures, signal, cannedReplies } = turn;
    // Nobody sees a bot think about a draft.
    const seen = { conversation, text, history, collected, failures, signal, cannedReplies, typing: () => {} };
    const propose = async () => (await bot.draft?.(seen)) ?? null;
    orAborted(propose(), signal)
      .then(async (words) => {
        if (words !== null && isStill()) await agent.draft(id, readReply(words), { replyTo: pending.publicSeq });
      })
      .catch((error: unknown) => {
        if (!signal.aborted) onError(error, id);
      })
      .finally(cancel);
  }

  const off = agent.subscribe(look);
  const offLost = agent.on('lost', follow);
  look();
  return {
    async stop() {
      isStopped = true;
      off();
      offLost();
      const ending = [...running.values()];
      for (const { end } of ending) end.abort('stopped');
      for (const conversation of [...followed.keys()]) unfollow(conversation);
      await Promise.all(ending.map(({ done }) => done));
    },
  };
}

const notOwner = () => new ChatError('not-owner', 'This turn is over: somebody else has the conversation.');

interface Pending {
  publicSeq: number;
  text: string;
  history: BotMessage[];
  /** Nobody said anything to the visitor yet. */
  isFirst: boolean;
}

const textOf = ({ body }: ConversationEvent) => (body.kind === 'message' ? plainText(body.blocks) : '');

/** The visitor's newest words that nobody answered; null when there are none. */
function pendingFor(
  me: string,
  events: readonly ConversationEvent[],
  { handled, said }: Pick<Known, 'handled' | 'said'>,
): Pending | null {
  const messages = events.filter(({ body }) => body.kind === 'message');
  const newest = messages.findLast(({ actor }) => actor.kind === 'visitor');
  const answered = messages.findLast(
    ({ actor, id }) => actor.kind !== 'visitor' && !('id' in actor && actor.id === me && said.has(id)),
  );
  const publicSeq = newest?.publicSeq ?? 0;
  if (!newest || publicSeq <= Math.max(handled, answered?.publicSeq ?? 0)) return null;
  const before = messages.filter((event) => event !== newest);
  return {
    publicSeq,
    text: textOf(newest),
    history: before.slice(-maxHistory).map((event) => ({ by: event.actor.kind, text: textOf(event), at: event.at })),
    isFirst: before.every(({ actor }) => actor.kind === 'visitor'),
  };
}

/** Ends with the turn, whatever the bot still waits for. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(notOwner());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** A deadline that stands still while the bot waits for the visitor. */
function createDeadline(clock: Clock, ms: number, over: () => void) {
  let left = ms;
  let since = clock.now();
  let pauses = 0;
  let isOver = false;
  let cancel = clock.after(left, over);
  return {
    cancel() {
      isOver = true;
      cancel();
    },
    async pauseWhile<T>(work: Promise<T>): Promise<T> {
      if (pauses++ === 0) {
        cancel();
        left -= clock.now() - since;
      }
      try {
        return await work;
      } finally {
        if (--pauses === 0 && !isOver) {
          since = clock.now();
          cancel = clock.after(Math.max(0, left), over);
        }
      }
    },
  };
}
