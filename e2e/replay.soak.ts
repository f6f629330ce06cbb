import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const replay = fileURLToPath(new URL('../tools/replay/main.ts', import.meta.url));

it('loses and doubles nothing over many kills', async () => {
  const child = spawn(process.execPath, ['--conditions=@sveiki/source', replay, '--json', '--kills', '15'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
  });
  const code = await new Promise<number | null>((done) => child.once('exit', done));
  const numbers = JSON.parse(output.trim().split('\n').at(-1) ?? '{}') as Record<string, number>;
  expect(code).toBe(0);
  expect(numbers).toMatchObject({ identical: numbers['conversations'], lost: 0, doubled: 0, kills: 15 });
});
