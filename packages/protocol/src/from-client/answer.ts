import * as v from 'valibot';
import { answersSchema } from '../entities/exchange.ts';
import { clientIdSchema } from '../entities/ids.ts';

/**
 * The visitor answers a question. `partial` answers are kept and may be incomplete; others are checked against the form: `bad-answers` says which
 * field is wrong. Final answers may be changed inside the survey's edit window; later it is `too-late`.
 */
export const answerSchema = v.strictObject({
  type: v.literal('answer'),
  id: clientIdSchema,
  conversation: clientIdSchema,
  /** The id of the `asked` event. */
  ask: v.pipe(v.string(), v.minLength(1), v.maxLength(80)),
  answers: answersSchema,
  partial: v.exactOptional(v.literal(true)),
});
export type Answer = v.InferOutput<typeof answerSchema>;
