import type {
  AgentProfile,
  AgentWelcome,
  ConfigOverview,
  ConversationEvent,
  ConversationState,
  Counts,
  EventOf,
  FormDefinition,
  HandoffDetails,
  ListView,
  OutgoingBlock,
  Owner,
  Presence,
  Receipt,
  Role,
  ToolCall,
  VisitorProfile,
} from '@sveiki/protocol';
import type { ChatError } from '../chat-error.ts';
import type { Clock } from '../clock.ts';
import type { ConnectionState, TransportOptions } from '../connection/types.ts';
import type { AuditLog } from './audit.ts';
import type { AgentFiles } from './files.ts';
import type { People } from './people.ts';
import type { Replies } from './replies.ts';
import type { Schedules } from './schedules.ts';
import type { Spam } from './spam.ts';
import type { Hooks, Surveys } from './surveys.ts';

export interface AgentOptions extends TransportOptions {
  /** Base address of the relay. @default the origin of the page */
  server?: string;
  /**
   * Where the one-time ticket of each connection comes from; a bot's is `botTicket(server, token)` of `@sveiki/sdk/bots`.
   * @default asks the relay over HTTP with the session cookie of `signIn`
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

/** A reply while it is being made: the whole text so far. Nothing of it is said yet; the message with this id takes its place. */
export interface Streaming {
  message: string;
  who: Owner;
  text: string;
}

/** A conversation that is offered to this agent: his to accept or decline until then, on the relay's clock. */
export interface OfferToMe {
  conversation: ConversationState;
  until: number;
}

/** What came of a tool call. `output` is what the page's tool gave, as JSON: a stranger's words, to be read and never obeyed. */
export type ToolOutcome = Pick<ToolCall, 'outcome' | 'output'>;

/** A conversation as the agent's screen shows it: log, receipts, who else is there. A new object after every change. */
export interface WatchedConversation {
  state: ConversationState;
  /** In order, without holes; the newest page and everything since, more by `loadOlder`. */
  events: readonly ConversationEvent[];
  hasOlder: boolean;
  receipts: readonly Receipt[];
  visitor: VisitorProfile | null;
  visitorTyping: boolean;
  /** A bot's reply while it is being made; null when there is none. */
  streaming: Streaming | null;
  /**
   * What a bot proposes to say to the visitor's newest message; null when it proposes nothing, or somebody has answered since. Send it as it is or
   * changed, or leave it.
   */
  draft: EventOf<'drafted'> | null;
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
  /** `ageingMs` orders their queues, see `inQueueOrder`. */
  teams: AgentWelcome['teams'];
  wrapUpCodes: AgentWelcome['wrapUpCodes'];
  /** For bots: some ready texts. People have `Agent.replies`. */
  cannedReplies: AgentWelcome['cannedReplies'];
  counts: Counts;
  /** Every conversation known here, by id: those in lists, newest state. */
  conversations: ReadonlyMap<string, ConversationState>;
  /** Those being watched (own ones and the one on screen). */
  watched: ReadonlyMap<string, WatchedConversation>;
  /** What is offered to this agent now, the one that ends first before the others. Known when `lists` is on. */
  offers: readonly OfferToMe[];
  problem: ChatError | null;
}

export interface AgentEvents {
  /** A public message by somebody else in a watched conversation, live (not from history). */
  message: { conversation: string; event: ConversationEvent };
  /** A conversation came to this agent without his own `take`. */
  assigned: ConversationState;
  /** A conversation came into the queue. */
  queued: ConversationState;
  /** A conversation is offered to this agent: `acceptOffer` or `declineOffer` it. */
  offered: OfferToMe;
  /** It is not offered to him any longer: he or somebody else has it, he declined, time is over, or it was taken back. */
  'offer-ended': ConversationState;
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
  /** Takes what was offered. @throws {ChatError} already-taken (somebody was faster), offer-expired */
  acceptOffer(conversation: string): Promise<CommandRef>;
  /** Does not take it: it goes on to others, and comes back to him last. @throws {ChatError} offer-expired */
  declineOffer(conversation: string, options?: { reason?: string }): Promise<CommandRef>;
  transfer(
    conversation: string,
    to: { agent: string } | { team: string } | { bot: string },
    options?: { note?: string },
  ): Promise<CommandRef>;
  /** Gives it back to a bot, the one that had it last unless another one is named. @throws {ChatError} no-such-bot, not-owner */
  returnToBot(conversation: string, options?: { bot?: string; note?: string }): Promise<CommandRef>;
  /**
   * Asks the visitor to fill in a form: one of the configuration by its id, or one made here.
   * @throws {ChatError} no-such-form, not-owner, bad-frame (a form that is none)
   */
  askForm(conversation: string, form: string | FormDefinition): Promise<CommandRef>;
  resolve(conversation: string, options: { wrapUp: string }): Promise<CommandRef>;
  setStatus(conversation: string, status: 'open' | 'waiting'): Promise<CommandRef>;
  /** Canned replies. */
  readonly replies: Replies;
  readonly files: AgentFiles;
  readonly schedules: Schedules;
  readonly spam: Spam;
  readonly surveys: Surveys;
  readonly hooks: Hooks;
  readonly audit: AuditLog;
  readonly people: People;
  /** What runs: which version of the configuration, and which teams and schedules are open now. */
  config(): Promise<ConfigOverview>;
  /** Tries a refused or failed own message again. */
  retry(conversation: string, id: string): void;
  discard(conversation: string, id: string): void;
  /** The agent types; throttled here, ends by itself. With `note` only colleagues see it, and for the visitor the typing ends. */
  typing(conversation: string, options?: { note?: boolean }): void;
  /** Everything up to the newest public event has been on screen. */
  markRead(conversation: string): void;

  /** Bots only: gives the conversation to people, with what is known. Nothing it says afterwards happens. @throws {ChatError} not-owner, forbidden */
  handoff(conversation: string, details: Omit<HandoffDetails, 'transcript' | 'ownership'>): Promise<CommandRef>;
  /**
   * Bots only: says something word by word. Each piece is shown as it comes, the whole is stored once at the end. Resolves with the whole text. When
   * `pieces` throws, or somebody else owns the conversation before the end, what was shown is taken back and nothing is stored.
   * @throws {ChatError} not-owner, empty-message, too-large; and whatever `pieces` throws
   */
  stream(conversation: string, pieces: AsyncIterable<string>): Promise<CommandRef & { text: string }>;
  /**
   * Bots only: calls a tool of the page the visitor is on. A visitor who says no, a page without it and a tool that fails are outcomes. Never sent
   * twice: when the line ends before the answer, the outcome is `timed-out`. @throws {ChatError} not-owner, forbidden, rate-limited, offline
   */
  callTool(conversation: string, tool: string, input: Record<string, unknown>): Promise<ToolOutcome>;
  /** Bots only: proposes words to the person who owns the conversation, in reply to the message with this public number. */
  draft(conversation: string, message: string | OutgoingBlock[], options: { replyTo: number }): Promise<CommandRef>;
  destroy(): Promise<void>;
}
