import type { ConversationEvent } from '@sveiki/protocol';
import { staffView } from '../domain/log.ts';
import type { Store } from '../ports.ts';

const PAGE = 500;
/** Of a conversation that is longer the beginning counts: what a survey asks about is decided there. */
const MAX_EVENTS = 10_000;

/** The whole log of a conversation, as staff sees it. */
export async function logOf(store: Pick<Store, 'events'>, conversation: string): Promise<ConversationEvent[]> {
  const log: ConversationEvent[] = [];
  let more = true;
  while (more && log.length < MAX_EVENTS) {
    const page = await store.events({ conversation, count: 'staff', after: log.at(-1)?.seq ?? 0, limit: PAGE });
    log.push(...page.events.map(staffView));
    more = page.more && page.events.length > 0;
  }
  return log;
}
