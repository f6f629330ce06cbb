import { numberOrNull, type Sample } from './fits.ts';
import { receiptShape, snapshotShape } from './read.ts';

export { hide } from './hide.ts';
/** What it takes to follow a conversation. Fetched with the first one that is heard of: who only looks in does not need it. */
export { addEvents, addOlder, addReceipt, addSnapshot } from './log.ts';
export { questionOf } from './question.ts';
export { readEvents } from './read.ts';

/** What a frame about a conversation must have so that it can be looked at; what is inside is read with care. */
export const conversationShapes: { readonly [type: string]: Sample } = {
  snapshot: snapshotShape,
  event: {},
  events: { id: '', conversation: '' },
  ack: { id: '', conversation: '', seq: 0 },
  typing: { conversation: '', who: { name: '' } },
  receipt: { conversation: '', ...receiptShape },
  queue: { conversation: '', position: numberOrNull, waitMs: numberOrNull },
  stream: { message: '', who: { id: '', name: '' }, text: '' },
  'tool-call': { call: '', tool: '', who: { name: '' }, input: {} },
};
