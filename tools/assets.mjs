import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const brotli = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });

/** Empties the output folder first: chunk names carry a hash, so old ones would pile up. */
export const clean = (folder) => ({
  name: 'clean',
  buildStart: () => rmSync(folder, { recursive: true, force: true }),
});

/** Copies a folder as it is, when it is there. */
export const copyFolder = (from, to) => ({
  name: 'copy-folder',
  writeBundle() {
    if (existsSync(from)) cpSync(from, to, { recursive: true, filter: (file) => !file.endsWith('.map') });
  },
});

/** `index.html` with the hashed name of the entry script in place of `%MAIN%`. */
export const htmlPage = (file) => ({
  name: 'html-page',
  buildStart() {
    this.addWatchFile(file);
  },
  generateBundle(_options, bundle) {
    const entry = Object.values(bundle).find((chunk) => chunk.type === 'chunk' && chunk.isEntry);
    if (!existsSync(file)) return this.warn(`${file} is not there yet`);
    const source = readFileSync(file, 'utf8').replaceAll('%MAIN%', entry.fileName);
    this.emitFile({ type: 'asset', fileName: 'index.html', source });
  },
});

/** Writes `.br` and `.gz` beside every text file, so that the server never compresses while somebody waits. */
export const precompress = (folder) => ({
  name: 'precompress',
  writeBundle() {
    for (const name of readdirSync(folder, { recursive: true })) {
      if (!['.js', '.css', '.html', '.svg', '.json', '.webmanifest'].includes(extname(name))) continue;
      const bytes = readFileSync(join(folder, name));
      writeFileSync(join(folder, `${name}.br`), brotli(bytes));
      writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
    }
  },
});

/**
 * Writes `sizes.json`: what every chunk weighs, and the two sums that are promised. `entry` is what each page of a site
 * pays; `open` is all that a visitor has fetched when the panel stands: entry, what it loads, what that imports, English.
 * A build over its budget (brotli bytes) fails.
 */
export const measure = ({ entry: entryBudget, open: openBudget }) => ({
  name: 'measure',
  generateBundle(_options, bundle) {
    const chunks = Object.values(bundle).filter((item) => item.type === 'chunk');
    const weigh = (code) => ({
      bytes: Buffer.byteLength(code),
      gzip: gzipSync(code, { level: 9 }).length,
      brotli: brotli(Buffer.from(code)).length,
    });
    const files = Object.fromEntries(chunks.map((chunk) => [chunk.fileName, weigh(chunk.code)]));
    const isForeignLocale = (chunk) => /[\\/]locales[\\/]/.test(chunk.facadeModuleId ?? '') && chunk.name !== 'en';
    const opened = new Set();
    const add = (name) => {
      const chunk = bundle[name];
      if (chunk?.type !== 'chunk' || opened.has(name)) return;
      opened.add(name);
      chunk.imports.forEach(add);
    };
    const entry = chunks.find((chunk) => chunk.isEntry);
    add(entry.fileName);
    for (const name of entry.dynamicImports) if (!isForeignLocale(bundle[name])) add(name);
    const english = chunks.find((chunk) => chunk.name === 'en');
    if (english) add(english.fileName);
    const sum = (names) => [...names].reduce((total, name) => total + files[name].brotli, 0);
    const totals = { entry: files[entry.fileName].brotli, open: sum(opened) };
    const report = {
      unit: 'brotli bytes',
      totals,
      budgets: { entry: entryBudget, open: openBudget },
      opened: [...opened],
      files,
    };
    this.emitFile({ type: 'asset', fileName: 'sizes.json', source: `${JSON.stringify(report, null, 2)}\n` });
    console.log(`widget: entry ${totals.entry} of ${entryBudget}, open ${totals.open} of ${openBudget} brotli bytes`);
    if (totals.entry > entryBudget)
      this.error(`the script on every page is ${totals.entry} brotli bytes, budget ${entryBudget}`);
    if (totals.open > openBudget)
      this.error(`the open widget is ${totals.open} brotli bytes, budget ${openBudget}: ${[...opened].join(', ')}`);
  },
});
