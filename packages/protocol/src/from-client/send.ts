import * as v from 'valibot';
import { outgoingBlocksSchema } from '../entities/block.ts';
import { answersSchema, consentSchema } from '../entities/exchange.ts';
import { clientIdSchema, idSchema, seqSchema } from '../entities/ids.ts';
import { LIMITS } from '../limits.ts';

/**
 * A message to everybody in the conversation. `id` names it: the same id again gets the same ack and makes no second row.
 * Visitors name the conversation too: an unknown id begins one (see SPEC [C1]-[C4]); the ack says where the message landed.
 * Agents give the `ownership` number they know; another number is refused with `not-owner`.
 */
export const sendSchema = v.strictObject({
  type: v.literal('send'),
  id: clientIdSchema,
  conversation: clientIdSchema,
  blocks: outgoingBlocksSchema,
  ownership: v.exactOptional(seqSchema),
  /** What the visitor filled in before his first message: the site's form and its answers. */
  before: v.exactOptional(v.strictObject({ form: idSchema, answers: answersSchema })),
  /** What the visitor agreed to, where the site asks for it. */
  consent: v.exactOptional(consentSchema),
  /** The work that the relay asked for, see SPEC [S2]. Visitors only. */
  proof: v.exactOptional(v.pipe(v.string(), v.maxLength(LIMITS.maxProofChars))),
});
export type Send = v.InferOutput<typeof sendSchema>;
