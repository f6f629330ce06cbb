import type { BlockRow, Store } from '../../ports.ts';

/** Who may not write. */
export function keepBlocks(): Pick<Store, 'blocks' | 'saveBlock' | 'removeBlocks'> {
  const rows = new Map<string, BlockRow>();
  return {
    blocks: async () => [...rows.values()].map((row) => ({ ...row })).sort((a, b) => (a.id < b.id ? -1 : 1)),
    saveBlock: async (row) => void rows.set(row.id, { ...row }),
    removeBlocks: async (ids) => {
      for (const id of ids) rows.delete(id);
    },
  };
}
