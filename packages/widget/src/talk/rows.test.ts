import type { ConversationEvent, Entry, EventBody } from '@sveiki/sdk';
import { expect, it } from 'vitest';
import { rowsOf } from './rows.ts';

const start = new Date(2026, 10, 23, 12).getTime();
let seq = 0;
const entry = (
  actor: ConversationEvent['actor'],
  body: EventBody,
  at: number,
  delivery: Entry['delivery'] = null,
): Entry => {
  seq++;
  const event: ConversationEvent = {
    conversation: 'conversation-1',
    seq,
    publicSeq: seq,
    id: `event-${seq}`,
    at: start + at,
    actor,
    audience: 'public',
    body,
  };
  return { key: event.id, event, delivery, text: null, at: start + at, error: null };
};
const says = (who: 'mia' | 'Ada' | 'Ben', at: number, delivery: Entry['delivery'] = 'sent') =>
  entry(
    who === 'mia' ? { kind: 'visitor', id: 'mia' } : { kind: 'agent', id: who, name: who },
    { kind: 'message', blocks: [{ kind: 'text', text: 'Hello' }] },
    at,
    who === 'mia' ? delivery : null,
  );
const takes = (at: number) =>
  entry({ kind: 'system' }, { kind: 'assigned', owner: { id: 'ada', name: 'Ada' }, team: null, how: 'taken' }, at);
const begins = () =>
  entry(
    { kind: 'visitor', id: 'mia' },
    { kind: 'started', channel: 'chat', team: null, visitor: { id: 'mia', name: null }, locale: null, visit: null },
    0,
  );
/** Each row as a word: `d` a day, `-` a line, `Ada[` the first of a group, `Ada]` the last, `Ada[]` alone; `*` with its state. */
const drawn = (...entries: Entry[]) =>
  rowsOf(entries)
    .map((row) => {
      if (row.kind !== 'message') return row.kind === 'day' ? 'd' : '-';
      return `${row.author ?? 'me'}${row.isFirst ? '[' : ''}${row.isLast ? ']' : ''}${row.hasState ? '*' : ''}`;
    })
    .join(' ');

it('groups what one author says within three minutes', () => {
  expect(drawn(says('Ada', 0), says('Ada', 60_000), says('Ada', 240_000), says('Ada', 420_001))).toBe(
    'd Ada[ Ada Ada] Ada[]',
  );
});
it('begins a new group with another author', () => {
  expect(drawn(says('mia', 0), says('Ada', 1), says('Ben', 2))).toBe('d me[]* Ada[] Ben[]');
});
it('ends a group at a line', () => {
  expect(drawn(says('Ada', 0), takes(1), says('Ada', 2))).toBe('d Ada[] - Ada[]');
});
it('names each day once', () => {
  const day = 86_400_000;
  expect(drawn(says('Ada', 0), says('Ada', day), takes(day + 1), says('Ada', 2 * day))).toBe(
    'd Ada[] d Ada[] - d Ada[]',
  );
});
it('gives events nobody has to read no row', () => {
  expect(drawn(begins())).toBe('');
});
it('shows the state under the last own message and under each that failed', () => {
  expect(drawn(says('mia', 0), says('mia', 1, 'failed'), says('mia', 2))).toBe('d me[ me* me]*');
});
it('takes a message that is still on its way for an own one', () => {
  const waiting: Entry = { key: 'k', event: null, delivery: 'sending', text: 'Hello', at: start, error: null };
  expect(drawn(waiting)).toBe('d me[]*');
});
