import type * as v from 'valibot';
import { getEventsSchema } from './from-client/get-events.ts';
import { getListSchema } from './from-client/get-list.ts';
import { helloSchema } from './from-client/hello.ts';
import { markSchema } from './from-client/mark.ts';
import { noteSchema } from './from-client/note.ts';
import { pongSchema } from './from-client/pong.ts';
import { resolveSchema } from './from-client/resolve.ts';
import { sendSchema } from './from-client/send.ts';
import { setPresenceSchema } from './from-client/set-presence.ts';
import { setStatusSchema } from './from-client/set-status.ts';
import { takeSchema } from './from-client/take.ts';
import { transferSchema } from './from-client/transfer.ts';
import { typingSchema } from './from-client/typing.ts';
import { visitFrameSchema } from './from-client/visit.ts';
import { unwatchSchema, watchSchema } from './from-client/watch.ts';

/** The schema of every frame a client may send, by its `type`. Look types up with `Object.hasOwn`: a type name must never reach an inherited property. */
export const FROM_CLIENT = {
  hello: helloSchema,
  send: sendSchema,
  note: noteSchema,
  take: takeSchema,
  transfer: transferSchema,
  resolve: resolveSchema,
  'set-status': setStatusSchema,
  'set-presence': setPresenceSchema,
  watch: watchSchema,
  unwatch: unwatchSchema,
  'get-events': getEventsSchema,
  'get-list': getListSchema,
  typing: typingSchema,
  mark: markSchema,
  visit: visitFrameSchema,
  pong: pongSchema,
} as const;

type Schemas = typeof FROM_CLIENT;

/** Everything a client may send. */
export type FromClient = { [K in keyof Schemas]: v.InferOutput<Schemas[K]> }[keyof Schemas];
/** Everything a client may send after `hello`. */
export type FromClientAfterHello = Exclude<FromClient, { type: 'hello' }>;
/** Frames that change a conversation: each is answered by exactly one `ack` or `nack` with its id. */
export type CommandFrame = Extract<
  FromClient,
  { type: 'send' | 'note' | 'take' | 'transfer' | 'resolve' | 'set-status' | 'set-presence' }
>;
/** Frames that ask for something: each is answered by a frame of its own kind with its id, or by `nack`. */
export type QueryFrame = Extract<FromClient, { type: 'watch' | 'get-events' | 'get-list' }>;
