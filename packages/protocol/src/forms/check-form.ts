import * as v from 'valibot';
import {
  FORM_LIMITS,
  type FormCondition,
  type FormDefinition,
  type FormField,
  type FormOption,
  type FormTexts,
  RATING_SCALES,
} from './form.ts';
import { maskParts } from './mask.ts';
import { readAnswer } from './read-answer.ts';
import { formSchema } from './schema.ts';
import { PIPE } from './texts.ts';

export type FormProblemCode =
  | 'shape'
  | 'doubled-id'
  | 'unknown-field'
  | 'later-field'
  | 'cycle'
  | 'bad-comparison'
  | 'no-options'
  | 'doubled-option'
  | 'bad-bounds'
  | 'bad-pattern'
  | 'bad-default'
  | 'bad-point'
  | 'bad-placeholder';

/** Something wrong with a form: where (`fields[2].when`), what, and in words what to do. */
export interface FormProblem {
  path: string;
  code: FormProblemCode;
  message: string;
}

/**
 * Everything that is wrong with a form, in the order of its fields; nothing when it may be used. Takes whatever a file or a bot gave. When the
 * shape is wrong, only that is said: the rest could not be read.
 */
export function checkForm(definition: unknown): FormProblem[] {
  const parsed = v.safeParse(formSchema, definition);
  if (!parsed.success)
    return parsed.issues.map((issue) => ({ path: pathOf(issue), code: 'shape', message: issue.message }));
  const form = parsed.output;
  const problems: FormProblem[] = [];
  const index = new Map<string, number>();
  form.fields.forEach((field, i) => {
    const path = `fields[${i}]`;
    if (index.has(field.id))
      problems.push({
        path: `${path}.id`,
        code: 'doubled-id',
        message: `"${field.id}" is the id of fields[${index.get(field.id)}] already. Give each field its own.`,
      });
    else index.set(field.id, i);
  });
  form.fields.forEach((field, i) => {
    problems.push(...ownProblems(field, `fields[${i}]`), ...conditionProblems(form, index, i));
    for (const name of ['label', 'help'] as const)
      problems.push(...pipeProblems(field[name], `fields[${i}].${name}`, index, i));
  });
  problems.push(...pipeProblems(form.thanks, 'thanks', index, form.fields.length));
  return problems;
}

function pathOf(issue: v.BaseIssue<unknown>): string {
  return (issue.path ?? [])
    .map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

/** What can be said of a field alone. */
function ownProblems(field: FormField, path: string): FormProblem[] {
  const problems: FormProblem[] = [];
  const add = (at: string, code: FormProblemCode, message: string): void => {
    problems.push({ path: at === '' ? path : `${path}.${at}`, code, message });
  };
  if (field.kind === 'multi-select' || field.kind === 'radio' || field.kind === 'select' || field.kind === 'department')
    problems.push(...optionProblems(field, path));
  if ('min' in field || 'max' in field) {
    const { min, max } = field;
    if (min !== undefined && max !== undefined && min > max)
      add('min', 'bad-bounds', `min ${min} is above max ${max}: no answer could be right.`);
    if (field.kind === 'multi-select' && (field.min ?? 0) > field.options.length)
      add('min', 'bad-bounds', `min ${min} is more than its ${field.options.length} options.`);
  }
  if ('minLength' in field || 'maxLength' in field) {
    const room = field.kind === 'textarea' ? FORM_LIMITS.maxTextChars : FORM_LIMITS.maxLineChars;
    if ((field.maxLength ?? room) > room)
      add('maxLength', 'bad-bounds', `maxLength is above ${room}, the most a field of kind ${field.kind} takes.`);
    if ((field.minLength ?? 0) > Math.min(field.maxLength ?? room, room))
      add('minLength', 'bad-bounds', 'minLength is above maxLength: no answer could be right.');
    if (field.maxLength === 0) add('maxLength', 'bad-bounds', 'maxLength 0 leaves no room for an answer.');
  }
  const mask = 'pattern' in field ? field.pattern : undefined;
  const maskWrong = mask === undefined ? undefined : maskProblem(mask);
  if (maskWrong !== undefined) add('pattern', 'bad-pattern', maskWrong);
  if (field.kind === 'rating') {
    const [low, high] = RATING_SCALES[field.scale];
    for (const point of Object.keys(field.points ?? {}))
      if (Number(point) < low || Number(point) > high || String(Number(point)) !== point)
        add(`points.${point}`, 'bad-point', `${field.scale} goes from ${low} to ${high}; it has no point ${point}.`);
  }
  // With other mistakes in the field the default would be blamed for them.
  if (problems.length === 0 && 'default' in field && field.default !== undefined) {
    const teamsToCome = field.kind === 'department' && !field.options?.length;
    const [value, code] = teamsToCome ? [field.default] : readAnswer(field, field.default);
    if (value === undefined)
      add('default', 'bad-default', `The default does not pass as an answer to this field: ${code ?? 'it is empty'}.`);
  }
  return problems;
}

function optionProblems(field: FormField & { options?: readonly FormOption[] }, path: string): FormProblem[] {
  const options = field.options ?? [];
  if (options.length === 0)
    return field.kind === 'department'
      ? []
      : [{ path: `${path}.options`, code: 'no-options', message: 'There is nothing to choose. Give it options.' }];
  return options.flatMap(({ value }, i): FormProblem[] =>
    options.findIndex((other) => other.value === value) === i
      ? []
      : [
          {
            path: `${path}.options[${i}].value`,
            code: 'doubled-option',
            message: `"${value}" is an option already. Give each its own value.`,
          },
        ],
  );
}

/** Why a mask is none, or why no text could ever fit it. */
function maskProblem(mask: string): string | undefined {
  const parts = maskParts(mask);
  if (parts.some(({ sign, escaped }) => !escaped && (sign === '+' || sign === '\\')))
    return 'Write # for a digit, @ for a letter, * for either, + after one of them for more, and \\ before a sign that means itself. + stands after something, and \\ before something.';
  // What repeats takes all it can. If the next part wants one of the same, nothing is left for it.
  const probes = [...'5aж', ...mask];
  const next = parts.findIndex(
    ({ many, fits }, i) =>
      many && parts[i + 1] !== undefined && probes.some((char) => fits(char) && parts[i + 1]?.fits(char)),
  );
  return next === -1
    ? undefined
    : 'After a + stands something that the part before it takes as well, so that nothing is left for it. Put the + at the end, or a different sign between.';
}

function conditionProblems(form: FormDefinition, index: ReadonlyMap<string, number>, at: number): FormProblem[] {
  const field = form.fields[at];
  if (field?.when === undefined) return [];
  return leaves(field.when, `fields[${at}].when`).flatMap(({ leaf, path }): FormProblem[] => {
    const target = index.get(leaf.field);
    const of = target === undefined ? undefined : form.fields[target];
    if (target === undefined || of === undefined)
      return [{ path: `${path}.field`, code: 'unknown-field', message: `This form has no field "${leaf.field}".` }];
    if (reaches(form, index, target, at))
      return [
        {
          path: `${path}.field`,
          code: 'cycle',
          message: `Whether "${field.id}" is shown would depend on itself, over "${leaf.field}".`,
        },
      ];
    if (target > at)
      return [
        {
          path: `${path}.field`,
          code: 'later-field',
          message: `"${leaf.field}" comes after "${field.id}". A condition speaks of fields before it: move one of them.`,
        },
      ];
    const wrong = comparisonProblem(leaf, of);
    return wrong === undefined ? [] : [{ path, code: 'bad-comparison', message: wrong }];
  });
}

type Leaf = Extract<FormCondition, { field: string }>;

function leaves(condition: FormCondition, path: string): { leaf: Leaf; path: string }[] {
  if ('and' in condition) return condition.and.flatMap((one, i) => leaves(one, `${path}.and[${i}]`));
  if ('or' in condition) return condition.or.flatMap((one, i) => leaves(one, `${path}.or[${i}]`));
  if ('not' in condition) return leaves(condition.not, `${path}.not`);
  return [{ leaf: condition, path }];
}

/** Whether the conditions of field `from` lead, over any fields, to field `to`. */
function reaches(form: FormDefinition, index: ReadonlyMap<string, number>, from: number, to: number): boolean {
  const seen = new Set<number>();
  const open = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === to) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    const when = form.fields[at]?.when;
    for (const { leaf } of when === undefined ? [] : leaves(when, '')) {
      const next = index.get(leaf.field);
      if (next !== undefined) open.push(next);
    }
  }
  return false;
}

/** Why a comparison could never hold. */
function comparisonProblem(leaf: Leaf, of: FormField): string | undefined {
  if (of.kind === 'header') return `"${of.id}" is a header; nobody answers it.`;
  if (leaf.op === 'answered') return undefined;
  if (leaf.op === 'has')
    return of.kind !== 'multi-select'
      ? `"has" asks for a choice of a multi-select; "${of.id}" is of kind ${of.kind}. Use "is".`
      : unknownOption(of.options, leaf.value);
  if (of.kind === 'multi-select') return `"${of.id}" may hold several choices. Use "has" or "answered".`;
  const values: readonly (string | number | boolean)[] = leaf.op === 'one-of' ? leaf.value : [leaf.value as string];
  const ordered = of.kind === 'number' || of.kind === 'rating' || of.kind === 'date';
  if ((leaf.op === 'at-least' || leaf.op === 'at-most') && !ordered)
    return `"${leaf.op}" compares numbers, ratings and dates; "${of.id}" is of kind ${of.kind}.`;
  const wanted =
    of.kind === 'number' || of.kind === 'rating'
      ? 'number'
      : of.kind === 'checkbox' || of.kind === 'consent'
        ? 'boolean'
        : 'string';
  for (const value of values) {
    if (typeof value !== wanted) return `"${of.id}" is answered with a ${wanted}, not with ${JSON.stringify(value)}.`;
    if ('options' in of && of.options?.length) {
      const unknown = unknownOption(of.options, value);
      if (unknown !== undefined) return unknown;
    } else if ((of.kind === 'rating' || of.kind === 'date') && readAnswer(of, value)[0] === undefined)
      return `"${of.id}" can never be ${JSON.stringify(value)}.`;
  }
  return undefined;
}

function unknownOption(options: readonly FormOption[], value: unknown): string | undefined {
  return options.some((option) => option.value === value)
    ? undefined
    : `${JSON.stringify(value)} is none of its options: ${options.map((option) => option.value).join(', ')}.`;
}

/** Placeholders of one text: it may speak of the fields before `upTo`. */
function pipeProblems(
  texts: FormTexts | undefined,
  path: string,
  index: ReadonlyMap<string, number>,
  upTo: number,
): FormProblem[] {
  const all = texts === undefined ? [] : typeof texts === 'string' ? [texts] : Object.values(texts);
  const ids = new Set(all.flatMap((text) => [...text.matchAll(PIPE)].map(([, id = '']) => id)));
  const problems = [...ids].flatMap((id): FormProblem[] => {
    const target = index.get(id);
    if (target === undefined)
      return [{ path, code: 'unknown-field', message: `{{answer.${id}}}: this form has no field "${id}".` }];
    if (target >= upTo)
      return [
        { path, code: 'later-field', message: `{{answer.${id}}} is asked later. A text speaks of answers before it.` },
      ];
    return [];
  });
  if (all.some((text) => text.replace(PIPE, '').includes('{{')))
    problems.push({
      path,
      code: 'bad-placeholder',
      message:
        'Holds {{ without a placeholder. Write {{answer.order}}, or {{answer.name|there}} with what to say without one.',
    });
  return problems;
}
