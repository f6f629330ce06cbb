import { checkAnswers } from './answers.ts';
import { type FormAnswers, type FormDefinition, RATING_SCALES } from './form.ts';

/** A sum with the lowest and highest it could have been for the scored fields that were answered. */
export interface FormScore {
  total: number;
  min: number;
  max: number;
}

/**
 * Adds up what answers are worth: the score of chosen options and ticks, and points times their weight. Fields that are not scored, not shown or
 * not answered count neither in the sum nor in its bounds; null when none is left.
 */
export function scoreForm(form: FormDefinition, answers: FormAnswers): FormScore | null {
  const known = checkAnswers(form, answers, { partial: true }).answers;
  let score: FormScore | null = null;
  const add = (total: number, all: readonly number[]): void => {
    const before = score ?? { total: 0, min: 0, max: 0 };
    score = { total: before.total + total, min: before.min + Math.min(...all), max: before.max + Math.max(...all) };
  };
  for (const field of form.fields) {
    const answer = Object.hasOwn(known, field.id) ? known[field.id] : undefined;
    if (answer === undefined) continue;
    if (field.kind === 'rating' && field.weight !== undefined) {
      const weight = field.weight;
      add(
        (answer as number) * weight,
        RATING_SCALES[field.scale].map((point) => point * weight),
      );
    } else if (field.kind === 'checkbox' && field.score !== undefined) {
      add(answer === true ? field.score : 0, [0, field.score]);
    } else if ('options' in field && field.options?.some((option) => option.score !== undefined)) {
      const worth = (value: string): number => field.options?.find((option) => option.value === value)?.score ?? 0;
      const scores = field.options.map((option) => option.score ?? 0);
      if (field.kind !== 'multi-select') add(worth(answer as string), scores);
      else
        add(
          (answer as readonly string[]).reduce((sum, value) => sum + worth(value), 0),
          [
            scores.reduce((sum, one) => sum + Math.min(0, one), 0),
            scores.reduce((sum, one) => sum + Math.max(0, one), 0),
          ],
        );
    }
  }
  return score;
}
