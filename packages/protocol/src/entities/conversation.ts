import * as v from 'valibot';
import { consentSchema } from './exchange.ts';
import { clientIdSchema, idSchema, instantSchema, seqSchema } from './ids.ts';
import { ownerSchema, teamRefSchema } from './people.ts';
import { offerSchema, routingSchema } from './routing.ts';

/** Who asked for a person. */
export const handoffBySchema = v.picklist(['bot', 'visitor', 'rule', 'supervisor']);

export const conversationStatusSchema = v.picklist(['open', 'waiting', 'resolved']);
export type ConversationStatus = v.InferOutput<typeof conversationStatusSchema>;

/**
 * What a conversation is after its events up to `head`, as one reader sees it: always the result of `applyEvent` over the log, never a truth of
 * its own. Queued is `status: 'open'` with `owner: null`.
 */
export const conversationStateSchema = v.strictObject({
  id: clientIdSchema,
  channel: v.literal('chat'),
  visitor: v.strictObject({ id: idSchema, name: v.nullable(v.string()) }),
  /** The last `seq` applied, in the reader's own count. */
  head: seqSchema,
  /** The last public number applied; equals `head` for visitors. */
  publicHead: seqSchema,
  status: conversationStatusSchema,
  team: v.nullable(teamRefSchema),
  owner: v.nullable(ownerSchema),
  /** Raised by every change of owner; a message of an agent with another number is refused (`not-owner`). */
  ownership: seqSchema,
  locale: v.nullable(v.string()),
  startedAt: instantSchema,
  /** When it came into the queue it waits in; null while somebody owns it or it is resolved. */
  queuedAt: v.nullable(instantSchema),
  resolvedAt: v.nullable(instantSchema),
  wrapUp: v.nullable(v.string()),
  reopenedCount: v.number(),
  /** The visitor's first message that nobody answered yet. */
  unansweredSince: v.nullable(instantSchema),
  /** The last public message, for lists. */
  last: v.nullable(
    v.strictObject({
      at: instantSchema,
      by: v.picklist(['visitor', 'agent', 'bot', 'system']),
      text: v.string(),
      publicSeq: seqSchema,
    }),
  ),
  /** What routing decided for this wait; gone when it waits anew after a transfer, a handoff or a reopening. Staff only. */
  routing: v.exactOptional(routingSchema),
  /** Who is asked at the moment whether he takes it. Staff only. */
  offer: v.exactOptional(offerSchema),
  /** Those who declined or missed an offer since it waits: they are asked again last, in this order. Staff only. */
  passedBy: v.exactOptional(v.array(idSchema)),
  /** When the last of them did. Staff only. */
  passedAt: v.exactOptional(instantSchema),
  /** The last handoff from a bot to people. */
  handoff: v.exactOptional(
    v.strictObject({
      id: v.string(),
      by: handoffBySchema,
      at: instantSchema,
      state: v.picklist(['requested', 'accepted', 'failed']),
    }),
  ),
  /** The person who replied last: whom a survey speaks of. */
  repliedBy: v.exactOptional(ownerSchema),
  /** The bot that had it last: where "return to bot" leads. */
  lastBot: v.exactOptional(ownerSchema),
  /** What the visitor agreed to last, or took back: which text, in which language, when. */
  consent: v.exactOptional(v.strictObject({ given: v.boolean(), ...consentSchema.entries, at: instantSchema })),
  /** The newest question with fields (a form, a survey) that has no final answer: the id of its `asked` event. */
  asked: v.exactOptional(v.string()),
  /** When its visitor was forgotten. Nobody can write in it any more but staff among themselves. */
  erasedAt: v.exactOptional(instantSchema),
});
export type ConversationState = v.InferOutput<typeof conversationStateSchema>;

/** What one reader has seen: cursors in public numbers, so that they mean the same to everybody. `delivered >= read`. */
export const receiptSchema = v.strictObject({
  reader: v.variant('kind', [
    v.strictObject({ kind: v.literal('visitor') }),
    v.strictObject({ kind: v.literal('agent'), id: idSchema }),
  ]),
  delivered: seqSchema,
  read: seqSchema,
});
export type Receipt = v.InferOutput<typeof receiptSchema>;
