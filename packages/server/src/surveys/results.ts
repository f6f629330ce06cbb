import type { SurveyAnswerRow, SurveyAnswersQuery, SurveyOverview } from '@sveiki/protocol';
import { type Audit, noAudit } from '../audit/audit.ts';
import type { Config } from '../config-types.ts';
import { type Counted, surveyResults } from '../domain/surveys/results.ts';
import { type SurveyRow, surveyRows } from '../domain/surveys/row.ts';
import { surveyScore } from '../domain/surveys/score.ts';
import type { Clock, ConversationRow, Store, SurveyAskRow } from '../ports.ts';
import { isLeftOut } from './asking.ts';
import { logOf } from './log.ts';

export interface SurveyReports {
  list(period: { since?: number; until?: number }): Promise<SurveyOverview[]>;
  /** `reader`: the agent who reads them. */
  answers(
    survey: string,
    query: SurveyAnswersQuery,
    reader: string,
  ): Promise<{ rows: SurveyAnswerRow[]; cursor: string | null }>;
}

const DAY_MS = 86_400_000;
const DEFAULT_PERIOD_MS = 30 * DAY_MS;
const PAGE = 50;
/** Asks that one answer is counted from at most. */
const MAX_ASKS = 5_000;
const ASKS_AT_ONCE = 200;
/** Conversations read before others have their turn. */
const READ_AT_ONCE = 20;
/** Conversations whose rows are kept until they change. About 2 KB each. */
const MAX_KEPT = 5_000;
const DEFAULT_EDIT_WINDOW_MS = DAY_MS;

interface Row extends SurveyRow {
  shown: boolean;
  visitor: SurveyAnswerRow['visitor'];
}

/** What surveys say, out of the log: nothing is stored beside it that could differ from it. */
export function createSurveyReports(parts: {
  config: Pick<Config, 'surveys'>;
  store: Store;
  clock: Clock;
  audit?: Audit;
}): SurveyReports {
  const { config, store, clock, audit = noAudit } = parts;
  const kept = new Map<string, { head: number; rows: readonly SurveyRow[] }>();

  const editWindowMs = (survey: string): number =>
    config.surveys.find(({ id }) => id === survey)?.editWindowMs ?? DEFAULT_EDIT_WINDOW_MS;

  async function rowsOfConversation({ state }: ConversationRow): Promise<readonly SurveyRow[]> {
    const known = kept.get(state.id);
    if (known?.head === state.head) return known.rows;
    const rows = surveyRows(await logOf(store, state.id), editWindowMs);
    kept.delete(state.id);
    kept.set(state.id, { head: state.head, rows });
    const [oldest] = kept.keys();
    if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
    return rows;
  }

  /** The rows of these asks, in their order; of conversations that count. */
  async function rowsOf(asks: readonly SurveyAskRow[]): Promise<Row[]> {
    const rows: Row[] = [];
    for (let from = 0; from < asks.length; from += READ_AT_ONCE) {
      const some = asks.slice(from, from + READ_AT_ONCE);
      const conversations = await store.conversations([...new Set(some.map(({ conversation }) => conversation))]);
      for (const ask of some) {
        const conversation = conversations.get(ask.conversation);
        if (conversation === undefined || isLeftOut(conversation.state)) continue;
        const row = (await rowsOfConversation(conversation)).find((one) => one.ask === ask.ask);
        if (row === undefined) continue;
        const { id, name } = conversation.state.visitor;
        rows.push({ ...row, shown: ask.shown || row.answeredAt !== null, visitor: { id, name } });
      }
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    return rows;
  }

  function periodOf({ since, until }: { since?: number; until?: number }): { since: number; until: number } {
    const end = until ?? clock.now() + 1;
    return { since: since ?? end - DEFAULT_PERIOD_MS, until: end };
  }

  return {
    async list(period) {
      const { since, until } = periodOf(period);
      const asks: SurveyAskRow[] = [];
      let cut = false;
      for (;;) {
        const before = asks.at(-1);
        const query = { since, until, limit: ASKS_AT_ONCE, ...(before === undefined ? {} : { before }) };
        const page = await store.surveyAsks(query);
        asks.push(...page);
        if (page.length < ASKS_AT_ONCE) break;
        if (asks.length >= MAX_ASKS) {
          cut = true;
          break;
        }
      }
      const rows = await rowsOf(asks);
      const heldBack = await store.surveysHeldBack({ since, until });
      const kinds = new Map(config.surveys.map(({ id, kind }) => [id, { kind, retired: false }]));
      for (const { survey, kind } of asks) if (!kinds.has(survey)) kinds.set(survey, { kind, retired: true });
      return Array.from(kinds, ([id, { kind, retired }]): SurveyOverview => {
        const { response, questions } = surveyResults(
          rows.filter(({ survey }) => survey.id === id),
          {
            isDelivered: (row) => (row as Row).shown,
            suppressed: heldBack.get(id) ?? 0,
            now: clock.now(),
          },
        );
        return {
          id,
          kind,
          retired,
          response,
          questions: questions.map(({ field, scale, label, human, bot, agents, teams }) => ({
            field,
            scale,
            label,
            human: human.figures,
            bot: bot.figures,
            agents: agents.map(({ agent, figures }) => ({ agent, figures })).sort(byN),
            teams: teams.map(({ team, figures }) => ({ team, figures })).sort(byN),
          })),
          since,
          until,
          cut,
        };
      });
    },
    async answers(survey, query, reader) {
      await audit.noteOnce({ actor: `agent:${reader}`, action: 'survey.answers-read', object: `survey:${survey}` });
      const { since, until } = periodOf(query);
      const found: SurveyAnswerRow[] = [];
      let before = cursorOf(query.cursor);
      for (let read = 0; read < MAX_ASKS; ) {
        const page = await store.surveyAsks({
          survey,
          since,
          until,
          limit: ASKS_AT_ONCE,
          ...(before === null ? {} : { before }),
        });
        for (const row of await rowsOf(page)) {
          const answer = answerOf(row, query.field);
          if (!isAsked(answer, query)) continue;
          found.push(answer);
          // Where it is full the next page goes on.
          if (found.length === PAGE) return { rows: found, cursor: `${row.askedAt}:${row.ask}` };
        }
        const last = page.at(-1);
        if (page.length < ASKS_AT_ONCE || last === undefined) return { rows: found, cursor: null };
        read += page.length;
        before = { askedAt: last.askedAt, ask: last.ask };
      }
      return { rows: found, cursor: before === null ? null : `${before.askedAt}:${before.ask}` };
    },
  };
}

const byN = (a: Pick<Counted, 'figures'>, b: Pick<Counted, 'figures'>): number => b.figures.n - a.figures.n;

function cursorOf(cursor: string | undefined): { askedAt: number; ask: string } | null {
  const [, at, ask] = /^(\d{1,16}):(.{1,80})$/.exec(cursor ?? '') ?? [];
  return at === undefined || ask === undefined ? null : { askedAt: Number(at), ask };
}

function answerOf(row: Row, field: string | undefined): SurveyAnswerRow {
  const { ask, conversation, visitor, askedAt, answeredAt, late, shown, answers, form, survey } = row;
  const { series, agent, team } = row.attribution;
  const value =
    answers === null
      ? null
      : field === undefined
        ? surveyScore(survey.kind, form, answers)
        : Object.hasOwn(answers, field)
          ? answers[field]
          : null;
  return {
    ask,
    conversation,
    visitor,
    askedAt,
    answeredAt,
    late,
    delivered: shown,
    score: typeof value === 'number' ? value : null,
    answers,
    form,
    series,
    agent,
    team,
  };
}

function isAsked(row: SurveyAnswerRow, query: SurveyAnswersQuery): boolean {
  const { score, agent, team, series, state } = query;
  if (score !== undefined && row.score !== score) return false;
  if (agent !== undefined && row.agent?.id !== agent) return false;
  if (team !== undefined && row.team?.id !== team) return false;
  if (series !== undefined && row.series !== series) return false;
  if (state === 'unanswered') return row.answeredAt === null;
  if (state === 'late') return row.late;
  return state === undefined || (row.answeredAt !== null && !row.late);
}
