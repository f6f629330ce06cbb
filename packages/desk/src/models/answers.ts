import {
  answerInWords,
  type FormAnswers,
  type FormDefinition,
  type FormField,
  pipeAnswers,
  RATING_SCALES,
  textIn,
} from '@sveiki/sdk/agent';
import { texts } from '../texts.ts';
import { labelOf } from './handoff.ts';
import { cleaned, shortTitle } from './names.ts';
import { inWords } from './values.ts';

/** The desk speaks English; a form without English texts is shown in the first language it has. */
export const deskLocale = 'en';

type Survey = { id: string; kind: 'csat' | 'nps' | 'ces' | 'custom' };
type Rating = Extract<FormField, { kind: 'rating' }>;

export const formTitle = (form: FormDefinition): string =>
  form.title === undefined ? labelOf(form.id) : shortTitle(textIn(form.title, deskLocale)) || labelOf(form.id);

/** "Satisfaction (CSAT)", or what a survey of one's own is called. */
export function surveyTitle({ id, kind }: Survey, form?: FormDefinition): string {
  if (kind !== 'custom') return texts.surveys.kinds[kind];
  return form === undefined ? labelOf(id) : formTitle(form);
}

export interface AnswerLine {
  question: string;
  answer: string;
}

/** What was answered, question by question in the order of the form; fields a form does not have (any more) come last, by their ids. */
export function answerLines(answers: FormAnswers, form?: FormDefinition): AnswerLine[] {
  const lines: AnswerLine[] = [];
  const known = new Set<string>();
  for (const field of form?.fields ?? []) {
    known.add(field.id);
    const given = answers[field.id];
    if (given === undefined || given === '') continue;
    const question =
      cleaned(pipeAnswers(textIn(field.label, deskLocale), answers, form, deskLocale)) || labelOf(field.id);
    lines.push({ question, answer: wordsOf(field, given, answers, form) });
  }
  for (const [id, given] of Object.entries(answers))
    if (!known.has(id)) lines.push({ question: labelOf(id), answer: ticked(given) ?? inWords(given) });
  return lines;
}

const ticked = (given: unknown) => (typeof given === 'boolean' ? (given ? texts.asked.yes : texts.asked.no) : null);

function wordsOf(field: FormField, given: unknown, answers: FormAnswers, form: FormDefinition | undefined): string {
  if (field.kind === 'rating' && typeof given === 'number') return pointInWords(field, given);
  return ticked(given) ?? (cleaned(answerInWords(field.id, answers, form, deskLocale)) || inWords(given));
}

/** "4 of 5, Satisfied": a point never stands without its scale. */
export function pointInWords(field: Pick<Rating, 'scale' | 'points'>, point: number): string {
  const [, high] = RATING_SCALES[field.scale];
  if (field.scale === 'thumbs') return point > 0 ? texts.asked.thumbUp : texts.asked.thumbDown;
  const name = field.points?.[String(point)];
  const words = texts.asked.points(point, high);
  return name === undefined ? words : `${words}, ${shortTitle(textIn(name, deskLocale))}`;
}

const scaleOf: { readonly [kind in Survey['kind']]: Rating['scale'] | null } = {
  csat: 'csat',
  nps: 'nps',
  ces: 'ces',
  custom: null,
};

/** The survey's number with its scale. */
export function scoreInWords(
  { score, survey }: { score?: number | undefined; survey?: Survey | undefined },
  form: FormDefinition | undefined,
): string | null {
  if (score === undefined) return null;
  const scale = survey === undefined ? null : scaleOf[survey.kind];
  if (scale === null) return texts.asked.sum(score);
  const field = form?.fields.find((one): one is Rating => one.kind === 'rating' && one.scale === scale);
  return pointInWords(field ?? { scale }, score);
}
