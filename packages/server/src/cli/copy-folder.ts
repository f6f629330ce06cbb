import { constants } from 'node:fs';
import { copyFile, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PARTIAL } from '../files/directory.ts';
import { syncFolder } from '../sync-folder.ts';

/**
 * Copies a folder of files, folders in it too, and has the disk confirm it. What is removed or still being written meanwhile is left out. Resolves with how many files there
 * are in the copy. For nobody else to read.
 */
export async function copyFolder(from: string, to: string): Promise<number> {
  await mkdir(to, { mode: 0o700 });
  let count = 0;
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (entry.name.startsWith(PARTIAL)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) count += await copyFolder(source, target).catch(unlessGone);
    else if (entry.isFile()) count += await copyOne(source, target).catch(unlessGone);
  }
  syncFolder(to);
  return count;
}

/** The same for one file. */
export async function copyOne(source: string, target: string): Promise<number> {
  await copyFile(source, target, constants.COPYFILE_EXCL);
  const file = await open(target, 'r+');
  try {
    await file.chmod(0o600);
    await file.sync();
  } finally {
    await file.close();
  }
  return 1;
}

function unlessGone(error: NodeJS.ErrnoException): number {
  if (error.code !== 'ENOENT') throw error;
  return 0;
}
