import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const probe = join(import.meta.dirname, 'servers', 'probe.mjs');
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A process of the bench that answers questions over its IPC channel, one at a time. */
export interface Child {
  readonly pid: number;
  readonly hasEnded: boolean;
  ask<T>(question: unknown, isAnswer: (message: unknown) => message is T): Promise<T>;
  /** Everything it wrote, for when something goes wrong. */
  output(): string;
  stop(): Promise<void>;
}

export function startChild(
  file: string,
  options: { args?: string[]; env?: Record<string, string>; execArgv?: string[] } = {},
): Child {
  const { args = [], env = {}, execArgv = [] } = options;
  const child = fork(file, args, {
    env: { ...ownEnvironment(), ...env },
    execArgv: ['--conditions=@sveiki/source', '--disable-warning=ExperimentalWarning', ...execArgv],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data: Buffer) => {
      output = (output + data.toString()).slice(-8_000);
    });
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  void ended.then(() => running.delete(child));

  return {
    pid: child.pid ?? 0,
    get hasEnded() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    output: () => output,
    ask: (question, isAnswer) =>
      new Promise((resolve, reject) => {
        const stopListening = (): void => {
          child.off('message', listen);
          child.off('exit', fail);
        };
        const listen = (message: unknown): void => {
          if (!isAnswer(message)) return;
          stopListening();
          resolve(message);
        };
        const fail = (): void => {
          stopListening();
          reject(new Error(`${file} ended before it answered.\n${output}`));
        };
        child.on('message', listen);
        child.on('exit', fail);
        if (child.exitCode !== null || child.signalCode !== null) fail();
        else if (question !== undefined) child.send(question as string | object);
      }),
    async stop() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 3_000);
      await ended;
      clearTimeout(late);
    },
  };
}

/** Without the settings of whoever runs this: a relay takes them before those of its file. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name !== 'PORT' && name !== 'HOST' && !name.startsWith('SVEIKI_')),
  );
}

/** A server that is measured: with the probe in it, and with a garbage collector that can be called. */
export function startServer(file: string, options: { args?: string[]; env?: Record<string, string> } = {}): Child {
  return startChild(file, { ...options, execArgv: ['--expose-gc', '--import', probe] });
}

const hasNumber =
  <K extends string>(key: K) =>
  (message: unknown): message is Record<K, number> =>
    typeof message === 'object' && message !== null && typeof (message as Record<K, unknown>)[key] === 'number';

/** The port a server of `servers/` listens on. */
export const portOf = async (child: Child): Promise<number> => (await child.ask(undefined, hasNumber('port'))).port;
/** Microseconds of CPU a server used since its start. */
export const cpuOf = async (child: Child): Promise<number> => (await child.ask('cpu', hasNumber('cpu'))).cpu;
/** Resident bytes of a server after a collection: as little as it can do with, and with the room V8 keeps for new objects. */
export const memoryOf = (child: Child): Promise<{ memory: number; roomy: number }> => child.ask('memory', isMemory);
const isMemory = (message: unknown): message is { memory: number; roomy: number } => hasNumber('memory')(message);

/** Resident bytes of a process as the system sees them, without asking it and without a collection. */
export function residentOf(pid: number): number {
  const kilobytes = existsSync('/proc/self/status')
    ? /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return Number(kilobytes) * 1_024;
}
