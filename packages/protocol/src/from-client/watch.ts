import * as v from 'valibot';
import { clientIdSchema, seqSchema } from '../entities/ids.ts';

/**
 * An agent opens a conversation on his screen: answered by a `snapshot` (what he lacks after `have`, or the newest page) and then every event.
 * His own conversations he gets without asking.
 */
export const watchSchema = v.strictObject({
  type: v.literal('watch'),
  id: clientIdSchema,
  conversation: clientIdSchema,
  have: v.exactOptional(seqSchema),
});
export type Watch = v.InferOutput<typeof watchSchema>;

/** The agent looks elsewhere. Not answered. */
export const unwatchSchema = v.strictObject({ type: v.literal('unwatch'), conversation: clientIdSchema });
export type Unwatch = v.InferOutput<typeof unwatchSchema>;
