import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { AgentState, WatchedConversation } from '@sveiki/sdk/agent';

/** The newest public number of the conversation that this agent has read, as far as its receipts know. */
export function readUpTo({ receipts }: WatchedConversation, agent: string): number {
  return receipts.find(({ reader }) => reader.kind === 'agent' && reader.id === agent)?.read ?? 0;
}

/** Messages of the visitor after `read`. */
export function unreadAfter({ events }: WatchedConversation, read: number): number {
  let unread = 0;
  for (let index = events.length - 1; index >= 0; index -= 1) {
    const event = events[index];
    if (event === undefined || (event.publicSeq !== null && event.publicSeq <= read)) break;
    if (event.body.kind === 'message' && event.actor.kind === 'visitor') unread += 1;
  }
  return unread;
}

/** What of the agent's own conversations he has not read yet. Reading counts at once, before the relay's receipt is back. */
export function createUnread(state: ReadonlySignal<AgentState>) {
  const readHere = signal<ReadonlyMap<string, number>>(new Map());

  const knownRead = (one: WatchedConversation, agent: string) =>
    Math.max(readUpTo(one, agent), readHere.value.get(one.state.id) ?? 0);

  const byConversation = computed(() => {
    const { me, watched } = state.value;
    const unread = new Map<string, number>();
    if (me === null) return unread;
    for (const [id, one] of watched) {
      if (one.state.owner?.id !== me.id || one.state.status === 'resolved') continue;
      const count = unreadAfter(one, knownRead(one, me.id));
      if (count > 0) unread.set(id, count);
    }
    return unread;
  });

  return {
    byConversation,
    /** The newest public number read, from here or from the relay; 0 when nothing was. */
    readUpTo(conversation: string): number {
      const one = state.value.watched.get(conversation);
      return one === undefined || state.value.me === null ? 0 : knownRead(one, state.value.me.id);
    },
    total: computed(() => [...byConversation.value.values()].reduce((sum, count) => sum + count, 0)),
    /** True when there was something to mark. */
    markRead(conversation: string): boolean {
      const one = state.value.watched.get(conversation);
      const agent = state.value.me?.id;
      if (one === undefined || agent === undefined) return false;
      if (one.state.publicHead <= knownRead(one, agent)) return false;
      readHere.value = new Map(readHere.value).set(conversation, one.state.publicHead);
      return true;
    },
  };
}
export type UnreadModel = ReturnType<typeof createUnread>;
