import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const fire = fileURLToPath(new URL('../tools/fire/main.ts', import.meta.url));

/** Runs one play as a person would, and gives its figures; they are printed too, for docs/reliability.md. */
async function play(...words: string[]): Promise<Record<string, number>> {
  const child = spawn(process.execPath, ['--conditions=@sveiki/source', fire, ...words, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
  });
  const code = await new Promise<number | null>((done) => child.once('exit', done));
  console.log(words.join(' '), output.trim());
  expect(code).toBe(0);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '{}') as Record<string, number>;
}

/** What holds whatever happened. */
const WHOLE = { lost: 0, doubled: 0, disordered: 0, strayViews: 0, differences: 0 };

it('loses and doubles nothing over a hundred kills', async () => {
  expect(await play('kill', '--kills', '100', '--clients', '40')).toMatchObject({ ...WHOLE, kills: 100 });
});

it('acknowledges nothing before the sync of its row', async () => {
  const { acks, early, syncs } = await play('acks', '--acks', '10000');
  expect(acks).toBeGreaterThanOrEqual(10_000);
  expect(syncs).toBeGreaterThan(0);
  expect(early).toBe(0);
});

it('would notice if the log were synced later', async () => {
  const { acks = 0, early = 0 } = await play('unsynced', '--acks', '200');
  expect(early / acks).toBeGreaterThan(0.9);
});

it('ends in ten seconds under two thousand people, who all come back', async () => {
  const result = await play('stop', '--clients', '2000');
  expect(result).toMatchObject({ ...WHOLE, ends: { 1012: 1_997 } });
  expect(result['exitMs']).toBeLessThanOrEqual(10_000);
});

it('processes nothing twice after it stood still for a minute', async () => {
  const result = await play('pause', '--seconds', '60');
  expect(result).toMatchObject(WHOLE);
  expect(result['givenUp']).toBeGreaterThan(0);
});

it('has nine thousand people back in a minute, after a cut and after a kill, and answers meanwhile', async () => {
  const result = await play('storm', '--clients', '9000');
  expect(result).toMatchObject(WHOLE);
});

it('keeps order and resumes while its clock is set an hour ahead and back', async () => {
  expect(await play('clock')).toMatchObject({ ...WHOLE, brokenOff: 0 });
});

it('has its files and timers back when people who came have left', async () => {
  // The time can be had shorter; the rates it prints mean something when the caches are full, from about half an hour on.
  const seconds = Number(process.env['SVEIKI_CHURN_SECONDS'] ?? 1_800);
  const { visits } = await play('churn', '--clients', '1000', '--seconds', `${seconds}`);
  expect(visits).toBeGreaterThan(1_000);
}, 7_200_000);
