import { dirname, relative, sep } from 'node:path';
import { ConfigError, configFile, loadConfig } from '../config.ts';
import { startServer } from '../main.ts';
import { type CommandLine, say } from './command-line.ts';
import { EXIT } from './exit-codes.ts';
import { followFolder } from './follow-folder.ts';
import { readsAgain } from './read-again.ts';
import { untilToldToEnd } from './serve.ts';

/** Several files are often written together. */
const QUIET_MS = 100;

/**
 * `sveiki dev`: runs the relay and follows its configuration. What is right holds at once, without an open line ending; what is wrong is said, and
 * the last one that was right goes on.
 */
export async function dev({ values, env }: CommandLine): Promise<number> {
  const file = configFile({ ...(values.config === undefined ? {} : { file: values.config }), env });
  const end = untilToldToEnd();
  const server = await startServer(await loadConfig({ file, env }), {
    onFault: () => end.now(EXIT.store),
    source: file,
    readAgain: readsAgain(file, env),
  });
  const read = readsAgain(file, env);
  const watcher = follow(dirname(file), server.config.dataDir, async () => {
    try {
      const before = server.config.version;
      const next = await read();
      if (next.version === before) return;
      const fixed = await server.reconfigure(next);
      const rest = fixed.length === 0 ? '' : ` These need a start: ${fixed.join(', ')}.`;
      say(`Configuration ${before} is now ${next.version}.${rest}\n`);
    } catch (error) {
      say(`${error instanceof ConfigError ? error.message : `${file}: ${String(error)}`}\nThe last one goes on.\n`);
    }
  });
  say(`Serving ${server.config.publicUrl}, configuration ${server.config.version}. Changes of ${file} hold at once.\n`);
  const code = await end.stop(server);
  watcher.close();
  return code;
}

/** Calls `changed` when files of code or data in a folder have been written and it is quiet again; never twice at once. */
function follow(folder: string, except: string, changed: () => Promise<void>): { close(): void } {
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  return followFolder(folder, {
    leftOut: (path) => !relative(except, path).startsWith('..') || path.endsWith(`${sep}node_modules`),
    changed(path) {
      if (!/\.([cm]?[jt]s|json)$/.test(path)) return;
      if (timer !== null) clearTimeout(timer);
      timer = setTimeout(() => {
        timer = null;
        running = running.then(changed);
      }, QUIET_MS);
    },
  });
}
