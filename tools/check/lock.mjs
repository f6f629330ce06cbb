// Every optional dependency that an installed package names must be in the lockfile: a registry that does not carry a
// platform's binary makes pnpm leave that platform out without a word, and people there would get nothing.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const lock = readFileSync('pnpm-lock.yaml', 'utf8');
const store = 'node_modules/.pnpm';
const problems = [];
let edges = 0;

for (const folder of readdirSync(store)) {
  const modules = join(store, folder, 'node_modules');
  if (!existsSync(modules)) continue;
  const names = readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
  );
  for (const name of names.filter((n) => folder.startsWith(`${n.replace('/', '+')}@`))) {
    const manifest = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8'));
    for (const [wanted, version] of Object.entries(manifest.optionalDependencies ?? {})) {
      edges++;
      if (!new RegExp(`^  '?${wanted.replace(/[/@.]/g, '\\$&')}@`, 'm').test(lock)) {
        problems.push(`${name}@${manifest.version} wants ${wanted}@${version}, which the lockfile leaves out`);
      }
    }
  }
}
for (const file of [
  'pnpm-lock.yaml',
  'tools/toolchain/pnpm/package-lock.json',
  'tools/toolchain/node/package-lock.json',
]) {
  if (/"resolved"|tarball:|https?:\/\/(?!(opencollective|github)\.com)[^\s"]*\.tgz/.test(readFileSync(file, 'utf8'))) {
    problems.push(`${file} records where packages were fetched from; hosts do not belong in it`);
  }
}
for (const problem of problems) console.log(problem);
console.log(`${edges} optional dependencies, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
