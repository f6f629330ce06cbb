import { expect, test } from 'vitest';
import { storeContract } from '../contract.ts';
import { createMemoryStore } from './memory-store.ts';

storeContract('The memory store', async () => ({ store: createMemoryStore() }));

test('says that there is no file to copy', async () => {
  await expect(createMemoryStore().backup('/nowhere')).rejects.toThrow('no file');
});
