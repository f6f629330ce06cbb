import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { MIGRATIONS, prepareDatabase } from '../packages/server/src/store/sqlite/migrations.ts';
import { checkLaw, checkPages } from '../packages/server/src/store/sqlite/verify.ts';
import {
  contentOf,
  fillOldDatabase,
  migrateInChild,
  OLD_VERSION,
} from '../packages/server/src/testing/old-database.ts';
import { createRandom } from '../tools/replay/random.ts';

const KILLS = 50;
const MILLION = 1_000_000;

const folder = mkdtempSync(join(tmpdir(), 'sveiki-migrating-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('finishes or is unchanged after a kill at 50 random points of a migration', async () => {
  const [old, file] = [join(folder, 'old.db'), join(folder, 'killed.db')];
  fillOldDatabase(old, 10_000);
  const before = contentOf(old);
  copyFileSync(old, file);
  const wholeMs = await migrateInChild(file, null);
  const random = createRandom(1);
  const versions: number[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    for (const name of [file, `${file}-wal`, `${file}-shm`]) rmSync(name, { force: true });
    copyFileSync(old, file);
    await migrateInChild(file, random.next() * wholeMs);
    const after = contentOf(file);
    expect({ ...after, version: 0 }).toEqual({ ...before, version: 0 });
    versions.push(after.version);
    prepareDatabase(file);
    expect(contentOf(file)).toEqual({ ...before, version: MIGRATIONS.length });
  }
  expect([...checkPages(file).problems, ...checkLaw(file)]).toEqual([]);
  const found: Record<number, number> = {};
  for (const version of versions) found[version] = (found[version] ?? 0) + 1;
  console.log(`killed migrations: ${JSON.stringify({ kills: KILLS, wholeMs, versionsFoundAfterwards: found })}`);
  expect(versions.some((version) => version < MIGRATIONS.length)).toBe(true);
});

it('brings a million messages up from the second version in less than a minute', () => {
  const file = join(folder, 'million.db');
  fillOldDatabase(file, MILLION / 10);
  const before = contentOf(file);
  expect(before).toMatchObject({ version: OLD_VERSION, events: MILLION });
  const since = performance.now();
  prepareDatabase(file);
  const tookMs = performance.now() - since;
  expect(contentOf(file)).toEqual({ ...before, version: MIGRATIONS.length });
  console.log(`a million messages migrated: ${JSON.stringify({ tookMs })}`);
  expect(tookMs).toBeLessThan(60_000);
});
