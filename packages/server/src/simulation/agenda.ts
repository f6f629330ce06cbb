/** Things to be done, given out in the order of their time; those of one time in the order they were put in. */
export interface Agenda<T> {
  put(at: number, what: T): void;
  next(): { at: number; what: T } | null;
  /** When the next thing is due; null when there is none. */
  due(): number | null;
}

interface Entry<T> {
  at: number;
  order: number;
  what: T;
}

/** A binary heap: a day of a large desk is a million events. */
export function createAgenda<T>(): Agenda<T> {
  const heap: Entry<T>[] = [];
  let order = 0;
  const isBefore = (a: number, b: number): boolean => {
    const [x, y] = [heap[a], heap[b]];
    if (x === undefined || y === undefined) return x !== undefined;
    return x.at < y.at || (x.at === y.at && x.order < y.order);
  };
  const swap = (a: number, b: number): void => {
    const [x, y] = [heap[a], heap[b]];
    if (x === undefined || y === undefined) return;
    heap[a] = y;
    heap[b] = x;
  };
  return {
    put(at, what) {
      let place = heap.push({ at, order: order++, what }) - 1;
      while (place > 0) {
        const parent = (place - 1) >> 1;
        if (!isBefore(place, parent)) break;
        swap(place, parent);
        place = parent;
      }
    },
    next() {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined) return null;
      if (heap.length === 0) return first;
      heap[0] = last;
      for (let place = 0; ; ) {
        const [left, right] = [2 * place + 1, 2 * place + 2];
        const child = isBefore(right, left) ? right : left;
        if (!isBefore(child, place)) return first;
        swap(child, place);
        place = child;
      }
    },
    due: () => heap[0]?.at ?? null,
  };
}
