import type { Owner, TeamRef } from './entities/people.ts';
import type { FormAnswers, FormDefinition, FormTexts, RatingScale } from './forms/form.ts';

/**
 * What agents read and write over HTTP beside their line: canned replies, results of surveys, and how the relay does. All of it is asked with
 * `POST /desk/api/<path>`, JSON both ways, by a page of the desk with the session of an agent.
 */

// -------------------------------------------------------------------------------------------------------- canned replies

/** Who finds it: the agent himself, the members of a team, everybody who answers. */
export type ReplyScope = { kind: 'me' } | { kind: 'team'; team: string } | { kind: 'site' };

/** A value that a body names as `{{name}}`. `source` is like `visitor.name`; see `CannedReplyInput` of the configuration. */
export interface ReplyVariable {
  name: string;
  source?: string;
  ask?: string;
  default?: string;
  /** @default true */
  required?: boolean;
}

/** What people write. Times in milliseconds since 1970. */
export interface ReplyContent {
  /** What is typed behind `/`: no spaces, at most 40 characters; unique within its scope. */
  shortcut: string;
  title: string;
  /** Template source by locale, at least one. */
  body: Readonly<Record<string, string>>;
  variables?: readonly ReplyVariable[];
  scope: ReplyScope;
  /** Ids of files in the store. */
  attachments?: readonly string[];
  /** Offered from this instant on. */
  validFrom?: number;
  /** Offered until before this instant. */
  validUntil?: number;
  /** Id of the agent who answers for it. */
  owner?: string;
  /** When somebody should read it again. */
  reviewBy?: number;
  tags?: readonly string[];
}

/** A canned reply as it is stored. */
export interface StoredReply extends Required<Omit<ReplyContent, 'validFrom' | 'validUntil' | 'owner' | 'reviewBy'>> {
  id: string;
  validFrom?: number;
  validUntil?: number;
  owner?: string;
  reviewBy?: number;
  /** How often it was sent, and what became of those conversations. `csat` has the sum and the number of their ratings. */
  usage: { uses: number; lastUsedAt: number | null; resolved: number; csat: { sum: number; n: number } };
  validity: 'planned' | 'valid' | 'ended';
  reviewDue: boolean;
  /** Whether who asks may change and remove it. */
  mayEdit: boolean;
  updatedAt: number;
  /** Who changed it last; null: it is as the configuration has it. */
  updatedBy: string | null;
}

/** A place in a text that answers the query; UTF-16 units, end not included. */
export interface ReplyMark {
  field: 'shortcut' | 'title' | 'preview';
  start: number;
  end: number;
}

/** A value that is typed before the reply is inserted. `name` is its key in `values`. */
export interface AskedReplyValue {
  name: string;
  /** What to ask, for people. */
  ask: string;
  required: boolean;
  /** What stands there when nothing is typed. */
  default: string;
}

/** A canned reply that answers a query in one conversation. */
export interface ReplyHit {
  id: string;
  shortcut: string;
  title: string;
  scope: ReplyScope;
  tags: readonly string[];
  /** The language of the text that is used here. */
  locale: string;
  /**
   * `shortcut`: it was typed whole; `shortcut-start`: its beginning; `words`: something in it; `usual`: nothing was typed, and it is often used;
   * `dynamic`: the site's own code made it for this question (`id` begins with `dynamic:`, and it cannot be rendered or changed).
   */
  why: 'shortcut' | 'shortcut-start' | 'words' | 'usual' | 'dynamic';
  marks: readonly ReplyMark[];
  /** Plain text for people, with what is known filled in and `[the question]` where something is asked. */
  preview: string;
  /** Ready to be put into a message; null while something required is missing: then `render` with the values. */
  text: string | null;
  /** What can be typed, in the order of the text. Those that are required come with `text: null`. */
  missing: readonly AskedReplyValue[];
}

/** What is wrong with one field of a reply, and the way out. `path` is like `body.lv`. */
export interface ReplyProblem {
  path: string;
  problem: string;
  fix: string;
}

export type RenderedReply =
  | { ok: true; text: string }
  /** Nothing may be sent. Either list can be empty, never both. */
  | { ok: false; missing: readonly AskedReplyValue[]; problems: readonly ReplyProblem[] };

export type SavedReply = { ok: true; reply: StoredReply } | { ok: false; problems: readonly ReplyProblem[] };

/** `at`: the line of a CSV file, or which reply of a JSON file it is; from 1. 0 is the whole file. */
export interface ImportedReplyFile {
  saved: number;
  problems: readonly (ReplyProblem & { at: number })[];
}

// ---------------------------------------------------------------------------------------------------------------- surveys

/** The ends of a 95 % interval. */
export interface FigureInterval {
  low: number;
  high: number;
}

/** A CSAT, NPS or CES. Shares in percent, exact; null when there are no answers. `few`: show it greyed, and compare it with nothing. */
export type SurveyFigures =
  | {
      kind: 'csat';
      n: number;
      csat: number | null;
      mean: number | null;
      interval: FigureInterval | null;
      /** How often each point was given, from the lowest. */
      counts: readonly number[];
      few: boolean;
    }
  | {
      kind: 'nps';
      n: number;
      promoters: number;
      passives: number;
      detractors: number;
      nps: number | null;
      /** As people see it: a whole number. */
      shown: number | null;
      /** Half of the interval, in points. */
      margin: number | null;
      counts: readonly number[];
      few: boolean;
    }
  | {
      kind: 'ces';
      n: number;
      ces: number | null;
      mean: number | null;
      index: number | null;
      interval: FigureInterval | null;
      counts: readonly number[];
      few: boolean;
    };

/** Results of one rating question. People's conversations and the bot's are never mixed; `agents` and `teams` are people's. */
export interface SurveyQuestion {
  field: string;
  scale: RatingScale;
  label: FormTexts;
  human: SurveyFigures;
  bot: SurveyFigures;
  /** By the author of the last human reply before it was asked. */
  agents: readonly { agent: Owner; figures: SurveyFigures }[];
  teams: readonly { team: TeamRef; figures: SurveyFigures }[];
}

/** Results of one survey in a period, by when it was asked. */
export interface SurveyOverview {
  id: string;
  kind: 'csat' | 'nps' | 'ces' | 'custom';
  /** Not asked any more: the configuration has it no longer. */
  retired: boolean;
  response: {
    /** Asked, whether anybody saw it or not. */
    sent: number;
    /** Seen by the visitor. */
    delivered: number;
    answered: number;
    /** Answered after it had expired: kept, and counted nowhere. */
    late: number;
    /** Expired without having been seen. */
    expired: number;
    /** Not asked because of the quiet period. */
    suppressed: number;
    /** `answered / delivered` in percent. */
    rate: number | null;
    interval: FigureInterval | null;
    /** `answered / sent`, as others show it. */
    ofSent: number | null;
  };
  questions: readonly SurveyQuestion[];
  /** Asked since, until before; milliseconds. */
  since: number;
  until: number;
  /** There are more in the period than are counted here: choose a shorter one. */
  cut: boolean;
}

/** One survey that was asked, and its answers. */
export interface SurveyAnswerRow {
  /** The id of the `asked` event in `conversation`. */
  ask: string;
  conversation: string;
  visitor: { id: string; name: string | null };
  askedAt: number;
  /** Null: not answered. */
  answeredAt: number | null;
  /** Answered too late to count. */
  late: boolean;
  /** Whether the visitor has seen it. */
  delivered: boolean;
  /** The one number of the survey, or of the question that was asked for by `field`. */
  score: number | null;
  answers: FormAnswers | null;
  form: FormDefinition;
  series: 'human' | 'bot' | 'none';
  agent: Owner | null;
  team: TeamRef | null;
}

/** Which of them. Without `score`, `agent`, `team`, `series` and `answered` everything that was asked. */
export interface SurveyAnswersQuery {
  /** Exactly this point. */
  score?: number;
  /** Which rating `score` speaks of. @default the survey's own */
  field?: string;
  /** The author of the last human reply. */
  agent?: string;
  team?: string;
  series?: 'human' | 'bot' | 'none';
  /** Only those that count (`counted`), came late, or have no answer. */
  state?: 'counted' | 'late' | 'unanswered';
  since?: number;
  until?: number;
  /** Of the page before. */
  cursor?: string;
}

/** A link under which one person answers one question without the chat. Whoever has it can answer. */
export interface SurveyLink {
  url: string;
  expiresAt: number;
}

// -------------------------------------------------------------------------------------------------- how the relay does

/** A hook that threw, was late or answered nonsense, so that its declared answer held instead. */
export interface HookFailure {
  hook: string;
  /** What it is for: `route`, `event`, `bot`, `webhook` … */
  stage: string;
  at: number;
  /** In words, for whoever wrote the hook. */
  message: string;
  conversation: string | null;
}

// ------------------------------------------------------------------------------------ what people change of the configuration

/**
 * Which of the two holds: what the file says, or what somebody changed in the desk. A change holds until it is reset, also when the file changes;
 * what nobody changed follows the file.
 */
export interface Origin {
  from: 'file' | 'desk';
  /** Null as long as it is as the file has it. */
  changedAt: number | null;
  /** Id of the agent. */
  changedBy: string | null;
}

/** What is stored, and whether it is in use. */
export interface Changeable extends Origin {
  id: string;
  /** Names the change that was read: give it back when you save or reset. Null: nothing was changed. */
  revision: string | null;
  /** `retired`: the file has it no longer. `unfit`: what was changed does not fit the file any more, see `problems`; the file's own holds. */
  state: 'used' | 'retired' | 'unfit';
  /** Why it is `unfit`. */
  problems: readonly SetupProblem[];
  /** Whether who asks may change it. */
  mayEdit: boolean;
}

/** What is wrong with one field, and the way out. `path` is like `week.1[0][1]` or `sample`; empty for the whole. */
export interface SetupProblem {
  path: string;
  problem: string;
  fix: string;
}

/** `[open, close]` in local wall time, `HH:MM`; `24:00` may close. A span whose close is not after its open ends on the next day. */
export type OpeningSpan = readonly [open: string, close: string];

/** Opening hours; see `ScheduleInput` of the configuration. */
export interface OpeningHours {
  /** An IANA name: `Europe/Riga`. */
  timeZone: string;
  /** 1 is Monday, 7 is Sunday. A day that is missing is closed. */
  week: { readonly [Day in 1 | 2 | 3 | 4 | 5 | 6 | 7]?: readonly OpeningSpan[] };
  /** Replaces the spans of single days, `YYYY-MM-DD`; `[]` is closed. */
  dates?: Readonly<Record<string, readonly OpeningSpan[]>>;
}

/** A schedule with what the file says about it. */
export interface StoredSchedule extends Changeable {
  /** What was changed, else what the file has. */
  hours: OpeningHours;
  /** What a reset brings back; null: made in the desk, a reset removes it. */
  file: OpeningHours | null;
}

export type SavedSchedule = { ok: true; schedule: StoredSchedule } | { ok: false; problems: readonly SetupProblem[] };

/** When a survey is asked, and how long it may be answered. */
export interface SurveySettings {
  /** False: it is asked by hand only. */
  enabled: boolean;
  on: 'resolve' | 'transfer';
  /** Share of the conversations, above 0 and at most 1. */
  sample: number;
  /** The same person is not asked again within so many days. */
  quietDays: number;
  /** Only conversations of these; null: of all. */
  teams: readonly string[] | null;
  sites: readonly string[] | null;
  editWindowMs: number;
  expiresMs: number;
}

/** A survey's settings, with what the file says about them. */
export interface SurveySetup extends Changeable {
  /** Null: the file has it no longer. */
  kind: 'csat' | 'nps' | 'ces' | 'custom' | null;
  /** What holds; of one that the file has no longer, nothing does. */
  settings: SurveySettings | null;
  /** What a reset brings back. */
  file: SurveySettings | null;
  /** Those that people changed; the others follow the file. */
  changed: readonly (keyof SurveySettings)[];
}

export type SavedSurvey = { ok: true; survey: SurveySetup } | { ok: false; problems: readonly SetupProblem[] };

// ------------------------------------------------------------------------------------------------------------------ spam

/** Somebody who may not write. */
export interface BlockEntry {
  id: string;
  kind: 'visitor' | 'network';
  /** A visitor's id; an address, or a range like `192.0.2.0/24`. */
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

/** Who is blocked, and what was marked as spam lately; newest first. */
export interface SpamOverview {
  blocks: readonly BlockEntry[];
  spam: readonly {
    conversation: string;
    visitor: { id: string; name: string | null };
    at: number;
    /** The last thing that was said. */
    text: string;
  }[];
}

/** What runs, and who is open now. */
export interface ConfigOverview {
  /** Changes with the content of the file. */
  version: string;
  loadedAt: number;
  /** The file, or where else it came from. */
  source: string;
  teams: readonly {
    id: string;
    name: string;
    strategy: string;
    /** Null: always open. */
    schedule: { id: string | null; open: boolean /** Null: it never changes. */; nextChange: number | null } | null;
  }[];
  /** All that are in use. */
  schedules: readonly ({
    id: string;
    timeZone: string;
    open: boolean;
    nextChange: number | null;
  } & Partial<Origin>)[];
  /** When each survey is asked; also what people changed of surveys that the file has no longer. */
  surveys?: readonly SurveySetup[];
  sites?: readonly { key: string; name: string }[];
  /** What an agent can ask the visitor of a conversation by hand, with `askForm` or `surveys.ask`. */
  asks?: readonly { id: string; title: FormTexts; survey: boolean }[];
}

// ---------------------------------------------------------------------------------------------------------- personal data

/** A visitor who was looked for. */
export interface PersonFound {
  id: string;
  site: string;
  name: string | null;
  email: string | null;
  externalId: string | null;
  firstSeenAt: number;
  lastSeenAt: number;
  /** He is on the list of those who are to be forgotten. */
  isBeingErased: boolean;
}

export type ErasureReason = 'asked-by-person' | 'consent-withdrawn' | 'no-longer-needed' | 'unlawful' | 'other';

/** Somebody is to be forgotten, or was; who it is or was is not said. */
export interface PersonErasure {
  id: string;
  site: string;
  /** `agent:<id>`, or where else it was asked for. */
  by: string;
  reason: ErasureReason;
  /** `cleaning`: nobody can read anything of him any more; the database file is still to be made anew without it. */
  state: 'queued' | 'erasing' | 'cleaning' | 'done';
  requestedAt: number;
  erasedAt: number | null;
  cleanedAt: number | null;
  counts: { conversations: number; events: number; files: number; sessions: number };
  /** An error code: it is tried again. */
  problem: string | null;
}

/** Proof that somebody was forgotten, without the data. */
export interface PersonReceipt
  extends Pick<PersonErasure, 'site' | 'by' | 'reason' | 'requestedAt' | 'cleanedAt' | 'counts'> {
  format: 'sveiki.erasure';
  version: 1;
  erasure: string;
  /** SHA-256 of `person ` and the visitor's id, base64url. */
  person: string;
  erasedAt: number;
  /** SHA-256 of the JSON of everything before it, base64url. */
  digest: string;
}

/** A rule of what is kept for how long, and what its next run would take. */
export interface RetentionRuleView {
  what: 'messages' | 'files' | 'answers' | 'visitors';
  days: number;
  /** Null: all. */
  teams: readonly string[] | null;
  sites: readonly string[] | null;
  /** At most as many as were counted before it took too long: then `more`. */
  next: { count: number; more: boolean; examples: readonly string[] };
}

// ----------------------------------------------------------------------------------------------------------------- audit log

/** What is asked of the audit log; all that is given must fit. `agent` and `person` are ids. */
export interface AuditLogQuery {
  since?: number;
  /** Exclusive. */
  until?: number;
  agent?: string;
  person?: string;
  action?: string;
  cursor?: string;
}

/** What somebody did or read, and what it was about. */
export interface AuditLogRow {
  /** 1, 2, 3, … without a hole. */
  position: number;
  at: number;
  /** `agent`, `visitor`, `operator`, `relay` or `nobody`; the id is empty where there is none. */
  actor: { kind: string; id: string; name: string | null };
  action: string;
  /** The action in words. */
  title: string;
  object: { kind: string; id: string; name: string | null } | null;
  /** The visitor it was about. */
  person: string | null;
  reason: string | null;
  /** Names of what was changed. */
  fields: readonly string[];
  /** The address it came from, shortened. */
  network: string | null;
}

/** Newest first. */
export interface AuditLogPage {
  rows: readonly AuditLogRow[];
  cursor: string | null;
  /** Every action there is. */
  actions: readonly { name: string; title: string }[];
}
