import * as v from 'valibot';
import { clientIdSchema, seqSchema } from '../entities/ids.ts';

/**
 * An agent gives the conversation to himself. From the queue anybody may; from another agent only with the `ownership` number seen and the
 * role lead or higher (else `already-taken`).
 */
export const takeSchema = v.strictObject({
  type: v.literal('take'),
  id: clientIdSchema,
  conversation: clientIdSchema,
  ownership: v.exactOptional(seqSchema),
});
export type Take = v.InferOutput<typeof takeSchema>;
