import type { Entry } from '@sveiki/sdk';
import { bare, isSameDay } from './formats.ts';

const groupMs = 180_000;

/** A message with its place in its group. */
export interface MessageRow {
  kind: 'message';
  key: string;
  entry: Entry;
  /** Null for the visitor himself. */
  author: string | null;
  isFirst: boolean;
  isLast: boolean;
  /** The delivery state is shown under the last message of one's own, and under each that failed. */
  hasState: boolean;
}

/** One line of the list: a message, the name of a day, a soft line about what happened. */
export type Row = MessageRow | { kind: 'day'; key: string; at: number } | { kind: 'line'; key: string; entry: Entry };

/** Kinds of events that are worth a line. */
const told = ['assigned', 'queued', 'resolved', 'reopened', 'asked'];

/** Who says it; null is the visitor himself. Undefined when it is no message. */
export function authorOf({ event }: Entry): string | null | undefined {
  if (!event) return null;
  if (event.body.kind !== 'message') return undefined;
  const { actor } = event;
  return actor.kind === 'visitor' ? null : 'name' in actor && typeof actor.name === 'string' ? bare(actor.name) : '';
}

export function rowsOf(entries: readonly Entry[]): Row[] {
  const rows: Row[] = [];
  let before: Exclude<Row, { kind: 'day' }> | undefined;
  let lastOwn: MessageRow | undefined;
  for (const entry of entries) {
    const { key, at, event } = entry;
    // Its words are gone, see SPEC [E5].
    if (event?.body.kind === 'message' && event.body.blocks.length === 0) continue;
    const author = authorOf(entry);
    if (author === undefined && !told.includes(event?.body.kind ?? '')) continue;
    if (!before || !isSameDay(before.entry.at, at)) rows.push({ kind: 'day', key: `day ${at}`, at });
    if (author === undefined) {
      before = { kind: 'line', key, entry };
    } else {
      const isFirst =
        before?.kind !== 'message' ||
        before.author !== author ||
        at - before.entry.at > groupMs ||
        !isSameDay(before.entry.at, at);
      if (!isFirst && before?.kind === 'message') before.isLast = false;
      const message: MessageRow = {
        kind: 'message',
        key,
        entry,
        author,
        isFirst,
        isLast: true,
        hasState: entry.delivery === 'failed',
      };
      if (author === null) lastOwn = message;
      before = message;
    }
    rows.push(before);
  }
  if (lastOwn) lastOwn.hasState = true;
  return rows;
}
