import * as v from 'valibot';
import { formSchema } from '../forms/schema.ts';
import { idSchema, instantSchema, nameSchema } from './ids.ts';

/** Who did something. The name is the one shown at that time, so that history stays true when people are renamed or leave. */
export const actorSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('visitor'), id: idSchema }),
  v.strictObject({ kind: v.literal('agent'), id: idSchema, name: nameSchema }),
  v.strictObject({ kind: v.literal('bot'), id: idSchema, name: nameSchema }),
  v.strictObject({ kind: v.literal('system') }),
]);
export type Actor = v.InferOutput<typeof actorSchema>;

/** The agent or bot who owns a conversation, as everybody in it may know him. A bot is always marked as one. */
export const ownerSchema = v.strictObject({ id: idSchema, name: nameSchema, bot: v.exactOptional(v.literal(true)) });
export type Owner = v.InferOutput<typeof ownerSchema>;

export const teamRefSchema = v.strictObject({ id: idSchema, name: nameSchema });
export type TeamRef = v.InferOutput<typeof teamRefSchema>;

export const presenceSchema = v.picklist(['online', 'away', 'offline']);
export type Presence = v.InferOutput<typeof presenceSchema>;

export const roleSchema = v.picklist(['bot', 'agent', 'lead', 'manager', 'admin']);
export type Role = v.InferOutput<typeof roleSchema>;

/** A colleague, as staff sees him. `load` counts his open conversations, `capacity` how many he should have at most. */
export const agentProfileSchema = v.strictObject({
  id: idSchema,
  name: nameSchema,
  role: roleSchema,
  teams: v.array(idSchema),
  presence: presenceSchema,
  load: v.number(),
  capacity: v.number(),
  /** Languages among them (`language:lv`), each with a level from 1 to 5. */
  skills: v.exactOptional(v.record(idSchema, v.number())),
  /** Until when he works today; null outside a shift, absent without a schedule. */
  shiftEndsAt: v.exactOptional(v.nullable(instantSchema)),
});
export type AgentProfile = v.InferOutput<typeof agentProfileSchema>;

/** The page a visitor is on. */
export const visitSchema = v.strictObject({
  url: v.pipe(v.string(), v.maxLength(2_048)),
  title: v.pipe(v.string(), v.maxLength(200)),
});
export type Visit = v.InferOutput<typeof visitSchema>;

/**
 * A visitor, as staff sees him. `verified` says that name, e-mail and `externalId` come from a signed identity token; nothing else about him is
 * trusted.
 */
export const visitorProfileSchema = v.strictObject({
  id: idSchema,
  name: v.nullable(nameSchema),
  email: v.nullable(v.string()),
  externalId: v.nullable(v.string()),
  verified: v.boolean(),
  locale: v.nullable(v.string()),
  timeZone: v.nullable(v.string()),
  visit: v.nullable(visitSchema),
  online: v.boolean(),
  firstSeenAt: instantSchema,
});
export type VisitorProfile = v.InferOutput<typeof visitorProfileSchema>;

/** Other ways to reach the site, each as it is written for people. */
export const contactSchema = v.strictObject({
  email: v.exactOptional(v.string()),
  phone: v.exactOptional(v.string()),
  url: v.exactOptional(v.string()),
});

/** What a site shows before anybody answers: who is there, when it opens, how fast it usually replies. Times are instants, for the reader's zone. */
export const siteInfoSchema = v.strictObject({
  name: nameSchema,
  /** `online`: somebody is there; `away`: nobody is, though it is open; `closed`: nobody is, and it is outside the opening hours. */
  availability: v.picklist(['online', 'away', 'closed']),
  opensAt: v.nullable(instantSchema),
  closesAt: v.nullable(instantSchema),
  usualReplyMs: v.nullable(v.number()),
  /** At most three of those who are there. */
  faces: v.array(ownerSchema),
  /** At most three things people usually ask; each is sent as a message when chosen. */
  topics: v.array(v.string()),
  /** Nobody can write here now, though what was said can be read. It comes back with another `site` frame. */
  paused: v.exactOptional(v.literal(true)),
  contact: v.exactOptional(contactSchema),
  /** What is asked before the first message: while somebody is there, and while nobody is. */
  preChat: v.exactOptional(formSchema),
  offline: v.exactOptional(formSchema),
  /** What clients hide in what people write, before they send it; absent: card numbers, their codes, keys and private keys. */
  masking: v.exactOptional(
    v.strictObject({
      kinds: v.array(v.string()),
      own: v.exactOptional(v.array(v.strictObject({ id: v.string(), patterns: v.array(v.string()) }))),
    }),
  ),
  /** Visitors may send files here, each of at most so many bytes. */
  files: v.exactOptional(v.strictObject({ maxBytes: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) })),
});
export type SiteInfo = v.InferOutput<typeof siteInfoSchema>;
