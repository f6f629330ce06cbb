import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const server = join(import.meta.dirname, '../../packages/server');
/** A machine that is busy with ten thousand clients takes its time. */
const readyWithinMs = 120_000;

/** The relay in a process of its own, always on the same port and data. */
export interface RelayProcess {
  /** Of the one that runs, or ran last. */
  readonly pid: number;
  /** What the one that runs, or ran last, has written lately. */
  readonly output: string;
  /** Resolves when it says that it is ready. */
  start(): Promise<void>;
  /** Sends a signal and waits for nothing. */
  signal(name: NodeJS.Signals): void;
  /** SIGKILL: no goodbye, nothing finished. */
  kill(): Promise<void>;
  /** SIGTERM, and resolves when it has ended. @throws Error when it did not end by itself */
  stop(): Promise<void>;
}

export interface RelayProcessOptions {
  config: string;
  port: number;
  /** What Node runs. @default the built command where there is one, else its source */
  program?: readonly string[];
  /** Command that runs the whole command after it, as `strace` and `prlimit` do; it must not become another process. */
  under?: readonly string[];
  /** Beside the environment of this process, without the settings of whoever runs it. */
  env?: Readonly<Record<string, string>>;
}

/** The built command where there is one, else its source. */
function command(): string[] {
  const built = join(server, 'dist/cli.js');
  return existsSync(built) ? [built] : ['--conditions=@sveiki/source', join(server, 'src/cli.ts')];
}

export function createRelayProcess(options: RelayProcessOptions): RelayProcess {
  const { config, port, program = command(), under = [], env = {} } = options;
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
    get pid() {
      return child?.pid ?? 0;
    },
    get output() {
      return output;
    },
    signal: (name) => void child?.kill(name),
    async start() {
      output = '';
      const [file = '', ...args] = [...under, process.execPath, ...program, 'start', '--config', config];
      const started = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...ownEnvironment(), ...env } });
      child = started;
      for (const stream of [started.stdout, started.stderr]) {
        stream.on('data', (data: Buffer) => {
          output = (output + data.toString()).slice(-16_000);
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
    return (await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(10_000) })).ok;
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
