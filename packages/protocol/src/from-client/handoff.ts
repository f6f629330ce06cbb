import * as v from 'valibot';
import { handoffDetailsSchema } from '../entities/exchange.ts';
import { clientIdSchema, seqSchema } from '../entities/ids.ts';

/** The visitor wants a person. Always allowed; when nobody but a bot has the conversation it is queued for people, else nothing changes. */
export const requestHumanSchema = v.strictObject({
  type: v.literal('request-human'),
  id: clientIdSchema,
  conversation: clientIdSchema,
});
export type RequestHuman = v.InferOutput<typeof requestHumanSchema>;

/** The bot that owns a conversation gives it to people, with what it knows. */
export const handoffSchema = v.strictObject({
  type: v.literal('handoff'),
  id: clientIdSchema,
  conversation: clientIdSchema,
  ownership: seqSchema,
  details: v.omit(handoffDetailsSchema, ['transcript', 'ownership']),
});
export type Handoff = v.InferOutput<typeof handoffSchema>;

/** The visitor does not want to wait for a person any longer. */
export const cancelHandoffSchema = v.strictObject({
  type: v.literal('cancel-handoff'),
  id: clientIdSchema,
  conversation: clientIdSchema,
});
export type CancelHandoff = v.InferOutput<typeof cancelHandoffSchema>;
