import type {
  ConfigOverview,
  HookFailure,
  SurveyAnswerRow,
  SurveyAnswersQuery,
  SurveyLink,
  SurveyOverview,
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
}

export function createSurveys(ask: Ask, send: Surveys['ask']): Surveys {
  return {
    async list(period = {}) {
      return (await ask<{ surveys: SurveyOverview[] }>('surveys/list', period)).surveys;
    },
    answers: (id, query = {}) => ask('surveys/answers', { id, ...query }),
    ask: send,
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
