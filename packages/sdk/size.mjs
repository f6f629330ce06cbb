// `node packages/sdk/size.mjs`: what createChat weighs in a bundle of the widget, and of which modules it is made.
import { brotliCompressSync, constants } from 'node:zlib';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import typescript from '@rollup/plugin-typescript';
import { rollup } from 'rollup';
import { minify } from 'terser';

/** What protocol and client together should weigh, and what they must not pass meanwhile. */
const goal = 4096;
const limit = 8192;
const options = {
  module: true,
  ecma: 2020,
  compress: { passes: 2, unsafe_arrows: true },
  mangle: { properties: { regex: /^_(?!_)/ } },
};
const small = async (code, more) => (await minify(code, { ...options, ...more })).code;
const brotli = (code) =>
  brotliCompressSync(code, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: code.length },
  });

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
  ],
});
const { output } = await bundle.generate({ format: 'es', chunkFileNames: '[name].js' });
await bundle.close();
const onDemand = output.filter(({ fileName }) => fileName === 'stream.js' || fileName === 'tools.js');
const atOnce = output.filter((chunk) => !onDemand.includes(chunk));
const sizeOf = async (chunks) => {
  let [bytes, minified] = [0, 0];
  for (const { code } of chunks) {
    const text = await small(code);
    bytes += brotli(text).length;
    minified += text.length;
  }
  return { bytes, minified };
};
for (const { modules } of output) {
  for (const [id, { code, renderedLength }] of Object.entries(modules)) {
    if (renderedLength === 0 || !code) continue;
    const text = await small(code, { module: false, compress: { toplevel: false, unused: false, passes: 1 } });
    console.log(String(text.length).padStart(7), id.replace(process.cwd(), '.'));
  }
}
const { bytes, minified } = await sizeOf(atOnce);
console.log(`only where WebSockets are blocked, or a bot calls a tool: ${(await sizeOf(onDemand)).bytes} bytes brotli`);
console.log(`createChat: ${bytes} bytes brotli, ${minified} minified (goal ${goal}, limit ${limit})`);
if (process.argv.includes('--code')) for (const { code } of atOnce) console.log(await small(code));
process.exitCode = bytes > limit ? 1 : 0;
