import { expect, it } from 'vitest';
import { replay } from './replay.ts';
import { ownScript, readScripts } from './scripts.ts';

it('loses, doubles and changes nothing while the relay is killed twice and connections break', async () => {
  const scripts = readScripts([ownScript]);
  const news: string[] = [];
  const result = await replay({
    scripts,
    parallel: 12,
    kills: 2,
    seed: 7,
    deadlineMs: 150_000,
    tell: (line) => news.push(line),
  });
  const turns = scripts.reduce((sum, script) => sum + script.turns.length, 0);
  expect(result.differences, news.join('\n')).toEqual([]);
  expect(result).toMatchObject({ conversations: 12, identical: 12, acked: turns, lost: 0, doubled: 0, kills: 2 });
}, 180_000);
