// `npm run release`: what is published, from what was built: a tarball for each public package, a list of everything the relay contains (CycloneDX), and
// the SHA-256 of each. The same sources give the same bytes, wherever and whenever they are built: `tools/release.soak.ts` builds twice and compares.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'release');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);

function pnpm(...args) {
  const { status, stdout, stderr } = spawnSync('pnpm', args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`pnpm ${args.join(' ')} failed.\n${stdout}${stderr}`);
}

const by = (key) => (a, b) => (a[key] < b[key] ? -1 : 1);

const manifests = readdirSync(join(root, 'packages'))
  .map((name) => JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')))
  .filter((manifest) => !manifest.private);
for (const { name } of manifests) {
  pnpm('--filter', name, 'pack', '--pack-destination', folder);
  const bill = join(folder, `${name.replace(/^@/, '').replace('/', '-')}.cdx.json`);
  pnpm('--filter', name, '--prod', 'sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--out', bill);
  const { serialNumber: _, ...content } = JSON.parse(readFileSync(bill, 'utf8'));
  // Both say when it was written, and nothing about what; and what there is has no order.
  delete content.metadata.timestamp;
  content.components.sort(by('bom-ref'));
  content.dependencies.sort(by('ref'));
  for (const { dependsOn } of content.dependencies) dependsOn?.sort();
  writeFileSync(bill, `${JSON.stringify(content, null, 2)}\n`);
}

const sums = readdirSync(folder)
  .sort()
  .map(
    (file) =>
      `${createHash('sha256')
        .update(readFileSync(join(folder, file)))
        .digest('hex')}  ${file}\n`,
  );
writeFileSync(join(folder, 'SHA256SUMS'), sums.join(''));
console.log(sums.join('').trimEnd());
