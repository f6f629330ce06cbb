import * as v from 'valibot';
import { outgoingBlocksSchema } from '../entities/block.ts';
import { clientIdSchema, seqSchema } from '../entities/ids.ts';

/** A bot proposes words to the person who owns the conversation. Only staff sees it. */
export const draftSchema = v.strictObject({
  type: v.literal('draft'),
  id: clientIdSchema,
  conversation: clientIdSchema,
  blocks: outgoingBlocksSchema,
  /** The public number of the message it replies to. */
  replyTo: seqSchema,
});
export type Draft = v.InferOutput<typeof draftSchema>;
