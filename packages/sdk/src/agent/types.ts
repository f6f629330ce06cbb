import type {
  AgentProfile,
  AgentWelcome,
  ConfigOverview,
  ConversationEvent,
  ConversationState,
  Counts,
  ListView,
  OutgoingBlock,
  Presence,
  Receipt,
  Role,
  TeamRef,
  VisitorProfile,
} from '@sveiki/protocol';
import type { ChatError } from '../chat-error.ts';
import type { Clock } from '../clock.ts';
import type { ConnectionState, TransportOptions } from '../connection/types.ts';
import type { Replies } from './replies.ts';
import type { Hooks, Surveys } from './surveys.ts';

export interface AgentOptions extends TransportOptions {
  /** Base address of the relay. @default the origin of the page */
  server?: string;
  /**
   * Where the one-time ticket of each connection comes from. @default asks the relay over HTTP with the session cookie of `signIn`
   */
  getTicket?: () => Promise<string>;
  /** Keep lists and counts up to date (a desk does; a bot that only answers its own conversations does not). @default true */
  lists?: boolean;
  client?: string;
  clock?: Clock;
  random?: () => number;
}

export interface Me {
  id: string;
  name: string;
  role: Role;
  presence: Presence;
}

/** A conversation as the agent's screen shows it: log, receipts, who else is there. A new object after every change. */
export interface WatchedConversation {
  state: ConversationState;
  /** In order, without holes; the newest page and everything since, more by `loadOlder`. */
  events: readonly ConversationEvent[];
  hasOlder: boolean;
  receipts: readonly Receipt[];
  visitor: VisitorProfile | null;
  visitorTyping: boolean;
  /** Colleagues who have it on screen, without oneself. `note` is there only while they type one. */
  viewers: readonly { id: string; name: string; typing: boolean; note?: true }[];
  /** Messages and notes of one's own that the relay has not stored yet, in order. `error` when refused. */
  pending: readonly { id: string; kind: 'message' | 'note'; text: string; at: number; error: ChatError | null }[];
}

/** Everything a desk shows. Immutable; a new object after every change, unchanged parts stay identical. */
export interface AgentState {
  connection: ConnectionState;
  /** Null until signed in and welcomed. */
  me: Me | null;
  /** Signed out: show the sign-in screen. `null` while that is not known yet. */
  signedIn: boolean | null;
  agents: readonly AgentProfile[];
  teams: readonly TeamRef[];
  wrapUpCodes: AgentWelcome['wrapUpCodes'];
  cannedReplies: AgentWelcome['cannedReplies'];
  counts: Counts;
  /** Every conversation known here, by id: those in lists, newest state. */
  conversations: ReadonlyMap<string, ConversationState>;
  /** Those being watched (own ones and the one on screen). */
  watched: ReadonlyMap<string, WatchedConversation>;
  problem: ChatError | null;
}

export interface AgentEvents {
  /** A public message by somebody else in a watched conversation, live (not from history). */
  message: { conversation: string; event: ConversationEvent };
  /** A conversation came to this agent without his own `take`. */
  assigned: ConversationState;
  /** A conversation came into the queue. */
  queued: ConversationState;
  /** A conversation of his was taken by somebody else or given away. */
  lost: ConversationState;
  connection: ConnectionState;
  error: ChatError;
}

/** Where a command ended: the conversation and the event's number in staff's count. */
export interface CommandRef {
  id: string;
  conversation: string;
  seq: number;
}

/**
 * What an agent can do: the desk is built on this, and so are bots. Commands resolve when durable and reject with {@link ChatError}; while the
 * connection is away they wait and are sent again with the same id, so nothing is done twice.
 */
export interface Agent {
  readonly state: AgentState;
  subscribe(listener: () => void): () => void;
  on<K extends keyof AgentEvents>(
    name: K,
    handler: (event: AgentEvents[K]) => void,
    options?: { signal?: AbortSignal; once?: boolean },
  ): () => void;

  /** Signs in with a password over HTTP (session cookie). @throws {ChatError} forbidden (wrong e-mail or password), rate-limited */
  signIn(credentials: { email: string; password: string }): Promise<void>;
  /** Signs in with a one-time link's code. @throws {ChatError} bad-ticket */
  signInWithCode(code: string): Promise<void>;
  signOut(): Promise<void>;
  /** Opens the connection; resolves when welcomed. @throws {ChatError} signed-out */
  connect(): Promise<void>;

  setPresence(presence: Presence): Promise<void>;
  /** Puts a conversation on screen; resolves with its log. Ends with the returned function's call. */
  watch(conversation: string): Promise<() => void>;
  loadOlder(conversation: string): Promise<void>;
  /** A page of a list; the states land in `state.conversations` too. `cursor` goes into `before` for the next page. */
  list(query: {
    view: ListView;
    visitor?: string;
    before?: number;
    limit?: number;
  }): Promise<{ conversations: ConversationState[]; cursor: number | null }>;

  /** Says something to the visitor. The ownership number of the newest known state goes with it. */
  send(conversation: string, message: string | OutgoingBlock[]): Promise<CommandRef>;
  note(conversation: string, note: string | OutgoingBlock[]): Promise<CommandRef>;
  take(conversation: string): Promise<CommandRef>;
  transfer(
    conversation: string,
    to: { agent: string } | { team: string },
    options?: { note?: string },
  ): Promise<CommandRef>;
  resolve(conversation: string, options: { wrapUp: string }): Promise<CommandRef>;
  setStatus(conversation: string, status: 'open' | 'waiting'): Promise<CommandRef>;
  /** Canned replies. */
  readonly replies: Replies;
  readonly surveys: Surveys;
  readonly hooks: Hooks;
  /** What runs: which version of the configuration, and which teams and schedules are open now. */
  config(): Promise<ConfigOverview>;
  /** Tries a refused or failed own message again. */
  retry(conversation: string, id: string): void;
  discard(conversation: string, id: string): void;
  /** The agent types; throttled here, ends by itself. With `note` only colleagues see it, and for the visitor the typing ends. */
  typing(conversation: string, options?: { note?: boolean }): void;
  /** Everything up to the newest public event has been on screen. */
  markRead(conversation: string): void;
  destroy(): Promise<void>;
}
