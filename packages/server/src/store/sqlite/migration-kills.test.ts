import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { contentOf, fillOldDatabase, migrateInChild, OLD_VERSION } from '../../testing/old-database.ts';
import { MIGRATIONS, prepareDatabase } from './migrations.ts';
import { checkLaw, checkPages } from './verify.ts';

// 50 kills and a million messages: `e2e/storage-migration.soak.ts`.
test('a migration that is killed is as it was or further, and the next start finishes it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sveiki-killed-'));
  const old = join(folder, 'old.db');
  fillOldDatabase(old, 1_000);
  const before = contentOf(old);
  expect(before).toMatchObject({ version: OLD_VERSION, events: 10_000, conversations: 1_000 });
  const whole = join(folder, 'whole.db');
  copyFileSync(old, whole);
  const wholeMs = await migrateInChild(whole, null);
  for (const part of [0.15, 0.5, 0.85]) {
    const file = join(folder, `killed-${part}.db`);
    copyFileSync(old, file);
    await migrateInChild(file, wholeMs * part);
    const after = contentOf(file);
    expect({ ...after, version: 0 }).toEqual({ ...before, version: 0 });
    expect(after.version).toBeGreaterThanOrEqual(OLD_VERSION);
    prepareDatabase(file);
    expect(contentOf(file)).toEqual({ ...before, version: MIGRATIONS.length });
    expect([...checkPages(file).problems, ...checkLaw(file)]).toEqual([]);
  }
  rmSync(folder, { recursive: true });
});
