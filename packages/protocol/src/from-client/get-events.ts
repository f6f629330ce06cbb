import * as v from 'valibot';
import { clientIdSchema, seqSchema } from '../entities/ids.ts';
import { LIMITS } from '../limits.ts';

const limit = v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LIMITS.maxPageEvents)));

/**
 * A page of the log, answered by `events`. `after` heals a hole (the oldest first, `more` when there are more); `before` pages history back (the
 * newest below it, still in rising order). Exactly one of them; positions are in the reader's own count.
 */
export const getEventsSchema = v.union([
  v.strictObject({
    type: v.literal('get-events'),
    id: clientIdSchema,
    conversation: clientIdSchema,
    after: seqSchema,
    limit,
  }),
  v.strictObject({
    type: v.literal('get-events'),
    id: clientIdSchema,
    conversation: clientIdSchema,
    before: seqSchema,
    limit,
  }),
]);
export type GetEvents = v.InferOutput<typeof getEventsSchema>;
