// Builds every package: `rollup -c`. `--configTypes` makes the declarations of the doors instead, from what `tsc -b` wrote;
// `--configOnly widget,desk` builds a part; `-w` watches. Types are checked once, by `tsc -b`, not here.
import { existsSync, readFileSync } from 'node:fs';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import typescript from '@rollup/plugin-typescript';
import { dts } from 'rollup-plugin-dts';
import { CLOSE_CODES } from './packages/protocol/src/close-codes.ts';
import { LIMITS } from './packages/protocol/src/limits.ts';
import { clean, copyFolder, htmlPage, measure, precompress } from './tools/assets.mjs';
import { cssText } from './tools/css-text.mjs';
import { inlineConstants } from './tools/inline-constants.mjs';
import { minify } from './tools/minify.mjs';

/** Output file (without ending) → source. An entry that is not there yet is left out with a word about it. */
const entries = {
  widget: { widget: 'launcher/launcher.ts' },
  desk: { main: 'main.tsx' },
  sdk: {
    index: 'index.ts',
    agent: 'agent.ts',
    bots: 'bots.ts',
    config: 'config.ts',
    testing: 'testing.ts',
    webhooks: 'webhooks.ts',
  },
  server: { index: 'index.ts', simulate: 'simulate.ts', cli: 'cli.ts', writer: 'store/sqlite/writer.ts' },
};

/** Brotli bytes: the script on every page; all that is fetched until somebody can type (with the script and English). */
const widgetBudget = { entry: 2048, open: 18432 };

const isWatching = process.env.ROLLUP_WATCH === 'true';
const sources = (name) => `packages/${name}/src`;
const output = (name) => `packages/${name}/dist`;

function inputsOf(name) {
  const all = Object.entries(entries[name]).map(([out, file]) => [out, `${sources(name)}/${file}`]);
  for (const [, file] of all) if (!existsSync(file)) console.warn(`[build] skipped: ${file} is not there yet`);
  return Object.fromEntries(all.filter(([, file]) => existsSync(file)));
}

const compile = (names, conditions, more = []) => [
  nodeResolve({ exportConditions: ['@sveiki/source', ...conditions, 'import', 'module', 'default'] }),
  typescript({
    tsconfig: 'tsconfig.rollup.json',
    include: [...names.map((name) => `${sources(name)}/**/*.{ts,tsx}`), ...more],
  }),
];

const browserCode = (names) => [cssText(), ...compile(names, ['browser']), !isWatching && minify()];

/** Both packages say that they have no side effects; the TypeScript plugin resolves their files without looking there. */
const ownSideEffects = (id) => !/[\\/]packages[\\/](sdk|protocol)[\\/]/.test(id);

/**
 * A plain script from another origin has no base for its imports (HTML, "muted errors"): what it imports relatively would be looked for at
 * about:blank, and nothing would say so. Its address is taken from the tag instead.
 */
const ownScript = `const own=globalThis.document?.currentScript?.src,here=own?own.replace(/[^/]*$/,''):'';`;
const fromOwnScript = () => ({
  name: 'from-own-script',
  renderDynamicImport: ({ chunk }) => (chunk?.isEntry ? { left: 'import(here+', right: ')' } : null),
});

const widget = {
  input: inputsOf('widget'),
  treeshake: { moduleSideEffects: ownSideEffects },
  output: {
    dir: output('widget'),
    format: 'es',
    sourcemap: isWatching || 'hidden',
    entryFileNames: '[name].js',
    // Six plain characters of hash: what nobody can compress stands seven times in the script on every page.
    chunkFileNames: 'chunks/[name]-[hash:6].js',
    hashCharacters: 'base36',
    // What one chunk gives to another is nobody else's: it needs no protection, and no name of a type.
    freeze: false,
    generatedCode: { preset: 'es2015', symbols: false },
    // The entry has no static import or export, so a plain <script async> runs it; the wrapper keeps its names out of the page.
    banner: (chunk) => (chunk.isEntry ? `(()=>{${ownScript}` : ''),
    footer: (chunk) => (chunk.isEntry ? '})();' : ''),
  },
  plugins: [
    clean(output('widget')),
    fromOwnScript(),
    ...browserCode(['widget', 'sdk', 'protocol']),
    !isWatching && inlineConstants({ LIMITS, CLOSE_CODES }),
    !isWatching && measure(widgetBudget),
    copyFolder('packages/widget/public', output('widget')),
    precompress(output('widget')),
  ],
};

/** The page behind a survey's link, from parts of the widget. It lies in the widget's folder, so it is built after it. */
const survey = {
  input: { main: `${sources('widget')}/survey/main.tsx` },
  treeshake: { moduleSideEffects: ownSideEffects },
  output: {
    dir: `${output('widget')}/survey`,
    format: 'es',
    sourcemap: isWatching || 'hidden',
    entryFileNames: '[name]-[hash].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
  },
  plugins: [
    clean(`${output('widget')}/survey`),
    ...browserCode(['widget', 'sdk', 'protocol']),
    htmlPage(`${sources('widget')}/survey/index.html`),
    precompress(`${output('widget')}/survey`),
  ],
};

const desk = {
  input: inputsOf('desk'),
  output: {
    dir: output('desk'),
    format: 'es',
    sourcemap: isWatching || 'hidden',
    entryFileNames: '[name]-[hash].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
  },
  plugins: [
    clean(output('desk')),
    ...browserCode(['desk', 'sdk', 'protocol']),
    htmlPage('packages/desk/src/index.html'),
    copyFolder('packages/desk/public', output('desk')),
    precompress(output('desk')),
  ],
};

const sdk = {
  input: inputsOf('sdk'),
  external: /^node:/,
  output: { dir: output('sdk'), format: 'es', sourcemap: true, chunkFileNames: 'chunks/[name]-[hash].js' },
  plugins: [clean(output('sdk')), ...compile(['sdk', 'protocol'], [])],
};

const dependencies = Object.keys(JSON.parse(readFileSync('packages/server/package.json', 'utf8')).dependencies);

const server = {
  input: { ...inputsOf('server'), 'demo.config': 'examples/script-tag/sveiki.config.ts' },
  external: (id) => id.startsWith('node:') || dependencies.some((name) => id === name || id.startsWith(`${name}/`)),
  // Chunks lie beside the entries: `new URL('./writer.js', import.meta.url)` means the same from each of them.
  output: {
    dir: output('server'),
    format: 'es',
    sourcemap: true,
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
  },
  plugins: [
    clean(output('server')),
    ...compile(['server', 'protocol', 'sdk'], ['node'], ['examples/**/sveiki.config.ts']),
    copyFolder(output('widget'), `${output('server')}/public/widget`),
    copyFolder(output('desk'), `${output('server')}/public/desk`),
    copyFolder('examples/script-tag/pages', `${output('server')}/public/shop`),
    precompress(`${output('server')}/public/shop`),
  ],
};

/** Declarations of some doors of a package. What other packages of ours declare is bundled, as their code is. */
const types = (name, doors) => ({
  input: Object.fromEntries(doors.map((door) => [door, `packages/${name}/.tsc/${door}.d.ts`])),
  output: { dir: output(name), format: 'es', chunkFileNames: 'chunks/[name]-[hash].d.ts' },
  plugins: [
    {
      name: 'own-types',
      resolveId(id) {
        const [, from, door = 'index'] = /^@sveiki\/(protocol|sdk)(?:\/(\w+))?$/.exec(id) ?? [];
        return from === undefined ? null : { id: `${process.cwd()}/packages/${from}/.tsc/${door}.d.ts` };
      },
    },
    dts({ includeExternal: ['valibot'], tsconfig: 'tsconfig.rollup.json' }),
  ],
});

export default ({ configTypes, configOnly }) => {
  if (configTypes) return [types('sdk', Object.keys(sdk.input)), types('server', ['index', 'simulate'])];
  // The order counts: the server takes the finished widget and desk in.
  const all = { widget, survey, desk, sdk, server };
  const wanted = configOnly ? configOnly.split(',') : Object.keys(all);
  return wanted.map((name) => all[name]).filter(({ input }) => Object.keys(input).length > 0);
};
