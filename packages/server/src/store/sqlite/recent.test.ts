import { expect, test } from 'vitest';
import type { Batch } from '../../ports.ts';
import { checkBatch } from '../batch.ts';
import { logOf, together } from '../contract.ts';
import { pack } from './pack.ts';
import { createRecent, type Recent } from './recent.ts';

const say = (text: string) => ({ kind: 'message' as const, blocks: [{ kind: 'text' as const, text }] });
const positions = (recent: Recent, after: number, limit = 10) =>
  recent.eventsAfter(after, limit).map(({ position, event }) => `${position} ${event.conversation} ${event.seq}`);

function keep(recent: Recent, batch: Batch, position: number): void {
  const eventsOf = checkBatch(batch);
  recent.keep(batch.conversations, pack(batch, eventsOf).conversations, eventsOf, position);
}

test('gives the events of one commit the numbers in which the writer took them: by conversation, what is resolved first', () => {
  const recent = createRecent();
  const [one, two] = [logOf('conv-one'), logOf('conv-two', 'noah')];
  keep(recent, together(one.start(1), two.start(1)), 12);
  keep(recent, together(one.next(2, ['v:mia', say('a')]), two.next(2, ['a:ada', { kind: 'resolved' }])), 14);
  expect(positions(recent, 10)).toEqual(['11 conv-one 1', '12 conv-two 1', '13 conv-two 2', '14 conv-one 2']);
  expect(positions(recent, 11, 2)).toEqual(['12 conv-two 1', '13 conv-two 2']);
});

test('answers nothing with a hole in it: before what it remembers, and where another process stored something', () => {
  const recent = createRecent();
  const log = logOf('conv-one');
  keep(recent, log.start(1), 5);
  expect(positions(recent, 3)).toEqual([]);
  expect(positions(recent, 4)).toEqual(['5 conv-one 1']);
  keep(recent, { ...log.next(2, ['v:mia', say('a')]), cursors: [] }, 7);
  expect(positions(recent, 4)).toEqual([]);
  expect(positions(recent, 6)).toEqual(['7 conv-one 2']);
  expect(positions(recent, 7)).toEqual([]);
});

test('goes on after a commit without events', () => {
  const recent = createRecent();
  const log = logOf('conv-one');
  keep(recent, log.start(1), 1);
  keep(recent, { events: [], conversations: [], visitors: [], visitorSessions: [], cursors: [] }, 0);
  keep(recent, log.next(2, ['v:mia', say('a')]), 2);
  expect(positions(recent, 0)).toEqual(['1 conv-one 1', '2 conv-one 2']);
});

test('forgets the oldest events', () => {
  const recent = createRecent();
  const log = logOf('conv-one');
  keep(recent, log.start(1), 1);
  for (let n = 2; n <= 3_000; n++) keep(recent, log.next(n, ['v:mia', say('a')]), n);
  expect(positions(recent, 0)).toEqual([]);
  expect(recent.eventsAfter(2_500, 5_000)).toHaveLength(500);
});

test('knows a state only as of its head, and not of what is resolved', () => {
  const recent = createRecent();
  const log = logOf('conv-one');
  keep(recent, log.start(1), 1);
  expect(recent.state('conv-one', 1)).toBe(log.state());
  expect(recent.state('conv-one', 2)).toBeUndefined();
  keep(recent, log.next(2, ['a:ada', { kind: 'resolved' }]), 2);
  expect(recent.state('conv-one', 2)).toBeUndefined();
});
