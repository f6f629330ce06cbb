import * as v from 'valibot';
import { clientIdSchema, seqSchema } from '../entities/ids.ts';
import { visitSchema } from '../entities/people.ts';
import { LIMITS } from '../limits.ts';

/** What a client has of each conversation: its id and the last `seq` applied. The relay sends the rest. @see SPEC [R1] */
const haveSchema = v.pipe(
  v.record(clientIdSchema, seqSchema),
  v.check((have) => Object.keys(have).length <= LIMITS.maxHaveConversations, 'too many conversations'),
);

const common = {
  type: v.literal('hello'),
  /** Every protocol version the client speaks. */
  versions: v.pipe(v.array(v.pipe(v.number(), v.safeInteger())), v.minLength(1), v.maxLength(16)),
  /** Name and version of the client, for logs: `widget/0.1.0`. */
  client: v.pipe(v.string(), v.maxLength(64)),
  have: v.exactOptional(haveSchema),
};

export const visitorHelloSchema = v.strictObject({
  ...common,
  role: v.literal('visitor'),
  /** The publishable key of the site. */
  site: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  /** The session token an earlier `welcome` gave; without it a new visitor begins. */
  session: v.exactOptional(v.pipe(v.string(), v.maxLength(128))),
  /** A signed identity token (JWT) made by the site's server. */
  identity: v.exactOptional(v.pipe(v.string(), v.maxLength(4_096))),
  visit: v.exactOptional(visitSchema),
  locale: v.exactOptional(v.pipe(v.string(), v.maxLength(35))),
  timeZone: v.exactOptional(v.pipe(v.string(), v.maxLength(64))),
});

export const agentHelloSchema = v.strictObject({
  ...common,
  role: v.literal('agent'),
  /** A one-time ticket, at most 30 s old, that the agent's session asked for over HTTP. */
  ticket: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
  /** Whether this client wants `update` frames for its lists (desk: yes; a bot that answers its own conversations: no). */
  lists: v.exactOptional(v.boolean()),
});

/** The first frame of every connection: who speaks, in which versions, and what he already has. @see SPEC [H1] */
export const helloSchema = v.variant('role', [visitorHelloSchema, agentHelloSchema]);
export type Hello = v.InferOutput<typeof helloSchema>;
export type VisitorHello = v.InferOutput<typeof visitorHelloSchema>;
export type AgentHello = v.InferOutput<typeof agentHelloSchema>;
