/**
 * A survey and when it is asked. CSAT (1-5), NPS (0-10) and CES (1-7) come with their questions in the widget's languages; `custom` asks a form of
 * your own. A conversation is asked one survey at most for each time it is resolved, and a person the same survey not more often than `quietDays`.
 */
export interface SurveyInput<
  SurveyName extends string = string,
  FormName extends string = string,
  TeamName extends string = string,
  SiteKey extends string = string,
> {
  id: SurveyName;
  kind: 'csat' | 'nps' | 'ces' | 'custom';
  /** The form asked; needed for `custom`, and takes the place of the built-in one otherwise. */
  form?: FormName;
  /** `manual`: only when an agent or bot asks it. */
  when: {
    on: 'resolve' | 'transfer' | 'manual';
    /** Share of conversations that are asked, from 0 to 1. @default 1 */
    sample?: number;
    /** Days in which a person is not asked this survey again. @default 0; 90 for NPS */
    quietDays?: number;
    teams?: readonly TeamName[];
    sites?: readonly SiteKey[];
  };
  /** Final answers may be changed for so long. @default 86400000 (24 h) */
  editWindowMs?: number;
  /** Answers are taken for so long after it was asked. @default 604800000 (7 days) */
  expiresMs?: number;
}
