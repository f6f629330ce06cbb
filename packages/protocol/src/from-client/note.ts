import * as v from 'valibot';
import { outgoingBlocksSchema } from '../entities/block.ts';
import { clientIdSchema } from '../entities/ids.ts';

/** An internal note: staff sees it, visitors never do. Agents only; no ownership is needed. */
export const noteSchema = v.strictObject({
  type: v.literal('note'),
  id: clientIdSchema,
  conversation: clientIdSchema,
  blocks: outgoingBlocksSchema,
});
export type Note = v.InferOutput<typeof noteSchema>;
