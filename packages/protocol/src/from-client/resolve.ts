import * as v from 'valibot';
import { clientIdSchema, idSchema, seqSchema } from '../entities/ids.ts';

/** The owner (or a lead) closes the conversation with a wrap-up code of the site. A later message of the visitor may reopen it. */
export const resolveSchema = v.strictObject({
  type: v.literal('resolve'),
  id: clientIdSchema,
  conversation: clientIdSchema,
  ownership: seqSchema,
  wrapUp: idSchema,
});
export type Resolve = v.InferOutput<typeof resolveSchema>;
