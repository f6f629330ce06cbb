import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { grouped } from './grouped.ts';
import type { Plant } from './plants.ts';

const root = resolve(import.meta.dirname, '../..');

/**
 * From here on the files of the plant are loaded with its mistakes in them. To be called before any of them is. What was to be replaced and is not
 * there is an error: a plant that is not there would prove nothing.
 */
export function plant({ edits }: Plant): void {
  const byUrl = grouped(edits, ({ file }) => pathToFileURL(resolve(root, file)).href);
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const wanted = byUrl.get(url);
      if (wanted === undefined) return loaded;
      let source = Buffer.from(loaded.source as Uint8Array).toString('utf8');
      for (const { file, from, to } of wanted) {
        const parts = source.split(from);
        if (parts.length !== 2)
          throw new Error(
            `${file} has ${parts.length - 1} places with "${from}". Bring tools/sim/plants.ts up to date.`,
          );
        source = parts.join(to);
      }
      return { ...loaded, source };
    },
  });
}
