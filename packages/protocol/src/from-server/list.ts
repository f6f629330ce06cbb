import * as v from 'valibot';
import { conversationStateSchema } from '../entities/conversation.ts';
import { instantSchema } from '../entities/ids.ts';
import { listViewSchema } from '../from-client/get-list.ts';

/** How many conversations are where, for this agent. `resolved` counts those of the last 24 hours. */
export const countsSchema = v.strictObject({
  mine: v.number(),
  queue: v.number(),
  open: v.number(),
  resolved: v.number(),
});
export type Counts = v.InferOutput<typeof countsSchema>;

/** The answer to `get-list`. `cursor` is what to put into `before` for the next page; null at the end. */
export const listSchema = v.strictObject({
  type: v.literal('list'),
  id: v.string(),
  view: listViewSchema,
  conversations: v.array(conversationStateSchema),
  cursor: v.nullable(instantSchema),
  counts: countsSchema,
});
export type List = v.InferOutput<typeof listSchema>;

/** Conversations changed: their newest states, coalesced (each at most a few times a second). Agents who asked for `lists` only. */
export const updateSchema = v.strictObject({
  type: v.literal('update'),
  conversations: v.array(conversationStateSchema),
  counts: countsSchema,
});
export type Update = v.InferOutput<typeof updateSchema>;
