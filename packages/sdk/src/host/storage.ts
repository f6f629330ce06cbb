import type { Surroundings } from '../connection/surroundings.ts';
import type { ChatOptions, KeyValueStorage } from './types.ts';

/** The disk of the page behind the port. */
const diskOf = (local: Storage): KeyValueStorage => ({
  keys: () => Object.keys(local),
  get: (key) => local.getItem(key),
  set: (key, value) => local.setItem(key, value),
  remove: (key) => local.removeItem(key),
});

/**
 * Storage that always works: what the disk does not take (no room, forbidden, none there) is kept in memory, where this page finds it as if it
 * were on disk.
 */
export function openStorage(page: Surroundings, option: ChatOptions['storage'] = 'local'): KeyValueStorage {
  const memory = new Map<string, string>();
  let disk: KeyValueStorage | null = null;
  /** Reading `localStorage` alone may throw, where a page may not have any. */
  const attempt = <T>(run: (disk: KeyValueStorage) => T): T | null => {
    try {
      disk ??=
        typeof option === 'object'
          ? option
          : option === 'local' && page.localStorage
            ? diskOf(page.localStorage)
            : null;
      return disk && run(disk);
    } catch {
      return null;
    }
  };
  return {
    keys: () => [...new Set([...memory.keys(), ...(attempt((disk) => disk.keys()) ?? [])])],
    get: (key) => memory.get(key) ?? attempt((disk) => disk.get(key)),
    set(key, value) {
      memory.delete(key);
      if (attempt((disk) => disk.set(key, value) ?? true) === null) {
        // What is on disk is older now and must not win.
        attempt((disk) => disk.remove(key));
        memory.set(key, value);
      }
    },
    remove(key) {
      memory.delete(key);
      attempt((disk) => disk.remove(key));
    },
  };
}
