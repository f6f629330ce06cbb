import type { ChatError, ChatState, ConversationEvent, Owner } from '@sveiki/sdk';
import type { Catalogue } from '../locales/catalogue.ts';
import { bare, type Formats, fill, isSameDay } from './formats.ts';

/** A name as the visitor sees it: a bot is always called one. */
export const shownName = (who: { name: string; bot?: boolean; kind?: string }, words: Catalogue): string =>
  who.bot || who.kind === 'bot' ? fill(words.bot, who.name) : bare(who.name);

/** What happened, in one soft line; empty for what is not worth one. */
export function lineOf({ body }: ConversationEvent, words: Catalogue): string {
  switch (body.kind) {
    case 'assigned':
      return fill(body.how === 'returned' ? words.returned : words.joined, shownName(body.owner, words));
    case 'queued':
      // Who asked for a person is told so in another place; who was only put into the right queue was never in another.
      return /^(handoff|routed)$/.test(body.why) ? '' : words.queued;
    case 'asked':
      return words.asked;
    case 'resolved':
      return words.resolved;
    case 'reopened':
      return words.reopened;
    default:
      return '';
  }
}

/** Who answers, and when: the line under the names. */
export function statusOf({ site }: ChatState, words: Catalogue, formats: Formats, now: number): string {
  if (!site || site.paused) return '';
  const { availability, opensAt, usualReplyMs } = site;
  if (availability === 'closed') {
    if (opensAt === null) return words.closed;
    return isSameDay(opensAt, now)
      ? fill(words.opens, formats.clock(opensAt))
      : fill(words.opensOn, formats.dayTime(opensAt));
  }
  if (availability === 'away') return words.away;
  const duration = usualReplyMs === null ? '' : formats.duration(usualReplyMs);
  return duration ? fill(words.usualReply, duration) : words.online;
}

/** The visitor's place in the queue, with the expected wait when it can be said honestly. */
export function queueLine({ queue }: ChatState, words: Catalogue, formats: Formats): string {
  if (!queue) return '';
  const ahead = queue.position - 1;
  const place = ahead < 1 ? words.next : formats.plural(ahead, words.ahead);
  const duration = queue.waitMs === null ? '' : formats.duration(queue.waitMs);
  return duration ? fill(words.wait, place, duration) : place;
}

/** The connection, when there is something to say about it. */
export const connectionLine = (status: ChatState['connection']['status'], words: Catalogue): string =>
  status === 'connecting' || status === 'reconnecting' || status === 'offline' ? words[status] : '';

/** Why the relay does not serve this chat, in the visitor's words. */
export function problemLine({ code }: ChatError, words: Catalogue): string {
  if (/identity|session|signed-out/.test(code)) return words.signIn;
  if (code === 'blocked') return words.blocked;
  return code === 'version' ? words.outdated : words.refused;
}

/** Who types. `owner`: who has the conversation, perhaps a bot. */
export function typingLine(names: readonly string[], words: Catalogue, owner?: Owner | null): string {
  const shown = names.map((name) => (owner?.name === name ? shownName(owner, words) : name));
  return shown.length > 0 ? fill(shown.length > 1 ? words.typingSeveral : words.typing, shown.join(', ')) : '';
}
