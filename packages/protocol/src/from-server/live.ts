import * as v from 'valibot';
import { receiptSchema } from '../entities/conversation.ts';
import { jsonSchema, toolCallSchema } from '../entities/exchange.ts';
import { clientIdSchema, idSchema, instantSchema, nameSchema, seqSchema } from '../entities/ids.ts';
import { agentProfileSchema, ownerSchema, siteInfoSchema, visitorProfileSchema } from '../entities/people.ts';

/** Somebody else in the conversation types, or stopped. Fades by itself after `LIMITS.typingExpiresMs`. */
export const typingFrameSchema = v.strictObject({
  type: v.literal('typing'),
  conversation: clientIdSchema,
  who: v.variant('kind', [
    v.strictObject({ kind: v.literal('visitor') }),
    v.strictObject({ kind: v.literal('agent'), id: idSchema, name: nameSchema }),
  ]),
  on: v.boolean(),
});
export type TypingFrame = v.InferOutput<typeof typingFrameSchema>;

/** How far another reader is. */
export const receiptFrameSchema = v.strictObject({
  type: v.literal('receipt'),
  conversation: clientIdSchema,
  ...receiptSchema.entries,
});
export type ReceiptFrame = v.InferOutput<typeof receiptFrameSchema>;

/** Which agents have the conversation on screen, and which of them type: to the visitor, or (`note`) among staff. Staff only. */
export const viewersSchema = v.strictObject({
  type: v.literal('viewers'),
  conversation: clientIdSchema,
  viewers: v.array(
    v.strictObject({
      id: idSchema,
      name: nameSchema,
      typing: v.boolean(),
      /** Only beside `typing: true`. */
      note: v.exactOptional(v.literal(true)),
    }),
  ),
});
export type Viewers = v.InferOutput<typeof viewersSchema>;

/** Colleagues changed: the whole list. Staff only. */
export const agentsSchema = v.strictObject({ type: v.literal('agents'), agents: v.array(agentProfileSchema) });
export type Agents = v.InferOutput<typeof agentsSchema>;

/** A watched conversation's visitor changed: page, presence, name. Staff only. */
export const visitorFrameSchema = v.strictObject({
  type: v.literal('visitor'),
  conversation: clientIdSchema,
  visitor: visitorProfileSchema,
});
export type VisitorFrame = v.InferOutput<typeof visitorFrameSchema>;

/** Who is there, opening hours and usual reply time changed. */
export const siteFrameSchema = v.strictObject({ type: v.literal('site'), site: siteInfoSchema });
export type SiteFrame = v.InferOutput<typeof siteFrameSchema>;

/**
 * The visitor's place in the queue: 1 is next. `waitMs` is the expected wait, rounded up to a step (1, 2, 5, 10, 15, 30 minutes), or null when
 * there is too little to say it honestly. `position: null` says that he does not wait any more.
 */
export const queueSchema = v.strictObject({
  type: v.literal('queue'),
  conversation: clientIdSchema,
  position: v.nullable(v.number()),
  waitMs: v.nullable(v.number()),
});
export type Queue = v.InferOutput<typeof queueSchema>;

/** A reply while it is being made: the whole text so far; an empty one takes it back. The event with this id replaces it. */
export const streamFrameSchema = v.strictObject({
  type: v.literal('stream'),
  conversation: clientIdSchema,
  message: clientIdSchema,
  who: ownerSchema,
  text: v.string(),
});
export type StreamFrame = v.InferOutput<typeof streamFrameSchema>;

/** A bot asks the page to run a tool. The first open page of the visitor that has it answers with `tool-done`. Visitors only. */
export const toolCallFrameSchema = v.strictObject({
  type: v.literal('tool-call'),
  call: clientIdSchema,
  conversation: clientIdSchema,
  who: ownerSchema,
  tool: toolCallSchema.entries.tool,
  input: toolCallSchema.entries.input,
});
export type ToolCallFrame = v.InferOutput<typeof toolCallFrameSchema>;

/** What came of a `call-tool`. */
export const toolResultSchema = v.strictObject({
  type: v.literal('tool-result'),
  id: v.string(),
  outcome: toolCallSchema.entries.outcome,
  output: v.exactOptional(jsonSchema),
});
export type ToolResult = v.InferOutput<typeof toolResultSchema>;

/** The relay's heartbeat. `heads` are the newest positions of the reader's live conversations: a head ahead of his own shows a lost event. */
export const pingSchema = v.strictObject({
  type: v.literal('ping'),
  at: instantSchema,
  heads: v.record(clientIdSchema, seqSchema),
});
export type Ping = v.InferOutput<typeof pingSchema>;

/** The relay is about to close, with this code. Come back after a random time up to `afterMs`. */
export const byeSchema = v.strictObject({ type: v.literal('bye'), code: v.number(), afterMs: v.number() });
export type Bye = v.InferOutput<typeof byeSchema>;
