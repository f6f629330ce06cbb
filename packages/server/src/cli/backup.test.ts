import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { backup } from './backup.ts';

/** What was put under its name, and what the disk confirmed, in this order. */
const done = vi.hoisted((): string[] => []);
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const opened = new Map<number, string>();
  return {
    ...real,
    openSync(path: string, flags: string, mode?: number) {
      const descriptor = real.openSync(path, flags, mode);
      opened.set(descriptor, path);
      return descriptor;
    },
    fsyncSync(descriptor: number) {
      const path = opened.get(descriptor) ?? '';
      const names = real.statSync(path).isDirectory() ? real.readdirSync(path).sort().join(' and ') : '';
      done.push(`confirmed ${basename(path)}, with ${names}`);
      real.fsyncSync(descriptor);
    },
    renameSync(from: string, to: string) {
      done.push(`renamed to ${basename(to)}`);
      real.renameSync(from, to);
    },
  };
});

let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sveiki-backup-'));
  const site = { key: 'pk_shop0001', name: 'Shop', origins: ['https://shop.example.com'], team: 'sales' };
  const config = { publicUrl: 'http://127.0.0.1:4310', sites: [site], teams: [{ id: 'sales', name: 'Sales' }] };
  writeFileSync(join(folder, 'sveiki.config.json'), JSON.stringify(config));
  const store = await openSqliteStore({ file: join(folder, 'data', 'sveiki.db') });
  await store.close();
  writeFileSync(join(folder, 'data', 'erasures.jsonl'), '\n{"person":"somebody"}');
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

it('has its name when all of it is on the disk, and not before', async () => {
  done.length = 0;
  const values = { config: join(folder, 'sveiki.config.json') };
  const env = { SVEIKI_DATA_DIR: join(folder, 'data') };
  expect(await backup({ positionals: [join(folder, 'copy')], values, env })).toBe(0);
  const named = done.indexOf('renamed to copy');
  expect(done.slice(named - 1, named + 2)).toEqual([
    'confirmed copy.unfinished, with erasures.jsonl and sveiki.db',
    'renamed to copy',
    expect.stringContaining(`confirmed ${basename(folder)}, with copy and `),
  ]);
});
