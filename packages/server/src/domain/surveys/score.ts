import { checkAnswers, type FormAnswers, type FormDefinition, scoreForm } from '@sveiki/protocol';
import type { SurveyKind } from './rule.ts';

/** The one number of a survey's answers: the point on the scale of its kind, or the sum of a custom form's scores; null when there is none. */
export function surveyScore(kind: SurveyKind, form: FormDefinition, answers: FormAnswers): number | null {
  if (kind === 'custom') return scoreForm(form, answers)?.total ?? null;
  const field = form.fields.find((one) => one.kind === 'rating' && one.scale === kind);
  const known = checkAnswers(form, answers, { partial: true }).answers;
  const score = field !== undefined && Object.hasOwn(known, field.id) ? known[field.id] : undefined;
  return typeof score === 'number' ? score : null;
}
