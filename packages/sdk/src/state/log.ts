import { applyEvent, type ConversationEvent, eraseEvent, type Receipt, type SnapshotBody } from '@sveiki/protocol';
import { cursorOf, firstOf, type Log, readerOf } from './copy.ts';

export { cursorOf, emptyLog, headOf, type Log } from './copy.ts';

/** A log and the events that are new in it. */
export type Grown = [log: Log, fresh: readonly ConversationEvent[]];

/** Puts events in: those seen before change nothing, the next ones are applied in order, those beyond a hole wait. */
export function addEvents(log: Log, incoming: readonly ConversationEvent[]): Grown {
  const waiting = new Map<number, ConversationEvent>();
  for (const event of [...log.ahead, ...incoming]) if (event.conversation === log.id) waiting.set(event.seq, event);
  let { state } = log;
  const fresh: ConversationEvent[] = [];
  for (;;) {
    const next = waiting.get((state?.head ?? 0) + 1);
    if (next === undefined) break;
    state = applyEvent(state, next);
    fresh.push(next);
  }
  const head = state?.head ?? 0;
  const ahead = [...waiting.values()].filter(({ seq }) => seq > head);
  if (fresh.length === 0 && ahead.length === log.ahead.length) return [log, fresh];
  const events = fresh.length > 0 ? fresh.reduce(afterErasure, [...log.events, ...fresh]) : log.events;
  return [{ ...log, state, events, ahead }, fresh];
}

/** What is gone at the relay is gone here. */
const afterErasure = (events: ConversationEvent[], { seq, body }: ConversationEvent): ConversationEvent[] =>
  body.kind === 'erased' ? events.map((event) => eraseEvent(event, { seq, body })) : events;

/** Puts a page of history before the first event. A page that does not end right before it is no page of this log. */
export function addOlder(log: Log, page: readonly ConversationEvent[], more: boolean): Log {
  const first = firstOf(log);
  const older = page.filter(({ seq, conversation }) => seq < first && conversation === log.id);
  if (older.length > 0 && older.at(-1)?.seq !== first - 1) return log;
  return { ...log, events: [...older, ...log.events], hasOlder: more };
}

/** What a reader has after a snapshot: his copy brought up to date, or a new copy when the relay began anew. */
export function addSnapshot(log: Log | null, { conversation, from, events, more, receipts }: SnapshotBody): Grown {
  const isSame = log?.id === conversation.id;
  if (from === 'have' && isSame && log.state) {
    const [grown, fresh] = addEvents(log, events);
    return [receipts.reduce(addReceipt, grown), fresh];
  }
  const begun: Log = { id: conversation.id, state: conversation, events, hasOlder: more, receipts, ahead: [] };
  return isSame ? addEvents(log.receipts.reduce(addReceipt, begun), log.ahead) : [begun, []];
}

/** Moves a reader's cursors on. They only rise. */
export function addReceipt(log: Log, { reader, delivered, read }: Receipt): Log {
  const id = readerOf({ reader });
  const old = cursorOf(log, id);
  if (delivered <= old.delivered && read <= old.read) return log;
  const next: Receipt = { reader, delivered: Math.max(delivered, old.delivered), read: Math.max(read, old.read) };
  return { ...log, receipts: [...log.receipts.filter((receipt) => readerOf(receipt) !== id), next] };
}
