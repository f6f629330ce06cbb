import type { ConversationEvent, ConversationState, Receipt } from '@sveiki/protocol';

/** One reader's copy of a conversation. Immutable. It travels between tabs, so its names stay as they are. */
export interface Log {
  id: string;
  /** After the last of `events`; null before the first. */
  state: ConversationState | null;
  /** Without holes, in order; the newest page and everything since. */
  events: readonly ConversationEvent[];
  /** Older events exist before the first one here. */
  hasOlder: boolean;
  receipts: readonly Receipt[];
  /** Events beyond a hole, kept until it is filled. */
  ahead: readonly ConversationEvent[];
}

export const emptyLog = (id: string): Log => ({
  id,
  state: null,
  events: [],
  hasOlder: false,
  receipts: [],
  ahead: [],
});

export const headOf = (log: Log): number => log.state?.head ?? 0;

/** The number of the first event here, or of the next one when there is none. */
export const firstOf = (log: Log): number => log.events[0]?.seq ?? headOf(log) + 1;

export const readerOf = ({ reader }: Pick<Receipt, 'reader'>) => ('id' in reader ? reader.id : undefined);

/** How far an agent, or (without an id) the visitor is, in public numbers. */
export function cursorOf(
  { receipts }: { receipts: readonly Receipt[] },
  id?: string,
): Pick<Receipt, 'delivered' | 'read'> {
  return receipts.find((receipt) => readerOf(receipt) === id) ?? { delivered: 0, read: 0 };
}
