import * as v from 'valibot';
import { instantSchema, seqSchema } from '../entities/ids.ts';
import { ERRORS, type ErrorCode } from '../errors.ts';

/**
 * Done, and durable: the ack leaves after the commit that holds it. A repeated id gets the first answer again. `seq` is the event's number in the
 * sender's own count; `conversation` says where a message landed (see SPEC [C2]).
 */
export const ackSchema = v.strictObject({
  type: v.literal('ack'),
  id: v.string(),
  conversation: v.exactOptional(v.string()),
  seq: v.exactOptional(seqSchema),
  at: instantSchema,
});
export type Ack = v.InferOutput<typeof ackSchema>;

const codeSchema = v.picklist(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]);
const retrySchema = v.picklist(['never', 'later', 'after-login']);

/** Not done, nothing changed. `retry` says whether the same id may be tried again; `retryAfterMs` when. */
export const nackSchema = v.strictObject({
  type: v.literal('nack'),
  id: v.string(),
  code: codeSchema,
  message: v.string(),
  retry: retrySchema,
  retryAfterMs: v.exactOptional(v.number()),
  /** Of `proof-needed`: what to prove some work on, see SPEC [S2]. */
  challenge: v.exactOptional(v.string()),
  /** Of `bad-answers`: which fields are wrong. `params` fill the sentences that clients have for the codes, see `AnswerProblemCode`. */
  problems: v.exactOptional(
    v.array(
      v.strictObject({
        field: v.string(),
        code: v.string(),
        params: v.record(v.string(), v.union([v.string(), v.number()])),
      }),
    ),
  ),
});
export type Nack = v.InferOutput<typeof nackSchema>;

/** Something is wrong that belongs to no command: a frame that could not be read (`detail` says where), a hello that was refused. */
export const errorSchema = v.strictObject({
  type: v.literal('error'),
  code: codeSchema,
  message: v.string(),
  retry: retrySchema,
  retryAfterMs: v.exactOptional(v.number()),
  detail: v.exactOptional(v.string()),
});
export type ErrorFrame = v.InferOutput<typeof errorSchema>;
