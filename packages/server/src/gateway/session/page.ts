import type { ConversationEvent } from '@sveiki/protocol';

/** Bytes of the events of one page; a single larger event is a page by itself. @see SPEC [R4] */
export const MAX_PAGE_BYTES = 262_144;

/**
 * As many events as go into one page by `MAX_PAGE_BYTES`, the first or the last ones, and at least one. A page of two hundred long messages would fill
 * what may wait for a reader: he would be closed as a slow one whenever he is brought up to date, and never get further.
 */
export function pageOf(events: readonly ConversationEvent[], which: 'first' | 'last'): readonly ConversationEvent[] {
  let bytes = 0;
  let count = 0;
  for (; count < events.length; count++) {
    bytes += Buffer.byteLength(JSON.stringify(events.at(which === 'first' ? count : -1 - count)));
    if (count > 0 && bytes > MAX_PAGE_BYTES) break;
  }
  return which === 'first' ? events.slice(0, count) : events.slice(events.length - count);
}

/** The same for an answer to `get-events`: what lies next to the number it names. */
export function pageFor(
  frame: object,
  events: readonly ConversationEvent[],
  more: boolean,
): { events: ConversationEvent[]; more: boolean } {
  const kept = pageOf(events, 'after' in frame ? 'first' : 'last');
  return { events: [...kept], more: more || kept.length < events.length };
}
