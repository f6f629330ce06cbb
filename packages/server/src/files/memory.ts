import type { FileStore } from '../ports.ts';
import { checkKey } from './keys.ts';

/** Files that are forgotten with the process: for tests and simulations. */
export function createMemoryFiles(): FileStore {
  const kept = new Map<string, Uint8Array>();
  return {
    put: async (key, bytes) => void kept.set(checkKey(key), Uint8Array.from(bytes)),
    get: async (key, range) => {
      const bytes = kept.get(checkKey(key));
      if (bytes === undefined) return null;
      return pieces(range === undefined ? bytes : bytes.subarray(range.start, range.end));
    },
    delete: async (keys) => {
      for (const key of keys) kept.delete(checkKey(key));
    },
    async *list(prefix) {
      yield* [...kept.keys()].filter((key) => key.startsWith(prefix)).sort();
    },
  };
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
