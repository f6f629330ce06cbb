/**
 * A survey: what is asked, when, and of whom.
 *
 * Nobody is asked about spam, about a conversation in which nothing was said, after a week of the visitor's silence, or twice about the same help: a
 * conversation that a bare "thank you" opens again is not a new one. Of several surveys for one moment the first that fits is asked.
 *
 * @example
 * ```ts
 * surveys: [
 *   { id: 'after-chat', kind: 'csat', when: { on: 'resolve', sample: 0.5 } },
 *   { id: 'recommend', kind: 'nps', when: { on: 'resolve', sample: 0.1, teams: ['sales'] } },
 *   { id: 'returns', kind: 'custom', form: 'return-feedback', when: { on: 'resolve', quietDays: 30 } },
 * ]
 * ```
 */
export type SurveyInput<
  FormName extends string = string,
  TeamName extends string = string,
  SiteName extends string = string,
> = {
  /** Lasting: results are kept under it. Letters, digits, `_` and `-`; at most 64. */
  id: string;
  when: SurveyTrigger<TeamName, SiteName>;
  /** How long a given answer may be changed, from the first one on; a comment ends it early. @default 86400000 (24 hours) */
  editWindowMs?: number;
  /** After this long an answer comes too late to count. @default 604800000 (7 days) */
  expiresMs?: number;
} & (
  | {
      /**
       * `csat`: how satisfied, 1 to 5; the figure is the share of 4 and 5. `nps`: how likely to recommend, 0 to 10; 9 and 10 minus 0 to 6, in percent.
       * `ces`: how easy it was, 1 to 7; the share of 5 to 7. Each with an optional comment, in all languages of the widget.
       */
      kind: 'csat' | 'nps' | 'ces';
      /** A form of your own instead, with a rating of that scale. */
      form?: FormName;
    }
  | {
      /** What a form of yours asks; each rating in it has figures of its own. */
      kind: 'custom';
      form: FormName;
    }
);

/** When a survey is asked. */
export interface SurveyTrigger<TeamName extends string = string, SiteName extends string = string> {
  /** `resolve`: the conversation is done. `transfer`: an agent gave it to somebody else, after a reply. */
  on: 'resolve' | 'transfer';
  /** Share of the conversations, above 0 and at most 1. The same conversation is always in it or never. @default 1 */
  sample?: number;
  /** The same person is not asked a survey of this kind again within so many days (a custom one: this survey). @default 90 for `nps`, else 1 */
  quietDays?: number;
  /** Only conversations that these teams have. @default all */
  teams?: readonly TeamName[];
  /** Only conversations of these sites. @default all */
  sites?: readonly SiteName[];
}
