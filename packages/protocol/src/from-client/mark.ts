import * as v from 'valibot';
import { clientIdSchema, seqSchema } from '../entities/ids.ts';

/**
 * How far the sender has received and read, in public numbers. Cursors only rise; a lower one changes nothing. Not answered; the others get a
 * `receipt`.
 */
export const markSchema = v.strictObject({
  type: v.literal('mark'),
  conversation: clientIdSchema,
  delivered: v.exactOptional(seqSchema),
  read: v.exactOptional(seqSchema),
});
export type Mark = v.InferOutput<typeof markSchema>;
