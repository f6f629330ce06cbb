import type { ConversationRow, StoredEvent } from '../../ports.ts';
import type { PackedBatch } from './jobs.ts';

type State = ConversationRow['state'];
type Entry = { position: number; event: StoredEvent };

/** Conversations whose state is remembered. The engine holds the same objects, so that one more costs a place in a map. */
const MAX_STATES = 10_000;
/** Events that are remembered, at least half of them always. */
const MAX_EVENTS = 2_000;

/**
 * What this process stored a moment ago, as it is asked for right away: by those who follow the log, and by lists of conversations whose state lies
 * behind it. Only what is on the disk is ever in here, and none of it is needed: the file has it all.
 */
export interface Recent {
  /** A batch is stored; `position` is that of its last event. */
  keep(
    states: readonly { state: State }[],
    conversations: PackedBatch['conversations'],
    eventsOf: ReadonlyMap<string, readonly StoredEvent[]>,
    position: number,
  ): void;
  /** What is stored of these events is something else now. */
  overwrite(events: readonly StoredEvent[]): void;
  /** The state of a conversation as of this head. */
  state(conversation: string, head: number): State | undefined;
  /** The events right after a position without a hole, as many as are remembered; none when the first of them is not. */
  eventsAfter(position: number, limit: number): Entry[];
}

export function createRecent(): Recent {
  /** In order of last use. */
  const states = new Map<string, State>();
  /** Their positions follow each other. */
  let events: Entry[] = [];

  return {
    keep(rows, conversations, eventsOf, last) {
      for (const { state } of rows) {
        states.delete(state.id);
        if (state.status !== 'resolved') states.set(state.id, state);
      }
      for (const oldest of states.keys()) {
        if (states.size <= MAX_STATES) break;
        states.delete(oldest);
      }
      // In the order in which the writer took them, each with the next number.
      const stored = conversations.flatMap(([id]) => eventsOf.get(id) ?? []);
      if (stored.length === 0) return;
      let position = last - stored.length;
      // Another process stored something in between.
      if (events.at(-1)?.position !== position) events = [];
      for (const event of stored) events.push({ position: ++position, event });
      if (events.length > MAX_EVENTS) events = events.slice(-MAX_EVENTS / 2);
    },
    overwrite(changed) {
      const keyOf = ({ conversation, seq }: StoredEvent) => `${seq} ${conversation}`;
      const after = new Map(changed.map((event) => [keyOf(event), event]));
      events = events.map((entry) => ({ ...entry, event: after.get(keyOf(entry.event)) ?? entry.event }));
    },
    state(conversation, head) {
      const state = states.get(conversation);
      return state?.head === head ? state : undefined;
    },
    eventsAfter(position, limit) {
      const first = events[0]?.position ?? Number.POSITIVE_INFINITY;
      if (position + 1 < first) return [];
      return events.slice(position + 1 - first, position + 1 - first + limit);
    },
  };
}
