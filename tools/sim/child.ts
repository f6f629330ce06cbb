import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import type { Plan } from './plan.ts';
import type { SeedReport } from './seeds.ts';

/** Plays worlds in a process of its own: with a mistake planted in its code, or beside others. */
export function playApart(args: readonly string[]): Promise<SeedReport & { smallest: Plan | null }> {
  const main = resolve(import.meta.dirname, 'main.ts');
  const child = spawn(
    process.execPath,
    ['--conditions=@sveiki/source', '--disable-warning=ExperimentalWarning', main, '--json', ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] },
    },
  );
  let out = '';
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('close', (code) => {
      // 1 says that a promise was broken: that is an answer.
      if (code === 0 || code === 1) done(JSON.parse(out));
      else failed(new Error(`The simulation ended with ${code}: ${said}`));
    });
  });
}
