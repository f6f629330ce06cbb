export * from './apply-event.ts';
export * from './close-codes.ts';
export * from './decode.ts';
export * from './desk-data.ts';
export * from './entities/block.ts';
export * from './entities/conversation.ts';
export * from './entities/event.ts';
export * from './entities/exchange.ts';
export * from './entities/ids.ts';
export * from './entities/people.ts';
export * from './entities/routing.ts';
export * from './erase-event.ts';
export * from './errors.ts';
export * from './forms/answers.ts';
export * from './forms/check-form.ts';
export * from './forms/form.ts';
export * from './forms/schema.ts';
export * from './forms/score.ts';
export * from './forms/texts.ts';
export * from './forms/with-teams.ts';
export * from './from-client/answer.ts';
export * from './from-client/ask.ts';
export * from './from-client/draft.ts';
export * from './from-client/get-events.ts';
export * from './from-client/get-list.ts';
export * from './from-client/handoff.ts';
export * from './from-client/hello.ts';
export * from './from-client/mark.ts';
export * from './from-client/note.ts';
export * from './from-client/offer.ts';
export * from './from-client/pong.ts';
export * from './from-client/resolve.ts';
export * from './from-client/send.ts';
export * from './from-client/set-presence.ts';
export * from './from-client/set-status.ts';
export * from './from-client/stream.ts';
export * from './from-client/take.ts';
export * from './from-client/tool.ts';
export * from './from-client/transfer.ts';
export * from './from-client/typing.ts';
export * from './from-client/visit.ts';
export * from './from-client/watch.ts';
export * from './from-client/withdraw-consent.ts';
export * from './from-client.ts';
export * from './from-server/ack.ts';
export * from './from-server/event.ts';
export * from './from-server/list.ts';
export * from './from-server/live.ts';
export * from './from-server/welcome.ts';
export * from './from-server.ts';
export * from './limits.ts';
export {
  createMask,
  isMasked,
  MASKED_KINDS,
  type Mask,
  type Masked,
  type MaskSettings,
  maskValue,
} from './masking/mask.ts';
export { patternProblem } from './masking/patterns.ts';
export * from './queue-order.ts';
export * from './unreachable.ts';
export * from './version.ts';
