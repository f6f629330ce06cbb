import type { ScheduleInput } from '@sveiki/sdk/config';

/** A schedule as people want it, in place of the file's. */
export interface ScheduleChange {
  schedule: ScheduleInput;
  /** The file never had it: people made it. */
  isNew: boolean;
}

/** When a survey is asked, as people may change it. Null: all teams, all sites. */
export interface SurveySettingsInUse {
  enabled: boolean;
  on: 'resolve' | 'transfer';
  sample: number;
  quietDays: number;
  teams: readonly string[] | null;
  sites: readonly string[] | null;
  editWindowMs: number;
  expiresMs: number;
}

/** Only what was changed: the rest follows the file. */
export type SurveyChange = Partial<SurveySettingsInUse>;
