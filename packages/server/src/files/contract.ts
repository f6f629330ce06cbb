import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FileStore } from '../ports.ts';
import { partKey } from './keys.ts';

/** What every place for files promises. `reopen` gives the same place again, as after a restart; places that keep nothing leave it out. */
export function filesContract(
  name: string,
  open: () => Promise<{ files: FileStore; reopen?: () => Promise<FileStore>; drop?: () => Promise<void> }>,
): void {
  describe(`${name} is a place for files`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let files: FileStore;
    beforeEach(async () => {
      opened = await open();
      files = opened.files;
    });
    afterEach(() => opened.drop?.());

    const key = (n: number): string => n.toString(16).padStart(32, '0');
    const all = async (bytes: AsyncIterable<Uint8Array> | null): Promise<Buffer | null> => {
      if (bytes === null) return null;
      const pieces: Uint8Array[] = [];
      for await (const piece of bytes) pieces.push(piece);
      return Buffer.concat(pieces);
    };
    const listed = async (prefix: string): Promise<string[]> => {
      const keys: string[] = [];
      for await (const one of files.list(prefix)) keys.push(one);
      return keys;
    };
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 7) % 256));

    test('gives back exactly what was stored, whole and in ranges, also after a restart', async () => {
      await files.put(key(1), bytes);
      const places = [files, ...(opened.reopen === undefined ? [] : [await opened.reopen()])];
      for (const place of places) {
        expect(await all(await place.get(key(1)))).toEqual(bytes);
        expect(await all(await place.get(key(1), { start: 0, end: 1 }))).toEqual(bytes.subarray(0, 1));
        expect(await all(await place.get(key(1), { start: 69_990, end: 70_000 }))).toEqual(bytes.subarray(69_990));
        expect(await all(await place.get(key(1), { start: 5, end: 5 }))).toHaveLength(0);
      }
    });

    test('has nothing under a key that was not stored', async () => {
      await files.put(key(1), bytes);
      expect(await files.get(key(2))).toBeNull();
      expect(await files.get(key(2), { start: 0, end: 3 })).toBeNull();
    });

    test('replaces the whole of what is stored again', async () => {
      await files.put(key(1), bytes);
      await files.put(key(1), Buffer.from('short'));
      expect(await all(await files.get(key(1)))).toEqual(Buffer.from('short'));
    });

    test('forgets what is deleted, and says the same of what is gone', async () => {
      await files.put(key(1), bytes);
      await files.put(key(2), bytes);
      await files.delete([key(1), key(3)]);
      await files.delete([key(1)]);
      await files.delete([]);
      expect(await files.get(key(1))).toBeNull();
      expect(await listed('')).toEqual([key(2)]);
    });

    test('lists keys by their beginning, in order', async () => {
      const parts = [0, 262_144, 10_000_000].map((offset) => partKey(key(1), offset));
      for (const one of [...parts.toReversed(), key(1), key(2)]) await files.put(one, Buffer.from('x'));
      expect(await listed(`${key(1)}.`)).toEqual(parts);
      expect(await listed(key(1))).toEqual([key(1), ...parts]);
      expect(await listed(key(9))).toEqual([]);
    });

    test('takes no key that could be a path', async () => {
      for (const bad of ['../x', '', 'a/b', `${key(1)}.1`, key(1).toUpperCase().replace('0', 'A'), `${key(1)}\n`]) {
        await expect(files.put(bad, bytes)).rejects.toThrow('no key');
        await expect((async () => files.get(bad))()).rejects.toThrow('no key');
        await expect(files.delete([bad])).rejects.toThrow('no key');
      }
    });
  });
}
