import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Builds a release in a copy of the checkout that has never been built, at a place of its own. */
function releaseElsewhere(name: string): { sums: string; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), `sveiki-release-${name}-`));
  folders.push(folder);
  const isLeftOut = (path: string) =>
    ['node_modules', 'dist', '.tsc', '.git', 'release', 'data', '.data'].includes(basename(path)) ||
    path.endsWith('.tsbuildinfo');
  cpSync(root, folder, { recursive: true, filter: (path) => path === root || !isLeftOut(path) });
  const { status, stdout, stderr } = spawnSync(process.execPath, ['tools/run.mjs', 'release'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, TZ: name === 'one' ? 'Asia/Tokyo' : 'America/Lima' },
  });
  if (status !== 0) throw new Error(`The release failed.\n${stdout}${stderr}`);
  return { sums: readFileSync(join(folder, 'release', 'SHA256SUMS'), 'utf8'), folder };
}

describe('a release', () => {
  it('has the same bytes wherever and whenever it is built, and lists what it contains', () => {
    const [one, two] = [releaseElsewhere('one'), releaseElsewhere('two')];
    expect(one.sums.split('\n').filter(Boolean)).toHaveLength(6);
    expect(two.sums).toBe(one.sums);
    const bill = JSON.parse(readFileSync(join(one.folder, 'release', 'sveiki-server.cdx.json'), 'utf8')) as {
      components: { name: string; version: string; licenses?: unknown[] }[];
    };
    const manifest = JSON.parse(readFileSync(join(root, 'packages/server/package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const named = bill.components.map(({ name }) => name);
    for (const name of Object.keys(manifest.dependencies)) expect(named).toContain(name.replace(/^@.*\//, ''));
    expect(bill.components.filter(({ licenses }) => !licenses?.length)).toEqual([]);
  });
});
