import { type ConversationEvent, plainText } from '@sveiki/protocol';
import type { Unsent } from '../connection/outbox.ts';
import type { Entry } from '../host/types.ts';
import type { Log } from './copy.ts';

/** A visitor's own message: its id is the client's own, so it names the line on screen before and after it is stored. */
export const isOwn = ({ actor, body }: ConversationEvent) => actor.kind === 'visitor' && body.kind === 'message';

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
  const keep = (entry: Entry): Entry => {
    const old = known.get(entry.key);
    return old && old.event === entry.event && old.delivery === entry.delivery && old.error === entry.error
      ? old
      : entry;
  };
  /** How far the agent is who is furthest. */
  const furthest = (cursor: 'delivered' | 'read') =>
    Math.max(0, ...(log?.receipts ?? []).map((receipt) => (receipt.reader.kind === 'agent' ? receipt[cursor] : 0)));
  const read = furthest('read');
  const delivered = furthest('delivered');
  const entries = [
    ...(log?.events ?? []).map((event) => {
      const { seq, at } = event;
      const own = isOwn(event);
      return keep({
        key: own ? event.id : event.conversation + seq,
        event,
        delivery: own ? (seq <= read ? 'read' : seq <= delivered ? 'delivered' : 'sent') : null,
        text: null,
        at,
        error: null,
      });
    }),
    ...[...unsent]
      .filter(([, { act }]) => !act)
      .map(([key, { blocks, at, error = null, seq }]) =>
        keep({
          key,
          event: null,
          delivery: error ? 'failed' : seq ? 'sent' : 'sending',
          text: plainText(blocks),
          at,
          error,
        }),
      ),
  ];
  return entries.length === before.length && entries.every((entry, i) => entry === before[i]) ? before : entries;
}
