import type { FormTexts, Owner, RatingScale, TeamRef } from '@sveiki/protocol';
import { type Figures, figures } from './figures.ts';
import { type ResponseRate, responseRate } from './response-rate.ts';
import type { SurveyRow } from './row.ts';

/** A figure with exactly the rows it was counted from (G12): every number leads to its conversations. */
export interface Counted {
  figures: Figures;
  rows: { ask: string; conversation: string; score: number; at: number }[];
}

/** Results of one rating question. People's and the bot's conversations are never mixed. */
export interface QuestionResults {
  field: string;
  scale: RatingScale;
  label: FormTexts;
  human: Counted;
  bot: Counted;
  /** By the author of the last human reply, and by everybody who had replied. */
  agents: ({ agent: Owner } & Counted)[];
  participants: ({ agent: Owner } & Counted)[];
  teams: ({ team: TeamRef } & Counted)[];
}

export interface SurveyResults {
  response: ResponseRate;
  questions: QuestionResults[];
}

type Scored = SurveyRow & { score: number; answeredAt: number };

/**
 * Results of one survey over its rows. The caller has left out conversations that are spam, tests or merged into another (R3), and chosen the
 * period by `answeredAt` (G7). `isDelivered` says whether the visitor saw it; `suppressed` counts those the quiet period held back.
 */
export function surveyResults(
  rows: readonly SurveyRow[],
  { isDelivered, suppressed, now }: { isDelivered(row: SurveyRow): boolean; suppressed: number; now: number },
): SurveyResults {
  const response = responseRate(
    rows.map((row) => ({
      delivered: isDelivered(row),
      answered: row.answeredAt === null ? null : row.late ? 'late' : 'in-time',
      expired: row.until !== null && now >= row.until,
    })),
    suppressed,
  );
  return { response, questions: questionsOf(rows).map((question) => ({ ...question, ...resultsOf(question, rows) })) };
}

/** The rating fields of all versions of the form, each once, in the words of the newest. */
function questionsOf(rows: readonly SurveyRow[]): { field: string; scale: RatingScale; label: FormTexts }[] {
  const questions = new Map<string, { field: string; scale: RatingScale; label: FormTexts }>();
  for (const { form } of rows.toSorted((a, b) => a.askedAt - b.askedAt))
    for (const field of form.fields)
      if (field.kind === 'rating')
        // Another scale under the same id is another question: its points mean something else.
        questions.set(`${field.id} ${field.scale}`, { field: field.id, scale: field.scale, label: field.label });
  return [...questions.values()];
}

function resultsOf(
  question: { field: string; scale: RatingScale },
  rows: readonly SurveyRow[],
): Omit<QuestionResults, 'field' | 'scale' | 'label'> {
  const scored = rows.flatMap((row): Scored[] => {
    const { answers, answeredAt, late, form } = row;
    const asked = form.fields.find(({ id }) => id === question.field);
    const score = answers !== null && Object.hasOwn(answers, question.field) ? answers[question.field] : undefined;
    return asked?.kind === 'rating' &&
      asked.scale === question.scale &&
      typeof score === 'number' &&
      answeredAt !== null &&
      !late
      ? [{ ...row, score, answeredAt }]
      : [];
  });
  const counted = (some: readonly Scored[]): Counted => ({
    figures: figures(
      question.scale,
      some.map(({ score }) => score),
    ),
    rows: some.map(({ ask, conversation, score, answeredAt }) => ({ ask, conversation, score, at: answeredAt })),
  });
  const human = scored.filter((row) => row.attribution.series === 'human');
  const by = <T extends { id: string }>(keysOf: (row: Scored) => readonly T[]): [T, Counted][] => {
    const groups = new Map<string, { key: T; rows: Scored[] }>();
    for (const row of human)
      for (const key of keysOf(row)) {
        const group = groups.get(key.id) ?? { key, rows: [] };
        // The newest name is shown.
        group.key = key;
        group.rows.push(row);
        groups.set(key.id, group);
      }
    return [...groups.values()].map((group) => [group.key, counted(group.rows)]);
  };
  const one = <T>(value: T | null): readonly T[] => (value === null ? [] : [value]);
  return {
    human: counted(human),
    bot: counted(scored.filter((row) => row.attribution.series === 'bot')),
    agents: by((row) => one(row.attribution.agent)).map(([agent, rest]) => ({ agent, ...rest })),
    participants: by((row) => row.attribution.participants).map(([agent, rest]) => ({ agent, ...rest })),
    teams: by((row) => one(row.attribution.team)).map(([team, rest]) => ({ team, ...rest })),
  };
}
