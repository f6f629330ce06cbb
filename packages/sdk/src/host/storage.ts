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
 * Storage that always works, under names that begin with `prefix`: what the disk does not take (no room, forbidden, none there) is kept in memory, where this page finds it as if it
 * were on disk.
 */
export function openStorage(
  page: Surroundings,
  option: ChatOptions['storage'] = 'local',
  prefix = '',
): KeyValueStorage {
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
    keys: () =>
      [...new Set([...memory.keys(), ...(attempt((disk) => disk.keys()) ?? [])])]
        .filter((key) => key.startsWith(prefix))
        .map((key) => key.slice(prefix.length)),
    get: (name) => memory.get(prefix + name) ?? attempt((disk) => disk.get(prefix + name)),
    set(name, value) {
      this.remove(name);
      // What the disk does not take is not left there in its older form either: it must not win.
      if (attempt((disk) => disk.set(prefix + name, value) ?? true) === null) memory.set(prefix + name, value);
    },
    remove(name) {
      memory.delete(prefix + name);
      attempt((disk) => disk.remove(prefix + name));
    },
  };
}
