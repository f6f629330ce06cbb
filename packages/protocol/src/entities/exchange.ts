import * as v from 'valibot';
import { formSchema } from '../forms/schema.ts';
import { LIMITS } from '../limits.ts';
import { idSchema, instantSchema, seqSchema } from './ids.ts';
import { skillNeedSchema } from './routing.ts';

/** Data that somebody else's code made: JSON of bounded size. */
export const jsonSchema = v.pipe(
  v.unknown(),
  v.check((value) => (JSON.stringify(value) ?? '').length <= LIMITS.maxJsonChars, 'too large'),
);

/** Answers by the ids of their fields. What they mean, and whether they are right, is the form's question. */
export const answersSchema = v.pipe(
  v.record(
    v.pipe(v.string(), v.maxLength(LIMITS.maxIdChars)),
    v.union([v.string(), v.number(), v.boolean(), v.array(v.string())]),
  ),
  v.check((answers) => JSON.stringify(answers).length <= LIMITS.maxJsonChars, 'too large'),
);
export type Answers = v.InferOutput<typeof answersSchema>;

/** Which text a visitor agreed to, and in which language he read it. */
export const consentSchema = v.strictObject({
  version: v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.maxIdChars)),
  language: v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,35}$/)),
});
export type Consent = v.InferOutput<typeof consentSchema>;

/** A question with fields: an in-chat form, or a survey. */
export const askSchema = v.strictObject({
  form: formSchema,
  survey: v.exactOptional(v.strictObject({ id: idSchema, kind: v.picklist(['csat', 'nps', 'ces', 'custom']) })),
  /** Answers count until then. */
  until: v.nullable(instantSchema),
});
export type Ask = v.InferOutput<typeof askSchema>;

/** What a bot (or a rule) tells the person who comes. */
export const handoffDetailsSchema = v.strictObject({
  reason: v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.maxSummaryChars)),
  summary: v.exactOptional(v.pipe(v.string(), v.maxLength(LIMITS.maxSummaryChars))),
  intent: v.exactOptional(v.pipe(v.string(), v.maxLength(LIMITS.maxLabelChars))),
  sentiment: v.exactOptional(v.picklist(['negative', 'neutral', 'positive'])),
  language: v.exactOptional(v.pipe(v.string(), v.maxLength(35))),
  team: v.exactOptional(idSchema),
  skills: v.exactOptional(v.pipe(v.array(skillNeedSchema), v.maxLength(LIMITS.maxSkills))),
  priority: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(-100), v.maxValue(100))),
  /** What was learned so far: order numbers, choices. */
  collected: v.exactOptional(v.record(v.string(), jsonSchema)),
  /** The part of the log the bot had, in public numbers; made by the relay. */
  transcript: v.exactOptional(v.strictObject({ from: seqSchema, to: seqSchema })),
  /** The ownership number the request ended; made by the relay. */
  ownership: v.exactOptional(seqSchema),
});
export type HandoffDetails = v.InferOutput<typeof handoffDetailsSchema>;

/** A call of a tool on the visitor's page, and what came of it. */
export const toolCallSchema = v.strictObject({
  tool: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,63}$/)),
  input: v.record(v.string(), jsonSchema),
  outcome: v.picklist(['done', 'refused', 'failed', 'no-such-tool', 'timed-out']),
  output: v.exactOptional(jsonSchema),
});
export type ToolCall = v.InferOutput<typeof toolCallSchema>;
