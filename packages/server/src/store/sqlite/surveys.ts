import { type CompiledQuery, sql } from 'kysely';
import type { Store, SurveyAskRow } from '../../ports.ts';
import { tables } from './tables.ts';

type Reader = { all<Row>(query: CompiledQuery<Row>): Row[] };
type Write = (...queries: { compile(): CompiledQuery<unknown> }[]) => Promise<unknown[][]>;

const MAX_ASKS = 1_000;

/** Which surveys were asked, and which were held back. The rows of asks are written with their events, see `commits.ts`. */
export function keepSurveys(
  reader: Reader,
  write: Write,
): Pick<Store, 'surveyAsksOf' | 'surveyAsks' | 'noteSurveyHeldBack' | 'surveysHeldBack'> {
  const asks = tables
    .selectFrom('survey_ask')
    .innerJoin('conversation', 'conversation.id', 'survey_ask.conversation')
    .leftJoin('cursor', (join) =>
      join.onRef('cursor.conversation', '=', 'survey_ask.conversation').on('cursor.reader', '=', 'visitor'),
    )
    .select([
      'conversation.public_id as conversation',
      'survey_ask.ask',
      'survey_ask.survey',
      'survey_ask.kind',
      'survey_ask.visitor',
      'survey_ask.asked_at as askedAt',
      'survey_ask.until',
      sql<number>`coalesce(cursor.read, 0) >= survey_ask.public_seq`.as('shown'),
    ])
    .orderBy('survey_ask.asked_at', 'desc')
    .orderBy('survey_ask.ask', 'desc');
  const rowsOf = (query: { compile(): CompiledQuery<{ kind: string; shown: number }> }): SurveyAskRow[] =>
    reader.all(query.compile()).map((row) => ({ ...row, shown: row.shown === 1 }) as unknown as SurveyAskRow);

  return {
    surveyAsksOf: async (visitor) => rowsOf(asks.where('survey_ask.visitor', '=', visitor).limit(MAX_ASKS)),
    surveyAsks: async ({ survey, since, until, before, limit }) => {
      let query = asks.where('survey_ask.asked_at', '>=', since).where('survey_ask.asked_at', '<', until).limit(limit);
      if (survey !== undefined) query = query.where('survey_ask.survey', '=', survey);
      if (before !== undefined)
        query = query.where(sql<boolean>`(survey_ask.asked_at, survey_ask.ask) < (${before.askedAt}, ${before.ask})`);
      return rowsOf(query);
    },
    noteSurveyHeldBack: async (row) => {
      await write(
        tables
          .insertInto('survey_held_back')
          .values(row)
          .onConflict((conflict) => conflict.doNothing()),
      );
    },
    surveysHeldBack: async ({ since, until }) => {
      const query = tables
        .selectFrom('survey_held_back')
        .select(['survey', (eb) => eb.fn.countAll<number>().as('count')])
        .where('at', '>=', since)
        .where('at', '<', until)
        .groupBy('survey');
      return new Map(reader.all(query.compile()).map(({ survey, count }) => [survey, count]));
    },
  };
}
