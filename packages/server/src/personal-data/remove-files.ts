import type { FileRow, FileStore, Store } from '../ports.ts';

/** The bytes first: a row whose bytes are gone is found again, bytes whose row is gone are not. Returns how many there were. */
export async function removeAll(
  rows: readonly FileRow[],
  { store, files }: { store: Pick<Store, 'removeFiles'>; files: FileStore },
): Promise<number> {
  if (rows.length === 0) return 0;
  const keys = new Set<string>();
  for (const { key } of rows) {
    keys.add(key);
    // Of one that is still on its way there are pieces.
    for await (const piece of files.list(key)) keys.add(piece);
  }
  await files.delete([...keys]);
  await store.removeFiles(rows.map(({ id }) => id));
  return rows.length;
}
