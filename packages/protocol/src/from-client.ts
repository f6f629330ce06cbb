import type * as v from 'valibot';
import { answerSchema } from './from-client/answer.ts';
import { askFrameSchema } from './from-client/ask.ts';
import { draftSchema } from './from-client/draft.ts';
import { getEventsSchema } from './from-client/get-events.ts';
import { getListSchema } from './from-client/get-list.ts';
import { cancelHandoffSchema, handoffSchema, requestHumanSchema } from './from-client/handoff.ts';
import { helloSchema } from './from-client/hello.ts';
import { markSchema } from './from-client/mark.ts';
import { noteSchema } from './from-client/note.ts';
import { acceptSchema, declineSchema } from './from-client/offer.ts';
import { pongSchema } from './from-client/pong.ts';
import { resolveSchema } from './from-client/resolve.ts';
import { sendSchema } from './from-client/send.ts';
import { setPresenceSchema } from './from-client/set-presence.ts';
import { setStatusSchema } from './from-client/set-status.ts';
import { streamSchema } from './from-client/stream.ts';
import { takeSchema } from './from-client/take.ts';
import { callToolSchema, toolDoneSchema } from './from-client/tool.ts';
import { transferSchema } from './from-client/transfer.ts';
import { typingSchema } from './from-client/typing.ts';
import { visitFrameSchema } from './from-client/visit.ts';
import { unwatchSchema, watchSchema } from './from-client/watch.ts';
import { withdrawConsentSchema } from './from-client/withdraw-consent.ts';

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
  accept: acceptSchema,
  decline: declineSchema,
  ask: askFrameSchema,
  answer: answerSchema,
  'request-human': requestHumanSchema,
  'cancel-handoff': cancelHandoffSchema,
  'withdraw-consent': withdrawConsentSchema,
  handoff: handoffSchema,
  draft: draftSchema,
  watch: watchSchema,
  unwatch: unwatchSchema,
  'get-events': getEventsSchema,
  'get-list': getListSchema,
  typing: typingSchema,
  mark: markSchema,
  visit: visitFrameSchema,
  stream: streamSchema,
  'call-tool': callToolSchema,
  'tool-done': toolDoneSchema,
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
  {
    type:
      | 'send'
      | 'note'
      | 'take'
      | 'transfer'
      | 'resolve'
      | 'set-status'
      | 'set-presence'
      | 'accept'
      | 'decline'
      | 'ask'
      | 'answer'
      | 'request-human'
      | 'cancel-handoff'
      | 'withdraw-consent'
      | 'handoff'
      | 'draft';
  }
>;
/** Frames that ask for something: each is answered by a frame of its own kind with its id, or by `nack`. */
export type QueryFrame = Extract<FromClient, { type: 'watch' | 'get-events' | 'get-list' | 'call-tool' }>;
