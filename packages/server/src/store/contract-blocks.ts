import { describe, expect, test } from 'vitest';
import type { BlockRow, Store } from '../ports.ts';
import type { OpenedStore } from './contract.ts';

/** Blocks: who may not write. */
export function blocksContract(parts: { store: () => Store; opened: () => OpenedStore }): void {
  const row = (id: string, more: Partial<BlockRow> = {}): BlockRow => ({
    ...{ id, kind: 'network', target: '192.0.2.0/24', reason: 'Adverts', conversation: null },
    ...{ createdAt: 5, createdBy: 'cleo', expiresAt: 9 },
    ...more,
  });

  describe('blocks', () => {
    test('are kept whole, by id, until they are taken out', async () => {
      const store = parts.store();
      expect(await store.blocks()).toEqual([]);
      const forEver = row('b-2', { kind: 'visitor', target: 'mia', conversation: 'c-1', expiresAt: null });
      await store.saveBlock(forEver);
      await store.saveBlock(row('b-1'));
      expect(await store.blocks()).toEqual([row('b-1'), forEver]);
      const reopened = await parts.opened().reopen?.();
      if (reopened !== undefined) {
        expect(await reopened.blocks()).toEqual([row('b-1'), forEver]);
        await reopened.close();
      }
    });

    test('are taken out by id, and what is not there takes nothing out', async () => {
      const store = parts.store();
      await store.saveBlock(row('b-1'));
      await store.saveBlock(row('b-2'));
      await store.removeBlocks(['b-1', 'b-9']);
      await store.removeBlocks([]);
      expect(await store.blocks()).toEqual([row('b-2')]);
    });
  });
}
