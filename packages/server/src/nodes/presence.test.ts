import { describe, expect, it } from 'vitest';
import type { BusMessage } from '../ports.ts';
import { standingClock } from '../testing/relay-under-test.ts';
import { createElsewhere } from './presence.ts';

function nodes() {
  const clock = standingClock();
  const published: BusMessage[] = [];
  let isCut = false;
  const all: Node[] = [];
  for (const name of ['one', 'two']) {
    const here: string[] = [];
    const seen: string[][] = [];
    const elsewhere = createElsewhere({
      bus: {
        publish(message) {
          published.push(message);
          if (!isCut && message.kind === 'here') for (const other of all) other.elsewhere.hear(message);
        },
        subscribe: () => () => {},
        onUp: () => () => {},
        close: async () => {},
      },
      clock,
      node: name,
      here: () => here,
      changed: (agents) => void seen.push([...agents]),
    });
    all.push({ here, seen, elsewhere });
  }
  const [one, two] = all as [Node, Node];
  const cut = (value: boolean): void => {
    isCut = value;
  };
  return { clock, published, one, two, cut };
}
interface Node {
  here: string[];
  seen: string[][];
  elsewhere: ReturnType<typeof createElsewhere>;
}

describe('who is connected to another node', () => {
  it('is told at once, and no more often than it changes', () => {
    const { one, two, published } = nodes();
    const before = published.length;
    one.here.push('ada');
    one.elsewhere.tell();
    one.elsewhere.tell();
    expect(two.seen).toEqual([['ada']]);
    expect(published.length - before).toBe(1);
    expect(one.seen).toEqual([]);
  });

  it('is gone with a node that falls silent, and not with one beat that was lost', async () => {
    const { clock, one, two, cut } = nodes();
    one.here.push('ada');
    one.elsewhere.tell();
    cut(true);
    await clock.advance(10_000);
    expect(two.seen).toEqual([['ada']]);
    await clock.advance(7_000);
    expect(two.seen).toEqual([['ada'], []]);
    cut(false);
    await clock.advance(5_000);
    expect(two.seen.at(-1)).toEqual(['ada']);
  });

  it('is gone at once with a node that stops', () => {
    const { one, two } = nodes();
    one.here.push('ada', 'ben');
    one.elsewhere.tell();
    one.elsewhere.stop();
    expect(two.seen).toEqual([['ada', 'ben'], []]);
  });
});
