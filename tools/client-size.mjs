// `node tools/client-size.mjs`: what createChat weighs in a bundle made as the widget's is, and of which modules it is made.
// With a folder, the finished code is written there to be looked at.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import typescript from '@rollup/plugin-typescript';
import { rollup } from 'rollup';
import { CLOSE_CODES } from '../packages/protocol/src/close-codes.ts';
import { LIMITS } from '../packages/protocol/src/limits.ts';
import { inlineConstants } from './inline-constants.mjs';
import { minify } from './minify.mjs';

/** What protocol and client together should weigh, and what they must not pass meanwhile. */
const goal = 4096;
const limit = 8192;

const brotli = (code) => brotliCompressSync(code, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;

const bundle = await rollup({
  input: 'entry',
  // The TypeScript plugin resolves our own files without looking at `sideEffects` in their manifests.
  treeshake: { moduleSideEffects: (id) => !/packages\/(protocol|sdk)\//.test(id) },
  plugins: [
    {
      name: 'entry',
      resolveId: (id) => (id === 'entry' ? id : null),
      load: (id) =>
        id === 'entry' ? `export { createChat } from '${process.cwd()}/packages/sdk/src/index.ts';` : null,
    },
    nodeResolve({ exportConditions: ['@sveiki/source', 'browser', 'import', 'default'] }),
    typescript({
      tsconfig: 'tsconfig.rollup.json',
      sourceMap: false,
      inlineSources: false,
      include: ['packages/{sdk,protocol}/src/**/*.ts'],
    }),
    minify(),
    inlineConstants({ LIMITS, CLOSE_CODES }),
  ],
});
const { output } = await bundle.generate({ format: 'es', chunkFileNames: '[name].js' });
await bundle.close();

/** The entry and what it cannot do without. Its other chunks are fetched on demand. */
const needed = new Set();
const need = (name) => {
  if (needed.has(name)) return;
  needed.add(name);
  for (const next of output.find(({ fileName }) => fileName === name).imports) need(next);
};
need(output.find(({ isEntry }) => isEntry).fileName);

for (const { modules } of output) {
  for (const [id, { code, renderedLength }] of Object.entries(modules))
    if (code && renderedLength > 0) console.log(String(code.length).padStart(7), id.replace(process.cwd(), '.'));
}
console.log('  (characters before they are minified)');
const folder = process.argv[2];
if (folder) mkdirSync(folder, { recursive: true });
for (const { fileName, code } of output) {
  if (folder) writeFileSync(join(folder, fileName), code);
  if (!needed.has(fileName)) console.log(`${fileName}: ${brotli(code)} bytes brotli, only when it is needed`);
}
const atOnce = output.filter(({ fileName }) => needed.has(fileName));
const sum = (weigh) => atOnce.reduce((total, { code }) => total + weigh(code), 0);
const bytes = sum(brotli);
console.log(`createChat: ${bytes} bytes brotli, ${sum((code) => code.length)} minified (goal ${goal}, limit ${limit})`);
process.exitCode = bytes > limit ? 1 : 0;
