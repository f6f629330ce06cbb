import * as v from 'valibot';
import { clientIdSchema, seqSchema } from '../entities/ids.ts';

/** The owner says that he waits for the visitor, or that he does so no longer. */
export const setStatusSchema = v.strictObject({
  type: v.literal('set-status'),
  id: clientIdSchema,
  conversation: clientIdSchema,
  ownership: seqSchema,
  status: v.picklist(['open', 'waiting']),
});
export type SetStatus = v.InferOutput<typeof setStatusSchema>;
