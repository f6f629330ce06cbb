import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const server = join(import.meta.dirname, '../../packages/server');
const readyWithinMs = 30_000;

/** The relay in a process of its own, always on the same port and data. */
export interface RelayProcess {
  /** Resolves when it says that it is ready. */
  start(): Promise<void>;
  /** SIGKILL: no goodbye, nothing finished. */
  kill(): Promise<void>;
  /** SIGTERM, and resolves when it has ended. @throws Error when it did not end by itself */
  stop(): Promise<void>;
}

/** The built command where there is one, else its source. */
function command(): string[] {
  const built = join(server, 'dist/cli.js');
  return existsSync(built) ? [built] : ['--conditions=@sveiki/source', join(server, 'src/cli.ts')];
}

export function createRelayProcess({ config, port }: { config: string; port: number }): RelayProcess {
  let child: ChildProcess | null = null;
  let output = '';
  const killAtExit = (): void => void child?.kill('SIGKILL');
  process.on('exit', killAtExit);

  const ended = (process: ChildProcess): Promise<void> =>
    new Promise((resolve) => {
      if (process.exitCode !== null || process.signalCode !== null) resolve();
      else process.once('exit', () => resolve());
    });

  return {
    async start() {
      output = '';
      const started = spawn(process.execPath, [...command(), 'start', '--config', config], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: ownEnvironment(),
      });
      child = started;
      for (const stream of [started.stdout, started.stderr]) {
        stream.on('data', (data: Buffer) => {
          output = (output + data.toString()).slice(-4_000);
        });
      }
      const until = performance.now() + readyWithinMs;
      for (;;) {
        if (started.exitCode !== null || started.signalCode !== null)
          throw new Error(`The relay ended at its start.\n${output}`);
        if (performance.now() > until)
          throw new Error(`The relay was not ready within ${readyWithinMs} ms.\n${output}`);
        if (await isReady(port)) return;
        await new Promise((done) => setTimeout(done, 20));
      }
    },
    async kill() {
      if (child === null) return;
      child.kill('SIGKILL');
      await ended(child);
    },
    async stop() {
      process.off('exit', killAtExit);
      const stopping = child;
      if (stopping === null) return;
      const late = setTimeout(() => stopping.kill('SIGKILL'), 10_000);
      stopping.kill('SIGTERM');
      await ended(stopping);
      clearTimeout(late);
      if (stopping.exitCode !== 0)
        throw new Error(`The relay did not end by itself (${stopping.exitCode ?? stopping.signalCode}).\n${output}`);
    },
  };
}

/** Without the settings of whoever runs this: the environment wins over the file. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name !== 'PORT' && name !== 'HOST' && !name.startsWith('SVEIKI_')),
  );
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
}

/**
 * A port that is free now. Below those that systems give to outgoing connections: while the relay is down its port must not become the near end of
 * somebody's connection.
 */
export async function freePort(): Promise<number> {
  for (let port = 20_000 + (process.pid % 10_000); port < 32_000; port++) {
    const probe = createServer();
    const isFree = await new Promise<boolean>((done) => {
      probe.once('error', () => done(false));
      probe.listen(port, '127.0.0.1', () => done(true));
    });
    if (isFree) {
      await new Promise((done) => probe.close(done));
      return port;
    }
  }
  throw new Error('There is no free port between 20000 and 32000.');
}
