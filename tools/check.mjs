// `npm run check`: everything that can be said about the sources without running them. All steps run, two at a time;
// what failed is printed whole, and the end says which.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

const sourceFolders = ['packages', 'examples', 'bench', 'e2e', 'tools'].filter((folder) => existsSync(folder));
const steps = [
  ['types', 'tsc', ['-b']],
  ['format and lint', 'biome', ['ci', '--colors=off', '--max-diagnostics=50', '.']],
  ['import table', 'depcruise', ['--config', '.dependency-cruiser.mjs', '--output-type', 'err-long', ...sourceFolders]],
  ['promises', 'oxlint', ['--type-aware', '--deny-warnings', ...sourceFolders]],
  ['unused code and dependencies', 'knip', ['--no-progress', '--no-config-hints']],
  ['lockfile', 'node', ['tools/check/lock.mjs']],
];

function runStep([title, command, args]) {
  return new Promise((resolve) => {
    const startedAt = Date.now();
    let output = '';
    const child = spawn(command, args, { shell: process.platform === 'win32' });
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.stderr.on('data', (data) => {
      output += data;
    });
    child.on('error', (error) => resolve({ title, ok: false, seconds: '0.0', output: error.message }));
    child.on('close', (code) => {
      resolve({ title, ok: code === 0, seconds: ((Date.now() - startedAt) / 1000).toFixed(1), output });
    });
  });
}

const results = new Array(steps.length);
let next = 0;
async function worker() {
  while (next < steps.length) {
    const index = next++;
    results[index] = await runStep(steps[index]);
  }
}
await Promise.all([worker(), worker()]);

for (const { title, ok, output } of results) {
  if (!ok) console.log(`\n--- ${title} ---\n${output.trim()}`);
}
console.log('');
for (const { title, ok, seconds } of results) console.log(`${ok ? 'ok    ' : 'FAILED'} ${title} (${seconds} s)`);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
