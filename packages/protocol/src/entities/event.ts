import * as v from 'valibot';
import { blockSchema } from './block.ts';
import { clientIdSchema, idSchema, instantSchema, seqSchema } from './ids.ts';
import { actorSchema, ownerSchema, teamRefSchema, visitSchema } from './people.ts';

/** A conversation begins. It waits in the queue of `team`. */
const startedBody = v.strictObject({
  kind: v.literal('started'),
  channel: v.literal('chat'),
  team: v.nullable(teamRefSchema),
  visitor: v.strictObject({ id: idSchema, name: v.nullable(v.string()) }),
  locale: v.nullable(v.string()),
  visit: v.nullable(visitSchema),
});
/** Something said, to everybody in the conversation. */
const messageBody = v.strictObject({ kind: v.literal('message'), blocks: v.array(blockSchema) });
/** Something said among staff. Its audience is always `staff`. */
const noteBody = v.strictObject({ kind: v.literal('note'), blocks: v.array(blockSchema) });
/** Somebody owns it from here on. `how`: he took it, was chosen by routing, got it by transfer, or got it back after a break. */
const assignedBody = v.strictObject({
  kind: v.literal('assigned'),
  owner: ownerSchema,
  team: v.nullable(teamRefSchema),
  how: v.picklist(['taken', 'routed', 'transferred', 'returned']),
  /** Why routing chose him, in words. Staff only: absent for visitors. */
  reason: v.exactOptional(v.string()),
});
/** Nobody owns it from here on; it waits in the queue of `team`. */
const queuedBody = v.strictObject({
  kind: v.literal('queued'),
  team: v.nullable(teamRefSchema),
  why: v.picklist(['transferred', 'agent-lost', 'agent-left', 'reopened']),
});
/** The agent waits for the visitor, or does so no longer. A message of the visitor ends the waiting by itself. */
const statusBody = v.strictObject({ kind: v.literal('status'), status: v.picklist(['open', 'waiting']) });
/** Done, for now. */
const resolvedBody = v.strictObject({
  kind: v.literal('resolved'),
  /** The reason chosen at the end. Staff only: absent for visitors. */
  wrapUp: v.exactOptional(v.string()),
});
/** The visitor wrote again inside the window: it is open and queued again. */
const reopenedBody = v.strictObject({ kind: v.literal('reopened') });
/** Who the visitor is became known through a signed identity of the site. */
const identifiedBody = v.strictObject({
  kind: v.literal('identified'),
  name: v.nullable(v.string()),
  email: v.nullable(v.string()),
  externalId: v.string(),
});

export const eventBodySchema = v.variant('kind', [
  startedBody,
  messageBody,
  noteBody,
  assignedBody,
  queuedBody,
  statusBody,
  resolvedBody,
  reopenedBody,
  identifiedBody,
]);
export type EventBody = v.InferOutput<typeof eventBodySchema>;
export type EventKind = EventBody['kind'];

export const audienceSchema = v.picklist(['public', 'staff']);
export type Audience = v.InferOutput<typeof audienceSchema>;

/**
 * One entry in the log of a conversation, as one reader sees it. `seq` counts 1, 2, 3 … without holes *for that reader*: staff counts every
 * event, a visitor counts the public ones and never learns that there are others. For staff, `publicSeq` is the number visitors know a public
 * event by (receipts count in it), and null for staff-only events; for visitors it equals `seq`.
 */
export const conversationEventSchema = v.strictObject({
  conversation: clientIdSchema,
  seq: v.pipe(seqSchema, v.minValue(1)),
  publicSeq: v.nullable(v.pipe(seqSchema, v.minValue(1))),
  /** The id its sender gave it; made by the relay for events nobody sent. */
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(80)),
  at: instantSchema,
  actor: actorSchema,
  audience: audienceSchema,
  body: eventBodySchema,
});
export type ConversationEvent = v.InferOutput<typeof conversationEventSchema>;

/** An event of one kind: `EventOf<'message'>`. */
export type EventOf<K extends EventKind> = ConversationEvent & { body: Extract<EventBody, { kind: K }> };

/** Narrows an event by its kind. */
export function isKind<K extends EventKind>(event: ConversationEvent, kind: K): event is EventOf<K> {
  return event.body.kind === kind;
}
