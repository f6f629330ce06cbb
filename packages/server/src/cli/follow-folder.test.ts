import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { followFolder } from './follow-folder.ts';

let folder: string;
let follower: { close(): void };
let heard: (path: string) => void = () => {};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sveiki-follow-'));
});
afterEach(() => {
  follower.close();
  rmSync(folder, { recursive: true });
});

const at = (...parts: string[]) => join(folder, ...parts);
const follow = () => {
  follower = followFolder(folder, { leftOut: (path) => path === at('data'), changed: (path) => heard(path) });
};
/** Resolves when this path is told, with what was told before it. */
function told(path: string): Promise<string[]> {
  const before: string[] = [];
  return new Promise((resolve) => {
    heard = (one) => (one === path ? resolve(before) : before.push(one));
  });
}
/** As editors save: beside it, then over it. */
function replace(path: string, text: string): void {
  writeFileSync(`${path}~`, text);
  renameSync(`${path}~`, path);
}

it('goes on to see a file after it was replaced', async () => {
  writeFileSync(at('a.ts'), '1');
  follow();
  for (const text of ['2', '3', '4']) {
    const next = told(at('a.ts'));
    replace(at('a.ts'), text);
    await next;
  }
  const written = told(at('a.ts'));
  writeFileSync(at('a.ts'), '5');
  await written;
});

it('looks into folders, also those made later, and not into those left out', async () => {
  mkdirSync(at('data'));
  mkdirSync(at('routing'));
  follow();
  const deep = told(at('routing', 'crm.ts'));
  writeFileSync(at('data', 'sveiki.db'), '');
  writeFileSync(at('routing', 'crm.ts'), '');
  expect(await deep).not.toContain(at('data', 'sveiki.db'));
  const made = told(at('later'));
  mkdirSync(at('later'));
  await made;
  const inside = told(at('later', 'b.ts'));
  writeFileSync(at('later', 'b.ts'), '');
  await inside;
});
