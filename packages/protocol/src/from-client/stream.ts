import * as v from 'valibot';
import { clientIdSchema, seqSchema } from '../entities/ids.ts';

/**
 * A piece of a reply while it is being made: the whole text so far. Ephemeral: never stored, never answered, dropped first. The finished reply is a
 * `send` with `message` as its id; an empty text takes it back.
 */
export const streamSchema = v.strictObject({
  type: v.literal('stream'),
  conversation: clientIdSchema,
  ownership: seqSchema,
  message: clientIdSchema,
  text: v.string(),
});
export type Stream = v.InferOutput<typeof streamSchema>;
