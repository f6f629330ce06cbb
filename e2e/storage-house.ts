import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { createRelayProcess, freePort, type RelayProcess } from '../tools/replay/relay-process.ts';
import { letPass } from './real-time.ts';

/** From its sources: who looks into a fault wants to read them. */
const CLI = ['--conditions=@sveiki/source', join(import.meta.dirname, '../packages/server/src/cli.ts')];
const SITE = 'pk_shop0001';
const SHOP = 'https://shop.example.com';

type Frame = { type: string } & Record<string, unknown>;

/** One line of frames, as they cross the socket. */
export interface Line {
  readonly frames: readonly Frame[];
  send(frame: Frame): void;
  /** The first frame that fits, from those that came already on. */
  first(fits: (frame: Frame) => boolean): Promise<Frame>;
  close(): void;
}

/** A visitor who writes in one conversation and keeps count of what he was told is stored. */
export interface Writer extends Line {
  readonly conversation: string;
  readonly acked: ReadonlySet<string>;
  /** Sends a message, under a new id or again, and resolves with its ack or nack. */
  say(id?: string): Promise<Frame>;
}

/** A real relay in a process of its own, in a data folder of its own. */
export interface StorageHouse extends RelayProcess {
  readonly folder: string;
  readonly dataDir: string;
  readonly database: string;
  readonly config: string;
  writer(name: string): Promise<Writer>;
  /** Runs the command line on this house, in a process of its own. */
  sveiki(words: readonly string[], env?: Record<string, string>): Promise<{ code: number; output: string }>;
  /** Adds somebody who answers, and opens his line. */
  agent(email: string): Promise<Line>;
  status(path: string): Promise<number>;
  /** Asks until it answers so. Resolves with how long that took. */
  becomes(path: string, status: number): Promise<number>;
  /** Ends the relay if it runs, and leaves nothing behind. */
  leave(): Promise<void>;
}

/** `megabytes`: on a disk of its own that is no larger, for which one has to be root. */
export async function storageHouse(
  options: { under?: (folder: string) => readonly string[]; megabytes?: number } = {},
): Promise<StorageHouse> {
  const folder = mkdtempSync(join(tmpdir(), 'sveiki-storage-'));
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  if (options.megabytes !== undefined) {
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${options.megabytes}m`, 'none', dataDir]);
    if (status !== 0) throw new Error(`A disk of its own cannot be mounted. Run this as root. ${String(stderr)}`);
  }
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = join(folder, 'sveiki.config.json');
  writeFileSync(
    config,
    JSON.stringify({
      ...{ port, publicUrl: url, logLevel: 'info', rateFactor: 1_000 },
      sites: [{ key: SITE, name: 'Shop', origins: [SHOP], team: 'sales' }],
      teams: [{ id: 'sales', name: 'Sales' }],
    }),
  );
  const relay = createRelayProcess({
    config,
    port,
    program: CLI,
    under: options.under?.(folder) ?? [],
  });
  const lines = new Set<Line>();
  const sveiki: StorageHouse['sveiki'] = (words, env = {}) =>
    new Promise((resolve) => {
      const args = [...CLI, ...words, '--config', config];
      execFile(process.execPath, args, { env: { ...process.env, ...env } }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), output: stdout + stderr }),
      );
    });

  async function open(path: string, origin: string, hello: Frame): Promise<Line> {
    const line = await openLine(`${url.replace('http', 'ws')}${path}`, origin);
    lines.add(line);
    line.send({ versions: [1], client: 'storage/1', ...hello });
    await line.first(({ type }) => type === 'welcome');
    return line;
  }
  const status = async (path: string): Promise<number> =>
    (await fetch(url + path, { signal: AbortSignal.timeout(10_000) })).status;

  return {
    ...relay,
    get pid() {
      return relay.pid;
    },
    get output() {
      return relay.output;
    },
    ...{ folder, dataDir, config, database: join(dataDir, 'sveiki.db') },
    sveiki,
    status,
    async writer(name) {
      const line = await open('/v1/socket', SHOP, { type: 'hello', role: 'visitor', site: SITE });
      const conversation = `conversation-${name}`;
      const acked = new Set<string>();
      let count = 0;
      return Object.assign(line, {
        conversation,
        acked,
        async say(id = `${name}-${String(++count).padStart(8, '0')}`) {
          const from = line.frames.length;
          const blocks = [{ kind: 'text', text: `${id} ${'x'.repeat(400)}` }];
          line.send({ type: 'send', id, conversation, blocks });
          const answer = await line.first(
            (frame) =>
              frame['id'] === id &&
              (frame.type === 'ack' || frame.type === 'nack') &&
              line.frames.lastIndexOf(frame) >= from,
          );
          if (answer.type === 'ack') acked.add(id);
          return answer;
        },
      });
    },
    async agent(email) {
      const code = /#code=(\S+)/.exec((await sveiki(['add-agent', email, 'Ada'])).output)?.[1];
      const headers = { origin: url, 'content-type': 'application/json' };
      const signIn = await fetch(`${url}/desk/api/session`, {
        ...{ method: 'POST', headers, body: JSON.stringify({ code }) },
      });
      const cookie = signIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
      const response = await fetch(`${url}/desk/api/ticket`, { method: 'POST', headers: { ...headers, cookie } });
      const { ticket } = (await response.json()) as { ticket: string };
      return open('/desk/socket', url, { type: 'hello', role: 'agent', ticket });
    },
    async becomes(path, wanted) {
      const since = performance.now();
      while ((await status(path)) !== wanted) await letPass(50);
      return performance.now() - since;
    },
    async leave() {
      for (const line of lines) line.close();
      await relay.kill();
      if (options.megabytes !== undefined) spawnSync('umount', ['--lazy', dataDir]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function openLine(url: string, origin: string): Promise<Line> {
  const socket = new WebSocket(url, { origin });
  const frames: Frame[] = [];
  const waiting = new Set<() => void>();
  let end: Error | null = null;
  const changed = (): void => {
    for (const look of [...waiting]) look();
  };
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as Frame;
    if (frame.type === 'ping') return socket.send('{"type":"pong"}');
    frames.push(frame);
    changed();
  });
  socket.on('close', (code, reason) => {
    end = new Error(`The line was closed: ${code} ${String(reason)}`);
    changed();
  });
  const line: Line = {
    frames,
    send: (frame) => socket.send(JSON.stringify(frame)),
    first: (fits) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = frames.find(fits);
          if (found === undefined && end === null) return;
          waiting.delete(look);
          if (found !== undefined) resolve(found);
          else reject(end);
        };
        waiting.add(look);
        look();
      }),
    close: () => socket.terminate(),
  };
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(line));
    socket.once('error', reject);
  });
}
