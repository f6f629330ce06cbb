import { computed, effect } from '@preact/signals-core';
import type { ChatState } from '@sveiki/sdk';
import { connectionLine, lineOf, queueLine, shownName, typingLine } from './lines.ts';
import { spoken } from './parts/text.tsx';
import type { Scene } from './talk.tsx';

/** A connection that is back before this was never away, as far as anybody has to hear. */
const patienceMs = 1_000;

/**
 * Says what is new to somebody who cannot see it: messages of others, each once; typing at most once a turn; the queue; what was not sent; the
 * connection. Never one's own words, and nothing that is history. Returns what ends it.
 */
export function tellNews(
  { _model: model, _chat: chat, _formats: formats }: Scene,
  say: (text: string) => void,
): () => void {
  const { _state: state, _words: words, _isOpen: isOpen } = model;
  const saidTyping = new Set<string>();
  let before: ChatState = state.peek();

  function tell(next: ChatState) {
    const known = new Set(before.entries);
    const newest = before.entries.at(-1)?.at ?? 0;
    for (const entry of next.entries) {
      if (known.has(entry)) continue;
      if (entry.delivery === 'failed') say(words.peek().notSent);
      // Older pages come in too; what they tell is history.
      const line = entry.event && entry.at >= newest && lineOf(entry.event, words.peek());
      if (line) say(line);
    }
    for (const name of next.typing) {
      if (!saidTyping.has(name)) say(typingLine([name], words.peek(), next.conversation?.owner));
      saidTyping.add(name);
    }
    const place = queueLine(next, words.peek(), formats.value);
    if (place && place !== queueLine(before, words.peek(), formats.value)) say(place);
  }

  const endMessages = chat.on('message', ({ actor, body }) => {
    saidTyping.clear();
    if (body.kind !== 'message') return;
    const author = 'name' in actor ? `${shownName(actor, words.peek())}: ` : '';
    say(
      isOpen.peek()
        ? author + spoken(body.blocks).trim()
        : formats.value.plural(chat.state.unread, words.peek().unread),
    );
  });
  const endState = effect(() => {
    const next = state.value;
    // What came with the welcome was there before.
    if (before.site && isOpen.peek()) tell(next);
    before = next;
  });
  const connection = computed(() => connectionLine(state.value.connection.status, words.value));
  let said = '';
  const endConnection = effect(() => {
    const line = connection.value;
    // A chat that was closed for good says why itself.
    if (!isOpen.value || line === said || !(line || state.peek().connection.status === 'online')) return;
    const timer = setTimeout(() => {
      say(line || words.peek().connected);
      said = line;
    }, patienceMs);
    return () => clearTimeout(timer);
  });
  return () => {
    endMessages();
    endState();
    endConnection();
  };
}
