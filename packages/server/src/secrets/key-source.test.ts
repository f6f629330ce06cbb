import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { newDataKey } from './data-key.ts';
import { addKeyTo, ensureKeyFile } from './key-source.ts';

/** What was put under its name, and what the disk confirmed, in this order. */
const done = vi.hoisted((): string[] => []);
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const opened = new Map<number, string>();
  return {
    ...real,
    openSync(path: string, flags: string, mode?: number) {
      const descriptor = real.openSync(path, flags, mode);
      opened.set(descriptor, basename(path));
      return descriptor;
    },
    fsyncSync(descriptor: number) {
      done.push(`confirmed ${opened.get(descriptor)}`);
      real.fsyncSync(descriptor);
    },
    renameSync(from: string, to: string) {
      done.push(`renamed to ${basename(to)}`);
      real.renameSync(from, to);
    },
  };
});

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sveiki-keys-'));
  file = join(folder, 'sveiki.key');
  done.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

it('has a new key on the disk before anything is sealed with it', () => {
  ensureKeyFile(file);
  expect(done).toEqual(['confirmed sveiki.key', `confirmed ${basename(folder)}`]);
  done.length = 0;
  addKeyTo(file);
  expect(done).toEqual(['confirmed sveiki.key.new', 'renamed to sveiki.key', `confirmed ${basename(folder)}`]);
});

it('leaves the key file to whom it belonged, who may be another user than the one who changes it', () => {
  ensureKeyFile(file);
  const { uid = 0, gid = 0 } = { uid: process.getuid?.(), gid: process.getgid?.() };
  // Only root may give a file away.
  const owner = uid === 0 ? { uid: 4_321, gid: 4_321 } : { uid, gid };
  chownSync(file, owner.uid, owner.gid);
  chmodSync(file, 0o640);
  addKeyTo(file);
  const { mode, ...now } = statSync(file);
  expect({ mode: mode & 0o777, uid: now.uid, gid: now.gid }).toEqual({ mode: 0o640, ...owner });
});

it('says that the file is full, and leaves it as it is', () => {
  const text = `${Array.from({ length: 8 }, newDataKey).join('\n')}\n`;
  writeFileSync(file, text);
  expect(() => addKeyTo(file)).toThrow(
    `${file} holds 8 keys, and no more fit. Take the oldest ones out of it, and keep them with the backups that need them.`,
  );
  expect(readFileSync(file, 'utf8')).toBe(text);
});
