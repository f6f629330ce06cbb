import * as v from 'valibot';
import { blockSchema } from './block.ts';
import { handoffBySchema } from './conversation.ts';
import { answersSchema, askSchema, consentSchema, handoffDetailsSchema, toolCallSchema } from './exchange.ts';
import { clientIdSchema, idSchema, instantSchema, seqSchema } from './ids.ts';
import { actorSchema, ownerSchema, teamRefSchema, visitSchema } from './people.ts';
import { routingSchema } from './routing.ts';

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
/** Somebody owns it from here on. `how`: he took it, was chosen by routing, accepted an offer, got it by transfer, or got it back after a break. */
const assignedBody = v.strictObject({
  kind: v.literal('assigned'),
  owner: ownerSchema,
  team: v.nullable(teamRefSchema),
  how: v.picklist(['taken', 'routed', 'accepted', 'transferred', 'returned']),
  /** Why routing chose him, in words. Staff only: absent for visitors. */
  reason: v.exactOptional(v.string()),
});
/** Nobody owns it from here on; it waits in the queue of `team`. */
const queuedBody = v.strictObject({
  kind: v.literal('queued'),
  team: v.nullable(teamRefSchema),
  why: v.picklist(['transferred', 'agent-lost', 'agent-left', 'reopened', 'routed', 'handoff']),
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

/** The visitor agreed to a text of the site, or took that back. */
const consentBody = v.strictObject({ kind: v.literal('consent'), given: v.boolean(), ...consentSchema.entries });

/** Routing decided: how urgent, which skills, and why. Staff only. */
const routedBody = v.strictObject({ kind: v.literal('routed'), ...routingSchema.entries });
/** Agents are asked whether they take it. Staff only. */
const offeredBody = v.strictObject({
  kind: v.literal('offered'),
  agents: v.array(ownerSchema),
  until: instantSchema,
  reason: v.string(),
});
/** One agent is not asked any more; without an agent nobody is. Staff only. */
const offerEndedBody = v.strictObject({
  kind: v.literal('offer-ended'),
  agents: v.array(idSchema),
  how: v.picklist(['declined', 'expired', 'withdrawn']),
  reason: v.exactOptional(v.string()),
});
/** A person is asked for. Everything but who asked is for staff only. A `queued` event follows, so the bot is silent from here on. */
const handoffRequestedBody = v.strictObject({
  kind: v.literal('handoff-requested'),
  handoff: v.string(),
  by: handoffBySchema,
  details: v.exactOptional(handoffDetailsSchema),
});
/** Nobody came: why, so that the visitor hears it and the reports count it. The conversation stays in the queue, or returns to the bot. */
const handoffFailedBody = v.strictObject({
  kind: v.literal('handoff-failed'),
  handoff: v.string(),
  why: v.picklist(['no-agents', 'declined', 'timed-out', 'cancelled-by-visitor', 'left-message']),
});
/** The visitor is asked to fill in a form or a survey. The event's id names the question. `about` is for staff only: whom the answers speak of. */
const askedBody = v.strictObject({
  kind: v.literal('asked'),
  ...askSchema.entries,
  about: v.exactOptional(v.strictObject({ agent: v.nullable(ownerSchema), team: v.nullable(teamRefSchema) })),
});
/** The visitor's answers; the newest of a question holds. `final: false` are answers kept so far. */
const answeredBody = v.strictObject({
  kind: v.literal('answered'),
  /** The id of the `asked` event; `pre-chat` or `offline` for what is asked before a conversation begins. */
  ask: v.string(),
  form: idSchema,
  survey: v.exactOptional(askSchema.entries.survey.wrapped),
  answers: answersSchema,
  /** The survey's own number: 1-5 (CSAT), 0-10 (NPS), 1-7 (CES), or the sum of a form's weights. */
  score: v.exactOptional(v.number()),
  final: v.boolean(),
});
/** A bot's proposal for the person who owns the conversation. Staff only, until that person sends it. */
const draftedBody = v.strictObject({
  kind: v.literal('drafted'),
  blocks: v.array(blockSchema),
  /** The public number of the message it replies to. */
  replyTo: seqSchema,
});
/** A bot used a tool of the page the visitor is on. Staff only. */
const toolCalledBody = v.strictObject({ kind: v.literal('tool-called'), ...toolCallSchema.entries });
/**
 * Words that were here are gone, and stay gone: of a person who was forgotten (`person`), or because they were kept long enough (`messages`,
 * `answers`). It speaks of everything before this event, or only of what is older than `before`. @see eraseEvent
 */
const erasedBody = v.strictObject({
  kind: v.literal('erased'),
  what: v.picklist(['person', 'messages', 'answers']),
  before: v.exactOptional(instantSchema),
  /** Of a person: what his conversations go under from here on. It leads to nobody. */
  visitor: v.exactOptional(idSchema),
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
  consentBody,
  routedBody,
  offeredBody,
  offerEndedBody,
  handoffRequestedBody,
  handoffFailedBody,
  askedBody,
  answeredBody,
  draftedBody,
  toolCalledBody,
  erasedBody,
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
