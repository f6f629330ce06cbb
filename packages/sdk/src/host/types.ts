import type {
  Ask,
  Consent,
  ConversationEvent,
  ConversationState,
  FormAnswers,
  OutgoingBlock,
  Owner,
  SiteInfo,
  Visit,
} from '@sveiki/protocol';
import type { ChatError } from '../chat-error.ts';
import type { Clock } from '../clock.ts';
import type { ConnectionState, TransportOptions } from '../connection/types.ts';
import type { ChatFiles } from '../files/chat-files.ts';
import type { OwnData } from '../own-data/own-data.ts';

/** How the site tells us who the visitor is: a token made by its server, or a function that fetches a fresh one. @see SPEC "Identity" */
export type Identity = { token: string } | { getToken(why: 'start' | 'expired'): Promise<string | null> };

/**
 * Where the widget keeps what must survive a reload: session token, unsent messages, drafts. Synchronous, string to string, shared by the tabs
 * of one origin. `localStorage` by default; memory when it is not available or `storage: 'memory'`.
 */
export interface KeyValueStorage {
  keys(): string[];
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
}

export interface ChatOptions extends TransportOptions {
  /** The publishable key of the site. */
  site: string;
  /** Base address of the relay, `https://chat.example.com`. @default the origin of the page */
  server?: string;
  identity?: Identity;
  /** A language tag. @default the page's language */
  locale?: string;
  /** Which text of the site the visitor agreed to, where it asks for that; called with every message. @see SPEC [K2] [K3] */
  consent?: () => Consent | null;
  storage?: 'local' | 'memory' | KeyValueStorage;
  /** One socket for all tabs of this origin (Web Locks + BroadcastChannel). @default true where the browser has both */
  shareTabs?: boolean;
  /** Name and version, for the relay's logs. */
  client?: string;
  clock?: Clock;
  random?: () => number;
}

/** Where a message of one's own is. `sending`: in the outbox; `sent`: stored; `delivered`, `read`: an agent's screen has it, somebody read it; `failed`: refused for good, kept until retried or discarded. */
export type DeliveryState = 'sending' | 'sent' | 'delivered' | 'read' | 'failed';

/**
 * One line of the conversation on screen: an event of the log, or a message of one's own that is still on its way (`event` null). `key` stays the
 * same when the one becomes the other.
 */
export interface Entry {
  key: string;
  event: ConversationEvent | null;
  /** For messages of one's own. */
  delivery: DeliveryState | null;
  /** The text of a message that is still on its way. */
  text: string | null;
  at: number;
  error: { code: string; message: string } | null;
}

/** A form or survey that waits for the visitor's answers. */
export interface Question extends Pick<Ask, 'form' | 'until'> {
  /** What `answer` needs to know. */
  id: string;
  /** Which survey it is; null for a form that is none. */
  survey: NonNullable<Ask['survey']> | null;
  /** What he answered so far, also before the last reload. */
  answers: FormAnswers;
}

/** What a page can do for a bot when the visitor lets it: look up his cart, open a dialog. */
export interface Tool {
  /** Small letters, digits and `-`, beginning with a letter, at most 64: `show-cart`. */
  name: string;
  /** For the visitor who is asked: what it does, in his language. */
  description?: string;
  /** The visitor is asked each time. @default true */
  needsConsent?: boolean;
  /**
   * Does it. `input` is what the bot gave, checked by nobody: read it as you would read an address bar. What comes back goes to the bot as JSON of at
   * most 16,384 characters. `signal` is aborted when nobody waits for it any longer.
   */
  handler(input: Record<string, unknown>, options: { signal: AbortSignal }): unknown;
}

/** A bot wants to use a tool of this page: ask the visitor, then call one of the two. Nobody who answers within a minute is a no. */
export interface ToolRequest {
  tool: string;
  description: string | null;
  input: Record<string, unknown>;
  who: Owner;
  /** Aborted when it is answered, or too late. */
  signal: AbortSignal;
  allow(): void;
  refuse(): void;
}

/** An immutable picture of everything a chat screen shows. A new object after every change; parts that did not change stay identical. */
export interface ChatState {
  connection: ConnectionState;
  site: SiteInfo | null;
  visitor: { id: string; name: string | null } | null;
  /** The conversation on screen: the newest one; null before the first message. */
  conversation: ConversationState | null;
  entries: readonly Entry[];
  /** Older history exists before the first entry. */
  hasOlder: boolean;
  loadingOlder: boolean;
  /** Names of agents who type now. */
  typing: readonly string[];
  /** A bot's reply while it is being made: the whole text so far. The message with this id takes its place. */
  streaming: { message: string; who: Owner; text: string } | null;
  /** A bot has the conversation. */
  isBot: boolean;
  /** The newest form or survey that was asked and not answered yet. */
  question: Question | null;
  /** The last time a person was asked for: by whom, and whether one came. */
  handoff: NonNullable<ConversationState['handoff']> | null;
  queue: { position: number; waitMs: number | null } | null;
  /** Public messages of others that were not marked read yet. */
  unread: number;
  /** The unsent text in the composer; survives reload and is the same in all tabs. */
  draft: string;
  /** Why the relay does not serve this chat, when it does not: wrong key, forbidden origin, identity needed, client too old. */
  problem: ChatError | null;
  /** The relay asked for a little work before it takes the first message, and it is being done: a tenth of a second, or longer when many people write. */
  checking: boolean;
}

export interface ChatEvents {
  /** A public message of somebody else arrived while this page was open. */
  message: ConversationEvent;
  unread: number;
  connection: ConnectionState;
  conversation: ConversationState | null;
  /** A form or survey came, was answered in part, or is done (null). */
  question: Question | null;
  /** A person was asked for, came, or did not. */
  handoff: NonNullable<ConversationState['handoff']> | null;
  /** A bot wants to use a tool of this page, and the tool needs consent. With nobody listening the answer is no. */
  'tool-call': ToolRequest;
  error: ChatError;
}

/** A message that the relay has stored: where, and as which number. */
export interface MessageRef {
  id: string;
  conversation: string;
  seq: number;
}

/**
 * A chat of one visitor on a host page: what the widget is made of, and what a site builds its own interface on.
 * Every promise rejects with {@link ChatError}; after `destroy()` every one with `destroyed`, and calls that give no promise do nothing.
 */
export interface Chat {
  readonly state: ChatState;
  /** Calls `listener` after every change of `state`. Returns what ends it. */
  subscribe(listener: () => void): () => void;
  on<K extends keyof ChatEvents>(
    name: K,
    handler: (event: ChatEvents[K]) => void,
    options?: { signal?: AbortSignal; once?: boolean },
  ): () => void;
  /** Opens the connection (or joins the tab that has it). Idempotent. Nothing is stored and no socket opened before this or `send`. */
  connect(): void;
  /** Whether an earlier visit left a session or unsent messages: a reason to connect without being asked. Opens nothing. */
  hasHistory(): boolean;
  /**
   * Sends a text or blocks. Shown at once, kept on disk until the relay has stored it, sent again after every interruption, stored exactly once.
   * Resolves when stored. @throws {ChatError} empty-message, too-large, destroyed; a refusal's code when the relay refused it for good, or does
   * not serve this chat (`state.problem`): then the message is kept, and goes out once the relay does. `before` is what he filled in before his
   * first message: the id of `site.preChat` or `site.offline`, and the answers.
   */
  send(
    message: string | OutgoingBlock[],
    options?: { before?: { form: string; answers: FormAnswers } },
  ): Promise<MessageRef>;
  /**
   * Answers `state.question` (or an earlier one, by its id). Kept like a message until the relay has it, and stored once; `partial` answers may be
   * incomplete and are shown again after a reload. @throws {ChatError} bad-answers, too-late, no-such-question
   */
  answer(question: string, answers: FormAnswers, options?: { partial?: boolean }): Promise<void>;
  /** What sends and shows files; fetched when it is first needed. Show a way to it where `state.site.files` is there. */
  files(): Promise<ChatFiles>;
  /** What is kept about this visitor, for him to download and to delete; fetched when it is first needed. */
  ownData(): Promise<OwnData>;
  /** The visitor wants a person. Always allowed; while a person has the conversation or is on the way, nothing changes. */
  requestHuman(): Promise<void>;
  /** He does not want to wait for one any longer. */
  cancelHandoff(): Promise<void>;
  /** Takes back what he agreed to. What he says next is refused (`consent-required`) until he agrees again. */
  withdrawConsent(): Promise<void>;
  /** What bots may do on this page. */
  readonly tools: {
    /** Returns what takes it away again. @throws {ChatError} bad-option: a name that is none, or taken */
    register(tool: Tool): () => void;
  };
  /** Tries a failed message again, with its old id. */
  retry(key: string): void;
  /** Forgets a failed message. */
  discard(key: string): void;
  /** Says that the visitor types; throttled here, ends by itself. */
  typing(): void;
  setDraft(text: string): void;
  /** Everything on screen has been read. */
  markRead(): void;
  /** Loads the page of history before the first entry; resolves when it is in `state`. */
  loadOlder(): Promise<void>;
  /** The visitor is on another page now. */
  visit(visit: Visit): void;
  /**
   * Signs the visitor in (another token, another person). The connection is made anew. What an anonymous visitor has not sent yet goes with him;
   * what somebody else who had signed in here left unsent is discarded, never sent in another name.
   */
  identify(identity: Identity): Promise<void>;
  /** Forgets this visitor on this device: session, outbox, drafts. The next `send` is somebody new. */
  logout(): Promise<void>;
  /** Ends everything: socket, timers, listeners, locks, channels. Unsent messages stay on disk. Resolves when nothing is left. */
  destroy(): Promise<void>;
}
