import { type FSWatcher, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';

/**
 * Calls `changed` with every path below a folder that is written, made or removed; `leftOut` names folders nobody looks into. Each folder is watched
 * by itself: Node's own recursive watching follows the files on Linux, and loses those that editors replace instead of writing into them.
 */
export function followFolder(
  root: string,
  { leftOut, changed }: { leftOut: (path: string) => boolean; changed: (path: string) => void },
): { close(): void } {
  const watchers = new Map<string, FSWatcher>();

  function drop(folder: string): void {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  }

  /** Also every folder in it. What cannot be read, or is no folder any more, is left alone. */
  function add(folder: string): void {
    if (watchers.has(folder) || leftOut(folder)) return;
    try {
      const watcher = watch(folder, (_event, name) => {
        if (name === null) return;
        const path = join(folder, name);
        if (!leftOut(path)) changed(path);
        addIfFolder(folder, name);
      });
      watcher.on('error', () => drop(folder));
      watchers.set(folder, watcher);
      for (const entry of readdirSync(folder, { withFileTypes: true }))
        if (entry.isDirectory()) add(join(folder, entry.name));
    } catch {
      drop(folder);
    }
  }

  function addIfFolder(folder: string, name: string): void {
    const path = join(folder, name);
    try {
      readdirSync(path);
    } catch {
      return drop(path);
    }
    add(path);
  }

  add(root);
  return {
    close() {
      for (const folder of [...watchers.keys()]) drop(folder);
    },
  };
}
