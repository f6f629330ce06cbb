import type { FormDefinition, MaskSettings } from '@sveiki/protocol';
import type {
  AgentInput,
  Bot,
  HooksInput,
  RouteHook,
  RoutingInput,
  ScheduleInput,
  SpamRules,
  TeamInput,
} from '@sveiki/sdk/config';
import type { CannedReplyContent } from './domain/canned-replies/reply.ts';
import type { SurveyRule } from './domain/surveys/rule.ts';
import type { FilesConfig } from './files/settings.ts';
import type { RetentionRule } from './retention/rules.ts';
import type { KeySource } from './secrets/key-source.ts';

/** Opening hours: several spans a day, past midnight (`close <= open`), holidays, one time zone. Local wall times `HH:MM`; `24:00` may close. */
export interface Schedule {
  timeZone: string;
  /** 1 is Monday, 7 Sunday. A missing day is closed. */
  week: Partial<Record<'1' | '2' | '3' | '4' | '5' | '6' | '7', [string, string][]>>;
  /** Replaces the spans of single days, `YYYY-MM-DD`; `[]` is closed. */
  dates?: Record<string, [string, string][]>;
}

/** What visitors of a site agree to before they write. */
export interface ConsentConfig {
  version: string;
  /** By language tag; the first is for everybody else. */
  text: Record<string, string>;
  /** By language tag; `''` is for everybody else. */
  link: Record<string, string>;
  /** Nothing of a visitor leaves the page before he agrees. */
  strict: boolean;
}

export interface PrivacyConfig {
  masking: MaskSettings;
  /** What is kept for how long. */
  retention: RetentionRule[];
}

export interface IdentityKey {
  id: string;
  algorithm: 'HS256' | 'EdDSA';
  /** HS256: the secret (32 bytes or more); EdDSA: the public key as a PEM (SPKI) or JWK string. */
  key: string;
}

export interface SiteConfig {
  /** The publishable key: `pk_` and 8-56 characters. */
  key: string;
  name: string;
  /** Origins that may use the key, exactly (`https://shop.example.com`). */
  origins: string[];
  /** The team whose queue new conversations wait in. */
  team: string;
  schedule?: Schedule;
  /** Its name, when it is one of `schedules`: what is changed there holds here too. */
  scheduleName?: string;
  topics?: string[];
  /** The bot that new conversations come to first. */
  bot?: string;
  /** Ids of the forms that are asked before the first message: while somebody is there, and while nobody is. */
  preChat?: string;
  offline?: string;
  /** Nobody can write here for as long as it is true. */
  paused?: boolean;
  /** Other ways to reach the site. */
  contact?: { email?: string; phone?: string; url?: string };
  /** What strangers must do before their first message is taken; without it nothing. */
  spam?: SpamRules;
  identity?: { keys: IdentityKey[]; audience: string; required: boolean };
  consent?: ConsentConfig;
}

/** A bot: code that runs inside the relay, or somebody else's with a token. */
export interface BotConfig {
  id: string;
  name: string;
  drafts: boolean;
  code: Bot | null;
  /** SHA-256 (base64url) of the token of one that runs elsewhere. */
  tokenHash: string | null;
  /** Of tokens that hold beside it while one is changed for another. @default none */
  otherTokenHashes?: readonly string[];
}

/** Rules as data, then a hook: code, or somebody else's over HTTP. */
export type RoutingConfig = Omit<RoutingInput, 'route'> & { route?: RouteHook | { url: string; secret: string } };

export interface HandoffConfig {
  /** Where handoffs wait; null: in the conversation's own team. */
  team: string | null;
  timeoutMs: number;
  onFailure: 'queue' | 'bot';
  /** Turns in a row that did not help, after which a person is offered. */
  offerAfter: number;
}

export interface WebhookConfig {
  url: string;
  /** `whsec_…`. Each signs, so that receivers may change theirs while there are two. */
  secrets: string[];
  /** Names of events as webhooks have them; null: all. */
  events: string[] | null;
}

/** Everything the relay can be told, after defaults. Times in milliseconds. */
export interface Config {
  host: string;
  port: number;
  /** Folder of the database and of files. */
  dataDir: string;
  /** The address people use, for links; never taken from a request. */
  publicUrl: string;
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Where the key is that secrets in the database are sealed with; null: in a file beside the database. */
  secretKey: KeySource | null;
  /** Bearer token of /metrics; without it the path answers 404. */
  metricsToken: string | null;
  /** Addresses or CIDR ranges whose X-Forwarded-For is believed. */
  trustedProxies: string[];
  sites: SiteConfig[];
  teams: TeamInput[];
  /** Skills and shifts of accounts, by their ids; null when the file names nobody. */
  agents: AgentInput[] | null;
  schedules: Record<string, ScheduleInput>;
  routing: RoutingConfig;
  wrapUpCodes: { id: string; name: string }[];
  /** What the file has; people change the copies in the store. */
  cannedReplies: CannedReplyContent[];
  forms: FormDefinition[];
  surveys: SurveyRule[];
  bots: BotConfig[];
  handoff: HandoffConfig;
  webhooks: WebhookConfig[];
  hooks: HooksInput;
  privacy: PrivacyConfig;
  files: FilesConfig;
  /** Twelve hexadecimal digits that say which configuration this is. */
  version: string;
  /** How long a conversation waits for an agent whose connection broke before it is queued again. */
  agentGraceMs: number;
  /** How long after resolving a message of the visitor reopens the conversation; later it begins a new one. */
  reopenWindowMs: number;
  /** Life of a visitor's session after its last use. */
  visitorSessionMs: number;
  /** Life of an agent's HTTP session, and how long it may be idle. */
  agentSessionMs: number;
  agentIdleMs: number;
  /** Webhooks and HTTP hooks may lead to this machine and its network, not only to public addresses. */
  allowPrivateAddresses: boolean;
  /** Rate limits are multiplied by this: 1 in production; load tests raise it. */
  rateFactor: number;
}
