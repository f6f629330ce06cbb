import type {
  Audience,
  ConversationState,
  EventKind,
  ListView,
  Owner,
  Presence,
  Role,
  ToolDone,
  Visit,
} from '@sveiki/protocol';
import type { CannedReplyContent, CannedReplyUsage } from './domain/canned-replies/reply.ts';
import type { Author, StoredEvent } from './domain/log.ts';
import type { ScheduleChange, SurveyChange } from './domain/overrides/override.ts';

export type { Author, StoredEvent };

/**
 * The small interfaces that the core needs from the world, owned by the core. Adapters live in `store/`, `bus/`, `auth/`, `gateway/`; each kind
 * has one contract suite that every adapter passes. `main.ts` alone knows which adapter is used.
 */

/** Time, passed in. The core never asks the machine for it. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z. */
  now(): number;
  /** Runs `run` once after `ms`; the returned function calls it off. Does not keep the process alive. */
  after(ms: number, run: () => void): () => void;
}

/** Ids and secrets, passed in. */
export interface Ids {
  /** A time-ordered id for rows the relay names itself (conversations it begins, system events, visitors). 20-36 characters of [A-Za-z0-9_-]. */
  next(): string;
  /** `bytes` random bytes as base64url: tokens. */
  secret(bytes: number): string;
}

// ---------------------------------------------------------------------------------------------------------------- store

/** A conversation's row: its state after the last event, in staff's count, and which site it belongs to. */
export interface ConversationRow {
  site: string;
  state: ConversationState;
}

/** A visitor we keep something of. `externalId` is the `sub` of a verified identity token, unique in the site. */
export interface VisitorRow {
  id: string;
  site: string;
  name: string | null;
  email: string | null;
  externalId: string | null;
  locale: string | null;
  timeZone: string | null;
  visit: Visit | null;
  firstSeenAt: number;
  lastSeenAt: number;
}

/** A visitor's session on one device. The token itself is not stored, only its SHA-256 (base64url). */
export interface VisitorSessionRow {
  tokenHash: string;
  visitor: string;
  createdAt: number;
  expiresAt: number;
}

/** How far one reader is, in public numbers. `reader` is `visitor` or an agent's id. */
export interface CursorRow {
  conversation: string;
  reader: string;
  delivered: number;
  read: number;
}

/** Everything one commit holds. */
export interface Batch {
  events: StoredEvent[];
  /**
   * New state of each conversation touched; `expectedHead` is the head the decision was made on (0: it must not exist yet). `after`: the id of the event
   * that stands there, where the decision was made on one that was not stored yet: another node may have stored another one in its place.
   */
  conversations: (ConversationRow & { expectedHead: number; after?: string })[];
  visitors: VisitorRow[];
  visitorSessions: VisitorSessionRow[];
  /** Cursors only rise: a value lower than the stored one changes nothing. */
  cursors: CursorRow[];
}

/** What became of a command that was stored before. */
export interface StoredCommand {
  author: Author;
  id: string;
  conversation: string;
  seq: number;
  publicSeq: number | null;
  at: number;
}

export interface AgentRow {
  id: string;
  email: string;
  name: string;
  role: Role;
  teams: string[];
  capacity: number;
  /** The presence he chose last. */
  presence: Presence;
  /** `scrypt$N$r$p$salt$hash`, or null when he signs in by link only. */
  passwordHash: string | null;
  active: boolean;
  createdAt: number;
}

export interface AgentSessionRow {
  tokenHash: string;
  agent: string;
  createdAt: number;
  expiresAt: number;
  lastUsedAt: number;
}

/** A one-time sign-in code, stored hashed. */
export interface SignInCodeRow {
  codeHash: string;
  agent: string;
  expiresAt: number;
}

/** A canned reply as it stands now. One that was removed stays as a row, so that the configuration does not bring it back. */
export interface CannedReplyRow {
  reply: CannedReplyContent;
  updatedAt: number;
  /** The agent who changed it last; null: it is as the configuration has it. */
  updatedBy: string | null;
  removed: boolean;
}

/** What people changed of something that the configuration says, under its name. */
export type OverrideRow = { name: string; revision: string; changedAt: number /** An agent. */; changedBy: string } & (
  | { kind: 'schedule'; content: ScheduleChange }
  | { kind: 'survey'; content: SurveyChange }
);

/** A survey that was asked. */
export interface SurveyAskRow {
  conversation: string;
  /** Id of the `asked` event. */
  ask: string;
  survey: string;
  kind: 'csat' | 'nps' | 'ces' | 'custom';
  visitor: string;
  askedAt: number;
  until: number | null;
  /** The visitor has read as far as it. */
  shown: boolean;
}

/** A file that somebody uploads, or uploaded. Its bytes are in the {@link FileStore}; they are there before `ready` is. */
export interface FileRow {
  /** Hard to guess, and no secret: what it opens is asked each time. */
  id: string;
  /** Name of its bytes in the file store. */
  key: string;
  site: string;
  /** Who uploaded it. */
  author: Author;
  name: string;
  /** By its bytes; empty until all of them are there. */
  type: string;
  /** Bytes: as announced until it is ready, then as they are stored. */
  size: number;
  /** Of pictures, in pixels. */
  width: number | null;
  height: number | null;
  /** Bytes that have come. */
  received: number;
  /** Looked at, cleaned and stored: a message may name it. */
  ready: boolean;
  createdAt: number;
  /** The one message or note it belongs to; null until it is sent. */
  sent: { conversation: string; event: string; audience: Audience } | null;
}

/** The setting that says when every session was ended last: relays look at it. */
export const SESSIONS_ENDED = 'sessions-ended';

/** A row of the audit log before it is sealed; `audit/audit.ts` makes one of what somebody did. */
export interface AuditNote {
  at: number;
  actor: string;
  action: string;
  object: string | null;
  /** The visitor it was about. */
  person: string | null;
  /** JSON: why, which fields, whence. */
  detail: string;
}
/** As it is kept: 1, 2, 3, … without a hole, each sealed to the one before. */
export interface AuditRow extends AuditNote {
  position: number;
  /** Id of the key it was sealed with; '' without one. */
  key: string;
  hash: string;
}
export interface AuditKey {
  id: string;
  secret: Uint8Array;
}
/** Where the log ends, by its own account. */
export interface AuditHead {
  position: number;
  hash: string;
  key: string;
  seal: string;
}
/** All that is given must fit. `before` is the last row of the page before. */
export interface AuditQuery {
  since?: number;
  until?: number;
  person?: string;
  object?: string;
  actor?: string;
  action?: string;
  before?: Pick<AuditRow, 'at' | 'position'>;
  limit: number;
}

/** Somebody who may not write. */
export interface BlockRow {
  id: string;
  /** A visitor by his id; an address, or a range like `192.0.2.0/24`. */
  kind: 'visitor' | 'network';
  target: string;
  reason: string;
  /** The conversation that was marked as spam with it. */
  conversation: string | null;
  createdAt: number;
  /** An agent. */
  createdBy: string;
  /** Null: until it is taken out. */
  expiresAt: number | null;
}

/**
 * Thrown by `Store.append` when somebody else was faster: a conversation has another head than the expected one, one of the commands is stored already, or
 * the visitor has another conversation that goes on. Nothing was written; load again and decide again.
 */
export class AppendConflict extends Error {
  readonly conversations: readonly string[];
  constructor(conversations: readonly string[]) {
    super(`The head of ${conversations.join(', ')} has moved.`);
    this.name = 'AppendConflict';
    this.conversations = conversations;
  }
}

/** Thrown by any writing method when there is no room: nothing was written, reading goes on, and writing works again when there is room. */
export class StorageFull extends Error {
  override readonly name = 'StorageFull';
}

/** A page of the log asked by staff's numbers, or by public numbers (then staff-only events are left out by the store). Rising order. */
export interface EventsQuery {
  conversation: string;
  count: 'staff' | 'public';
  /** Exactly one of them. `after: 0` begins at the beginning; `before: Number.MAX_SAFE_INTEGER` at the newest. */
  after?: number;
  before?: number;
  limit: number;
}

export interface ListQuery {
  /** `spam` is resolved as that, and in no other view but `visitor`. */
  view: ListView | 'spam';
  /** For `mine`. */
  agent: string;
  /** For `visitor`. */
  visitor?: string;
  before?: number;
  limit: number;
}

/** Somebody is to be forgotten, or was. It names him only until he is. */
export interface ErasureRow {
  id: string;
  /** Says who it was to nobody, and the same of the same visitor always: see `personKey`. */
  person: string;
  /** Null once he is forgotten. */
  visitor: string | null;
  /** The visitor that his conversations go under from then on: nobody. */
  as: string;
  site: string;
  /** `agent:<id>`, or where else it was asked for. */
  by: `agent:${string}` | 'visitor' | 'operator' | 'retention' | 'restore';
  reason: 'asked-by-person' | 'consent-withdrawn' | 'no-longer-needed' | 'unlawful' | 'other';
  /** `erasing`: it runs; `cleaning`: nobody can read it any more, and the file is to be made anew without it. */
  state: 'queued' | 'erasing' | 'cleaning' | 'done';
  requestedAt: number;
  erasedAt: number | null;
  cleanedAt: number | null;
  counts: { conversations: number; events: number; files: number; sessions: number };
  /** Why it does not go on, when it does not: `storage-full`, `unavailable`. */
  problem: string | null;
}

/** What is kept long enough at some time, by `privacy.retention`. */
export type AgingKind = 'messages' | 'files' | 'answers';

/** What is asked of a store about one person as a person, and what takes him out of it. */
export interface PersonalStore {
  /** Visitors of this id, external id, e-mail, conversation, or with this in their name; last seen first. */
  findVisitors(query: { text: string; limit: number }): Promise<VisitorRow[]>;
  /** All visitors, by id. */
  visitorsAfter(id: string, limit: number): Promise<VisitorRow[]>;
  visitorSessions(visitor: string): Promise<VisitorSessionRow[]>;
  /** Ends his sessions, and remembers these keys of people who must not come back as they were. */
  shutOut(visitor: string, keys: readonly string[], at: number): Promise<void>;
  isShutOut(keys: readonly string[]): Promise<boolean>;
  /** Puts what is left of events in place of them, under the same numbers. */
  overwriteEvents(conversation: string, events: readonly StoredEvent[]): Promise<void>;
  /** Takes the visitor out; what is counted of him goes under `as`. */
  forgetVisitor(visitor: string, as: string): Promise<void>;
  /** Inserts or changes. One that is erased only becomes done: another relay may be erasing the same, and what was proven of it stands. */
  saveErasure(row: ErasureRow, notes?: readonly AuditNote[]): Promise<void>;
  /**
   * Newest first; all that is given must fit. `open`: those that are not done; `isErased`: those that name nobody any more, or still do. `before` is the
   * last row of the page before.
   */
  erasures(query: {
    open?: true;
    isErased?: boolean;
    visitor?: string;
    id?: string;
    before?: Pick<ErasureRow, 'id'>;
    limit: number;
  }): Promise<ErasureRow[]>;
  /** Conversations with something older than `before` that was not looked at, and up to where it was; a part of them at a time: null is the end. */
  agedConversations(query: {
    kind: AgingKind;
    before: number;
    teams: readonly string[] | null;
    sites: readonly string[] | null;
    from: number;
  }): Promise<{ conversations: { conversation: string; seq: number }[]; next: number | null }>;
  /** Everything up to `seq` was looked at. */
  markAged(kind: AgingKind, conversation: string, seq: number): Promise<void>;
  /** Bytes of everything. */
  size(): Promise<number>;
  /** Makes the file anew, so that nothing is left in it of what was taken out. False when somebody else holds on to it: try again. */
  compact(): Promise<boolean>;
}

/**
 * Where everything durable is. Every writing method is one transaction: durable when its promise resolves (SQLite: WAL, synchronous=FULL), and
 * nothing of it exists when it rejects. Reads see every write that resolved before them.
 */
export interface Store extends PersonalStore {
  /** @throws AppendConflict, StorageFull */
  append(batch: Batch): Promise<void>;

  conversations(ids: readonly string[]): Promise<Map<string, ConversationRow>>;
  /** Every conversation that is not resolved: read once at start. */
  unresolved(): Promise<ConversationRow[]>;
  /** Which of these commands were stored already. Keys are `${author} ${id}`. */
  commands(keys: readonly { author: Author; id: string }[]): Promise<Map<string, StoredCommand>>;
  events(query: EventsQuery): Promise<{ events: StoredEvent[]; more: boolean }>;
  /**
   * The log of all conversations as one, for work that must follow a commit even after a crash (hooks, webhooks, mail): an event is in it exactly
   * when its commit is. Rising positions, 0 is before all. Whoever saves his position after the work has done it at least once for each event.
   */
  eventsAfter(position: number, limit: number): Promise<{ position: number; event: StoredEvent }[]>;
  /** How far a consumer of `eventsAfter` is; 0 for one that never saved. */
  consumerPosition(consumer: string): Promise<number>;
  saveConsumerPosition(consumer: string, position: number): Promise<void>;
  /** `mine`, `queue` (oldest first by queuedAt), `open` (newest activity first), `resolved` and `visitor` (newest first). `cursor` continues; null at the end. */
  list(query: ListQuery): Promise<{ conversations: ConversationRow[]; cursor: number | null }>;
  /** The events of these kinds in one conversation, in order: its questions, answers, handoffs. The newest 1,000 at most. */
  eventsOfKinds(conversation: string, kinds: readonly EventKind[]): Promise<StoredEvent[]>;
  resolvedSince(at: number): Promise<number>;
  cursors(conversations: readonly string[]): Promise<Map<string, CursorRow[]>>;

  visitor(id: string): Promise<VisitorRow | null>;
  visitorBySession(tokenHash: string, now: number): Promise<VisitorRow | null>;
  visitorByExternalId(site: string, externalId: string): Promise<VisitorRow | null>;
  /** The newest conversation of a visitor, resolved or not. */
  newestConversation(visitor: string): Promise<ConversationRow | null>;
  /** Changes a visitor who is already kept. */
  saveVisitor(row: VisitorRow): Promise<void>;
  saveVisitorSession(row: VisitorSessionRow): Promise<void>;
  endVisitorSession(tokenHash: string): Promise<void>;
  /** Waits of recently queued conversations that an agent took: when taken and how long they waited. For the expected wait. */
  recentTakes(since: number): Promise<{ team: string | null; takenAt: number; waitedMs: number }[]>;
  /** Recent first replies in ms, newest first, at most `limit`: for "usually replies in". */
  recentFirstReplies(limit: number): Promise<number[]>;

  /** The surveys a visitor was asked, newest first; at most 1,000. */
  surveyAsksOf(visitor: string): Promise<SurveyAskRow[]>;
  /** The surveys asked since `since` and until before `until`, newest first; of one survey, or all. `before` is the last row of the page before. */
  surveyAsks(query: {
    survey?: string;
    since: number;
    until: number;
    before?: Pick<SurveyAskRow, 'askedAt' | 'ask'>;
    limit: number;
  }): Promise<SurveyAskRow[]>;
  /** Notes that the quiet period held back a survey; once for each `key`. */
  noteSurveyHeldBack(row: { survey: string; key: string; at: number }): Promise<void>;
  /** How many were held back in a period, by survey. */
  surveysHeldBack(period: { since: number; until: number }): Promise<Map<string, number>>;

  /** All canned replies, or those with these ids; removed ones too. By id. */
  cannedReplies(ids?: readonly string[]): Promise<CannedReplyRow[]>;
  /** Inserts or changes. */
  saveCannedReplies(rows: readonly CannedReplyRow[], notes?: readonly AuditNote[]): Promise<void>;
  countReplyUse(use: { reply: string; conversation: string; at: number }): Promise<void>;
  /** What became of a conversation; the newest rating counts. Resolves with the replies that were used in it: theirs is the outcome. */
  noteReplyOutcome(conversation: string, outcome: { resolved?: true; csat?: number }): Promise<string[]>;
  /** Of all replies that were ever used, or of these. */
  replyUsage(ids?: readonly string[]): Promise<Map<string, CannedReplyUsage>>;

  /** Those of them that are there, in no order. A file is sent by `append`: the first message or note that names it has it. */
  files(ids: readonly string[]): Promise<FileRow[]>;
  saveFile(row: FileRow): Promise<void>;
  /** Notes that its bytes have come from `from` up to `to`. False when others came meanwhile, or it is not there. */
  receiveFile(id: string, from: number, to: number): Promise<boolean>;
  /** It is whole and may be sent. False when it was already, or is not there. */
  finishFile(id: string, found: Pick<FileRow, 'name' | 'type' | 'size' | 'width' | 'height'>): Promise<boolean>;
  /** Everything that was sent in a conversation; or everything a visitor uploaded, and what was sent in his conversations. By id. */
  filesOf(of: { conversation: string } | { visitor: string }): Promise<FileRow[]>;
  /** Files made before `before` that were never sent, oldest first. */
  unsentFiles(before: number, limit: number): Promise<FileRow[]>;
  /** Forgets them. Their bytes must be gone already, else nobody finds them again. */
  removeFiles(ids: readonly string[]): Promise<void>;
  /** How much there is: bytes of a site, of a conversation, and what an author uploaded and did not send. */
  fileUsage(of: { site: string; author: Author; conversation: string | null }): Promise<{
    site: number;
    conversation: number;
    unsent: { count: number; bytes: number };
  }>;

  /** Who may not write, by id. */
  blocks(): Promise<BlockRow[]>;
  saveBlock(row: BlockRow): Promise<void>;
  /** Those that are not there are gone already. */
  removeBlocks(ids: readonly string[]): Promise<void>;

  setting(name: string): Promise<string | null>;
  /** Keeps a value under a name that has none; of several at once the first wins. Resolves with what holds. */
  keepSetting(name: string, value: string): Promise<string>;
  /** All of them. */
  settings(): Promise<Map<string, string>>;
  /** Puts a value in place of `from` (null: there is none yet). False, and nothing written, when another one is there. */
  saveSetting(name: string, value: string, from: string | null, notes?: readonly AuditNote[]): Promise<boolean>;

  /** All of them, by kind and name. */
  overrides(): Promise<OverrideRow[]>;
  /** Stores one in place of that with the revision `from` (null: there is none yet). False, and nothing written, when another one is there. */
  saveOverride(row: OverrideRow, from: string | null, notes?: readonly AuditNote[]): Promise<boolean>;
  /** Takes that one out which has this revision. False when it is not there. */
  removeOverride(row: Pick<OverrideRow, 'kind' | 'name' | 'revision'>, notes?: readonly AuditNote[]): Promise<boolean>;

  agents(): Promise<AgentRow[]>;
  agent(id: string): Promise<AgentRow | null>;
  agentByEmail(email: string): Promise<AgentRow | null>;
  /** Inserts or changes. */
  saveAgent(row: AgentRow, notes?: readonly AuditNote[]): Promise<void>;
  /** Changes nothing but the presence of an agent who is there: a password, a role or an end of rights written meanwhile stands. */
  setPresence(agent: string, presence: Presence): Promise<void>;
  agentSession(tokenHash: string): Promise<AgentSessionRow | null>;
  saveAgentSession(row: AgentSessionRow, notes?: readonly AuditNote[]): Promise<void>;
  /** Changes nothing but the last use of a session that is there: one that was ended meanwhile stays ended. */
  noteSessionUse(tokenHash: string, at: number): Promise<void>;
  endAgentSession(tokenHash: string, notes?: readonly AuditNote[]): Promise<void>;
  endAgentSessionsOf(agent: string): Promise<void>;
  /** Ends every session of every agent and visitor, takes back every sign-in code, and keeps `at` as the setting `SESSIONS_ENDED`. */
  endEverySession(at: number, notes?: readonly AuditNote[]): Promise<void>;
  saveSignInCode(row: SignInCodeRow, notes?: readonly AuditNote[]): Promise<void>;
  /** Takes the code out in the same transaction: of many parallel calls exactly one gets it. Null when unknown, used or expired. */
  redeemSignInCode(codeHash: string, now: number): Promise<SignInCodeRow | null>;
  /**
   * Removes sessions and codes that opened nothing any more at `now`, agents' sessions also when last used before `unusedSince`; at most `limit` of
   * each kind. Resolves with the most that went of one kind: `limit` says that there may be more.
   */
  purgeExpired(query: { now: number; unusedSince: number; limit: number }): Promise<number>;

  /**
   * Adds rows to the end of the audit log. Where a method above takes `notes`, they are added in the transaction of its change, and only when it
   * changes anything.
   */
  noteAudit(notes: readonly AuditNote[]): Promise<void>;
  /** Newest first. */
  auditRows(query: AuditQuery): Promise<AuditRow[]>;
  /** In order, those after a position. */
  auditAfter(position: number, limit: number): Promise<AuditRow[]>;
  /** Null: nothing was ever noted. */
  auditHead(): Promise<AuditHead | null>;
  /** Rows are sealed with this key from here on; before the first call they are hashed without one. */
  setAuditKey(key: AuditKey): Promise<void>;

  /** True when a small write works: what readiness asks. */
  writable(): Promise<boolean>;
  /** A consistent copy into a new file while everything runs. */
  backup(path: string): Promise<void>;
  close(): Promise<void>;
}

// ---------------------------------------------------------------------------------------------------------------- files

/**
 * Where the bytes of files are: a folder, or an object store that several nodes share. Keys are hexadecimal digits that the relay makes, with a dot and a number for a part
 * that is still on its way. What a file is, whose, and who may read it is in {@link FileRow}; to erase one, first the bytes, then the row.
 */
export interface FileStore {
  /** Durable when it resolves; when it rejects, nothing can be read under the key that was not there before. @throws StorageFull */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** The bytes from `start` up to, not with, `end`; null when there is no such key. */
  get(key: string, range?: { start: number; end: number }): Promise<AsyncIterable<Uint8Array> | null>;
  /** Keys that are not there are gone already. */
  delete(keys: readonly string[]): Promise<void>;
  /** All keys that begin so, in order. */
  list(prefix: string): AsyncIterable<string>;
}

// ------------------------------------------------------------------------------------------------------------------ bus

/** What the nodes tell each other after a commit, and things that are never stored. May be lost at any time: readers heal from the store. */
export type BusMessage =
  | {
      kind: 'events';
      conversation: string;
      site: string;
      head: number;
      state: ConversationState;
      events: StoredEvent[];
    }
  | { kind: 'cursor'; cursor: CursorRow }
  | {
      kind: 'typing';
      conversation: string;
      who: { kind: 'visitor' } | { kind: 'agent'; id: string; name: string };
      on: boolean;
    }
  | { kind: 'visitor'; visitor: string }
  | { kind: 'stream'; conversation: string; message: string; who: Owner; text: string }
  | {
      kind: 'tool-call';
      call: string;
      conversation: string;
      who: Owner;
      tool: string;
      input: Record<string, unknown>;
    }
  | { kind: 'tool-done'; visitor: string; call: string; outcome: ToolDone['outcome']; output?: unknown }
  | { kind: 'agents' }
  /** These agents have a line at this node; said from time to time, and when it changes. */
  | { kind: 'here'; node: string; agents: string[] }
  /** These canned replies were changed, removed or used; null: any of them. */
  | { kind: 'canned-replies'; ids: string[] | null }
  /** What people change of the configuration was changed. */
  | { kind: 'overrides' }
  /** Somebody was blocked, or is no longer. */
  | { kind: 'blocks' }
  /** An agent ended this session of his himself. */
  | { kind: 'signed-out'; agent: string; session: string }
  /** A visitor is being forgotten. */
  | { kind: 'erased'; visitor: string }
  /** `everybody`: every session of agents and visitors; its id is empty. */
  | { kind: 'revoked'; what: 'agent' | 'agent-session' | 'visitor-session' | 'everybody'; id: string };

/** A doorbell between nodes. Delivery is in order per publisher, at most once. */
export interface Bus {
  /** Other relays hear it, and write into the same store. @default false */
  readonly isShared?: boolean;
  publish(message: BusMessage): void;
  subscribe(handler: (message: BusMessage) => void): () => void;
  /** Called when the bus works again after it did not: time to compare heads. */
  onUp(handler: () => void): () => void;
  close(): Promise<void>;
}

// ------------------------------------------------------------------------------------------------------- gateway and auth

/** One open line to a client, whatever carries it (a WebSocket, a streamed response). Bytes in, bytes out, nothing else. */
export interface Connection {
  /** Frames given to `send` arrive in order or not at all. */
  send(frame: string): void;
  close(code: number, reason: string): void;
  /** Bytes given to `send` that the network has not taken yet. */
  readonly bufferedBytes: number;
  /** The peer's address (behind trusted proxies: the first untrusted one) and the Origin header, null when there was none. */
  readonly remote: { address: string; origin: string | null };
  /** Which door it came through: visitors may use only `site`, agents only `desk` (same origin). */
  readonly door: 'site' | 'desk';
}

/** Who a socket ticket or session belongs to. */
export interface AgentPrincipal {
  agent: AgentRow;
  /** Hash of the HTTP session that asked for the ticket: when it ends, the sockets end. */
  session: string;
}

export interface Tickets {
  /** Takes the ticket out; of many parallel calls exactly one gets it. At most 30 s after it was made. */
  redeem(ticket: string): Promise<AgentPrincipal | null>;
}

/** What a verified identity token says, as it stands there: names and addresses are made plain by whoever keeps them. */
export interface IdentityClaims {
  sub: string;
  name: string | null;
  email: string | null;
}
export interface IdentityVerifier {
  /** Null when the token must not be believed: wrong signature, algorithm, audience, times or types. */
  verify(site: string, token: string): Promise<IdentityClaims | null>;
}

/** Named limits of SPEC "Rates". */
export type LimitedAction =
  | 'connect'
  | 'frame'
  | 'visitor-message'
  /** What a visitor says at the pace of people; see `limits.ts`. */
  | 'calm-message'
  | 'agent-message'
  | 'typing'
  | 'new-conversation'
  | 'history'
  | 'export'
  | 'erase'
  | 'identify'
  | 'login'
  | 'stream'
  | 'call-tool'
  | 'upload'
  /** Weighed in bytes. */
  | 'upload-bytes';
export interface RateLimiter {
  /**
   * 0 when allowed (and counted), else the milliseconds until it would be. GCRA; a clock that steps back gives nothing for free. The beginning of
   * `key` chooses the rate: `ip:<address>`, `ip-known:<address>` (visitors with a verified identity), `site:<key>`; any other key is one session. What weighs more counts as so many at once.
   */
  take(action: LimitedAction, key: string, weight?: number): number;
}
