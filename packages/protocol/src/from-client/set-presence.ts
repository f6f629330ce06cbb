import * as v from 'valibot';
import { clientIdSchema } from '../entities/ids.ts';
import { presenceSchema } from '../entities/people.ts';

/** An agent says whether he is there. `away` keeps his conversations and gets no new ones; `offline` gives them back to the queue after the grace time. */
export const setPresenceSchema = v.strictObject({
  type: v.literal('set-presence'),
  id: clientIdSchema,
  presence: presenceSchema,
});
export type SetPresence = v.InferOutput<typeof setPresenceSchema>;
