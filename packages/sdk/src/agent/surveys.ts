import type {
  ConfigOverview,
  HookFailure,
  SavedSurvey,
  SurveyAnswerRow,
  SurveyAnswersQuery,
  SurveyLink,
  SurveyOverview,
  SurveySettings,
  SurveySetup,
} from '@sveiki/protocol';
import type { Ask } from './desk-api.ts';
import type { CommandRef } from './types.ts';

/** Surveys: how they do, for leads, managers and admins (`forbidden` for others), and asking one by hand. */
export interface Surveys {
  /** Each survey's results among those asked in a period. @default the last 30 days */
  list(period?: { since?: number; until?: number }): Promise<readonly SurveyOverview[]>;
  /** The rows a number was counted from, newest first: each leads to its conversation. */
  answers(id: string, query?: SurveyAnswersQuery): Promise<{ rows: readonly SurveyAnswerRow[]; cursor: string | null }>;
  /** The owner asks the visitor one of the configured surveys or forms. @throws {ChatError} not-owner, no-such-form, already-resolved */
  ask(conversation: string, id: string): Promise<CommandRef>;
  /** A link to answer `ask`, the id of an `asked` event of the conversation, without the chat. Its owner and leads may make one. */
  link(conversation: string, ask: string): Promise<SurveyLink>;
  /**
   * Changes when a survey is asked; what is not named stays as it is, and what is as in the file follows the file. For leads and above. `revision` is
   * that of the survey in `config().surveys`: null as long as nothing was changed. It holds when this resolves; problems come back by their fields.
   * @throws {ChatError} changed-meanwhile (read it again first), forbidden, not-found
   */
  configure(id: string, settings: Partial<SurveySettings>, options: { revision: string | null }): Promise<SavedSurvey>;
  /** Back to what the file says. Null: the file has it no longer. @throws {ChatError} changed-meanwhile, forbidden, not-found (nothing was changed) */
  reset(id: string, options: { revision: string }): Promise<SurveySetup | null>;
}

export function createSurveys(ask: Ask, send: Surveys['ask']): Surveys {
  return {
    async list(period = {}) {
      return (await ask<{ surveys: SurveyOverview[] }>('surveys/list', period)).surveys;
    },
    answers: (id, query = {}) => ask('surveys/answers', { id, ...query }),
    ask: send,
    configure: (id, settings, { revision }) => ask('surveys/configure', { id, settings, revision }),
    async reset(id, { revision }) {
      return (await ask<{ survey: SurveySetup | null }>('surveys/reset', { id, revision })).survey;
    },
    link: (conversation, question) => ask('surveys/link', { conversation, ask: question }),
  };
}

/** How the site's own code does. For leads, managers and admins. */
export interface Hooks {
  /** The newest failures, newest first; at most 100. */
  failures(): Promise<readonly HookFailure[]>;
}

export function createHooks(ask: Ask): Hooks {
  return {
    async failures() {
      return (await ask<{ failures: HookFailure[] }>('hooks/failures', {})).failures;
    },
  };
}

export const askConfig = (ask: Ask): Promise<ConfigOverview> => ask('config', {});
