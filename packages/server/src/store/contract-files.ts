import type { FileBlock } from '@sveiki/protocol';
import { describe, expect, test } from 'vitest';
import type { FileRow, Store } from '../ports.ts';
import type { logOf as LogOf, OpenedStore } from './contract.ts';

const file = (id: string, part: Partial<FileRow> = {}): FileRow => ({
  ...{ id, key: `key-of-${id}`, site: 'pk_shopshop', author: 'v:mia', name: `${id}.png`, type: 'image/png' },
  ...{ size: 1_000, width: 40, height: 30, received: 1_000, ready: true, createdAt: 100, sent: null },
  ...part,
});
const block = ({ id, name, type, size }: FileRow): FileBlock => ({ kind: 'file', id, text: name, name, type, size });
const byId = (rows: FileRow[]): FileRow[] => rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));

/** The part of the contract about files: what is known of them, and that one belongs to one message. */
export function filesContract(parts: { opened: () => OpenedStore; store: () => Store; logOf: typeof LogOf }): void {
  const { logOf } = parts;

  describe('files', () => {
    test('are kept as they are, also by the next one that opens the store', async () => {
      const store = parts.store();
      const whole = file('f-1');
      const partly = file('f-2', { author: 'a:ada', type: '', width: null, height: null, received: 10, ready: false });
      await store.saveFile(whole);
      await store.saveFile(partly);
      await expect(store.saveFile(whole)).rejects.toThrow();
      expect(byId(await store.files(['f-2', 'f-1', 'f-0']))).toEqual([whole, partly]);
      expect(await store.files([])).toEqual([]);
      const reopened = await parts.opened().reopen?.();
      if (reopened !== undefined) expect(byId(await reopened.files(['f-1', 'f-2']))).toEqual([whole, partly]);
    });

    test('grow only from where they are, and are finished once', async () => {
      const store = parts.store();
      await store.saveFile(file('f-1', { received: 0, ready: false, type: '' }));
      const both = await Promise.all([store.receiveFile('f-1', 0, 400), store.receiveFile('f-1', 0, 500)]);
      expect(both.filter(Boolean)).toHaveLength(1);
      expect(await store.receiveFile('f-0', 0, 1)).toBe(false);
      const found = { name: 'cat.jpg', type: 'image/jpeg', size: 900, width: 3, height: 4 };
      expect(await store.finishFile('f-1', found)).toBe(true);
      expect(await store.finishFile('f-1', { ...found, name: 'dog.jpg' })).toBe(false);
      expect(await store.files(['f-1'])).toMatchObject([{ ...found, ready: true }]);
    });

    test('belong to the first message that names them, and are found by conversation and by visitor', async () => {
      const store = parts.store();
      const [one, two, left, bens] = [
        file('f-1'),
        file('f-2', { author: 'a:ben' }),
        file('f-3'),
        file('f-4', { author: 'a:ben' }),
      ];
      for (const row of [one, two, left, bens]) await store.saveFile(row);
      const log = logOf('conv-one');
      await store.append(log.start(1));
      await store.append(log.next(2, ['v:mia', { kind: 'message', blocks: [block(one)] }]));
      await store.append(log.next(3, ['a:ben', { kind: 'note', blocks: [block(two), block(one)] }]));
      const sent = [
        { ...one, sent: { conversation: 'conv-one', event: 'conv-one-0002', audience: 'public' } },
        { ...two, sent: { conversation: 'conv-one', event: 'conv-one-0003', audience: 'staff' } },
      ];
      expect(await store.filesOf({ conversation: 'conv-one' })).toEqual(sent);
      expect(await store.filesOf({ visitor: 'mia' })).toEqual([...sent, left]);
      expect(await store.filesOf({ visitor: 'noah' })).toEqual([]);
      expect(await store.unsentFiles(101, 10)).toHaveLength(2);
    });

    test('are counted, and forgotten', async () => {
      const store = parts.store();
      await store.saveFile(file('f-1', { createdAt: 5 }));
      await store.saveFile(file('f-2', { createdAt: 3 }));
      await store.saveFile(file('f-3', { site: 'pk_other_one', author: 'v:noah', createdAt: 9 }));
      const log = logOf('conv-one');
      await store.append(log.start(1));
      await store.append(log.next(2, ['v:mia', { kind: 'message', blocks: [block(file('f-1'))] }]));
      const of = { site: 'pk_shopshop', author: 'v:mia', conversation: 'conv-one' } as const;
      expect(await store.fileUsage(of)).toEqual({
        site: 2_000,
        conversation: 1_000,
        unsent: { count: 1, bytes: 1_000 },
      });
      expect((await store.unsentFiles(9, 10)).map(({ id }) => id)).toEqual(['f-2']);
      expect((await store.unsentFiles(10, 1)).map(({ id }) => id)).toEqual(['f-2']);
      await store.removeFiles(['f-1', 'f-2', 'f-0']);
      await store.removeFiles([]);
      expect(await store.fileUsage({ ...of, conversation: null })).toEqual({
        site: 0,
        conversation: 0,
        unsent: { count: 0, bytes: 0 },
      });
    });
  });
}
