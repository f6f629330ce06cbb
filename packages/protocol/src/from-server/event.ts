import * as v from 'valibot';
import { conversationEventSchema } from '../entities/event.ts';
import { clientIdSchema, seqSchema } from '../entities/ids.ts';

/** Something happened. Sent to every reader who may see it, the sender's other connections included, after the commit only. */
export const eventFrameSchema = v.strictObject({ type: v.literal('event'), event: conversationEventSchema });
export type EventFrame = v.InferOutput<typeof eventFrameSchema>;

/** The answer to `get-events`: in rising order without holes. `more` continues in the direction asked. `head` is the newest there is. */
export const eventsSchema = v.strictObject({
  type: v.literal('events'),
  id: v.string(),
  conversation: clientIdSchema,
  events: v.array(conversationEventSchema),
  more: v.boolean(),
  head: seqSchema,
});
export type Events = v.InferOutput<typeof eventsSchema>;
