import { statfs } from 'node:fs/promises';

/** With less than this the next messages may find no room: time to say so, while there is still some. */
const MIN_FREE_BYTES = 8 * 1024 * 1024;

/** Whether the disk under `folder` has room for some more messages. Where a disk does not say, the writing itself will. */
export async function hasRoom(folder: string, measure: typeof measureDisk = measureDisk): Promise<boolean> {
  try {
    return (await measure(folder)) >= MIN_FREE_BYTES;
  } catch {
    return true;
  }
}

/** Bytes that may be written there without the rights of root. */
async function measureDisk(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
