import { open, readFile } from 'node:fs/promises';
import type { ErasureRow, Store } from '../ports.ts';
import type { Eraser } from './eraser.ts';
import { personKey } from './keys.ts';
import { letOthers } from './let-others.ts';

/** Name of the list in the data folder. It lies beside the database, so that a database that is restored does not bring back who was forgotten. */
export const ERASURE_LIST_FILE = 'erasures.jsonl';
const PAGE = 500;

/** Who was forgotten, by keys that name nobody: what a backup is cleaned by when it is restored. */
export interface ErasureList {
  /** Durable when it resolves. */
  add(row: Pick<ErasureRow, 'id' | 'person' | 'erasedAt'>): Promise<void>;
  persons(): Promise<string[]>;
}

/** The list as a file with a line for each. */
export function erasureListIn(file: string): ErasureList {
  return {
    async add({ id, person, erasedAt }) {
      const handle = await open(file, 'a', 0o600);
      try {
        // What a crash left of the line before is a line of its own.
        await handle.appendFile(`\n${JSON.stringify({ erasure: id, person, erasedAt })}`);
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
    async persons() {
      const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '';
        throw error;
      });
      return text.split('\n').flatMap((line) => personIn(line));
    },
  };
}

function personIn(line: string): string[] {
  try {
    const { person } = JSON.parse(line) as { person?: unknown };
    return typeof person === 'string' ? [person] : [];
  } catch {
    return [];
  }
}

/**
 * Asks again that everybody of the list be forgotten who is there: in a database that was restored from before. Resolves with how many. Who is
 * known to be gone costs a look-up.
 */
export async function replayErasures(
  persons: readonly string[],
  {
    store,
    eraser,
    now,
    isStopped,
  }: { store: Store; eraser: Pick<Eraser, 'request'>; now: number; isStopped: () => boolean },
): Promise<number> {
  const wanted = new Set<string>();
  for (const part of inParts(persons)) {
    for (const person of part) if (!(await store.isShutOut([person]))) wanted.add(person);
    await letOthers();
    if (isStopped()) return 0;
  }
  if (wanted.size === 0) return 0;
  let count = 0;
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: Awaited<ReturnType<Store['visitorsAfter']>> = await store.visitorsAfter(after, PAGE);
    for (const { id } of page) {
      if (!wanted.delete(personKey(id))) continue;
      await eraser.request({ visitor: id, by: 'restore', reason: 'asked-by-person' });
      count += 1;
    }
    after = page.at(-1)?.id;
    await letOthers();
    // The next start goes through all of them again.
    if (isStopped()) return count;
  }
  // Of nobody's any more in this database; the others are shut out when their turn comes.
  for (const part of inParts([...wanted])) await store.shutOut('', part, now);
  return count;
}

function* inParts(all: readonly string[]): Generator<readonly string[]> {
  for (let from = 0; from < all.length; from += PAGE) yield all.slice(from, from + PAGE);
}
