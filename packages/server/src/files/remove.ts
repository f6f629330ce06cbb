import type { FileRow, FileStore, Store } from '../ports.ts';

/**
 * Removes files for good. The bytes first: a row whose bytes are gone is found again, bytes whose row is gone are not. Whatever breaks off can be begun
 * again. Returns how many there were.
 */
export async function removeAll(
  rows: readonly FileRow[],
  { store, files }: { store: Pick<Store, 'removeFiles'>; files: FileStore },
): Promise<number> {
  if (rows.length === 0) return 0;
  await removeBytes(rows, files);
  await store.removeFiles(rows.map(({ id }) => id));
  // What was on its way came before its row went, or is taken back by who stored it.
  await removeBytes(
    rows.filter(({ ready }) => !ready),
    files,
  );
  return rows.length;
}

/** With the pieces of those that are still on their way. */
export async function removeBytes(rows: readonly Pick<FileRow, 'key'>[], files: FileStore): Promise<void> {
  const keys = new Set<string>();
  for (const { key } of rows) {
    keys.add(key);
    for await (const piece of files.list(key)) keys.add(piece);
  }
  if (keys.size > 0) await files.delete([...keys]);
}
