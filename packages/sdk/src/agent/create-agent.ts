import {
  type Ack,
  type AgentHello,
  type CommandFrame,
  type ConversationEvent,
  type ConversationState,
  ERRORS,
  type FromClient,
  type FromServer,
  isKind,
  LIMITS,
  type List,
  type OutgoingBlock,
  plainText,
  type SnapshotBody,
  SUPPORTED_VERSIONS,
  type VisitorProfile,
} from '@sveiki/protocol';
import { ChatError, errorOf } from '../chat-error.ts';
import { systemClock } from '../clock.ts';
import { checkBlocks } from '../connection/check-blocks.ts';
import { createConnection } from '../connection/connection.ts';
import { createIds, systemRandom } from '../connection/ids.ts';
import { followLife, type Surroundings } from '../connection/surroundings.ts';
import { openStorage } from '../host/storage.ts';
import { createEmitter } from '../state/emitter.ts';
import { addEvents, addOlder, addReceipt, addSnapshot, cursorOf, type Grown, headOf, type Log } from '../state/log.ts';
import { fits, isStaffBody, readEvents, receiptShape, snapshotShape, stateShape } from '../state/read.ts';
import { createAuditLog } from './audit.ts';
import { createCommands } from './commands.ts';
import { type Ask, createDeskApi } from './desk-api.ts';
import { createAgentFiles } from './files.ts';
import { createPeople } from './people.ts';
import { createReplies } from './replies.ts';
import { createSchedules } from './schedules.ts';
import { createSpam } from './spam.ts';
import { askConfig, createHooks, createSurveys } from './surveys.ts';
import type {
  Agent,
  AgentEvents,
  AgentOptions,
  AgentState,
  CommandRef,
  Streaming,
  WatchedConversation,
} from './types.ts';

/** A conversation that is live here: its log, who is in it, and the questions about it that are under way. */
interface Live {
  log: Log;
  visitor: VisitorProfile | null;
  viewers: WatchedConversation['viewers'];
  filling: string;
  older: { id: string; promise: Promise<void>; resolve(): void; reject(error: ChatError): void } | null;
  stopVisitorTyping: (() => void) | null;
  streaming: Streaming | null;
  stopStreaming: () => void;
  stopTyping: (() => void) | null;
  typedAt: number;
  typedNote: boolean;
  delivered: number;
}

interface Question {
  frame: Extract<FromClient, { type: 'watch' | 'get-list' | 'call-tool' }>;
  resolve(answer: unknown): void;
  reject(error: ChatError): void;
}

/** A bot's own `take` waits this long for the state it brought, so that the next `send` knows the new ownership number. */
const takeSettlesMs = 2_000;
/** Pages of open conversations asked for after a break; the rest is left to what the desk asks. */
const maxPagesAfterBreak = 20;
/** What the relay could not say after a break is asked again after this. */
const catchUpAgainMs = 5_000;
/** A reply that is being made is shown this often. */
const streamEveryMs = 100;

const nobody: AgentState = {
  connection: { status: 'idle' },
  me: null,
  signedIn: null,
  agents: [],
  teams: [],
  wrapUpCodes: [],
  cannedReplies: [],
  counts: { mine: 0, queue: 0, open: 0, resolved: 0 },
  conversations: new Map(),
  watched: new Map(),
  offers: [],
  problem: null,
};

/** Makes a client for one agent: what the desk and bots are built on. Opens nothing until `connect`. @throws {ChatError} bad-option */
export const createAgent = (options: AgentOptions = {}): Agent => createAgentIn(globalThis as Surroundings, options);

/** The same in other surroundings than the global ones. */
export function createAgentIn(page: Surroundings, options: AgentOptions): Agent {
  const { clock = systemClock, random = systemRandom, lists = true } = options;
  const server = (options.server ?? page.location?.origin)?.replace(/\/$/, '');
  if (!server)
    throw new ChatError('bad-option', 'createAgent needs `server`, the address of the relay, outside a page.');
  const ownFetch = options.fetch ?? page.fetch?.bind(globalThis) ?? fetch;
  const desk = createDeskApi(server, ownFetch);
  const files = createAgentFiles({ server, fetch: ownFetch, clock, random });
  const ids = createIds(clock, random);
  const { _on: on, _emit: emit, _clear: clearHandlers } = createEmitter<AgentEvents & { change: null }>();
  const live = new Map<string, Live>();
  /** How many times a conversation is on screen. */
  const screens = new Map<string, number>();
  const questions = new Map<string, Question>();
  const commands = createCommands({ clock, random, send: (frame) => connection._send(frame), changed: refreshWatched });

  let state = nobody;
  let ticket = '';
  let cancelCatchUp = () => {};
  let endLife: (() => void) | null = null;
  let isDestroyed = false;
  /** Everything assigned or queued before the first welcome is no news. */
  let lastAgent = '';
  let newsSince = Number.POSITIVE_INFINITY;
  let connecting: { promise: Promise<void>; resolve(): void; reject(error: ChatError): void } | null = null;

  const connection = createConnection({
    _page: page,
    _options: options,
    _clock: clock,
    _random: random,
    _base: `${server}/desk/`,
    _memory: openStorage(page, 'memory'),
    async _prepare() {
      try {
        ticket = await (options.getTicket ?? desk.ticket)();
      } catch (cause) {
        if (cause instanceof ChatError) throw cause;
        throw new ChatError('offline', 'getTicket failed. It is called again.', { retryable: true, cause });
      }
      return hello;
    },
    _probe: () => ({
      type: 'get-events',
      id: ids._next(),
      conversation: [...live.keys()][0] ?? ids._next(),
      after: Number.MAX_SAFE_INTEGER,
    }),
    _frame: apply,
    _changed(connection) {
      set({ connection });
      emit('connection', connection);
    },
    // A used ticket or an ended session: the next ticket tells.
    _refused: ({ code }) => code === 'bad-ticket' || code === 'session-ended',
    _failed(error) {
      const isSignedOut = ['signed-out', 'session-ended', 'bad-ticket'].includes(error.code);
      const reason = isSignedOut
        ? new ChatError('signed-out', 'Nobody is signed in here any more. Sign in again.', { cause: error })
        : error;
      set(isSignedOut ? { signedIn: false, me: null } : { problem: error });
      connecting?.reject(reason);
      connecting = null;
      emit('error', reason);
    },
    _skipped: (cause) =>
      emit('error', new ChatError('protocol', 'A frame of the relay made no sense and was skipped.', { cause })),
  });

  function set(change: Partial<AgentState>): void {
    state = { ...state, ...change };
    emit('change', null);
  }

  function hello(): AgentHello {
    const have = [...live.values()]
      .slice(-LIMITS.maxHaveConversations)
      .map(({ log }) => [log.id, headOf(log)] as const);
    return {
      type: 'hello',
      role: 'agent',
      versions: [...SUPPORTED_VERSIONS],
      client: options.client ?? 'sdk/0.1.0',
      ticket,
      lists,
      have: Object.fromEntries(have),
    };
  }

  // ---------------------------------------------------------------------------------------------- what the relay says

  function apply(frame: FromServer): void {
    switch (frame.type) {
      case 'welcome':
        return welcome(frame);
      case 'snapshot': {
        if (!fits(frame, snapshotShape)) throw new TypeError('snapshot');
        takeSnapshot(frame, frame.visitor ?? null);
        return answer(frame.id, undefined);
      }
      case 'event': {
        for (const event of readEvents([frame.event], isStaffBody)) {
          const one = live.get(event.conversation);
          if (one) grow(one, addEvents(one.log, [event]));
        }
        return;
      }
      case 'events': {
        const one = live.get(frame.conversation);
        if (!one) return;
        const events = readEvents(frame.events, isStaffBody);
        if (frame.id === one.filling) one.filling = '';
        const { older } = one;
        if (older?.id === frame.id) {
          one.log = addOlder(one.log, events, frame.more === true);
          one.older = null;
          older.resolve();
        }
        grow(one, addEvents(one.log, events));
        if (frame.more === true && frame.id !== older?.id) fill(one, frame.head);
        return;
      }
      case 'list':
        for (const conversation of statesIn(frame.conversations)) learn(conversation, false);
        if (fits(frame.counts, nobody.counts as never)) set({ counts: frame.counts });
        return answer(frame.id, frame);
      case 'update':
        for (const conversation of statesIn(frame.conversations)) learn(conversation, true);
        if (fits(frame.counts, nobody.counts as never)) set({ counts: frame.counts });
        return;
      case 'ack':
        return commands.ack(frame);
      case 'nack': {
        const question = questions.get(frame.id);
        questions.delete(frame.id);
        question?.reject(errorOf(frame));
        for (const one of live.values()) {
          if (one.filling === frame.id) one.filling = '';
          if (one.older?.id !== frame.id) continue;
          one.older.reject(errorOf(frame));
          one.older = null;
        }
        return commands.nack(frame);
      }
      case 'typing': {
        const one = live.get(frame.conversation);
        if (!one || frame.who.kind !== 'visitor') return;
        one.stopVisitorTyping?.();
        one.stopVisitorTyping = frame.on
          ? clock.after(LIMITS.typingExpiresMs, () => {
              one.stopVisitorTyping = null;
              refreshWatched();
            })
          : null;
        return refreshWatched();
      }
      case 'stream': {
        const one = live.get(frame.conversation);
        if (!one || !fits(frame, { message: '', who: { id: '', name: '' }, text: '' })) return;
        const { message, who, text } = frame;
        if (one.log.events.some(({ id }) => id === message)) return;
        showStreaming(one, text ? { message, who, text } : null);
        return refreshWatched();
      }
      case 'tool-result': {
        const { outcome, output } = frame;
        return answer(frame.id, output === undefined ? { outcome } : { outcome, output });
      }
      case 'receipt': {
        const one = live.get(frame.conversation);
        if (!one || !fits(frame, receiptShape)) return;
        const { reader, delivered, read } = frame;
        one.log = addReceipt(one.log, { reader, delivered, read });
        return refreshWatched();
      }
      case 'viewers': {
        const one = live.get(frame.conversation);
        if (!one || !fits(frame.viewers, [{ id: '', name: '', typing: true }])) return;
        one.viewers = frame.viewers.filter(({ id }) => id !== state.me?.id);
        return refreshWatched();
      }
      case 'visitor': {
        const one = live.get(frame.conversation);
        if (!one || !fits(frame.visitor, { id: '' })) return;
        one.visitor = frame.visitor;
        return refreshWatched();
      }
      case 'agents': {
        if (!fits(frame.agents, [{ id: '', name: '', presence: '', teams: [''], load: 0, capacity: 0 }])) return;
        const self = frame.agents.find(({ id }) => id === state.me?.id);
        const { me } = state;
        return set({
          agents: frame.agents,
          me: me && self && me.presence !== self.presence ? { ...me, presence: self.presence } : me,
        });
      }
      case 'ping':
        // What had no answer for so long gets none.
        commands.again();
        for (const [id, head] of Object.entries(frame.heads ?? {})) {
          const one = live.get(id);
          if (!one) continue;
          one.filling = '';
          fill(one, head);
        }
        return;
      case 'error':
        emit('error', errorOf(frame));
    }
  }

  function welcome(frame: Extract<FromServer, { type: 'welcome' }>): void {
    if (
      frame.role !== 'agent' ||
      !fits(frame, { agent: { id: '', name: '' }, agents: [{ id: '', name: '' }], teams: [{ id: '', name: '' }] })
    )
      throw new TypeError('welcome');
    const { agent, agents, teams, wrapUpCodes, cannedReplies, counts, now } = frame;
    const isBack = newsSince !== Number.POSITIVE_INFINITY;
    if (isBack && lastAgent !== agent.id) forget(new ChatError('signed-out', 'Somebody else signed in here.'));
    if (!isBack || lastAgent !== agent.id) newsSince = now;
    lastAgent = agent.id;
    set({ me: agent, signedIn: true, agents, teams, wrapUpCodes, cannedReplies, counts, problem: null });
    for (const one of live.values()) {
      one.filling = '';
      if (one.older) askOlder(one);
      if (screens.has(one.log.id))
        connection._send({ type: 'watch', id: ids._next(), conversation: one.log.id, have: headOf(one.log) });
    }
    for (const { frame: question } of questions.values()) {
      // A tool must not run twice: whether this call came through is not known.
      if (question.type === 'call-tool') answer(question.id, { outcome: 'timed-out' });
      else connection._send(question);
    }
    commands.restart();
    if (isBack) keepUp(agent.id);
    connecting?.resolve();
    connecting = null;
  }

  /** Until the relay could say it, or the line is another one. */
  function keepUp(me: string): void {
    cancelCatchUp();
    catchUp(me).catch(({ retryable, retryAfterMs }: ChatError) => {
      if (!retryable || isDestroyed || endLife === null) return;
      cancelCatchUp();
      cancelCatchUp = clock.after(Math.max(retryAfterMs ?? 0, catchUpAgainMs), () => keepUp(me));
    });
  }

  /** What changed while the line was away and is not told by itself: conversations that are nobody's news any more. */
  async function catchUp(me: string): Promise<void> {
    const had = new Map([...live].map(([id, { log }]) => [id, log]));
    const mine = new Set(
      (await list({ view: 'mine', limit: LIMITS.maxPageConversations })).conversations.map(({ id }) => id),
    );
    for (const one of [...live.values()]) {
      const { id, state: last } = one.log;
      // What came meanwhile is newer than the list, which may have been read before it.
      if (!mine.has(id) && !screens.has(id) && last?.owner?.id === me && had.get(id) === one.log) drop(one);
    }
    if (!lists) return;
    const open = new Set<string>();
    let before: number | null | undefined;
    for (let page = 0; page < maxPagesAfterBreak && before !== null; page++) {
      const found = await list({
        view: 'open',
        limit: LIMITS.maxPageConversations,
        ...(before === undefined ? {} : { before }),
      });
      for (const { id } of found.conversations) open.add(id);
      before = found.cursor;
    }
    if (before !== null) return;
    const conversations = new Map(state.conversations);
    for (const [id, { status }] of conversations)
      if (status !== 'resolved' && !open.has(id) && !live.has(id)) conversations.delete(id);
    set({ conversations, offers: state.offers.filter(({ conversation }) => conversations.has(conversation.id)) });
  }

  const statesIn = (value: unknown): ConversationState[] =>
    Array.isArray(value) ? (value.filter((item) => fits(item, stateShape)) as ConversationState[]) : [];

  /** The newest state of a conversation; `isNews` when it came by itself. `by` is who brought it about, if that is known. */
  function learn(next: ConversationState, isNews: boolean, by?: ConversationEvent['actor']): void {
    const before = state.conversations.get(next.id);
    if (before && before.head >= next.head) return;
    const me = state.me?.id;
    set({ conversations: new Map(state.conversations).set(next.id, next) });
    refreshOffers(next);
    if (!isNews) return;
    const isOwn = by !== undefined && 'id' in by && by.id === me;
    const wasMine = before?.owner?.id === me && before?.status !== 'resolved';
    const isMine = next.owner?.id === me && next.status !== 'resolved';
    const isQueued = next.owner === null && next.status !== 'resolved';
    const wasQueued = before !== undefined && before.owner === null && before.status !== 'resolved';
    if (wasMine && !isMine && next.status !== 'resolved' && !isOwn) emit('lost', next);
    if (!wasMine && isMine && !isOwn) emit('assigned', next);
    if (!wasQueued && isQueued && !isOwn && (before !== undefined || (next.queuedAt ?? 0) >= newsSince))
      emit('queued', next);
  }

  const isOffered = ({ owner, status, offer }: ConversationState) =>
    !owner && status !== 'resolved' && !!state.me && offer?.agents.includes(state.me.id) === true;

  /** What is offered to him, after `next` became known. */
  function refreshOffers(next: ConversationState): void {
    const before = state.offers.find(({ conversation }) => conversation.id === next.id);
    const offer = isOffered(next) ? { conversation: next, until: next.offer?.until ?? 0 } : null;
    if (!before && !offer) return;
    const others = state.offers.filter((known) => known !== before);
    set({ offers: offer ? [...others, offer].sort((a, b) => a.until - b.until) : others });
    if (offer && offer.until !== before?.until) emit('offered', offer);
    else if (!offer) emit('offer-ended', next);
  }

  function showStreaming(one: Live, streaming: Streaming | null): void {
    one.stopStreaming();
    one.streaming = streaming;
    one.stopStreaming = streaming
      ? clock.after(LIMITS.streamExpiresMs, () => {
          one.streaming = null;
          refreshWatched();
        })
      : () => {};
  }

  /** A bot's newest proposal, while nothing was said after what it replies to. */
  function draftIn({ events, state }: Log): WatchedConversation['draft'] {
    const draft = events.findLast((event) => isKind(event, 'drafted'));
    if (!draft || state?.status === 'resolved') return null;
    return events.some(({ publicSeq, body }) => body.kind === 'message' && (publicSeq ?? 0) > draft.body.replyTo)
      ? null
      : draft;
  }

  function takeSnapshot(body: SnapshotBody, visitor: VisitorProfile | null): void {
    const { id } = body.conversation;
    const known = live.get(id);
    const one: Live = known ?? {
      log: { id, state: null, events: [], hasOlder: false, receipts: [], ahead: [] },
      visitor: null,
      viewers: [],
      filling: '',
      older: null,
      stopVisitorTyping: null,
      streaming: null,
      stopStreaming: () => {},
      stopTyping: null,
      typedAt: 0,
      typedNote: false,
      delivered: 0,
    };
    live.set(id, one);
    one.visitor = visitor ?? one.visitor;
    const [log, fresh] = addSnapshot(known ? one.log : null, {
      ...body,
      events: readEvents(body.events, isStaffBody),
      more: body.more === true,
    });
    for (const event of log.events) arrive(event);
    // It came by itself: somebody gave it to this agent, if that happened since he is here.
    const given = log.events.findLast(({ body }) => body.kind === 'assigned');
    if (log.state) learn(log.state, given !== undefined && given.at >= newsSince, given?.actor);
    grow(one, [log, fresh]);
    fill(one, body.conversation.head);
  }

  function grow(one: Live, [log, fresh]: Grown): void {
    one.log = log;
    for (const event of fresh) {
      arrive(event);
      if (event.body.kind === 'message' && event.actor.kind === 'visitor') {
        one.stopVisitorTyping?.();
        one.stopVisitorTyping = null;
      }
    }
    if (log.state?.erasedAt) one.visitor = null;
    if (log.state && fresh.length > 0) {
      const turn = fresh.findLast(
        ({ body }) => body.kind === 'assigned' || body.kind === 'queued' || body.kind === 'resolved',
      );
      learn(log.state, true, turn?.actor);
    }
    const { streaming } = one;
    if (streaming && (log.state?.owner?.id !== streaming.who.id || fresh.some(({ id }) => id === streaming.message)))
      showStreaming(one, null);
    if (log.ahead.length > 0) fill(one, Number.POSITIVE_INFINITY);
    const newest = log.events.findLast((event) => event.body.kind === 'message' && !isOwn(event));
    const { publicHead = 0 } = log.state ?? {};
    if ((newest?.publicSeq ?? 0) > Math.max(one.delivered, cursorOf(log, state.me?.id ?? 'nobody').delivered))
      mark(one, { delivered: publicHead });
    const isHis = log.state?.owner?.id === state.me?.id && log.state?.status !== 'resolved';
    if (!isHis && !screens.has(log.id)) drop(one);
    refreshWatched();
    for (const event of fresh) {
      if (event.body.kind === 'message' && !isOwn(event)) emit('message', { conversation: log.id, event });
    }
  }

  const isOwn = ({ actor }: ConversationEvent) => 'id' in actor && actor.id === state.me?.id;

  function arrive(event: ConversationEvent): void {
    const { conversation, id, seq, at } = event;
    if (isOwn(event)) commands.arrived(id, { type: 'ack', id, conversation, seq, at });
  }

  function fill(one: Live, head: number): void {
    if (one.filling || !(head > headOf(one.log))) return;
    one.filling = ids._next();
    connection._send({
      type: 'get-events',
      id: one.filling,
      conversation: one.log.id,
      after: headOf(one.log),
      limit: LIMITS.maxPageEvents,
    });
  }

  function askOlder(one: Live): void {
    if (!one.older) return;
    one.older.id = ids._next();
    const before = one.log.events[0]?.seq ?? headOf(one.log) + 1;
    connection._send({ type: 'get-events', id: one.older.id, conversation: one.log.id, before });
  }

  function drop(one: Live): void {
    one.stopVisitorTyping?.();
    one.stopStreaming();
    one.stopTyping?.();
    one.older?.reject(new ChatError('not-found', 'This conversation is not on screen any more.'));
    live.delete(one.log.id);
    refreshWatched();
  }

  function mark(one: Live, cursor: { delivered: number; read?: number }): void {
    const { me } = state;
    const { delivered, read = 0 } = cursor;
    if (!me || !connection._send({ type: 'mark', conversation: one.log.id, ...cursor })) return;
    one.delivered = Math.max(one.delivered, delivered);
    one.log = addReceipt(one.log, { reader: { kind: 'agent', id: me.id }, delivered, read });
  }

  function answer(id: string | undefined, value: unknown): void {
    const question = questions.get(id ?? '');
    questions.delete(id ?? '');
    question?.resolve(value);
  }

  // ----------------------------------------------------------------------------------------------- what a screen sees

  const kept = new WeakMap<Live, { from: unknown[]; view: WatchedConversation }>();

  /** Makes the pictures of live conversations anew; unchanged ones stay identical. */
  function refreshWatched(): void {
    const watched = new Map<string, WatchedConversation>();
    for (const [id, one] of live) {
      if (!one.log.state) continue;
      const pending = [...commands.all()].flatMap(([command, { frame, at, error, seq }]) => {
        if ((frame.type !== 'send' && frame.type !== 'note') || frame.conversation !== id) return [];
        if (seq !== null && seq <= headOf(one.log)) return [];
        return [
          {
            id: command,
            kind: frame.type === 'send' ? ('message' as const) : frame.type,
            text: plainText(frame.blocks),
            at,
            error,
          },
        ];
      });
      const before = kept.get(one);
      const from = [
        one.log,
        one.visitor,
        one.viewers,
        one.stopVisitorTyping !== null,
        one.streaming,
        JSON.stringify(pending.map(({ id, error }) => [id, error?.code])),
      ];
      if (before?.from.every((part, i) => part === from[i])) {
        watched.set(id, before.view);
        continue;
      }
      const view: WatchedConversation = {
        state: one.log.state,
        events: one.log.events,
        hasOlder: one.log.hasOlder,
        receipts: one.log.receipts,
        visitor: one.visitor,
        visitorTyping: one.stopVisitorTyping !== null,
        streaming: one.streaming,
        draft: draftIn(one.log),
        viewers: one.viewers,
        pending,
      };
      kept.set(one, { from, view });
      watched.set(id, view);
    }
    const { watched: before } = state;
    if (before.size !== watched.size || [...watched].some(([id, view]) => before.get(id) !== view)) set({ watched });
  }

  // ------------------------------------------------------------------------------------------------ what the agent does

  const destroyed = () => new ChatError('destroyed', 'This agent was destroyed. Make a new one with createAgent.');

  async function ask<T>(frame: Question['frame']): Promise<T> {
    if (isDestroyed) throw destroyed();
    return new Promise<T>((resolve, reject) => {
      questions.set(frame.id, { frame, resolve: resolve as (answer: unknown) => void, reject });
      connection._send(frame);
    });
  }

  async function list(query: Parameters<Agent['list']>[0]): ReturnType<Agent['list']> {
    const { conversations, cursor } = await ask<List>({ type: 'get-list', id: ids._next(), ...query });
    return { conversations: statesIn(conversations), cursor: typeof cursor === 'number' ? cursor : null };
  }

  async function command(frame: CommandFrame): Promise<Ack> {
    if (isDestroyed) throw destroyed();
    return commands.run(frame);
  }

  /** Resolves with where a command ended. */
  async function perform(conversation: string, frame: CommandFrame): Promise<CommandRef> {
    const ack = await command(frame);
    return { id: frame.id, conversation: ack.conversation ?? conversation, seq: ack.seq ?? 0 };
  }

  function blocksOf(message: string | OutgoingBlock[]): OutgoingBlock[] {
    const blocks = typeof message === 'string' ? [{ kind: 'text' as const, text: message }] : message;
    checkBlocks(blocks);
    return blocks;
  }

  /** Over HTTP. Who is signed out there is signed out here. */
  async function overHttp<Answer>(run: () => Promise<Answer>): Promise<Answer> {
    if (isDestroyed) throw destroyed();
    try {
      return await run();
    } catch (error) {
      if (error instanceof ChatError && error.code === 'signed-out') set({ signedIn: false, me: null });
      throw error;
    }
  }
  const askDesk: Ask = (path, body, signal) => overHttp(() => desk.ask(path, body, signal));

  const stateOf = (conversation: string): ConversationState | null | undefined =>
    live.get(conversation)?.log.state ?? state.conversations.get(conversation);
  const ownershipOf = (conversation: string): number => stateOf(conversation)?.ownership ?? 0;

  /** Resolves when the state after `seq` is known here, or when it does not come. */
  function known(conversation: string, seq: number): Promise<void> {
    const isKnown = () => stateOf(conversation)?.head ?? -1;
    if (isKnown() >= seq) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        off();
        cancel();
        resolve();
      };
      const cancel = clock.after(takeSettlesMs, end);
      const off = on('change', () => {
        if (isKnown() >= seq) end();
      });
    });
  }

  const transfer: Agent['transfer'] = async (conversation, to, { note } = {}) => {
    return perform(conversation, {
      type: 'transfer',
      id: ids._next(),
      conversation,
      ownership: ownershipOf(conversation),
      to:
        'agent' in to
          ? { kind: 'agent', id: to.agent }
          : 'team' in to
            ? { kind: 'team', id: to.team }
            : { kind: 'bot', id: to.bot },
      ...(note?.trim() ? { note: blocksOf(note) } : {}),
    });
  };

  const askForm: Agent['askForm'] = async (conversation, form) =>
    perform(conversation, {
      type: 'ask',
      id: ids._next(),
      conversation,
      ownership: ownershipOf(conversation),
      what: typeof form === 'string' ? { kind: 'configured', id: form } : { kind: 'form', form },
    });

  /** What is said while it is made: at most one piece a `streamEveryMs`, the rest at the end. */
  async function stream(conversation: string, pieces: AsyncIterable<string>): ReturnType<Agent['stream']> {
    if (isDestroyed) throw destroyed();
    const message = ids._next();
    const ownership = ownershipOf(conversation);
    const show = (text: string) => connection._send({ type: 'stream', conversation, ownership, message, text });
    const mustOwn = () => {
      const { owner, ownership: now } = stateOf(conversation) ?? {};
      if (owner?.id !== state.me?.id || now !== ownership)
        throw new ChatError('not-owner', ERRORS['not-owner'].sentence);
    };
    let text = '';
    let shownAt = Number.NEGATIVE_INFINITY;
    let showLater: (() => void) | null = null;
    const showNow = () => {
      showLater?.();
      showLater = null;
      shownAt = clock.now();
      show(text);
    };
    try {
      mustOwn();
      for await (const piece of pieces) {
        mustOwn();
        text += piece;
        checkBlocks([{ kind: 'text', text: text.trim() ? text : '.' }]);
        const wait = shownAt + streamEveryMs - clock.now();
        if (!(wait > 0)) showNow();
        else showLater ??= clock.after(wait, showNow);
      }
      showLater?.();
      mustOwn();
      const blocks = blocksOf(text);
      const ref = await perform(conversation, { type: 'send', id: message, conversation, blocks, ownership });
      return { ...ref, text };
    } catch (error) {
      showLater?.();
      if (shownAt > 0) show('');
      throw error;
    }
  }

  function stopTyping(conversation: string): void {
    const one = live.get(conversation);
    if (!one?.stopTyping) return;
    one.stopTyping();
    one.stopTyping = null;
    one.typedAt = 0;
    connection._send({ type: 'typing', conversation, on: false, ...(one.typedNote ? { note: true } : {}) });
  }

  function leave(): void {
    cancelCatchUp();
    connection._close();
    for (const one of live.values()) {
      one.stopTyping?.();
      one.stopVisitorTyping?.();
      one.stopTyping = one.stopVisitorTyping = null;
      showStreaming(one, null);
    }
  }

  /** Forgets everything of the agent who was here. */
  function forget(error: ChatError): void {
    commands.clear(error);
    for (const { reject } of questions.values()) reject(error);
    questions.clear();
    files._forget();
    for (const one of [...live.values()]) drop(one);
    screens.clear();
    set({ ...nobody, connection: state.connection, signedIn: state.signedIn });
  }

  function stop(error: ChatError): void {
    leave();
    endLife?.();
    endLife = null;
    connecting?.reject(error);
    connecting = null;
    newsSince = Number.POSITIVE_INFINITY;
    forget(error);
  }

  return {
    get state() {
      return state;
    },
    subscribe: (listener) => on('change', listener),
    on,
    async signIn(credentials) {
      if (isDestroyed) throw destroyed();
      await desk.signIn(credentials);
      set({ signedIn: true });
    },
    async signInWithCode(code) {
      if (isDestroyed) throw destroyed();
      await desk.signInWithCode(code);
      set({ signedIn: true });
    },
    async signOut() {
      if (isDestroyed) throw destroyed();
      stop(new ChatError('signed-out', 'The agent signed out.'));
      set({ connection: { status: 'idle' }, signedIn: false });
      await desk.signOut();
    },
    async connect() {
      if (isDestroyed) throw destroyed();
      if (state.connection.status === 'online') return;
      if (!connecting) {
        let resolve!: () => void;
        let reject!: (error: ChatError) => void;
        const promise = new Promise<void>((yes, no) => {
          resolve = yes;
          reject = no;
        });
        promise.catch(() => {});
        connecting = { promise, resolve, reject };
        endLife ??= followLife(page, {
          _hide: leave,
          _show: () => connection._open(),
          _check: () => connection._check(),
        });
        connection._open();
      }
      return connecting.promise;
    },
    async setPresence(presence) {
      await command({ type: 'set-presence', id: ids._next(), presence });
      const { me } = state;
      if (me) set({ me: { ...me, presence } });
    },
    async watch(conversation) {
      const leaveScreen = () => {
        const left = (screens.get(conversation) ?? 1) - 1;
        if (left > 0) screens.set(conversation, left);
        else screens.delete(conversation);
        return left > 0;
      };
      screens.set(conversation, (screens.get(conversation) ?? 0) + 1);
      const have = live.get(conversation);
      try {
        await ask({ type: 'watch', id: ids._next(), conversation, ...(have ? { have: headOf(have.log) } : {}) });
      } catch (error) {
        leaveScreen();
        throw error;
      }
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        const one = live.get(conversation);
        if (leaveScreen() || !one) return;
        stopTyping(conversation);
        connection._send({ type: 'unwatch', conversation });
        one.viewers = [];
        if (one.log.state?.owner?.id !== state.me?.id || one.log.state?.status === 'resolved') drop(one);
        refreshWatched();
      };
    },
    async loadOlder(conversation) {
      if (isDestroyed) throw destroyed();
      const one = live.get(conversation);
      if (!one?.log.hasOlder) return;
      if (!one.older) {
        let resolve!: () => void;
        let reject!: (error: ChatError) => void;
        const promise = new Promise<void>((yes, no) => {
          resolve = yes;
          reject = no;
        });
        promise.catch(() => {});
        one.older = { id: '', promise, resolve, reject };
        askOlder(one);
      }
      return one.older.promise;
    },
    list,
    async send(conversation, message) {
      const blocks = blocksOf(message);
      stopTyping(conversation);
      return perform(conversation, {
        type: 'send',
        id: ids._next(),
        conversation,
        blocks,
        ownership: ownershipOf(conversation),
      });
    },
    async note(conversation, note) {
      const blocks = blocksOf(note);
      stopTyping(conversation);
      return perform(conversation, { type: 'note', id: ids._next(), conversation, blocks });
    },
    async take(conversation) {
      const ref = await perform(conversation, {
        type: 'take',
        id: ids._next(),
        conversation,
        ownership: ownershipOf(conversation),
      });
      await known(conversation, ref.seq);
      return ref;
    },
    async acceptOffer(conversation) {
      const ref = await perform(conversation, { type: 'accept', id: ids._next(), conversation });
      await known(conversation, ref.seq);
      return ref;
    },
    async declineOffer(conversation, { reason } = {}) {
      return perform(conversation, {
        type: 'decline',
        id: ids._next(),
        conversation,
        ...(reason?.trim() ? { reason: reason.trim().slice(0, LIMITS.maxLabelChars) } : {}),
      });
    },
    transfer,
    async returnToBot(conversation, { bot, note } = {}) {
      const id = bot ?? stateOf(conversation)?.lastBot?.id;
      if (!id) throw new ChatError('no-such-bot', 'No bot had this conversation. Name one: { bot: id }.');
      return transfer(conversation, { bot: id }, note === undefined ? {} : { note });
    },
    askForm,
    async resolve(conversation, { wrapUp }) {
      return perform(conversation, {
        type: 'resolve',
        id: ids._next(),
        conversation,
        ownership: ownershipOf(conversation),
        wrapUp,
      });
    },
    async setStatus(conversation, status) {
      return perform(conversation, {
        type: 'set-status',
        id: ids._next(),
        conversation,
        ownership: ownershipOf(conversation),
        status,
      });
    },
    files,
    replies: createReplies(askDesk),
    schedules: createSchedules(askDesk),
    spam: createSpam(askDesk),
    surveys: createSurveys(askDesk, (conversation, id) => askForm(conversation, id)),
    hooks: createHooks(askDesk),
    audit: createAuditLog(askDesk),
    people: createPeople(askDesk, (path, body) => overHttp(() => desk.download(path, body))),
    config: () => askConfig(askDesk),
    retry(conversation, id) {
      const frame = commands.all().get(id)?.frame;
      if (frame?.type === 'send') commands.retry(id, { ...frame, ownership: ownershipOf(conversation) });
      else if (frame) commands.retry(id, frame);
    },
    discard: (_conversation, id) => commands.discard(id),
    typing(conversation, { note = false } = {}) {
      const one = live.get(conversation);
      if (!one) return;
      one.stopTyping?.();
      one.stopTyping = clock.after(LIMITS.typingExpiresMs, () => stopTyping(conversation));
      const now = clock.now();
      // Another kind of typing is told at once: nobody waits for an answer that is a note.
      if (now - one.typedAt < LIMITS.typingEveryMs && one.typedNote === note) return;
      one.typedAt = now;
      one.typedNote = note;
      connection._send({ type: 'typing', conversation, on: true, ...(note ? { note: true } : {}) });
    },
    markRead(conversation) {
      const one = live.get(conversation);
      const { publicHead = 0 } = one?.log.state ?? {};
      if (!one || cursorOf(one.log, state.me?.id ?? 'nobody').read >= publicHead) return;
      mark(one, { delivered: publicHead, read: publicHead });
      refreshWatched();
    },
    async handoff(conversation, details) {
      const ownership = ownershipOf(conversation);
      return perform(conversation, { type: 'handoff', id: ids._next(), conversation, ownership, details });
    },
    stream,
    async callTool(conversation, tool, input) {
      if (state.connection.status !== 'online')
        throw new ChatError('offline', 'The relay cannot be reached. Try again when the network is back.', {
          retryable: true,
        });
      const ownership = ownershipOf(conversation);
      return ask({ type: 'call-tool', id: ids._next(), conversation, ownership, tool, input });
    },
    async draft(conversation, message, { replyTo }) {
      const blocks = blocksOf(message);
      return perform(conversation, { type: 'draft', id: ids._next(), conversation, blocks, replyTo });
    },
    async destroy() {
      if (isDestroyed) return;
      isDestroyed = true;
      clearHandlers();
      stop(destroyed());
    },
  };
}
