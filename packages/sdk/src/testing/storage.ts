import type { KeyValueStorage } from '../host/types.ts';

/** The disk of a browser that lasts as long as the test: give the same one to several chats and they are its tabs, or its reloads. */
export interface MemoryStorage extends KeyValueStorage {
  /** From now on every write fails, as on a full disk. */
  fill(): void;
  /** There is room again. */
  empty(): void;
  /** What is on disk now. */
  readonly all: Readonly<Record<string, string>>;
}

export function memoryStorage(start: Record<string, string> = {}): MemoryStorage {
  const values = new Map(Object.entries(start));
  let isFull = false;
  return {
    keys: () => [...values.keys()],
    get: (key) => values.get(key) ?? null,
    set(key, value) {
      if (isFull) throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
      values.set(key, value);
    },
    remove(key) {
      values.delete(key);
    },
    fill() {
      isFull = true;
    },
    empty() {
      isFull = false;
    },
    get all() {
      return Object.fromEntries(values);
    },
  };
}
