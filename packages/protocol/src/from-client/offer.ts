import * as v from 'valibot';
import { clientIdSchema } from '../entities/ids.ts';
import { LIMITS } from '../limits.ts';

/** An agent takes what was offered to him. Of two who accept at once one gets it; the other hears `already-taken`. Too late: `offer-expired`. */
export const acceptSchema = v.strictObject({
  type: v.literal('accept'),
  id: clientIdSchema,
  conversation: clientIdSchema,
});
export type Accept = v.InferOutput<typeof acceptSchema>;

/** An agent does not take what was offered to him. It goes on to others, and comes back to him last. */
export const declineSchema = v.strictObject({
  type: v.literal('decline'),
  id: clientIdSchema,
  conversation: clientIdSchema,
  reason: v.exactOptional(v.pipe(v.string(), v.maxLength(LIMITS.maxLabelChars))),
});
export type Decline = v.InferOutput<typeof declineSchema>;
