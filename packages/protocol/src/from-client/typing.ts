import * as v from 'valibot';
import { clientIdSchema } from '../entities/ids.ts';

/** The sender is typing, or stopped. Ephemeral: never stored, never answered, dropped first. At most one per `LIMITS.typingEveryMs`. */
export const typingSchema = v.strictObject({
  type: v.literal('typing'),
  conversation: clientIdSchema,
  on: v.boolean(),
  /** What is typed is a note: only staff may know. Agents only; absent for what the visitor may see coming. */
  note: v.exactOptional(v.literal(true)),
});
export type Typing = v.InferOutput<typeof typingSchema>;
