import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeContract } from '../contract.ts';
import { openSqliteStore } from './sqlite-store.ts';

storeContract('The SQLite store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sveiki-store-'));
  const file = join(folder, 'data', 'sveiki.db');
  const store = await openSqliteStore({ file });
  return {
    store,
    reopen: async () => {
      await store.close();
      return openSqliteStore({ file });
    },
    drop: async () => rmSync(folder, { recursive: true }),
  };
});
