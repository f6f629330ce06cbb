/** Where a variable gets its value by itself. `visitor.email` is only filled for visitors whose identity is verified. */
export type CannedReplySource =
  | 'visitor.name'
  | 'visitor.email'
  | 'agent.name'
  | 'conversation.id'
  | 'site.name'
  | 'team.name';

/**
 * A value that a body names as `{{name}}`. What the agent types comes first, then `source`, then the default written in the body
 * (`{{name|there}}`), then `default`. A required one that is still empty is asked for; the reply is never sent without it.
 */
export interface CannedReplyVariableInput<Name extends string = string> {
  /** A letter, then letters, digits, `_` or `-`; at most 40. */
  name: Name;
  source?: CannedReplySource;
  /** What the agent is asked when there is no value, such as "Order number". Without it he is asked by the name. */
  ask?: string;
  default?: string;
  /** @default true */
  required?: boolean;
}

/**
 * A canned reply as it stands in `sveiki.config.ts`. It is put into the store once; from then on people change it in the desk.
 *
 * A body is Markdown source with `{{visitor.name}}`, `{{visitor.name|there}}` (a default), `{{ask:order number}}` (asked for when it is inserted),
 * the variables declared here, and `{{#if name}}…{{else}}…{{/if}}`. `\{{` is two braces. Values are escaped: they never become markup.
 *
 * @example
 * ```ts
 * {
 *   id: 'late-parcel',
 *   shortcut: 'late',
 *   title: 'Parcel is late',
 *   body: { en: 'Sorry, {{visitor.name|hello}}: order {{order}} is late.', lv: 'Atvainojiet: pasūtījums {{order}} kavējas.' },
 *   variables: [{ name: 'order', ask: 'Order number' }],
 *   scope: { team: 'sales' },
 * }
 * ```
 */
export interface CannedReplyInput<Team extends string = string, Variable extends string = string> {
  /** Lasting: the same id is the same reply. Letters, digits, `_` and `-`; at most 64. */
  id: string;
  /** What is typed behind `/`: no spaces, at most 40 characters; unique within its scope. */
  shortcut: string;
  title: string;
  /** Source by locale (`en`, `lv`, `pt-BR`), at least one. */
  body: Readonly<Record<string, string>>;
  variables?: readonly CannedReplyVariableInput<Variable>[];
  /** Everybody, or one team. Personal ones are made in the desk. @default 'site' */
  scope?: 'site' | { team: Team };
  /** Ids of files in the store. */
  attachments?: readonly string[];
  /** ISO 8601: a day (`2026-12-01`, from midnight UTC) or an instant with its offset. Offered from then on, and until before `validUntil`. */
  validFrom?: string;
  validUntil?: string;
  /** Id of the agent who answers for it. */
  owner?: string;
  /** When somebody should read it again; ISO 8601 as above. */
  reviewBy?: string;
  tags?: readonly string[];
}
