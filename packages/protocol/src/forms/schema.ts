import * as v from 'valibot';
import { idSchema } from '../entities/ids.ts';
import { FORM_LIMITS, type FormCondition, type FormDefinition } from './form.ts';

const label = v.pipe(v.string(), v.minLength(1), v.maxLength(FORM_LIMITS.maxLabelChars));
const textsSchema = v.union(
  [
    label,
    v.pipe(
      v.record(v.pipe(v.string(), v.regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/)), label),
      v.minEntries(1),
      v.maxEntries(FORM_LIMITS.maxLocales),
    ),
  ],
  `is no text: write 1 to ${FORM_LIMITS.maxLabelChars} characters, or such texts by language: { en: '…', de: '…' }`,
);
const number = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const fieldId = v.pipe(
  v.string(),
  v.regex(
    /^[a-z][A-Za-z0-9_-]{0,39}$/,
    'is no id: write letters, digits, - and _, beginning with a small letter, at most 40',
  ),
);
const line = v.pipe(v.string(), v.maxLength(FORM_LIMITS.maxLineChars));

const comparison = [
  v.strictObject({
    field: fieldId,
    op: v.picklist(['is', 'is-not']),
    value: v.union([line, number, v.boolean()]),
  }),
  v.strictObject({
    field: fieldId,
    op: v.literal('one-of'),
    value: v.pipe(v.array(v.union([line, number])), v.minLength(1), v.maxLength(FORM_LIMITS.maxOptions)),
  }),
  v.strictObject({ field: fieldId, op: v.picklist(['at-least', 'at-most']), value: v.union([number, line]) }),
  v.strictObject({ field: fieldId, op: v.literal('has'), value: line }),
  v.strictObject({ field: fieldId, op: v.literal('answered') }),
] as const;

/** Written out level by level: a condition that is nested deeper than allowed is refused without being read to its end. */
function conditionSchema(levels: number): v.GenericSchema<FormCondition> {
  const message = `is no condition: write { field, op, value }, { and: […] }, { or: […] } or { not: … }, at most ${FORM_LIMITS.maxConditionDepth} deep`;
  if (levels === 0) return v.union(comparison, message);
  const inner = conditionSchema(levels - 1);
  const list = v.pipe(v.array(inner), v.minLength(1), v.maxLength(FORM_LIMITS.maxConditions));
  return v.union(
    [...comparison, v.strictObject({ and: list }), v.strictObject({ or: list }), v.strictObject({ not: inner })],
    message,
  );
}

const common = {
  id: fieldId,
  label: textsSchema,
  help: v.exactOptional(textsSchema),
  when: v.exactOptional(conditionSchema(FORM_LIMITS.maxConditionDepth)),
};
const asked = { ...common, required: v.exactOptional(v.boolean()) };
const prefill = {
  prefill: v.exactOptional(
    v.union([
      v.picklist(['visitor.name', 'visitor.email', 'visitor.phone', 'visitor.id', 'page.url', 'page.title', 'locale']),
      v.custom<`variable.${string}`>((value) => typeof value === 'string' && /^variable\.[\w.-]{1,60}$/.test(value)),
    ]),
  ),
};
const option = v.strictObject({
  value: v.pipe(v.string(), v.minLength(1), v.maxLength(100)),
  label: textsSchema,
  score: v.exactOptional(number),
});
const options = v.pipe(v.array(option), v.maxLength(FORM_LIMITS.maxOptions));

const fieldSchema = v.variant('kind', [
  v.strictObject({ ...common, kind: v.literal('header') }),
  v.strictObject({
    ...asked,
    ...prefill,
    kind: v.picklist(['text', 'textarea', 'name', 'email', 'phone', 'link']),
    minLength: v.exactOptional(count),
    maxLength: v.exactOptional(count),
    pattern: v.exactOptional(v.pipe(v.string(), v.minLength(1), v.maxLength(FORM_LIMITS.maxPatternChars))),
    default: v.exactOptional(v.pipe(v.string(), v.maxLength(FORM_LIMITS.maxTextChars))),
  }),
  v.strictObject({
    ...asked,
    ...prefill,
    kind: v.literal('number'),
    min: v.exactOptional(number),
    max: v.exactOptional(number),
    whole: v.exactOptional(v.boolean()),
    default: v.exactOptional(number),
  }),
  v.strictObject({
    ...asked,
    ...prefill,
    kind: v.literal('date'),
    min: v.exactOptional(v.pipe(v.string(), v.isoDate())),
    max: v.exactOptional(v.pipe(v.string(), v.isoDate())),
    default: v.exactOptional(v.pipe(v.string(), v.isoDate())),
  }),
  v.strictObject({
    ...asked,
    kind: v.literal('checkbox'),
    score: v.exactOptional(number),
    default: v.exactOptional(v.boolean()),
  }),
  v.strictObject({
    ...asked,
    kind: v.literal('consent'),
    policy: v.exactOptional(v.pipe(v.string(), v.regex(/^https?:\/\//), v.maxLength(2_048))),
  }),
  v.strictObject({
    ...asked,
    ...prefill,
    kind: v.picklist(['radio', 'select', 'department']),
    options: v.exactOptional(options),
    default: v.exactOptional(line),
  }),
  v.strictObject({
    ...asked,
    kind: v.literal('multi-select'),
    options,
    min: v.exactOptional(count),
    max: v.exactOptional(count),
    default: v.exactOptional(v.pipe(v.array(line), v.maxLength(FORM_LIMITS.maxOptions))),
  }),
  v.strictObject({
    ...asked,
    kind: v.literal('rating'),
    scale: v.picklist(['csat', 'nps', 'ces', 'thumbs']),
    low: v.exactOptional(textsSchema),
    high: v.exactOptional(textsSchema),
    points: v.exactOptional(v.record(v.pipe(v.string(), v.regex(/^\d{1,2}$/)), textsSchema)),
    weight: v.exactOptional(number),
  }),
  v.strictObject({ ...common, ...prefill, kind: v.literal('hidden'), default: v.exactOptional(line) }),
]);

/**
 * The shape and the bounds of a form. Whether it also makes sense (ids doubled, conditions in a circle, bounds the wrong way round) is the
 * question of `checkForm`, which asks this first.
 */
export const formSchema: v.GenericSchema<FormDefinition> = v.strictObject({
  id: idSchema,
  version: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  purpose: v.picklist(['pre-chat', 'in-chat', 'post-chat', 'offline', 'link']),
  title: v.exactOptional(textsSchema),
  fields: v.pipe(
    v.array(fieldSchema),
    v.minLength(1, 'has no fields'),
    v.maxLength(FORM_LIMITS.maxFields, `has more than ${FORM_LIMITS.maxFields} fields`),
  ),
  submit: v.exactOptional(textsSchema),
  thanks: v.exactOptional(textsSchema),
});
