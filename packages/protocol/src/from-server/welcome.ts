import * as v from 'valibot';
import { conversationStateSchema, receiptSchema } from '../entities/conversation.ts';
import { conversationEventSchema } from '../entities/event.ts';
import { idSchema, instantSchema, nameSchema } from '../entities/ids.ts';
import {
  agentProfileSchema,
  presenceSchema,
  roleSchema,
  siteInfoSchema,
  teamRefSchema,
  visitorProfileSchema,
} from '../entities/people.ts';
import { countsSchema } from './list.ts';

/**
 * A conversation brought up to date: its state, and either the events after what the reader has (`from: 'have'`) or the newest page when he has
 * nothing or is too far behind (`from: 'newest'`: drop the local copy first). `more` says that older events exist before the first one here.
 */
export const snapshotBodySchema = v.strictObject({
  conversation: conversationStateSchema,
  from: v.picklist(['have', 'newest']),
  events: v.array(conversationEventSchema),
  more: v.boolean(),
  receipts: v.array(receiptSchema),
});
export type SnapshotBody = v.InferOutput<typeof snapshotBodySchema>;

const common = {
  type: v.literal('welcome'),
  version: v.number(),
  now: instantSchema,
  heartbeatMs: v.number(),
};

/** The answer to a visitor's `hello`. `session` is new when there was none, or when the old one was not known any more: keep it. */
export const visitorWelcomeSchema = v.strictObject({
  ...common,
  role: v.literal('visitor'),
  session: v.string(),
  visitor: v.strictObject({ id: idSchema, name: v.nullable(v.string()) }),
  site: siteInfoSchema,
  /** His newest conversation, brought up to date; null when he never wrote. */
  conversation: v.nullable(snapshotBodySchema),
});

/** The answer to an agent's `hello`. His open conversations follow as `snapshot` frames. */
export const agentWelcomeSchema = v.strictObject({
  ...common,
  role: v.literal('agent'),
  agent: v.strictObject({ id: idSchema, name: nameSchema, role: roleSchema, presence: presenceSchema }),
  agents: v.array(agentProfileSchema),
  /** `ageingMs`: so much waiting is worth one point of priority in its queue, see [P4]. */
  teams: v.array(v.strictObject({ ...teamRefSchema.entries, ageingMs: v.exactOptional(v.number()) })),
  wrapUpCodes: v.array(v.strictObject({ id: idSchema, name: nameSchema })),
  /** For bots: the most used of those that ask nothing, as many as fit. People search theirs over HTTP, see [T5]. */
  cannedReplies: v.array(v.strictObject({ id: idSchema, shortcut: v.string(), title: v.string(), text: v.string() })),
  counts: countsSchema,
  site: siteInfoSchema,
});

export const welcomeSchema = v.variant('role', [visitorWelcomeSchema, agentWelcomeSchema]);
export type Welcome = v.InferOutput<typeof welcomeSchema>;
export type VisitorWelcome = v.InferOutput<typeof visitorWelcomeSchema>;
export type AgentWelcome = v.InferOutput<typeof agentWelcomeSchema>;

/** A conversation brought up to date outside `welcome`: answers `watch` (with its id), or comes by itself when an agent gets one. */
export const snapshotSchema = v.strictObject({
  type: v.literal('snapshot'),
  id: v.exactOptional(v.string()),
  ...snapshotBodySchema.entries,
  /** For staff only: who the visitor is. */
  visitor: v.exactOptional(visitorProfileSchema),
});
export type Snapshot = v.InferOutput<typeof snapshotSchema>;
