import type { Bot, RemoteBotInput } from './bot.ts';
import type { CannedReplyInput } from './canned-reply.ts';
import type { FilesInput } from './files.ts';
import type { FormInput } from './form.ts';
import type { HooksInput } from './hook.ts';
import type { ConsentInput, PrivacyInput } from './privacy.ts';
import type { AgentInput, RouteHook, RoutingInput, TeamInput } from './routing.ts';
import type { ScheduleInput } from './schedule.ts';
import type { SpamInput } from './spam.ts';
import type { SurveyInput } from './survey.ts';

/**
 * A secret can stay out of the file: `{ env: 'NAME' }` takes the value of an environment variable, or what is in the file that the variable `NAME_FILE`
 * names; `{ file: 'path' }` what is in a file, which begins beside the configuration.
 */
export type Secret = string | { env: string } | { file: string };

/** A site the widget is on. */
export interface SiteInput<
  SiteKey extends string = string,
  TeamName extends string = string,
  ScheduleName extends string = string,
  FormName extends string = string,
  BotName extends string = string,
> {
  /** The publishable key: `pk_` and 8-56 characters. */
  key: SiteKey;
  name: string;
  /** Origins that may use the key, exactly (`https://shop.example.com`). */
  origins: readonly string[];
  /** The team whose queue new conversations wait in. */
  team: TeamName;
  /** Opening hours, by name or in place. */
  schedule?: ScheduleName | ScheduleInput;
  /** At most three things people usually ask. */
  topics?: readonly string[];
  /** The bot that new conversations come to first, unless routing says otherwise. */
  bot?: BotName;
  /** What is asked before the first message: while somebody is there, and while nobody is. */
  preChat?: FormName;
  offline?: FormName;
  /** Closes the chat of this site for as long as it is true: visitors can read, and are told so in words. */
  paused?: boolean;
  /** Other ways to reach you, shown when nobody can write here and while the chat cannot be reached; offered in this order. */
  contact?: { email?: string; phone?: string; url?: string };
  /** What is different here from `spam` of the configuration. */
  spam?: SpamInput;
  identity?: {
    keys: readonly { id: string; algorithm: 'HS256' | 'EdDSA'; key: Secret }[];
    audience: string;
    required?: boolean;
  };
  /** What visitors agree to before they write. */
  consent?: ConsentInput;
}

/** What happens when somebody asks for a person. Times in milliseconds. */
export interface HandoffInput<TeamName extends string = string> {
  /** Where handoffs wait. @default the conversation's team */
  team?: TeamName;
  /** Nobody took it for so long: the visitor hears it. @default 300000 */
  timeoutMs?: number;
  /** What holds then, and when nobody is there at all: it stays in the queue as a message left, or goes back to the bot. @default 'queue' */
  onFailure?: 'queue' | 'bot';
  /** Turns in a row that did not help, after which a person is offered. @default 3 */
  offerAfter?: number;
}

/** Where events are posted, signed as Standard Webhooks say. */
export interface WebhookInput {
  url: string;
  /** `whsec_` and base64 of 24-64 bytes. During a rotation there are two: every message is signed with both. */
  secret: Secret | readonly Secret[];
  /**
   * Names such as `message.created`, or `conversation.*` for all that begin so. There are `conversation.` created, assigned, transferred, queued,
   * status, routed, closed, reopened · `message.created` · `note.created` · `visitor.identified` · `offer.` made, declined, missed, withdrawn ·
   * `handoff.` requested, failed · `survey.` sent, answered · `form.` sent, submitted · `consent.` given, withdrawn · `draft.created` · `tool.called` · `conversation.erased`. @default all
   */
  events?: readonly string[];
}

/**
 * The whole configuration of a relay, as code. Names of teams, skills, schedules, agents, bots, forms, surveys and sites are checked where they are
 * used: a wrong one does not compile, and `sveiki check` says it in words.
 */
export interface ConfigInput<
  TeamName extends string = string,
  Skill extends string = string,
  ScheduleName extends string = string,
  AgentName extends string = string,
  BotName extends string = string,
  FormName extends string = string,
  SurveyName extends string = string,
  SiteKey extends string = string,
> {
  sites: readonly SiteInput<SiteKey, NoInfer<TeamName>, NoInfer<ScheduleName>, NoInfer<FormName>, NoInfer<BotName>>[];
  teams: readonly TeamInput<NoInfer<Skill>, NoInfer<ScheduleName>, TeamName, NoInfer<AgentName>>[];
  /** Skills and shifts of accounts, by their ids. Accounts themselves are made with `sveiki add-agent`. */
  agents?: readonly AgentInput<NoInfer<Skill>, NoInfer<ScheduleName>, NoInfer<TeamName>, AgentName>[];
  /** By name. Put into the store once; from then on the desk holds. */
  schedules?: { readonly [Name in ScheduleName]: ScheduleInput };
  /** The skills there are, besides languages. */
  skills?: readonly Skill[];
  routing?: Omit<
    RoutingInput<NoInfer<TeamName>, NoInfer<Skill>, NoInfer<AgentName>, NoInfer<BotName>, NoInfer<SiteKey>>,
    'skills' | 'route'
  > & {
    /** A decision in code, or the address of a signed HTTP hook that is asked the same and answers the same. */
    route?:
      | RouteHook<NoInfer<TeamName>, NoInfer<Skill>, NoInfer<AgentName>, NoInfer<BotName>>
      | { url: string; secret: Secret };
  };
  forms?: readonly FormInput<FormName>[];
  surveys?: readonly (SurveyInput<NoInfer<FormName>, NoInfer<TeamName>, NoInfer<SiteKey>> & { id: SurveyName })[];
  /** Put into the store once; from then on people change them in the desk. */
  cannedReplies?: readonly CannedReplyInput<NoInfer<TeamName>>[];
  bots?: readonly (Bot<BotName> | RemoteBotInput<BotName>)[];
  handoff?: HandoffInput<NoInfer<TeamName>>;
  webhooks?: readonly WebhookInput[];
  /** What strangers must do before their first message is taken. */
  spam?: SpamInput;
  hooks?: HooksInput;
  /** What is hidden from what people write, and how long what is left. */
  privacy?: PrivacyInput;
  /** What may be uploaded, and where it is kept. */
  files?: FilesInput;
  wrapUpCodes?: readonly { id: string; name: string }[];

  /** @default '127.0.0.1' */
  host?: string;
  /** @default 4310 */
  port?: number;
  /** Folder of the database, from the place of this file. @default 'data' */
  dataDir?: string;
  /** The address people use, for links. @default http://host:port */
  publicUrl?: string;
  /** @default 'info' */
  logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /**
   * Where the key is that secrets in the database are sealed with: never in the configuration itself. `SVEIKI_SECRET_KEY` and `SVEIKI_SECRET_KEY_FILE`
   * win over it. @default a file `sveiki.key` in the data folder, made at the first start
   */
  secretKey?: { env: string } | { file: string };
  /** Bearer token of /metrics; without it the path answers 404. */
  metricsToken?: Secret | null;
  /** Addresses or ranges whose X-Forwarded-For is believed. */
  trustedProxies?: readonly string[];
  /** A conversation whose agent lost his connection waits so long for him; then it is queued again. @default 30000 */
  agentGraceMs?: number;
  /** So long after it was resolved a message of the visitor reopens a conversation; later it begins a new one. @default 604800000 */
  reopenWindowMs?: number;
  /** Life of a visitor's session after its last use. @default 2592000000 */
  visitorSessionMs?: number;
  /** Life of an agent's session, from his sign-in. @default 43200000 */
  agentSessionMs?: number;
  /** How long it may be unused. @default 3600000 */
  agentIdleMs?: number;
  /**
   * Webhooks and HTTP hooks may lead to this machine and its network. Without it a name or an address in a private range is refused, so that nobody
   * who can change an address reaches what stands behind the firewall. @default false
   */
  allowPrivateAddresses?: boolean;
  /** Rate limits are multiplied by this. @default 1 */
  rateFactor?: number;
}

/**
 * Types a configuration. Returns it as it is.
 *
 * @example
 * ```ts
 * // sveiki.config.ts
 * import { defineConfig } from '@sveiki/sdk/config';
 *
 * export default defineConfig({
 *   sites: [{ key: 'pk_my_shop_key', name: 'My shop', origins: ['https://shop.example.com'], team: 'support' }],
 *   teams: [{ id: 'support', name: 'Support', strategy: 'least-loaded' }],
 * });
 * ```
 */
export function defineConfig<
  const TeamName extends string,
  const Skill extends string = never,
  const ScheduleName extends string = never,
  const AgentName extends string = never,
  const BotName extends string = never,
  const FormName extends string = never,
  const SurveyName extends string = never,
  const SiteKey extends string = string,
>(
  config: ConfigInput<TeamName, Skill, ScheduleName, AgentName, BotName, FormName, SurveyName, SiteKey>,
): ConfigInput<TeamName, Skill, ScheduleName, AgentName, BotName, FormName, SurveyName, SiteKey> {
  return config;
}
