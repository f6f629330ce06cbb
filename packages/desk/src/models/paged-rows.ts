import { batch, computed, type Signal, signal } from '@preact/signals';
import { sentenceOf } from './problems.ts';

/** One page of a list, from a cursor on; null: from its beginning. */
type AskPage<Row> = (cursor: string | null) => Promise<{ rows: readonly Row[]; cursor: string | null }>;

/** A list that comes in pages, each when it is asked for. What was loaded stays on screen while it is brought up to date. */
export function createPagedRows<Row>(parts: { keyOf: (row: Row) => unknown; problem: Signal<string | null> }) {
  const { keyOf, problem } = parts;
  const rows = signal<readonly Row[] | null>(null);
  const cursor = signal<string | null>(null);
  const isBusy = signal(false);
  let turn = 0;
  let pages = 0;
  let shown: string | null = null;

  async function load(ask: AskPage<Row>, isMore: boolean): Promise<void> {
    const mine = ++turn;
    const known = rows.peek() ?? [];
    const last = known.at(-1);
    let found: readonly Row[] = isMore ? known : [];
    let next = isMore ? cursor.peek() : null;
    let asked = 0;
    // New rows move the old ones on to the page after.
    const isWhole = () =>
      next === null || isMore || last === undefined || asked > pages || found.some((row) => keyOf(row) === keyOf(last));
    batch(() => {
      isBusy.value = true;
      problem.value = null;
    });
    try {
      do {
        const page = await ask(next);
        if (mine !== turn) return;
        found = [...found, ...page.rows];
        next = page.cursor;
        asked += 1;
      } while (!isWhole());
      pages = isMore ? pages + 1 : asked;
      batch(() => {
        rows.value = found;
        cursor.value = next;
      });
    } catch (error) {
      if (mine === turn) problem.value = sentenceOf(error);
    } finally {
      if (mine === turn) isBusy.value = false;
    }
  }

  return {
    rows,
    isBusy,
    hasMore: computed(() => cursor.value !== null),
    /** The list of this name: from its beginning, or as far as it is on screen already. */
    show(name: string, ask: AskPage<Row>): Promise<void> {
      if (name !== shown)
        batch(() => {
          shown = name;
          rows.value = null;
          cursor.value = null;
        });
      return load(ask, false);
    },
    /** Nobody looks at it any more. */
    leave() {
      shown = null;
    },
    loadMore: async (ask: AskPage<Row>): Promise<void> => {
      if (!isBusy.peek() && cursor.peek() !== null) await load(ask, true);
    },
  };
}
