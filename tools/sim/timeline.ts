import type { Clock } from '../../packages/server/src/ports.ts';

/** One virtual time for everything in a world: what is due runs in order, and after each everything that promises brought about. */
export interface Timeline extends Clock {
  /** Runs everything due within the next `ms`. */
  run(ms: number): Promise<void>;
  /** Nothing runs any more. */
  halt(): void;
}

interface Due {
  at: number;
  order: number;
  run: (() => void) | null;
}

/** A row of things to do, the one that is due first on top. What was called off stays in it until its turn. */
export function createTimeline(startAt: number): Timeline {
  let now = startAt;
  let order = 0;
  let isHalted = false;
  const heap: Due[] = [];
  const isBefore = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

  function push(due: Due): void {
    let place = heap.push(due) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above] as Due;
      if (isBefore(parent, due)) break;
      heap[place] = parent;
      heap[above] = due;
      place = above;
    }
  }

  function pop(): Due | undefined {
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let place = 0;
    for (;;) {
      let below = place * 2 + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Due, heap[below] as Due)) below += 1;
      const child = heap[below] as Due;
      if (isBefore(last, child)) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = last;
    return top;
  }

  return {
    now: () => now,
    after(ms, run) {
      const due: Due = { at: now + Math.max(0, Math.ceil(ms)), order: order++, run };
      push(due);
      return () => {
        due.run = null;
      };
    },
    async run(ms) {
      const until = now + ms;
      await quiet();
      for (let due = heap[0]; !isHalted && due !== undefined && due.at <= until; due = heap[0]) {
        pop();
        if (due.run === null) continue;
        now = due.at;
        due.run();
        await quiet();
      }
      now = Math.max(now, until);
    },
    halt() {
      isHalted = true;
    },
  };
}

/** Everything that only waits for its turn has had it: a callback of the event loop comes after all promises. */
const quiet = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
