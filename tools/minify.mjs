import { minify as terser } from 'terser';

/** Only names of our own: `_name`, never `__x`, which Preact's and signals' published files use. */
const ownName = /(?<![\w$])_(?!_)[A-Za-z]\w*/g;

/**
 * Terser, with one table of short property names for all chunks. Every chunk is minified by itself, so without a table
 * that is complete beforehand two chunks would give one property two names. Short names keep their underscore, so they
 * cannot meet a property of the wire or of the DOM.
 */
export function minify() {
  let shortNames = {};
  return {
    name: 'minify',
    buildEnd() {
      const uses = new Map();
      for (const id of this.getModuleIds()) {
        // The script on every page gets the shortest ones, and does not change because another module did.
        const weight = /[\\/]launcher[\\/]/.test(id) ? 1_000 : 1;
        for (const [name] of (this.getModuleInfo(id)?.code ?? '').matchAll(ownName))
          uses.set(name, (uses.get(name) ?? 0) + weight);
      }
      const byUse = [...uses].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
      let next = 0;
      shortNames = {};
      for (const name of byUse) {
        let short = `_${(next++).toString(36)}`;
        while (uses.has(short)) short = `_${(next++).toString(36)}`;
        shortNames[`$${name}`] = short;
      }
    },
    async renderChunk(code) {
      const result = await terser(code, {
        module: true,
        ecma: 2020,
        sourceMap: true,
        // Never `pure_getters`: reading a signal is a getter with an effect, and the widget would stop updating.
        compress: { passes: 2, unsafe_arrows: true },
        mangle: { properties: { regex: /^_(?!_)/ } },
        nameCache: { vars: {}, props: { props: { ...shortNames } } },
        format: { comments: false },
      });
      return { code: result.code, map: result.map };
    },
  };
}
