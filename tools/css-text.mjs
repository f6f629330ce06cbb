import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

const prefix = '\0css-text:';

const squeeze = (css) =>
  css
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,>]) ?/g, '$1')
    .replace(/: /g, ':')
    .replace(/;}/g, '}')
    .replace(/ !important/g, '!important')
    .replace(/(?<=[ :,(])0(?=\.\d)/g, '')
    .trim();

/**
 * `import css from './x.css'` gives the minified text, for `adoptedStyleSheets`. One plugin for Rollup and for Vitest.
 * The virtual id does not end in .css, so Vite's own CSS pipeline stays out of it.
 */
export const cssText = () => ({
  name: 'css-text',
  enforce: 'pre',
  resolveId(source, importer) {
    if (!importer || !source.startsWith('.') || !source.endsWith('.css')) return null;
    return `${prefix}${resolve(dirname(importer.split('?')[0]), source)}.mjs`;
  },
  async load(id) {
    if (!id.startsWith(prefix)) return null;
    const file = id.slice(prefix.length, -'.mjs'.length);
    this.addWatchFile(file);
    return { code: `export default ${JSON.stringify(squeeze(await readFile(file, 'utf8')))}`, map: { mappings: '' } };
  },
});
