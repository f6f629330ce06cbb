import type { ConversationEvent } from '@sveiki/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testClock } from '../testing/clock.ts';
import { fakeServer } from '../testing/fake-server.ts';
import { addEvents, addOlder, addReceipt, addSnapshot, cursorOf, emptyLog, headOf } from './log.ts';

const server = fakeServer({ clock: testClock() });
const id = server.visitor('Mia').say('Question 0');
server.agent('ada').take(id);
for (let i = 1; i < 30; i++)
  (i % 3 === 0 ? server.visitor('Mia').say : (text: string) => server.agent('ada').say(id, text))(`Line ${i}`);
const { state, events } = server.log(id, 'visitor');

describe('a log', () => {
  it('is the same whatever the order and repetition in which its events come', () => {
    const deliveries = fc
      .tuple(fc.shuffledSubarray(events, { minLength: events.length }), fc.array(fc.constantFrom(...events)))
      .chain(([all, again]) => fc.shuffledSubarray([...all, ...again], { minLength: all.length + again.length }));
    fc.assert(
      fc.property(deliveries, fc.integer({ min: 1, max: 7 }), (sequence, size) => {
        let log = emptyLog(id);
        const fresh: ConversationEvent[] = [];
        for (let i = 0; i < sequence.length; i += size) {
          const [next, added] = addEvents(log, sequence.slice(i, i + size));
          fresh.push(...added);
          log = next;
        }
        expect(log).toEqual({ ...emptyLog(id), state, events });
        expect(fresh).toEqual(events);
      }),
    );
  });

  it('takes no event of another conversation', () => {
    const [log, fresh] = addEvents(emptyLog('conversation-of-noah'), events);
    expect({ head: headOf(log), fresh, ahead: log.ahead }).toEqual({ head: 0, fresh: [], ahead: [] });
  });

  it('is itself when nothing new came', () => {
    const [log] = addEvents(emptyLog(id), events);
    expect(addEvents(log, events.slice(3))[0]).toBe(log);
    expect(addReceipt(log, { reader: { kind: 'visitor' }, delivered: 0, read: 0 })).toBe(log);
  });

  it('takes pages of history that end where it begins, and no others', () => {
    const newest = {
      conversation: state!,
      from: 'newest' as const,
      events: events.slice(20),
      more: true,
      receipts: [],
    };
    const [log] = addSnapshot(null, newest);
    expect(addOlder(log, events.slice(5, 18), true)).toBe(log);
    const older = addOlder(log, events.slice(10, 20), true);
    expect(older).toMatchObject({ events: events.slice(10), hasOlder: true });
    expect(addOlder(older, events.slice(0, 10), false)).toMatchObject({ events, hasOlder: false });
  });

  it('goes on after a snapshot with what was ahead of it', () => {
    const [ahead] = addEvents(emptyLog(id), events.slice(25));
    const upTo = addEvents(emptyLog(id), events.slice(0, 25))[0].state!;
    const [log, fresh] = addSnapshot(ahead, {
      conversation: upTo,
      from: 'newest',
      events: events.slice(10, 25),
      more: true,
      receipts: [],
    });
    expect(log).toMatchObject({ state, events: events.slice(10), ahead: [] });
    expect(fresh).toEqual(events.slice(25));
  });

  it('keeps cursors that only rise, over a snapshot too', () => {
    const reader = { kind: 'agent' as const, id: 'ada' };
    const [log] = addEvents(emptyLog(id), events);
    const read = addReceipt(addReceipt(log, { reader, delivered: 9, read: 4 }), { reader, delivered: 5, read: 5 });
    expect(cursorOf(read, 'ada')).toMatchObject({ delivered: 9, read: 5 });
    const [snapshot] = addSnapshot(read, {
      conversation: state!,
      from: 'newest',
      events,
      more: false,
      receipts: [{ reader, delivered: 3, read: 3 }],
    });
    expect(cursorOf(snapshot, 'ada')).toMatchObject({ delivered: 9, read: 5 });
  });
});
