import type * as v from 'valibot';
import { ackSchema, errorSchema, nackSchema } from './from-server/ack.ts';
import { eventFrameSchema, eventsSchema } from './from-server/event.ts';
import { listSchema, updateSchema } from './from-server/list.ts';
import {
  agentsSchema,
  byeSchema,
  pingSchema,
  queueSchema,
  receiptFrameSchema,
  siteFrameSchema,
  streamFrameSchema,
  toolCallFrameSchema,
  toolResultSchema,
  typingFrameSchema,
  viewersSchema,
  visitorFrameSchema,
} from './from-server/live.ts';
import { snapshotSchema, welcomeSchema } from './from-server/welcome.ts';

/** The schema of every frame the relay may send, by its `type`. */
export const FROM_SERVER = {
  welcome: welcomeSchema,
  snapshot: snapshotSchema,
  ack: ackSchema,
  nack: nackSchema,
  error: errorSchema,
  event: eventFrameSchema,
  events: eventsSchema,
  list: listSchema,
  update: updateSchema,
  typing: typingFrameSchema,
  receipt: receiptFrameSchema,
  viewers: viewersSchema,
  agents: agentsSchema,
  visitor: visitorFrameSchema,
  site: siteFrameSchema,
  queue: queueSchema,
  stream: streamFrameSchema,
  'tool-call': toolCallFrameSchema,
  'tool-result': toolResultSchema,
  ping: pingSchema,
  bye: byeSchema,
} as const;

type Schemas = typeof FROM_SERVER;

/** Everything the relay may send. Clients skip kinds and fields they do not know. */
export type FromServer = { [K in keyof Schemas]: v.InferOutput<Schemas[K]> }[keyof Schemas];
