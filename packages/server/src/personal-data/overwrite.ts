import { type EventBody, eraseEvent } from '@sveiki/protocol';
import type { Store, StoredEvent } from '../ports.ts';

type Erased = Extract<EventBody, { kind: 'erased' }>;

/** Events read, and overwritten, in one go: a commit of so many keeps nobody waiting. */
const PAGE = 200;

/**
 * Overwrites what is stored of the events before an `erased` one with what is left of them, a page at a time. May be begun again at any point. Returns how many had
 * something to lose.
 */
export async function overwrite(
  store: Pick<Store, 'events' | 'overwriteEvents'>,
  conversation: string,
  erased: { seq: number; body: Erased },
  from = 0,
): Promise<number> {
  let count = 0;
  for (let after = from; ; ) {
    const { events, more } = await store.events({ conversation, count: 'staff', after, limit: PAGE });
    const changed = events.flatMap((event) => {
      const left = leftOf(event, erased);
      return JSON.stringify(left) === JSON.stringify(event) ? [] : [left];
    });
    if (changed.length > 0) await store.overwriteEvents(conversation, changed);
    count += changed.length;
    const last = events.at(-1);
    const { before = Number.POSITIVE_INFINITY } = erased.body;
    if (!more || last === undefined || last.seq >= erased.seq || last.at >= before) return count;
    after = last.seq;
  }
}

/** The visitor named his messages himself, and they were sent under his name: both go with him. */
export function leftOf(event: StoredEvent, erased: { seq: number; body: Erased }): StoredEvent {
  const left = eraseEvent(event, erased);
  const { visitor } = erased.body;
  if (visitor === undefined || event.seq >= erased.seq || !event.author.startsWith('v:')) return left;
  return { ...left, author: `v:${visitor}`, id: `gone-${event.seq}-${event.conversation}` };
}
