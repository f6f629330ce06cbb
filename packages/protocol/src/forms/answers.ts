import type { FormAnswer, FormAnswers, FormCondition, FormDefinition, FormField, FormPrefill } from './form.ts';
import { type AnswerProblem, readAnswer } from './read-answer.ts';

export type { AnswerProblem, AnswerProblemCode } from './read-answer.ts';

/** `answers` holds what is right, and only of fields that are shown (and hidden ones); `ok` when there is no problem. */
export interface CheckedAnswers {
  ok: boolean;
  answers: FormAnswers;
  problems: AnswerProblem[];
}

function holds(when: FormCondition, known: ReadonlyMap<string, FormAnswer>): boolean {
  if ('and' in when) return when.and.every((one) => holds(one, known));
  if ('or' in when) return when.or.some((one) => holds(one, known));
  if ('not' in when) return !holds(when.not, known);
  const answer = known.get(when.field);
  switch (when.op) {
    case 'is':
      return answer === when.value;
    case 'is-not':
      return answer !== when.value;
    case 'one-of':
      return when.value.some((value) => value === answer);
    case 'has':
      return typeof answer === 'object' && answer.includes(when.value);
    case 'at-least':
      return typeof answer === typeof when.value && (answer as number) >= (when.value as number);
    case 'at-most':
      return typeof answer === typeof when.value && (answer as number) <= (when.value as number);
    default:
      return answer !== undefined;
  }
}

/** Goes through the fields in their order: each condition sees the right answers of the fields before it that are shown. */
function walk(form: FormDefinition, answers: unknown, partial: boolean): CheckedAnswers & { shown: FormField[] } {
  const given: object = typeof answers === 'object' && answers !== null ? answers : {};
  const shown: FormField[] = [];
  const known = new Map<string, FormAnswer>();
  const problems: AnswerProblem[] = [];
  for (const field of form.fields) {
    if (field.when && !holds(field.when, known)) continue;
    shown.push(field);
    const raw = Object.hasOwn(given, field.id) ? (given as Record<string, unknown>)[field.id] : undefined;
    const [value, code, params = {}] = readAnswer(field, raw);
    if (value !== undefined) known.set(field.id, value);
    if (code) problems.push({ field: field.id, code, params });
    else if (!partial && 'required' in field && field.required && !(value || value === 0))
      problems.push({ field: field.id, code: 'required', params: {} });
  }
  // `fromEntries` defines, it does not assign: an id cannot reach a prototype.
  return { ok: !problems.length, answers: Object.fromEntries(known), problems, shown };
}

/** The fields to show, in order, given what is answered so far (also half-typed or wrong answers). Hidden fields are none of them. */
export function visibleFields(form: FormDefinition, answers: unknown): FormField[] {
  return walk(form, answers, true).shown.filter(({ kind }) => kind !== 'hidden');
}

/**
 * Checks answers and puts them into their normal form: texts trimmed, numbers as numbers, choices in the order of the form, untouched ticks as
 * `false`. Answers to fields that are not shown, or not in the form, are left out. `partial` answers may lack what is required; what is given
 * must still be right, and what is right is in `answers` even if something else is not. Never throws on JSON, whatever it is.
 */
export function checkAnswers(
  form: FormDefinition,
  answers: unknown,
  { partial = false }: { partial?: boolean } = {},
): CheckedAnswers {
  const { shown: _, ...checked } = walk(form, answers, partial);
  return checked;
}

/** What a form begins with: what is known about the visitor, else the defaults. A known value that does not pass as an answer is not used. */
export function startAnswers(form: FormDefinition, known: { readonly [of in FormPrefill]?: string } = {}): FormAnswers {
  const entries: [string, FormAnswer][] = [];
  for (const field of form.fields) {
    const prefill = 'prefill' in field && field.prefill ? readAnswer(field, known[field.prefill])[0] : undefined;
    const value = prefill ?? ('default' in field ? readAnswer(field, field.default)[0] : undefined);
    if (value !== undefined) entries.push([field.id, value]);
  }
  return Object.fromEntries(entries);
}
