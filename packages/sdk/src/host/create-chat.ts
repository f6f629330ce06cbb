import {
  type ConversationEvent,
  type FromClient,
  type FromServer,
  LIMITS,
  type OutgoingBlock,
  type SiteInfo,
  type SnapshotBody,
  SUPPORTED_VERSIONS,
  type Visit,
  type VisitorHello,
} from '@sveiki/protocol';
import { ChatError, errorOf } from '../chat-error.ts';
import { systemClock } from '../clock.ts';
import { createConnection } from '../connection/connection.ts';
import { createIds, systemRandom } from '../connection/ids.ts';
import { createOutbox, type Unsent } from '../connection/outbox.ts';
import { followLife, type Surroundings } from '../connection/surroundings.ts';
import type { ConnectionState } from '../connection/types.ts';
import { createEmitter } from '../state/emitter.ts';
import { entriesOf, isOwn } from '../state/entries.ts';
import {
  addEvents,
  addOlder,
  addReceipt,
  addSnapshot,
  cursorOf,
  emptyLog,
  type Grown,
  headOf,
  type Log,
} from '../state/log.ts';
import { fits, readEvent, readEvents, receiptShape, siteShape, stateShape } from '../state/read.ts';
import { openStorage } from './storage.ts';
import { joinTabs, type Tabs } from './tabs.ts';
import type { Chat, ChatEvents, ChatOptions, ChatState, Identity, MessageRef } from './types.ts';

/** What all tabs have in common, as the leader knows it. */
interface Shared {
  session: string;
  site: SiteInfo | null;
  visitor: ChatState['visitor'];
  log: Log | null;
  queue: ChatState['queue'];
  connection: ConnectionState;
  problem: { code: ChatError['code']; message: string } | null;
}

/** What tabs say to each other. Tabs may run different builds, so nothing here is renamed by the minifier. */
type TabMessage =
  | ['hi', Visit | null]
  | ['shared', Shared]
  | ['frame', FromServer]
  | ['up', FromClient]
  | ['here']
  | ['unsent', string, Unsent | null]
  | ['draft', string]
  | ['token', string | null]
  | ['logout'];

interface Deferred<T> {
  _resolve(value: T): void;
  _reject(error: ChatError): void;
}

const nothing: Shared = {
  session: '',
  site: null,
  visitor: null,
  log: null,
  queue: null,
  connection: { status: 'idle' },
  problem: null,
};

const isNews = (event: ConversationEvent) => event.body.kind === 'message' && !isOwn(event);

/** Bytes on the wire. */
const bytesOf = (text: string) => new TextEncoder().encode(text).length;

/** Makes a chat for one visitor. Opens nothing and stores nothing until `connect` or `send`. @throws {ChatError} bad-option */
export const createChat = (options: ChatOptions): Chat => createChatIn(globalThis as Surroundings, options);

/** The same in other surroundings than the global ones. */
export function createChatIn(page: Surroundings, options: ChatOptions): Chat {
  const { site, clock = systemClock, random = systemRandom } = options;
  const server = (options.server ?? page.location?.origin)?.replace(/\/$/, '');
  if (!site) throw new ChatError('bad-option', 'createChat needs `site`, the key from the configuration of the relay.');
  if (!server)
    throw new ChatError('bad-option', 'createChat needs `server`, the address of the relay, outside a page.');

  const prefix = `sveiki:${site}:`;
  const storage = openStorage(page, options.storage);
  const ids = createIds(clock, random);
  const { _on: on, _emit: emit, _clear: clearHandlers } = createEmitter<ChatEvents & { change: null }>();
  const sending = new Map<string, Deferred<MessageRef>>();
  const typing = new Map<string, { _name: string; _cancel: () => void }>();

  let shared = nothing;
  let problem: ChatError | null = null;
  let draft = '';
  let visit: Visit | null = null;
  let identity: Identity | undefined = options.identity;
  let token: string | null | undefined;
  let why: 'start' | 'expired' = 'start';
  let tabs: Tabs<TabMessage> | null = null;
  let endLife: (() => void) | null = null;
  let isDestroyed = false;
  let typedAt = 0;
  /** The conversation that a first message begins; another one after each welcome, because it may be somebody else's then. */
  let begun = '';
  /** Ids of the questions under way: the hole to fill, the page of history (and who waits for it). */
  let filling = '';
  let older: ({ _id: string; _promise: Promise<void> } & Deferred<void>) | null = null;
  let welcomed: Deferred<void>[] = [];
  const news: ConversationEvent[] = [];
  let state: ChatState = {
    connection: nothing.connection,
    site: null,
    visitor: null,
    conversation: null,
    entries: [],
    hasOlder: false,
    loadingOlder: false,
    typing: [],
    queue: null,
    unread: 0,
    draft,
    problem,
  };

  const outbox = createOutbox({
    _storage: storage,
    _prefix: `${prefix}out:`,
    _clock: clock,
    _random: random,
    _conversation: () => shared.log?.id ?? begun,
    _send: (frame) => isLeader() && connection._send(frame),
  });

  const connection = createConnection({
    _page: page,
    _options: options,
    _clock: clock,
    _random: random,
    _base: `${server}/v1/`,
    _httpUntil: {
      _get: () => Number(storage.get(`${prefix}http`)),
      _set: (until) => storage.set(`${prefix}http`, `${until}`),
    },
    async _prepare() {
      try {
        if (identity && token === undefined)
          token = 'token' in identity ? identity.token : await identity.getToken(why);
      } catch (cause) {
        throw new ChatError('bad-identity', 'getToken failed. It is called again.', { retryable: true, cause });
      }
      return hello;
    },
    _probe: () => ({
      type: 'get-events',
      id: ids._next(),
      conversation: shared.log?.id ?? ids._next(),
      after: shared.log ? headOf(shared.log) : 0,
    }),
    _frame: tell,
    _changed: (connection) => share({ connection }),
    _refused(error) {
      why = 'expired';
      token = undefined;
      return error.code !== 'version' && !!identity && 'getToken' in identity;
    },
    _failed(error) {
      share({ problem: { code: error.code, message: error.message } });
      emit('error', error);
      for (const { _reject } of welcomed.splice(0)) _reject(error);
    },
    _skipped: (cause) =>
      emit('error', new ChatError('protocol', 'A frame of the relay made no sense and was skipped.', { cause })),
  });

  const isLeader = () => !tabs || tabs._isLeader();
  const post = (...message: TabMessage) => tabs?._post(message);

  /** The leader changes what all tabs have, and shows it. */
  function share(change: Partial<Shared>) {
    shared = { ...shared, ...change };
    if (isLeader()) post('shared', { ...shared });
    refresh();
  }

  function hello(): VisitorHello {
    const { log } = shared;
    visit ??= page.location && page.document ? { url: page.location.href, title: page.document.title } : null;
    // What is undefined does not get into the JSON.
    return {
      type: 'hello',
      role: 'visitor',
      versions: SUPPORTED_VERSIONS,
      client: options.client ?? 'sdk/0.1.0',
      site,
      session: shared.session || undefined,
      identity: token || undefined,
      visit: visit ? cut(visit) : undefined,
      locale: (options.locale ?? (page.document?.documentElement?.lang || page.navigator?.language))?.slice(0, 35),
      // The first use of Intl costs a page 20 ms: here nobody waits for it.
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      have: log?.state ? { [log.id]: headOf(log) } : {},
    } as VisitorHello;
  }

  const cut = ({ url, title }: Visit): Visit => ({
    url: url.slice(0, LIMITS.maxUrlChars),
    title: title.slice(0, LIMITS.maxNameChars),
  });

  /** A frame for every tab. */
  function tell(frame: FromServer) {
    apply(frame);
    post('frame', frame);
  }

  /** A frame for the relay, from whichever tab. */
  function up(frame: FromClient) {
    if (!isLeader()) return post('up', frame);
    if (frame.type === 'visit') visit = frame.visit;
    connection._send(frame);
    if (frame.type === 'mark') {
      const { conversation, delivered = 0, read = 0 } = frame;
      tell({ type: 'receipt', conversation, reader: { kind: 'visitor' }, delivered, read });
    }
  }

  /** The one reducer of all tabs: they get the same frames in the same order. */
  function apply(frame: FromServer) {
    const { log } = shared;
    // One conversation goes on at a time: while it does, what is late or repeated of another one must not bring that one back.
    const mayBegin = (log?.state?.status ?? 'resolved') === 'resolved';
    switch (frame.type) {
      case 'welcome': {
        if (frame.role !== 'visitor' || !fits(frame, { session: '', visitor: { id: '' }, site: siteShape }))
          throw frame;
        outbox._pause();
        filling = '';
        begun = ids._next();
        shared = { ...shared, session: frame.session, visitor: frame.visitor, site: frame.site, problem: null };
        if (frame.conversation) takeSnapshot(frame.conversation);
        else shared.log = null;
        // What was stored before is in the log now, or was somebody else's.
        for (const [id, { seq }] of outbox._entries()) if (seq) outbox._arrived(id);
        keepSession();
        outbox._restart();
        askOlder();
        for (const { _resolve } of welcomed.splice(0)) _resolve();
        break;
      }
      case 'snapshot':
        takeSnapshot(frame);
        break;
      case 'event': {
        const event = readEvent(frame.event);
        if (event && (event.conversation === log?.id || event.seq === 1 || mayBegin))
          grow(addEvents(log?.id === event.conversation ? log : emptyLog(event.conversation), [event]));
        break;
      }
      case 'events': {
        if (frame.conversation !== log?.id) break;
        const events = readEvents(frame.events);
        if (frame.id === filling) filling = '';
        grow(addEvents(log, events));
        if (frame.id.startsWith('older')) shared.log = addOlder(log, events, frame.more === true);
        if (frame.more === true) fill(frame.head);
        endOlder(frame.id);
        break;
      }
      case 'ack': {
        const { id, conversation = log?.id, seq = 1 } = frame;
        if (conversation !== log?.id && mayBegin && outbox._entries().has(id)) shared.log = emptyLog(`${conversation}`);
        outbox._stored(id, seq);
        // Its event came before, or belongs to a conversation that is not on screen any more.
        if (conversation !== shared.log?.id || seq <= headOf(shared.log!)) outbox._arrived(id);
        settle(id, conversation, seq);
        break;
      }
      case 'nack':
        if (frame.id === filling) filling = '';
        outbox._refused(frame.id, frame);
        endOlder(frame.id, errorOf(frame));
        if (frame.retry !== 'later') {
          sending.get(frame.id)?._reject(errorOf(frame));
          sending.delete(frame.id);
        }
        break;
      case 'typing': {
        const { who } = frame;
        if (who.kind !== 'agent' || frame.conversation !== log?.id || !fits(who, { id: '', name: '' })) break;
        stopTyping(who.id);
        if (frame.on)
          typing.set(who.id, {
            _name: who.name,
            _cancel: clock.after(LIMITS.typingExpiresMs, () => {
              stopTyping(who.id);
              refresh();
            }),
          });
        break;
      }
      case 'receipt':
        if (frame.conversation === log?.id && fits(frame, receiptShape)) {
          const { reader, delivered, read } = frame;
          shared = { ...shared, log: addReceipt(log, { reader, delivered, read }) };
        }
        break;
      case 'queue': {
        const { position, waitMs } = frame;
        if (frame.conversation !== log?.id) break;
        shared = {
          ...shared,
          queue: typeof position === 'number' ? { position, waitMs: typeof waitMs === 'number' ? waitMs : null } : null,
        };
        break;
      }
      case 'site':
        if (fits(frame.site, siteShape)) shared = { ...shared, site: frame.site };
        break;
      case 'ping':
        // What had no answer for so long gets none.
        filling = '';
        outbox._again();
        for (const [id, head] of Object.entries(frame.heads ?? {})) {
          if (!shared.log) shared.log = emptyLog(id);
          if (id === shared.log.id) fill(head);
        }
        break;
      case 'error':
        emit('error', errorOf(frame));
    }
    refresh();
  }

  function takeSnapshot(body: SnapshotBody) {
    if (!fits(body, { conversation: stateShape, receipts: [receiptShape] })) throw body;
    const { log } = shared;
    const grown = addSnapshot(log, { ...body, events: readEvents(body.events), more: body.more === true });
    grow(grown);
    grown[0].events.forEach(arrive);
    fill(body.conversation.head);
    const { delivered, read } = cursorOf(grown[0], '');
    const known = body.receipts.find(({ reader }) => reader.kind === 'visitor');
    // Marked while the line was away.
    if (isLeader() && read > (known?.read ?? 0))
      connection._send({ type: 'mark', conversation: grown[0].id, delivered, read });
  }

  function grow([log, fresh]: Grown) {
    shared = { ...shared, log };
    for (const event of fresh) {
      arrive(event);
      if (isNews(event)) {
        news.push(event);
        if ('id' in event.actor) stopTyping(event.actor.id);
      }
    }
    if (log.ahead.length > 0) fill(Number.POSITIVE_INFINITY);
    // Said by others and not yet marked: it has arrived here.
    const newest = log.events.findLast(isNews);
    if (isLeader() && newest && newest.seq > cursorOf(log, '').delivered && shared.connection.status === 'online')
      up({ type: 'mark', conversation: log.id, delivered: headOf(log) });
  }

  /** An own message is in the log. */
  function arrive(event: ConversationEvent) {
    if (!isOwn(event)) return;
    outbox._arrived(event.id);
    settle(event.id, event.conversation, event.seq);
  }

  function settle(id: string, conversation: string | undefined, seq: number) {
    sending.get(id)?._resolve({ id, conversation: `${conversation}`, seq });
    sending.delete(id);
  }

  /** Asks once for what lies between here and `head`. */
  function fill(head: number) {
    const { log } = shared;
    if (!log || filling || !(head > headOf(log)) || !isLeader()) return;
    filling = ids._next();
    connection._send({ type: 'get-events', id: filling, conversation: log.id, after: headOf(log) });
  }

  function askOlder() {
    const { log } = shared;
    if (!older || !log) return endOlder(older?._id ?? '');
    older._id = `older-${ids._next()}`;
    up({ type: 'get-events', id: older._id, conversation: log.id, before: log.events[0]?.seq ?? headOf(log) + 1 });
  }

  function endOlder(id: string, error?: ChatError) {
    if (!older || older._id !== id) return;
    const { _resolve, _reject } = older;
    older = null;
    if (error) _reject(error);
    else _resolve();
  }

  function stopTyping(id: string) {
    typing.get(id)?._cancel();
    typing.delete(id);
  }

  /** A session is worth keeping once something was said; the empty one says that only the outbox has something. */
  function keepSession() {
    if (shared.log || outbox._entries().size > 0) storage.set(`${prefix}session`, shared.session);
  }

  /** Makes the picture anew and tells whoever looks, if anything in it changed. */
  function refresh() {
    const { connection, site, visitor, log, queue } = shared;
    if (problem?.code !== shared.problem?.code)
      problem = shared.problem && new ChatError(shared.problem.code, shared.problem.message);
    const conversation = log?.state ?? null;
    const { read } = log ? cursorOf(log, '') : { read: 0 };
    const names = [...typing.values()].map(({ _name }) => _name);
    const before = state;
    state = {
      connection,
      site,
      visitor,
      conversation,
      entries: entriesOf(log, outbox._entries(), before.entries),
      hasOlder: log?.hasOlder ?? false,
      loadingOlder: !!older,
      typing: `${names}` === `${before.typing}` ? before.typing : names,
      queue: conversation?.status === 'open' && !conversation.owner ? queue : null,
      unread: log?.events.filter((event) => isNews(event) && event.seq > read).length ?? 0,
      draft,
      problem,
    };
    const changed = (Object.keys(state) as (keyof ChatState)[]).filter((key) => state[key] !== before[key]);
    if (changed.length === 0) state = before;
    else emit('change', null);
    for (const key of changed)
      if (key === 'connection' || key === 'conversation' || key === 'unread') emit(key, state[key] as never);
    for (const event of news.splice(0)) emit('message', event);
  }

  function onTabMessage(message: TabMessage) {
    const leads = isLeader();
    switch (message[0]) {
      case 'hi':
        if (!leads) break;
        post('shared', { ...shared });
        if (message[1]) up({ type: 'visit', visit: message[1] });
        break;
      case 'here':
        tabs?._answered();
        break;
      case 'shared':
        if (leads) break;
        tabs?._answered();
        shared = message[1];
        shared.log?.events.forEach(arrive);
        break;
      case 'frame':
        if (!leads) apply(message[1]);
        break;
      case 'up':
        if (leads) up(message[1]);
        break;
      case 'unsent':
        outbox._put(message[1], message[2]);
        outbox._pump();
        if (leads) post('here');
        break;
      case 'draft':
        draft = message[1];
        break;
      case 'token':
        token = message[1];
        if (leads) connection._open();
        break;
      case 'logout':
        forget();
    }
    refresh();
  }

  /** Takes up what is on disk, and the line or the company of the tab that has it. */
  function join() {
    shared = { ...shared, session: shared.session || storage.get(`${prefix}session`) || '' };
    draft ||= storage.get(`${prefix}draft`) ?? '';
    outbox._load();
    for (const id of outbox._entries().keys()) ids._after(id);
    const isShared = options.shareTabs ?? (options.storage !== 'memory' && !!page.document);
    tabs = isShared
      ? joinTabs<TabMessage>(page, clock, prefix, {
          _lead() {
            outbox._load();
            connection._open();
          },
          _follow() {
            connection._close();
            greet();
          },
          _message: onTabMessage,
        })
      : null;
    if (tabs) greet();
    else connection._open();
    refresh();
  }

  function greet() {
    post('hi', visit);
    tabs?._expectAnswer();
  }

  function leave() {
    connection._close();
    outbox._stop();
    tabs?._leave();
    tabs = null;
  }

  function start() {
    if (endLife || isDestroyed) return;
    endLife = followLife(page, {
      _hide: leave,
      _show: join,
      _check: () => (isLeader() ? connection._check() : greet()),
    });
    join();
  }

  /** Stops everything that runs; `error` is what those hear who still wait. */
  function stop(error: ChatError) {
    leave();
    endLife?.();
    endLife = null;
    for (const id of [...typing.keys()]) stopTyping(id);
    for (const { _reject } of [...sending.values(), ...welcomed]) _reject(error);
    sending.clear();
    welcomed = [];
    if (older) endOlder(older._id, error);
  }

  function forget() {
    stop(new ChatError('signed-out', 'This visitor was forgotten on this device.'));
    for (const key of storage.keys()) if (key.startsWith(prefix)) storage.remove(key);
    outbox._load();
    shared = nothing;
    draft = '';
    token = undefined;
    identity = undefined;
  }

  const destroyed = () => new ChatError('destroyed', 'This chat was destroyed. Make a new one with createChat.');

  /** Whoever does not wait for a promise shall not be told of an unhandled rejection. */
  function quiet<T>(promise: Promise<T>): Promise<T> {
    promise.catch(() => {});
    return promise;
  }

  /** A promise and its ends. */
  function defer<T>(): [Promise<T>, Deferred<T>] {
    let ends!: Deferred<T>;
    const promise = new Promise<T>((_resolve, _reject) => {
      ends = { _resolve, _reject };
    });
    return [quiet(promise), ends];
  }

  async function sendMessage(message: string | OutgoingBlock[]): Promise<MessageRef> {
    if (isDestroyed) throw destroyed();
    const blocks = typeof message === 'string' ? [{ kind: 'text' as const, text: message }] : message;
    if (!blocks.some(({ text }) => text.trim()))
      throw new ChatError('empty-message', 'There is nothing in this message. Write something first.');
    if (
      blocks.some(({ text }) => bytesOf(text) > LIMITS.maxTextBytes) ||
      bytesOf(JSON.stringify(blocks)) > LIMITS.maxFrameBytes - 512
    )
      throw new ChatError('too-large', 'This message is too long. Send it in parts.');
    start();
    const id = ids._next();
    const unsent: Unsent = { blocks, at: clock.now() };
    const [promise, ends] = defer<MessageRef>();
    sending.set(id, ends);
    outbox._put(id, unsent);
    keepSession();
    post('unsent', id, unsent);
    outbox._pump();
    if (!isLeader()) tabs?._expectAnswer();
    refresh();
    return promise;
  }

  async function loadOlder(): Promise<void> {
    if (isDestroyed) throw destroyed();
    if (!older && shared.log?.hasOlder) {
      const [_promise, ends] = defer<void>();
      older = { _id: '', _promise, ...ends };
      askOlder();
      refresh();
    }
    return older?._promise;
  }

  async function identify(next: Identity): Promise<void> {
    if (isDestroyed) throw destroyed();
    identity = next;
    why = 'start';
    token = undefined;
    if (!endLife) return;
    const [promise, ends] = defer<void>();
    welcomed.push(ends);
    if (isLeader()) connection._open();
    else post('token', 'token' in next ? next.token : await next.getToken(why));
    return promise;
  }

  return {
    get state() {
      return state;
    },
    subscribe: (listener) => on('change', listener),
    on,
    connect: start,
    hasHistory: () => storage.get(`${prefix}session`) !== null,
    send: (message) => quiet(sendMessage(message)),
    retry(key) {
      const { error, ...unsent } = outbox._entries().get(key) ?? {};
      if (!error) return;
      start();
      outbox._put(key, unsent as Unsent);
      post('unsent', key, unsent as Unsent);
      outbox._pump();
      refresh();
    },
    discard(key) {
      if (!outbox._entries().get(key)?.error) return;
      outbox._put(key, null);
      post('unsent', key, null);
      refresh();
    },
    typing() {
      const now = clock.now();
      if (!shared.log || now - typedAt < LIMITS.typingEveryMs) return;
      typedAt = now;
      up({ type: 'typing', conversation: shared.log.id, on: true });
    },
    setDraft(text) {
      draft = text;
      if (endLife) {
        if (text) storage.set(`${prefix}draft`, text);
        else storage.remove(`${prefix}draft`);
        post('draft', text);
      }
      refresh();
    },
    markRead() {
      const { log } = shared;
      if (log && state.unread > 0)
        up({ type: 'mark', conversation: log.id, delivered: headOf(log), read: headOf(log) });
    },
    loadOlder: () => quiet(loadOlder()),
    visit(next) {
      visit = cut(next);
      if (endLife) up({ type: 'visit', visit });
    },
    identify: (next) => quiet(identify(next)),
    async logout() {
      if (isDestroyed) throw destroyed();
      post('logout');
      forget();
      refresh();
    },
    async destroy() {
      if (isDestroyed) return;
      isDestroyed = true;
      stop(destroyed());
      clearHandlers();
    },
  };
}
