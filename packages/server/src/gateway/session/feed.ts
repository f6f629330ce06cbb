import { type ConversationEvent, type FromServer, gapBefore, LIMITS, type SnapshotBody } from '@sveiki/protocol';
import { type Reader, viewEvent, viewState } from '../../domain/audience.ts';
import type { Engine } from '../../engine/engine.ts';
import type { BusMessage, ConversationRow, CursorRow, Store, StoredEvent } from '../../ports.ts';
import { pageFor, pageOf } from './page.ts';

/** A commit's events for one conversation, with the frames they make: built once for all readers of an audience. */
export interface Published {
  message: Extract<BusMessage, { kind: 'events' }>;
  frames: { visitor: Frame[] | null; agent: Frame[] | null };
  /** What the frames of all readers have in common, by the place of the event. */
  shared: string[];
}
interface Frame {
  seq: number;
  text: string;
}

export function publishedFrames(published: Published, reader: Reader['kind']): Frame[] {
  published.frames[reader] ??= framesOf(published.message.events, reader, published.shared);
  return published.frames[reader];
}

export function framesOf(events: readonly StoredEvent[], reader: Reader['kind'], shared: string[] = []): Frame[] {
  const frames: Frame[] = [];
  for (const [place, event] of events.entries()) {
    const view = viewEvent(event, reader);
    if (view !== null) frames.push({ seq: view.seq, text: textOf(view, event, shared, place) });
  }
  return frames;
}

/** The frame of an event as this reader sees it. Most readers see the same but for its numbers: that part is written once for all of them. */
function textOf(view: ConversationEvent, event: StoredEvent, shared: string[], place: number): string {
  if (view.body !== event.body || view.actor !== event.actor) {
    return JSON.stringify({ type: 'event', event: view } satisfies FromServer);
  }
  const { conversation, seq, publicSeq, id, at, actor, audience, body } = view;
  shared[place] ??= JSON.stringify({ conversation, id, at, actor, audience, body }).slice(0, -1);
  return `{"type":"event","event":${shared[place]},"seq":${seq},"publicSeq":${publicSeq}}}`;
}

/**
 * One reader's line of one conversation: every event that he may see goes out once, in order, without a hole, whatever the bus loses or repeats.
 * While he is being brought up to date, what arrives is held back.
 */
export class Feed {
  /** The last number sent, in the reader's own count. */
  sent = 0;
  #held: Frame[] | null = null;

  deliver(frames: readonly Frame[], send: (text: string) => void, heal: () => void): void {
    if (this.#held !== null) {
      this.#held.push(...frames);
      return;
    }
    for (let i = 0; i < frames.length; i++) {
      const frame = frames[i] as Frame;
      const place = gapBefore(this.sent, frame);
      if (place === 'gap') {
        this.#held = frames.slice(i);
        heal();
        return;
      }
      if (place === 'next') {
        this.sent = frame.seq;
        send(frame.text);
      }
    }
  }

  /** Holds back what arrives until `release`. */
  hold(): void {
    this.#held ??= [];
  }

  /** Everything up to `sent` went out by another way; sends what was held back after it. */
  release(sent: number, send: (text: string) => void, heal: () => void): void {
    const held = this.#held ?? [];
    this.sent = Math.max(this.sent, sent);
    this.#held = null;
    this.deliver(held, send, heal);
  }
}

/** Brings a reader up to date: the events after what he has, or the newest page when he has nothing, too little, or more than there is. */
export async function snapshotFor(
  { store, engine }: { store: Store; engine: Engine },
  row: ConversationRow,
  reader: Reader['kind'],
  have: number | undefined,
): Promise<SnapshotBody> {
  const state = viewState(row.state, reader);
  const count = reader === 'agent' ? 'staff' : 'public';
  const missing = have === undefined || have === 0 ? Number.POSITIVE_INFINITY : state.head - have;
  const receipts = (await engine.cursors(state.id)).flatMap((cursor) => receiptFor(cursor, reader) ?? []);
  if (have !== undefined && missing >= 0 && missing <= LIMITS.maxResumeEvents) {
    const rest =
      missing === 0 ? [] : (await store.events({ conversation: state.id, count, after: have, limit: missing })).events;
    const events = visible(rest, reader);
    if (pageOf(events, 'first').length === events.length)
      return { conversation: state, from: 'have', events, more: false, receipts };
  }
  const page = await store.events({
    conversation: state.id,
    count,
    before: state.head + 1,
    limit: LIMITS.defaultPageEvents,
  });
  return { conversation: state, from: 'newest', ...pageFor({}, visible(page.events, reader), page.more), receipts };
}

export function visible(events: readonly StoredEvent[], reader: Reader['kind']): ConversationEvent[] {
  return events.flatMap((event) => viewEvent(event, reader) ?? []);
}

/** The reader under whose name all who own or owned a conversation share one cursor, for the visitor: who else looks is not his to know. */
export const STAFF = 'staff';

/** The receipt as this reader may see it; null when it is not for him. @see SPEC [P1] */
export function receiptFor(
  { reader, delivered, read }: CursorRow,
  kind: Reader['kind'],
): SnapshotBody['receipts'][number] | null {
  if (reader === 'visitor') return { reader: { kind: 'visitor' }, delivered, read };
  return (reader === STAFF) === (kind === 'visitor')
    ? { reader: { kind: 'agent', id: reader }, delivered, read }
    : null;
}
