import { type ConversationEvent, plainText } from '@sveiki/protocol';
import type { Unsent } from '../connection/outbox.ts';
import type { DeliveryState, Entry } from '../host/types.ts';
import type { Log } from './log.ts';

/** A visitor's own message: its id is the client's own, so it names the line on screen before and after it is stored. */
export const isOwn = ({ actor, body }: ConversationEvent) => actor.kind === 'visitor' && body.kind === 'message';

/** How far agents are: a message up to `read` was read, up to `delivered` is on a screen. */
function deliveryOf(seq: number, delivered: number, read: number): DeliveryState {
  return seq <= read ? 'read' : seq <= delivered ? 'delivered' : 'sent';
}

/**
 * The lines of the conversation: the log, then what is still on its way, in the order it was written. Lines that did not change are taken from
 * `before`, and so is the whole list when none did.
 */
export function entriesOf(
  log: Log | null,
  unsent: ReadonlyMap<string, Unsent>,
  before: readonly Entry[],
): readonly Entry[] {
  const known = new Map(before.map((entry) => [entry.key, entry]));
  const stored = new Set<string>();
  let delivered = 0;
  let read = 0;
  for (const receipt of log?.receipts ?? []) {
    if (receipt.reader.kind !== 'agent') continue;
    delivered = Math.max(delivered, receipt.delivered);
    read = Math.max(read, receipt.read);
  }
  const keep = (entry: Entry): Entry => {
    const old = known.get(entry.key);
    return old && old.event === entry.event && old.delivery === entry.delivery && old.error === entry.error
      ? old
      : entry;
  };
  const entries = (log?.events ?? []).map((event) => {
    const own = isOwn(event);
    if (own) stored.add(event.id);
    const delivery = own ? deliveryOf(event.seq, delivered, read) : null;
    return keep({
      key: own ? event.id : event.conversation + event.seq,
      event,
      delivery,
      text: null,
      at: event.at,
      error: null,
    });
  });
  for (const [key, { blocks, at, error = null, seq }] of unsent) {
    if (stored.has(key)) continue;
    const delivery = error ? 'failed' : seq ? 'sent' : 'sending';
    entries.push(keep({ key, event: null, delivery, text: plainText(blocks), at, error }));
  }
  return entries.length === before.length && entries.every((entry, i) => entry === before[i]) ? before : entries;
}
