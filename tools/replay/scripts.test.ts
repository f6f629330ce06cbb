import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ownScript, readScripts } from './scripts.ts';

const folder = mkdtempSync(join(tmpdir(), 'sveiki-scripts-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('reads the conversations that come with it', () => {
  const scripts = readScripts([ownScript]);
  expect(scripts).toHaveLength(12);
  expect(scripts.map(({ id }) => id)).toContain('ru-refund');
  expect(scripts.every(({ turns }) => turns[0]?.role === 'visitor')).toBe(true);
});

it.each([
  ['not JSON', 'Mia: hello'],
  ['no turns', '{"id":"a"}'],
  ['an unknown role', '{"id":"a","turns":[["visitor","hi"],["robot","beep"]]}'],
  ['an empty turn', '{"id":"a","turns":[["visitor"," "]]}'],
  ['a conversation that the agent begins', '{"id":"a","turns":[["agent","hello"]]}'],
])('names file and line of %s', (_what, line) => {
  const bad = join(folder, 'talk.jsonl');
  writeFileSync(bad, `{"id":"ok","turns":[["visitor","hi"]]}\n\n${line}\n`);
  expect(() => readScripts([bad])).toThrow(`${bad}:3: `);
});
