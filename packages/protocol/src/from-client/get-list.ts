import * as v from 'valibot';
import { clientIdSchema, idSchema, instantSchema } from '../entities/ids.ts';
import { LIMITS } from '../limits.ts';

export const listViewSchema = v.picklist(['mine', 'queue', 'open', 'resolved', 'visitor']);
/**
 * `mine`: owned by me, not resolved; `queue`: nobody's, in the order they are served, see [P4]; `open`: all not resolved; `resolved`: newest first; `visitor`: all of one
 * visitor, newest first.
 */
export type ListView = v.InferOutput<typeof listViewSchema>;

/** A page of conversations, answered by `list`. `before` is the `cursor` of the last answer: an instant, of the queue how many come before. */
export const getListSchema = v.strictObject({
  type: v.literal('get-list'),
  id: clientIdSchema,
  view: listViewSchema,
  visitor: v.exactOptional(idSchema),
  before: v.exactOptional(instantSchema),
  limit: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LIMITS.maxPageConversations))),
});
export type GetList = v.InferOutput<typeof getListSchema>;
