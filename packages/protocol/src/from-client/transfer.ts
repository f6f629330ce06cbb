import * as v from 'valibot';
import { outgoingBlocksSchema } from '../entities/block.ts';
import { clientIdSchema, idSchema, seqSchema } from '../entities/ids.ts';

/** The owner (or a lead) gives the conversation to another agent, to the queue of a team, or back to a bot, with an optional note for staff. */
export const transferSchema = v.strictObject({
  type: v.literal('transfer'),
  id: clientIdSchema,
  conversation: clientIdSchema,
  ownership: seqSchema,
  to: v.variant('kind', [
    v.strictObject({ kind: v.literal('agent'), id: idSchema }),
    v.strictObject({ kind: v.literal('team'), id: idSchema }),
    v.strictObject({ kind: v.literal('bot'), id: idSchema }),
  ]),
  note: v.exactOptional(outgoingBlocksSchema),
});
export type Transfer = v.InferOutput<typeof transferSchema>;
