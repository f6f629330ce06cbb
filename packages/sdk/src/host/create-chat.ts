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
import { checkBlocks } from '../connection/check-blocks.ts';
import { createConnection } from '../connection/connection.ts';
import { createIds, systemRandom } from '../connection/ids.ts';
import { createOutbox, type Unsent, type VisitorAct } from '../connection/outbox.ts';
import { reconnectDelay } from '../connection/reconnect.ts';
import { followLife, type Surroundings } from '../connection/surroundings.ts';
import type { ConnectionState } from '../connection/types.ts';
import { cursorOf, emptyLog, firstOf, headOf, type Log } from '../state/copy.ts';
import { createEmitter } from '../state/emitter.ts';
import { entriesOf, isOwn } from '../state/entries.ts';
import { fits, type Sample, siteShape } from '../state/fits.ts';
import type { Grown } from '../state/log.ts';
import type { More } from './more.ts';
import { openStorage } from './storage.ts';
import { joinTabs, type Tabs } from './tabs.ts';
import type { ToolCalls, ToolTalk } from './tools.ts';
import type { Chat, ChatEvents, ChatOptions, ChatState, Identity, MessageRef, Tool } from './types.ts';

/** What all tabs have in common, as the leader knows it. It travels between tabs, so its names stay as they are. */
interface Shared {
  session: string;
  site: SiteInfo | null;
  visitor: ChatState['visitor'];
  log: Log | null;
  queue: ChatState['queue'];
  connection: ConnectionState;
  problem: Pick<ChatError, 'code' | 'message'> | null;
  checking: boolean;
}

/** What tabs say to each other. Tabs may run different builds, so nothing here is renamed by the minifier. */
type TabMessage =
  | ['hi', Visit | null]
  | ['here']
  | ['shared', Shared]
  | ['frame', FromServer]
  | ['up', FromClient]
  | ['unsent', string, Unsent | null]
  | ['draft', string]
  | ['tool', ToolTalk]
  | ['token', string | null, since?: string]
  | ['logout'];

/** What a frame must have so that it can be looked at, before any conversation. */
const lineShapes: { readonly [type: string]: Sample } = {
  welcome: { session: '', visitor: { id: '' }, site: siteShape },
  nack: { id: '' },
  site: { site: siteShape },
  ping: { heads: {} },
  error: {},
};

/** What it takes to follow a conversation. */
type Reading = typeof import('../state/conversation.ts');

/** Whether a frame tells of a conversation. */
const tellsOfOne = (frame: FromServer) => {
  const { conversation, event, heads } = frame as { conversation?: unknown; event?: unknown; heads?: unknown };
  return !!conversation || !!event || Object.keys(Object(heads)).length > 0;
};

/** Digits with at most three characters between them (as JSON, where a new line is two), long words, and what else secrets are made of. */
const suspect = /(\p{Nd}\P{Nd}{0,6}){10}|[\w-]{15}|BEGIN|cv[vc]/iu;

const nobody = (): Shared => ({
  session: '',
  site: null,
  visitor: null,
  log: null,
  queue: null,
  connection: { status: 'idle' },
  problem: null,
  checking: false,
});

/** Somebody else said something. */
const isNews = (event: ConversationEvent) => event.body.kind === 'message' && !isOwn(event);

/** Makes a chat for one visitor. Opens nothing and stores nothing until `connect` or `send`. @throws {ChatError} bad-option */
export const createChat = (options: ChatOptions): Chat => createChatIn(globalThis as Surroundings, options);

/** The same in other surroundings than the global ones. */
export function createChatIn(page: Surroundings, options: ChatOptions): Chat {
  const { site, clock = systemClock, random = systemRandom } = options;
  const server = (options.server ?? page.location?.origin)?.replace(/\/$/, '');
  if (!site || !server) throw new ChatError('bad-option', 'createChat needs `site`, a key, and `server`, an address.');

  const storage = openStorage(page, options.storage, `sveiki:${site}:`);
  const ids = createIds(clock, random);
  const { _on: on, _emit: emit, _clear: clearHandlers } = createEmitter<ChatEvents & { change: null }>();
  const tools = new Map<string, Tool>();
  /** Who waits for what: the id of a message, `older` or `welcome`. */
  const waiting = new Map<string, [resolve: (value: never) => void, reject: (error: ChatError) => void]>();

  let shared = nobody();
  let problem: ChatError | null = null;
  let draft = '';
  /** Ids from here on, and the draft if it is new, are of the one whose identity was given last. */
  let since = ids._next();
  let isDraftNew = false;
  let visit: Visit | null = null;
  let { identity } = options;
  let token: string | null | undefined;
  let why: 'start' | 'expired' = 'start';
  let tabs: Tabs<TabMessage> | null = null;
  let endLife: (() => void) | null = null;
  let isDestroyed = false;
  let typedAt = 0;
  let typist: readonly string[] = [];
  let cancelTyping = () => {};
  let streaming: ChatState['streaming'] = null;
  let cancelStreaming = () => {};
  let more: More | null = null;
  /** The conversation that a first message begins; another one after each welcome, because it may be somebody else's then. */
  let begun = '';
  /** The session that the last hello came with. */
  let came = '';
  /** Ids of the questions under way: the hole to fill, the page of history. */
  let filling = '';
  let older = '';
  let shapes = lineShapes;
  /** Fetched with the first conversation, so it is there whenever there is a log. */
  let reading: Reading | null = null;
  let cancelFetch: (() => void) | null = null;
  /** What came and waits for it, in its order. */
  let held: (() => void)[] = [];
  let olderPage: Promise<void> | undefined;
  const news: ConversationEvent[] = [];
  let state = {} as ChatState;

  const outbox = createOutbox({
    _storage: storage,
    _clock: clock,
    _random: random,
    _conversation: () => shared.log?.id ?? begun,
    // What looks like none of it is sent without more code.
    _mask: (blocks) =>
      shared.site?.masking?.own || suspect.test(JSON.stringify(blocks))
        ? shared.site && reading?.hide(blocks, shared.site.masking, pump)
        : blocks,
    _consent: () => options.consent?.(),
    // Where it goes is not known while what came about that still waits to be read.
    _send: (frame) => isLeader() && held.length === 0 && isSessionKept() && connection._send(frame),
  });

  const connection = createConnection({
    _page: page,
    _options: options,
    _clock: clock,
    _random: random,
    _base: `${server}/v1/`,
    _memory: storage,
    async _prepare() {
      try {
        if (token === undefined && identity) token = await tokenOf(identity);
      } catch (cause) {
        throw new ChatError('bad-identity', 'getToken failed.', { retryable: true, cause });
      }
      return hello;
    },
    _probe: question,
    _frame(frame) {
      inOrder(tellsOfOne(frame), () => {
        take(frame);
        post('frame', frame);
      });
    },
    _changed(connection) {
      shared.connection = connection;
      if (connection.status !== 'closed') shared.problem = null;
      tellShared();
    },
    _refused({ code }) {
      if (code === 'erased') {
        settleAll(gone());
        clear();
        post('logout');
        return true;
      }
      why = 'expired';
      token = undefined;
      return !!identity && 'getToken' in identity;
    },
    _failed(error) {
      shared.problem = { code: error.code, message: error.message };
      tellShared();
      emit('error', error);
      settleAll(error);
    },
    _skipped: skipped,
  });

  function skipped(cause: unknown) {
    emit('error', new ChatError('protocol', 'A frame made no sense.', { cause }));
  }

  /** Runs at once what needs no conversation; else it waits for the part that follows one, and all that comes later waits behind it. */
  function inOrder(needsReading: boolean, run: () => void) {
    if (reading || (!needsReading && held.length === 0)) return run();
    held.push(run);
    fetchReading();
  }

  function pump() {
    outbox._pump();
    refresh();
  }

  /** Fetched once; when the network does not give it, again after a while. */
  function fetchReading(attempt = 0) {
    if (reading || cancelFetch) return;
    const mine = () => {};
    cancelFetch = mine;
    import('../state/conversation.ts').then(
      (found) => {
        cancelFetch = null;
        reading = found;
        shapes = { ...lineShapes, ...found.conversationShapes };
        // What one of them causes may end the line, and with it the rest.
        for (let run = held[0]; run; run = held[0]) {
          held.shift();
          try {
            run();
          } catch (error) {
            skipped(error);
          }
        }
        outbox._pump();
      },
      () => {
        if (cancelFetch !== mine) return;
        cancelFetch = clock.after(reconnectDelay({ code: 0, attempt }, random) ?? 0, () => {
          cancelFetch = null;
          fetchReading(attempt + 1);
        });
      },
    );
  }

  const tokenOf = (identity: Identity) => ('token' in identity ? identity.token : identity.getToken(why));
  const isLeader = () => !tabs || tabs._isLeader();
  const post = (...message: TabMessage) => tabs?._post(message);

  /** The leader says what all tabs have. */
  function tellShared() {
    if (isLeader()) post('shared', shared);
    refresh();
  }

  function hello() {
    const { document, navigator } = page;
    const { log } = shared;
    came = shared.session = storage.get('session') || shared.session;
    // What is undefined does not get into the JSON.
    return {
      type: 'hello',
      role: 'visitor',
      versions: SUPPORTED_VERSIONS,
      client: options.client ?? 'sdk/0.1.0',
      site,
      session: came || undefined,
      identity: token || undefined,
      visit: whereabouts() ?? undefined,
      locale: (options.locale ?? (document?.documentElement?.lang || navigator?.language))?.slice(0, 35),
      // The first use of Intl costs a page 20 ms: here nobody waits for it.
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      have: log?.state ? { [log.id]: headOf(log) } : {},
    } as VisitorHello;
  }

  const cut = ({ url, title }: Visit): Visit => ({
    url: url.slice(0, LIMITS.maxUrlChars),
    title: title.slice(0, LIMITS.maxNameChars),
  });

  /** The page the visitor is on: the one that was told, else this one. */
  function whereabouts(): Visit | null {
    const { location, document } = page;
    return visit ?? (location && document ? cut({ url: location.href, title: document.title }) : null);
  }

  /** A frame for the relay, from whichever tab. */
  function up(frame: FromClient) {
    if (!isLeader()) return post('up', frame);
    if (frame.type === 'visit') visit = frame.visit;
    connection._send(frame);
  }

  function mark(read: boolean) {
    const { log } = shared;
    if (!log) return;
    const cursor = { delivered: headOf(log), read: read ? headOf(log) : cursorOf(log).read };
    up({ type: 'mark', conversation: log.id, ...cursor });
    // The relay tells only the others.
    const receipt = { type: 'receipt', conversation: log.id, reader: { kind: 'visitor' }, ...cursor } as const;
    take(receipt);
    post('frame', receipt);
  }

  /** The one reducer of all tabs: they get the same frames in the same order. */
  function take(frame: FromServer) {
    if (!Object.hasOwn(shapes, frame.type)) return;
    if (!fits(frame, shapes[frame.type] as Sample)) throw frame;
    apply(frame);
    refresh();
  }

  function apply(frame: FromServer) {
    const { log } = shared;
    // One conversation goes on at a time: while it does, what is late or repeated of another one must not bring that one back.
    const mayBegin = (log?.state?.status ?? 'resolved') === 'resolved';
    const isHere = 'conversation' in frame && frame.conversation === log?.id;
    switch (frame.type) {
      case 'welcome':
        if (frame.role === 'agent') return;
        outbox._pause();
        // Another tab spoke first, under a session of its own: that one is this browser's.
        if (isLeader() && keepsOther(came, frame.session)) return connection._open();
        filling = '';
        begun = ids._next();
        if (isLeader() && (identity || token)) signIn(frame.visitor.id);
        shared.session = frame.session;
        shared.visitor = frame.visitor;
        shared.site = frame.site;
        shared.problem = shared.queue = null;
        shared.checking = false;
        if (!frame.conversation) shared.log = null;
        else if (fits(frame.conversation, shapes['snapshot'] as Sample)) takeSnapshot(frame.conversation);
        // What was stored before is in the log now, or was somebody else's.
        for (const [id, { seq }] of outbox._entries()) if (seq) outbox._arrived(id);
        if (isLeader()) keepSession(shared.session);
        outbox._restart();
        askOlder();
        return settle('welcome');
      case 'snapshot':
        return takeSnapshot(frame);
      case 'event':
        for (const event of reading!.readEvents([frame.event])) {
          const isKnown = event.conversation === log?.id;
          if (isKnown || event.seq === 1 || mayBegin)
            grow(reading!.addEvents(isKnown ? log : emptyLog(event.conversation), [event]));
        }
        return;
      case 'events': {
        const { id, events, more, head } = frame;
        if (!isHere) return;
        if (id === filling) filling = '';
        const page = reading!.readEvents(events);
        grow(reading!.addEvents(log, page));
        if (id.startsWith('older')) shared.log = reading!.addOlder(log, page, more === true);
        else if (more === true) fill(head);
        return endOlder(id);
      }
      case 'ack': {
        const { id, conversation, seq } = frame as MessageRef;
        const unsent = outbox._entries().get(id);
        if (!isHere && mayBegin && unsent && !unsent.act) shared.log = emptyLog(conversation);
        outbox._stored(id, seq);
        // Its event came before, or belongs to a conversation that is not on screen any more.
        if (shared.log?.id !== conversation || seq <= headOf(shared.log)) outbox._arrived(id);
        return settle(id, undefined, { id, conversation, seq });
      }
      case 'nack': {
        const { id, retry } = frame;
        if (id === filling) filling = '';
        outbox._refused(frame);
        if (frame.challenge && isLeader()) tryMore((found) => found._prove(id, `${frame.challenge}`));
        if (retry !== 'later') settle(id, errorOf(frame));
        return endOlder(id, errorOf(frame));
      }
      case 'typing':
        if (!isHere || frame.who.kind !== 'agent') return;
        cancelTyping();
        // Visitors see only their owner type, so there is one.
        typist = frame.on ? [frame.who.name] : [];
        cancelTyping = clock.after(LIMITS.typingExpiresMs, () => {
          typist = [];
          refresh();
        });
        return;
      case 'stream': {
        const { message, who, text } = frame;
        if (isHere && !log!.events.some(({ id }) => id === message)) stream(text ? { message, who, text } : null);
        return;
      }
      case 'tool-call':
        if (isHere) withTools((calls) => calls._call(frame));
        return;
      case 'receipt':
        if (isHere) shared.log = reading!.addReceipt(log!, frame);
        return;
      case 'queue':
        if (!isHere) return;
        shared.queue = frame.position === null ? null : { position: frame.position, waitMs: frame.waitMs };
        return;
      case 'site':
        shared.site = frame.site;
        return;
      case 'ping':
        // What had no answer for so long gets none.
        filling = '';
        outbox._again();
        for (const [id, head] of Object.entries(frame.heads)) {
          shared.log ??= emptyLog(id);
          if (id === shared.log.id) fill(head);
        }
        return;
      case 'error':
        emit('error', errorOf(frame));
    }
  }

  function stream(next: ChatState['streaming']) {
    cancelStreaming();
    streaming = next;
    typist = [];
    cancelStreaming = next
      ? clock.after(LIMITS.streamExpiresMs, () => {
          stream(null);
          refresh();
        })
      : () => {};
  }

  async function withMore() {
    const { createMore } = await import('./more.ts');
    more ??= createMore({
      _page: page,
      _server: server!,
      _site: site,
      _fetch: options.fetch ?? page.fetch!.bind(page),
      _clock: clock,
      _random: random,
      _tools: tools,
      _isShared: () => !!tabs,
      _isLeader: isLeader,
      _isOver: () => !endLife,
      _start: start,
      _session: () => shared.session,
      _on: on,
      _newId: ids._next,
      _keep: keep,
      _outbox: outbox,
      _put: putUnsent,
      _post: post,
      _up: up,
      _emit: emit,
      _forget: logout,
      _check(is) {
        shared.checking = is;
        tellShared();
      },
    });
    return more;
  }

  /** A bot whose call is not answered, and a relay whose work is not done, hear that in time. */
  function tryMore(use: (more: More) => Promise<unknown>) {
    void quiet(withMore().then(use));
  }

  /** Most pages have no tools, and most conversations no bot that asks for one. */
  function withTools(use: (calls: ToolCalls) => void) {
    if (isLeader() || tools.size) tryMore((found) => found._calls(use));
  }

  function takeSnapshot(body: SnapshotBody) {
    const grown = reading!.addSnapshot(shared.log, {
      ...body,
      events: reading!.readEvents(body.events),
      more: body.more === true,
    });
    grow(grown);
    grown[0].events.forEach(arrive);
    fill(body.conversation.head);
    // Marked while the line was away.
    const { read } = cursorOf(grown[0]);
    if (read > cursorOf(body).read) up({ type: 'mark', conversation: grown[0].id, read });
  }

  function grow([log, fresh]: Grown) {
    shared.log = log;
    for (const event of fresh) {
      arrive(event);
      if (!isNews(event)) continue;
      news.push(event);
      typist = [];
    }
    if (streaming && (log.state?.owner?.id !== streaming.who.id || fresh.some(({ id }) => id === streaming!.message)))
      stream(null);
    if (log.ahead.length > 0) fill(Number.POSITIVE_INFINITY);
    // Said by others and not yet marked: it has arrived here.
    const { delivered } = cursorOf(log);
    if (tabs?._isLeader() !== false && log.events.some((event) => isNews(event) && event.seq > delivered)) mark(false);
  }

  /** What the visitor did is in the log. */
  function arrive({ actor, id, conversation, seq }: ConversationEvent) {
    if (actor.kind !== 'visitor') return;
    outbox._arrived(id);
    settle(id, undefined, { id, conversation, seq });
  }

  /** Asks for what is missing after the last event; also answered when nothing is. */
  function question(): FromClient {
    const { log } = shared;
    filling = ids._next();
    return { type: 'get-events', id: filling, conversation: log?.id ?? filling, after: log ? headOf(log) : 0 };
  }

  /** Asks once for what lies between here and `head`. */
  function fill(head: number) {
    if (!filling && head > headOf(shared.log!) && isLeader()) connection._send(question());
  }

  function askOlder() {
    const { log } = shared;
    if (!log) return endOlder(older);
    if (!older) return;
    older = `older-${ids._next()}`;
    up({ type: 'get-events', id: older, conversation: log.id, before: firstOf(log) });
  }

  function endOlder(id: string, error?: ChatError) {
    if (older !== id) return;
    older = '';
    settle('older', error);
  }

  /** Whoever does not wait for a promise shall not be told of an unhandled rejection. */
  function quiet<T>(promise: Promise<T>): Promise<T> {
    promise.catch(() => {});
    return promise;
  }

  const gone = () => new ChatError('signed-out', 'This was discarded unsent.');

  const destroyed = () => new ChatError('destroyed', 'This chat was destroyed. Make another one.');

  const wait = <T>(id: string) => quiet(new Promise<T>((...ends) => waiting.set(id, ends)));

  function settle(id: string, error?: ChatError, value?: MessageRef) {
    const [resolve, reject] = waiting.get(id) ?? [];
    waiting.delete(id);
    if (error) reject?.(error);
    else resolve?.(value as never);
  }

  function settleAll(error: ChatError) {
    older = '';
    for (const id of [...waiting.keys()]) settle(id, error);
  }

  /** Somebody has shown who he is. What the one before him left unsent is neither his to say nor his to read. */
  function signIn(id: string) {
    const before = storage.get('person');
    storage.set('person', id);
    if (!before || before === id) return;
    for (const old of outbox._entries().keys()) if (old < since) putUnsent(old, null);
    if (!isDraftNew) putDraft('');
  }

  /** An identity was given: perhaps of somebody else. */
  function beginIdentity(from = ids._next()) {
    // The one before was never welcomed, so nobody knows who it was: whoever comes now is taken for another one.
    if (endLife && identity && !storage.get('person')) storage.set('person', '?');
    since = from;
    isDraftNew = false;
  }

  function putDraft(text: string) {
    draft = text;
    if (!endLife) return;
    if (text) storage.set('draft', text);
    else storage.remove('draft');
    post('draft', text);
  }

  /** A session is worth keeping once something was said; the empty one says that only the outbox has something. */
  function keepSession(session = storage.get('session') || shared.session) {
    if (shared.log || outbox._entries().size > 0 || storage.get('session') !== null) storage.set('session', session);
  }

  /** Whether the session on disk is none of these. */
  const keepsOther = (...mine: string[]) => !['', ...mine].includes(storage.get('session') ?? '');

  /**
   * Whether what is said now is said under the session on disk. A leader that its browser froze may wake after another tab has begun one: it comes
   * again with that, before it says anything.
   */
  function isSessionKept() {
    const isOther = keepsOther(shared.session);
    if (isOther) connection._open();
    else keepSession();
    return !isOther;
  }

  /** Makes the picture anew and tells whoever looks, if anything in it changed. */
  function refresh() {
    const { connection, site, visitor, log, queue } = shared;
    if (problem?.code !== shared.problem?.code)
      problem = shared.problem && new ChatError(shared.problem.code, shared.problem.message);
    const conversation = log?.state ?? null;
    const read = log ? cursorOf(log).read : 0;
    const before = state;
    const next: ChatState = {
      connection,
      site,
      visitor,
      conversation,
      entries: entriesOf(log, outbox._entries(), before.entries ?? []),
      hasOlder: !!log?.hasOlder,
      loadingOlder: !!older,
      typing: `${typist}` === `${before.typing}` ? before.typing : typist,
      streaming,
      isBot: !!conversation?.owner?.bot,
      question: log && reading!.questionOf(log, outbox._entries(), before.question),
      handoff: conversation?.handoff ?? null,
      // A place that was true before the line broke is none.
      queue: connection.status === 'online' && conversation?.status === 'open' && !conversation.owner ? queue : null,
      unread: log?.events.filter((event) => isNews(event) && event.seq > read).length ?? 0,
      draft,
      problem,
      checking: shared.checking,
    };
    const changed = (Object.keys(next) as (keyof ChatState)[]).filter((key) => next[key] !== before[key]);
    if (changed.length > 0) {
      state = next;
      emit('change', null);
    }
    // Only names of events have listeners.
    for (const key of changed) emit(key as 'unread', next[key] as never);
    for (const event of news.splice(0)) emit('message', event);
  }

  function onTabMessage(message: TabMessage) {
    const [kind, value] = message;
    const leads = isLeader();
    // What the leader says to the others, and what the others say to the leader.
    if (leads ? kind === 'shared' : kind === 'hi' || kind === 'up') return;
    switch (kind) {
      case 'hi':
        post('shared', shared);
        if (value) up({ type: 'visit', visit: value });
        break;
      case 'shared':
        shared = value;
        shared.log?.events.forEach(arrive);
        refresh();
        if (problem) settleAll(problem);
        return;
      case 'frame':
        // One who leads hears from the relay itself; from others only what they have read.
        return leads && value.type !== 'receipt' ? undefined : take(value);
      case 'up':
        return up(value);
      case 'unsent':
        outbox._put(value, message[2]);
        if (!message[2]) settle(value, gone());
        outbox._pump();
        if (leads) post('here');
        break;
      case 'tool':
        withTools((calls) => calls._hear(value));
        return;
      case 'draft':
        draft = value;
        isDraftNew = true;
        break;
      case 'token':
        beginIdentity(message[2]);
        token = value;
        if (leads) connection._open();
        break;
      case 'logout':
        forget();
    }
    refresh();
  }

  /** Takes up what is on disk, and the line or the company of the tab that has it. */
  function join() {
    shared.session ||= storage.get('session') ?? '';
    draft ||= storage.get('draft') ?? '';
    outbox._load();
    for (const [id, { waits }] of outbox._entries()) {
      ids._after(id);
      if (waits) tryMore((found) => found._files());
    }
    if (shared.session || outbox._entries().size > 0) fetchReading();
    tabs =
      (options.shareTabs ?? (options.storage !== 'memory' && !!page.document))
        ? joinTabs<TabMessage>(page, clock, `sveiki:${site}`, {
            _lead() {
              outbox._load();
              connection._open();
            },
            _follow() {
              connection._close();
              greet();
            },
            _message(message) {
              const [kind, value] = message;
              // Who waits for a sign of life does not wait for more code.
              if (kind === 'here' || kind === 'shared') tabs?._answered();
              if (held.length > 0 && isLeader()) post('here');
              const needsReading = kind === 'shared' ? !!value.log : kind === 'frame' && tellsOfOne(value);
              inOrder(needsReading, () => onTabMessage(message));
            },
          })
        : null;
    if (tabs) greet();
    else connection._open();
    refresh();
  }

  function greet() {
    post('hi', whereabouts());
    tabs?._expectAnswer();
  }

  function leave() {
    held = [];
    cancelFetch?.();
    cancelFetch = null;
    connection._close();
    outbox._pause();
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
    // After everything that lies on disk.
    since = ids._next();
  }

  /** Stops everything that runs; `error` is what those hear who still wait. */
  function stop(error: ChatError) {
    leave();
    endLife?.();
    endLife = null;
    cancelTyping();
    stream(null);
    more?._stop();
    settleAll(error);
  }

  /** Nothing of this visitor is left on this device. */
  function clear() {
    for (const key of storage.keys()) storage.remove(key);
    outbox._load();
    shared = nobody();
    draft = '';
  }

  function forget() {
    stop(gone());
    clear();
    token = identity = undefined;
  }

  function putUnsent(id: string, unsent: Unsent | null) {
    outbox._put(id, unsent);
    if (unsent) keepSession();
    else settle(id, gone());
    post('unsent', id, unsent);
    outbox._pump();
    if (!isLeader()) tabs?._expectAnswer();
    refresh();
  }

  /** Keeps something on disk until the relay has it. */
  function keep(unsent: Omit<Unsent, 'at'>, named?: string) {
    start();
    // It begins a conversation, or belongs to one.
    fetchReading();
    const id = named ?? ids._next();
    const stored = wait<MessageRef>(id);
    putUnsent(id, { ...unsent, at: clock.now() });
    if (problem) settle(id, problem);
    return stored;
  }

  /** Where an act belongs is known now; only what comes before a first message has to wait for it. */
  const does = async (act: VisitorAct) => {
    await keep({ blocks: [], act: { conversation: shared.log?.id, ...act } });
  };

  /** Runs what gives a promise; after the end it rejects. */
  const call = <T>(run: () => T | Promise<T>) =>
    quiet(
      (async () => {
        if (isDestroyed) throw destroyed();
        return run();
      })(),
    );

  const logout = () =>
    call(() => {
      post('logout');
      forget();
      refresh();
    });

  refresh();
  return {
    get state() {
      return state;
    },
    subscribe: (listener) => on('change', listener),
    on,
    connect: start,
    hasHistory: () => storage.get('session') !== null,
    send: (message, { before } = {}) =>
      call(() => {
        const blocks: OutgoingBlock[] = typeof message === 'string' ? [{ kind: 'text', text: message }] : message;
        checkBlocks(blocks);
        return keep({ blocks, before });
      }),
    answer: (ask, answers, { partial } = {}) =>
      call(() => {
        // What was said so far is out of date, if it is still here.
        for (const [id, { act }] of outbox._entries()) {
          if (act?.type !== 'answer' || act.ask !== ask || !act.partial) continue;
          settle(id);
          putUnsent(id, null);
        }
        return does({ type: 'answer', ask, answers, partial: partial || undefined });
      }),
    files: () => call(async () => (await withMore())._files()),
    ownData: () => call(async () => (await withMore())._ownData()),
    requestHuman: () => call(() => does({ type: 'request-human' })),
    cancelHandoff: () => call(() => does({ type: 'cancel-handoff' })),
    withdrawConsent: () => call(() => (shared.log ? does({ type: 'withdraw-consent' }) : undefined)),
    tools: {
      register(tool) {
        const { name } = tool;
        if (!/^[a-z][a-z0-9-]{0,63}$/.test(name) || tools.has(name))
          throw new ChatError('bad-option', `"${name}" is no name for a tool, or taken.`);
        tools.set(name, tool);
        return () => tools.get(name) === tool && tools.delete(name);
      },
    },
    retry(key) {
      const { error, ...unsent }: Partial<Unsent> = outbox._entries().get(key) ?? {};
      if (!error || isDestroyed) return;
      start();
      putUnsent(key, unsent as Unsent);
      if (unsent.waits) tryMore(async (found) => (await found._files())._retry(key));
    },
    discard(key) {
      if (outbox._entries().get(key)?.error && !isDestroyed) putUnsent(key, null);
    },
    typing() {
      const now = clock.now();
      if (!shared.log || now - typedAt < LIMITS.typingEveryMs) return;
      typedAt = now;
      up({ type: 'typing', conversation: shared.log.id, on: true });
    },
    setDraft(text) {
      isDraftNew = true;
      putDraft(text);
      refresh();
    },
    markRead() {
      if (state.unread > 0) mark(true);
    },
    loadOlder: () =>
      call(() => {
        if (problem) throw problem;
        if (!older && shared.log?.hasOlder) {
          older = 'older';
          olderPage = wait('older');
          askOlder();
          refresh();
        }
        return older ? olderPage : undefined;
      }),
    visit(next) {
      visit = cut(next);
      if (endLife) up({ type: 'visit', visit });
    },
    identify: (next) =>
      call(async () => {
        beginIdentity();
        identity = next;
        why = 'start';
        token = undefined;
        if (!endLife) return;
        const welcomed = wait<void>('welcome');
        if (isLeader()) connection._open();
        else post('token', await tokenOf(next), since);
        return welcomed;
      }),
    logout,
    async destroy() {
      isDestroyed = true;
      stop(destroyed());
      clearHandlers();
    },
  };
}
