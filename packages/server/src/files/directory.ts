import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type FileStore, StorageFull } from '../ports.ts';
import { checkKey } from './keys.ts';

/** Name of the folder of files in the data folder; a backup of the relay is its database and this folder. */
export const FILES_FOLDER = 'files';

/** What is being written has this before its name until it is whole. What a crash left of it is removed when a relay opens the folder. */
export const PARTIAL = '.partial-';
/** Keys are spread over folders by their beginning, so that none grows too large. */
const SHARD_CHARS = 2;
const READ_BYTES = 262_144;

/** Where the file with this key lies. */
export const pathOfFile = (folder: string, key: string): string =>
  join(folder, checkKey(key).slice(0, SHARD_CHARS), key);

/**
 * Files in a folder, for one node. Each is written beside its place, synced, and renamed, so that what can be read is whole and survives a power
 * cut. Names are the keys, which the relay makes: nothing that people wrote is part of a path. `isAlone`: nobody else writes there, so what is not whole
 * was broken off.
 */
export async function openDirectory(folder: string, { isAlone }: { isAlone: boolean }): Promise<FileStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of isAlone ? await readdir(folder) : [])
    if (name.startsWith(PARTIAL)) await rm(join(folder, name), { force: true });
  const shardOf = (key: string): string => dirname(pathOf(key));
  const pathOf = (key: string): string => pathOfFile(folder, key);

  return {
    async put(key, bytes) {
      const path = pathOf(key);
      const partial = join(folder, `${PARTIAL}${randomBytes(12).toString('hex')}`);
      try {
        const handle = await open(partial, 'wx', 0o600);
        try {
          await handle.writeFile(bytes);
          await handle.sync();
        } finally {
          await handle.close();
        }
        const made = await mkdir(shardOf(key), { recursive: true, mode: 0o700 });
        await rename(partial, path);
        await syncFolder(shardOf(key));
        if (made !== undefined) await syncFolder(folder);
      } catch (error) {
        await rm(partial, { force: true }).catch(() => {});
        if (codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT')
          throw new StorageFull('There is no room for files.', { cause: error });
        throw error;
      }
    },
    async get(key, range) {
      const path = pathOf(key);
      // Looked at first, so that what is not there is known before the first byte.
      if ((await stat(path).catch(ifMissing)) === null) return null;
      const part = range === undefined ? {} : { start: range.start, end: range.end - 1 };
      if (range !== undefined && range.end <= range.start) return empty();
      return createReadStream(path, { highWaterMark: READ_BYTES, ...part });
    },
    async delete(keys) {
      const shards = new Set<string>();
      for (const key of keys) {
        await rm(pathOf(key), { force: true });
        shards.add(shardOf(key));
      }
      // Gone is gone, also after a power cut.
      for (const shard of shards) await syncFolder(shard).catch(ifMissing);
    },
    async *list(prefix) {
      for (const shard of (await readdir(folder, { withFileTypes: true })).sort(byName)) {
        const isNear = shard.name.startsWith(prefix.slice(0, SHARD_CHARS));
        if (!shard.isDirectory() || !isNear) continue;
        for (const { name } of (await readdir(join(folder, shard.name), { withFileTypes: true })).sort(byName))
          if (name.startsWith(prefix)) yield name;
      }
    },
  };
}

async function* empty(): AsyncGenerator<Uint8Array> {}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

/** Makes a rename or a removal durable. Windows cannot open folders; there it is all there is. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function ifMissing(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
