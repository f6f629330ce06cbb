import { dirname, extname } from 'node:path';
import { type Environment, loadConfig, parseConfig } from '../config.ts';
import type { Config } from '../config-types.ts';
import { freshImports } from './fresh-import.ts';

/** Reads a configuration again each time it is called, with the modules beside it. @throws ConfigError */
export function readsAgain(file: string, env: Environment): () => Promise<Config> {
  let fresh: ReturnType<typeof freshImports> | null = null;
  return async () => {
    if (extname(file) === '.json') return loadConfig({ file, env });
    fresh ??= freshImports(file);
    const module = (await fresh.import()) as { default?: unknown };
    return parseConfig(module.default, { env, source: file, folder: dirname(file) });
  };
}
