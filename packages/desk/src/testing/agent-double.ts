import type {
  Agent,
  AgentEvents,
  AgentProfile,
  AgentState,
  AuditLogPage,
  AuditLogQuery,
  ConfigOverview,
  ConversationEvent,
  ConversationState,
  HookFailure,
  ImportedReplyFile,
  Me,
  OpeningHours,
  PersonErasure,
  PersonFound,
  PersonReceipt,
  RenderedReply,
  ReplyHit,
  RetentionRuleView,
  SavedReply,
  SavedSchedule,
  SavedSurvey,
  SpamOverview,
  StoredReply,
  StoredSchedule,
  SurveyOverview,
  SurveySettings,
  Upload,
  Uploadable,
  VisitorProfile,
  WatchedConversation,
} from '@sveiki/sdk/agent';

type EventName = keyof AgentEvents;
type Body = ConversationEvent['body'];
type Actor = ConversationEvent['actor'];

export const ada: Me = { id: 'ada', name: 'Ada Ozola', role: 'agent', presence: 'online' };
export const agents: AgentProfile[] = [
  { id: 'ada', name: 'Ada Ozola', role: 'agent', teams: ['sales'], presence: 'online', load: 2, capacity: 4 },
  {
    id: 'ben',
    name: 'Ben Kalns',
    role: 'agent',
    teams: ['sales', 'billing'],
    presence: 'online',
    load: 4,
    capacity: 4,
  },
  { id: 'cleo', name: 'Cleo Martin', role: 'lead', teams: ['billing'], presence: 'away', load: 0, capacity: 6 },
];
export const teams = [
  { id: 'sales', name: 'Sales' },
  { id: 'billing', name: 'Billing' },
];

/** A refusal as the agent door gives it. */
export function refusal(code: string, sentence: string): Error {
  return Object.assign(new Error(sentence), { name: 'ChatError', code, retryable: false, retryAfterMs: undefined });
}

export const visitorActor = (id = 'mia'): Actor => ({ kind: 'visitor', id });
export const agentActor = (id = 'ada', name = 'Ada Ozola'): Actor => ({ kind: 'agent', id, name });
export const say = (text: string): Body => ({ kind: 'message', blocks: [{ kind: 'text', text }] });
export const jot = (text: string): Body => ({ kind: 'note', blocks: [{ kind: 'text', text }] });

const staffOnly: readonly string[] = ['note', 'status', 'routed', 'offered', 'offer-ended', 'drafted', 'tool-called'];

/** Makes the log of a conversation, one event after the other. */
export function logOf(
  conversation: string,
  entries: readonly { at: number; actor: Actor; body: Body }[],
): ConversationEvent[] {
  let publicSeq = 0;
  return entries.map(({ at, actor, body }, index) => {
    const staff = staffOnly.includes(body.kind);
    if (!staff) publicSeq += 1;
    return {
      conversation,
      seq: index + 1,
      publicSeq: staff ? null : publicSeq,
      id: `${conversation}-${index + 1}`,
      at,
      actor,
      audience: staff ? 'staff' : 'public',
      body,
    };
  });
}

export function conversation(part: Partial<ConversationState> & { id: string }): ConversationState {
  return {
    channel: 'chat',
    visitor: { id: 'mia', name: 'Mia' },
    head: 1,
    publicHead: 1,
    status: 'open',
    team: { id: 'sales', name: 'Sales' },
    owner: null,
    ownership: 1,
    locale: 'en',
    startedAt: 0,
    queuedAt: part.owner ? null : 0,
    resolvedAt: null,
    wrapUp: null,
    reopenedCount: 0,
    unansweredSince: null,
    last: null,
    ...part,
  };
}

export function visitor(part: Partial<VisitorProfile> = {}): VisitorProfile {
  return {
    id: 'mia',
    name: 'Mia',
    email: null,
    externalId: null,
    verified: false,
    locale: 'en',
    timeZone: 'Europe/Riga',
    visit: null,
    online: true,
    firstSeenAt: 0,
    ...part,
  };
}

export function watched(state: ConversationState, part: Partial<WatchedConversation> = {}): WatchedConversation {
  return {
    state,
    events: [],
    hasOlder: false,
    receipts: [],
    visitor: visitor({ id: state.visitor.id, name: state.visitor.name }),
    visitorTyping: false,
    streaming: null,
    draft: null,
    viewers: [],
    pending: [],
    ...part,
  };
}

/** A canned reply that answers a query. */
export function hit(part: Partial<ReplyHit> & { id: string }): ReplyHit {
  return {
    shortcut: part.id,
    title: part.id,
    scope: { kind: 'site' },
    tags: [],
    locale: 'en',
    why: 'words',
    marks: [],
    preview: part.text ?? '[…]',
    text: 'Text',
    missing: [],
    ...part,
  };
}

/** A canned reply as the relay keeps it. */
export function stored(part: Partial<StoredReply> & { id: string }): StoredReply {
  return {
    shortcut: part.id,
    title: part.id,
    body: { en: 'Hello.' },
    variables: [],
    scope: { kind: 'site' },
    attachments: [],
    tags: [],
    usage: { uses: 0, lastUsedAt: null, resolved: 0, csat: { sum: 0, n: 0 } },
    validity: 'valid',
    reviewDue: false,
    mayEdit: true,
    updatedAt: 0,
    updatedBy: null,
    ...part,
  };
}

export interface AgentDouble extends Agent {
  /** Every call of a command, as `name argument argument`. */
  readonly calls: string[];
  /** The next call of this command rejects with the error. */
  refuse(command: string, error: Error): void;
  set(part: Partial<AgentState>): void;
  /** Puts a conversation into the known and the watched ones. */
  put(watched: WatchedConversation): void;
  emit<K extends EventName>(name: K, event: AgentEvents[K]): void;
  /** What `list` answers, by view. */
  pages: Map<string, { conversations: ConversationState[]; cursor: number | null }>;
  /** What the relay's HTTP door answers. */
  answers: {
    config: ConfigOverview;
    hits: (query: string) => readonly ReplyHit[] | Promise<readonly ReplyHit[]>;
    render: RenderedReply;
    replies: Awaited<ReturnType<Agent['replies']['list']>>;
    save: (reply: Parameters<Agent['replies']['save']>[0]) => SavedReply;
    imported: ImportedReplyFile;
    exported: string;
    surveys: readonly SurveyOverview[];
    rows: Awaited<ReturnType<Agent['surveys']['answers']>>;
    schedules: readonly StoredSchedule[];
    saveSchedule: (id: string, hours: OpeningHours) => SavedSchedule;
    configure: (id: string, settings: Partial<SurveySettings>) => SavedSurvey;
    failures: readonly HookFailure[];
    spam: SpamOverview;
    audit: (query: AuditLogQuery) => AuditLogPage | Error;
    found: readonly PersonFound[];
    erasures: readonly PersonErasure[];
    rules: readonly RetentionRuleView[];
  };
}

/** An agent door that does nothing by itself: tests say what it knows and see what it was asked. */
export function agentDouble(part: Partial<AgentState> = {}): AgentDouble {
  const listeners = new Set<() => void>();
  const handlers = new Map<string, Set<(event: never) => void>>();
  const refusals = new Map<string, Error>();
  const calls: string[] = [];
  const pages: AgentDouble['pages'] = new Map();
  const answers: AgentDouble['answers'] = {
    config: { version: '1', loadedAt: 0, source: 'sveiki.config.ts', teams: [], schedules: [] },
    hits: () => [],
    render: { ok: true, text: 'rendered' },
    replies: { replies: [], cursor: null },
    save: () => ({ ok: false, problems: [] }),
    imported: { saved: 0, problems: [] },
    exported: '',
    surveys: [],
    rows: { rows: [], cursor: null },
    schedules: [],
    saveSchedule: () => ({ ok: false, problems: [] }),
    configure: () => ({ ok: false, problems: [] }),
    failures: [],
    spam: { blocks: [], spam: [] },
    audit: () => ({ rows: [], cursor: null, actions: [] }),
    found: [],
    erasures: [],
    rules: [],
  };
  let state: AgentState = {
    connection: { status: 'online', via: 'websocket' },
    me: ada,
    signedIn: true,
    agents,
    teams,
    wrapUpCodes: [
      { id: 'delivery', name: 'Delivery question' },
      { id: 'refund', name: 'Refund' },
    ],
    cannedReplies: [
      { id: 'hello', shortcut: 'hello', title: 'Greeting', text: 'Hello {{visitor.name}}, I am {{agent.name}}.' },
      { id: 'track', shortcut: 'track', title: 'Parcel tracking', text: 'Your parcel {{parcel}} is on its way.' },
    ],
    counts: { mine: 0, queue: 0, open: 0, resolved: 0 },
    conversations: new Map(),
    watched: new Map(),
    offers: [],
    problem: null,
    ...part,
  };
  const set = (change: Partial<AgentState>) => {
    state = { ...state, ...change };
    for (const listener of [...listeners]) listener();
  };
  const call = async (command: string, ...values: unknown[]) => {
    calls.push(
      [command, ...values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))].join(' '),
    );
    const error = refusals.get(command);
    refusals.delete(command);
    if (error) throw error;
  };
  const command = async (name: string, id: string, ...values: unknown[]) => {
    await call(name, id, ...values);
    return { id: `id-${calls.length}`, conversation: id, seq: 1 };
  };
  const note = (line: string) => {
    calls.push(line);
  };

  return {
    get state() {
      return state;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    on(name, handler) {
      const known = handlers.get(name) ?? new Set();
      handlers.set(name, known.add(handler));
      return () => {
        known.delete(handler);
      };
    },
    signIn: (credentials) => call('signIn', credentials.email, credentials.password),
    signInWithCode: (code) => call('signInWithCode', code),
    async signOut() {
      await call('signOut');
      set({ signedIn: false, me: null });
    },
    connect: () => call('connect'),
    setPresence: (presence) => call('setPresence', presence),
    async watch(id) {
      await call('watch', id);
      return () => note(`unwatch ${id}`);
    },
    loadOlder: (id) => call('loadOlder', id),
    async list(query) {
      await call('list', query);
      const page = pages.get(query.view) ?? { conversations: [], cursor: null };
      set({
        conversations: new Map([...state.conversations, ...page.conversations.map((one) => [one.id, one] as const)]),
      });
      return page;
    },
    send: (id, message) => command('send', id, message),
    note: (id, text) => command('note', id, text),
    take: (id) => command('take', id),
    acceptOffer: (id) => command('acceptOffer', id),
    declineOffer: (id, options) => command('declineOffer', id, options ?? {}),
    returnToBot: (id, options) => command('returnToBot', id, options ?? {}),
    askForm: (id, form) => command('askForm', id, form),
    handoff: (id, details) => command('handoff', id, details),
    stream: async (id) => ({ ...(await command('stream', id)), text: '' }),
    async callTool(id, tool) {
      await call('callTool', id, tool);
      return { outcome: 'done' };
    },
    draft: (id, message) => command('draft', id, message),
    transfer: (id, to, options) => command('transfer', id, to, options ?? {}),
    resolve: (id, options) => command('resolve', id, options.wrapUp),
    setStatus: (id, status) => command('setStatus', id, status),
    files: {
      upload(id, file) {
        note(`upload ${id} ${file.name ?? ''}`);
        return uploadDouble(file);
      },
      async link(id) {
        await call('link', id);
        return { url: `/files/${id}/file`, expiresAt: 0 };
      },
    },
    replies: {
      async search(query, { conversation }) {
        await call('replies.search', query, conversation);
        return answers.hits(query);
      },
      async render(id, options) {
        await call('replies.render', id, options);
        return answers.render;
      },
      async list(query) {
        await call('replies.list', query);
        return answers.replies;
      },
      async save(reply) {
        await call('replies.save', reply);
        return answers.save(reply);
      },
      remove: (id) => call('replies.remove', id),
      async importFile(text, kind) {
        await call('replies.importFile', text, kind);
        return answers.imported;
      },
      async exportFile(kind) {
        await call('replies.exportFile', kind);
        return answers.exported;
      },
      used: (id, conversation) => call('replies.used', id, conversation),
    },
    spam: {
      async mark(id, options) {
        await call('spam.mark', id, options);
        return { visitor: options.block !== undefined, address: options.block?.address === true };
      },
      undo: (id) => call('spam.undo', id),
      async list() {
        await call('spam.list');
        return answers.spam;
      },
      async block(network, options) {
        await call('spam.block', network, options);
        return {
          ...{ id: 'b-1', kind: 'network', target: network, reason: options.reason },
          ...{ conversation: null, createdAt: 0, createdBy: 'cleo', expiresAt: options.forMs },
        };
      },
      unblock: (id) => call('spam.unblock', id),
    },
    audit: {
      list: async (query = {}) => {
        await call('audit.list', JSON.stringify(query));
        const page = answers.audit(query);
        if (page instanceof Error) throw page;
        return page;
      },
    },
    people: {
      async find(text) {
        await call('people.find', text);
        return answers.found;
      },
      async export(id, options) {
        await call('people.export', id, options);
        return new Blob(['PK']);
      },
      async erase(id, reason) {
        await call('people.erase', id, reason);
        return answers.erasures[0] as PersonErasure;
      },
      async erasures(before) {
        await call('people.erasures', before ?? '');
        const from = answers.erasures.findIndex(({ id }) => id === before) + 1;
        return { erasures: answers.erasures.slice(from, from + 2), more: answers.erasures.length > from + 2 };
      },
      async receipt(id) {
        await call('people.receipt', id);
        return { erasure: id } as PersonReceipt;
      },
      async retention() {
        await call('people.retention');
        return answers.rules;
      },
    },
    schedules: {
      async list() {
        await call('schedules.list');
        return answers.schedules;
      },
      async save(id, hours, { revision }) {
        await call('schedules.save', id, hours, revision);
        return answers.saveSchedule(id, hours);
      },
      async reset(id, { revision }) {
        await call('schedules.reset', id, revision);
        return answers.schedules.find((one) => one.id === id) ?? null;
      },
    },
    surveys: {
      async configure(id, settings, { revision }) {
        await call('surveys.configure', id, settings, revision);
        return answers.configure(id, settings);
      },
      async reset(id, { revision }) {
        await call('surveys.reset', id, revision);
        return null;
      },
      async list(period) {
        await call('surveys.list', period ?? {});
        return answers.surveys;
      },
      async answers(id, query) {
        await call('surveys.answers', id, query);
        return answers.rows;
      },
      ask: (conversation, id) => command('surveys.ask', conversation, id),
      async link(conversation, ask) {
        await call('surveys.link', conversation, ask);
        return { url: '/survey/#token', expiresAt: 0 };
      },
    },
    hooks: {
      async failures() {
        await call('hooks.failures');
        return answers.failures;
      },
    },
    async config() {
      await call('config');
      return answers.config;
    },
    retry: (id, message) => note(`retry ${id} ${message}`),
    discard: (id, message) => note(`discard ${id} ${message}`),
    typing: (id, options) => note(`typing ${id}${options?.note ? ' note' : ''}`),
    markRead: (id) => note(`markRead ${id}`),
    async destroy() {
      listeners.clear();
    },

    calls,
    pages,
    answers,
    refuse: (name, error) => {
      refusals.set(name, error);
    },
    set,
    put(one) {
      set({
        conversations: new Map(state.conversations).set(one.state.id, one.state),
        watched: new Map(state.watched).set(one.state.id, one),
      });
    },
    emit(name, event) {
      for (const handler of handlers.get(name) ?? []) handler(event as never);
    },
  };
}

/** An upload that is done at once. */
function uploadDouble({ name = 'file', size, type }: Uploadable): Upload {
  const file = { kind: 'file' as const, id: `file-${name}`, text: name, name, type: type || 'application/pdf', size };
  return {
    ...{ name, size, type, state: 'ready', progress: 1, error: null, file, done: Promise.resolve(file) },
    subscribe: () => () => {},
    retry() {},
    cancel() {},
  };
}
