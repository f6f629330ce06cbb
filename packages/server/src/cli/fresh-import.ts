import nodeModule, { type RegisterHooksOptions } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Imports a module again, with everything of its own folder that it imports: Node keeps what it imported once. Packages are kept as they are. Where
 * this Node cannot say where imports lead (before 22.15) only the file itself is read again.
 */
export function freshImports(file: string): { import(): Promise<unknown> } {
  const folder = `${pathToFileURL(dirname(file)).href}/`;
  let version = 0;
  const resolve: NonNullable<RegisterHooksOptions['resolve']> = (specifier, context, next) => {
    const found = next(specifier, context);
    const isOwn = found.url.startsWith(folder) && !found.url.includes('/node_modules/') && !found.url.includes('?');
    return isOwn && version > 0 ? { ...found, url: `${found.url}?version=${version}` } : found;
  };
  const { registerHooks } = nodeModule as { registerHooks?: typeof nodeModule.registerHooks };
  registerHooks?.({ resolve });
  return {
    import() {
      version += 1;
      return import(`${pathToFileURL(file).href}?version=${version}`);
    },
  };
}
