import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Chat, createChat, type KeyValueStorage, type WebSocketClass } from '@sveiki/sdk';
import { type Agent, createAgent } from '@sveiki/sdk/agent';
import { WebSocket } from 'ws';
import { openSqliteStore } from '../packages/server/src/store/sqlite/sqlite-store.ts';
import { createRelayProcess, freePort } from '../tools/replay/relay-process.ts';
import { fetchOf, socketsOf } from '../tools/replay/site-socket.ts';
import { until } from '../tools/replay/until.ts';

export const site = 'pk_flooded_shop';
export const origin = 'https://shop.example';
const metricsToken = 'metrics-of-the-flooded-relay';

/** A relay in a process of its own, as it would run, and people who use it while others do not let it rest. */
export interface FloodedHouse {
  readonly url: string;
  readonly port: number;
  /** A visitor who comes from this address of the machine. */
  visitor(localAddress: string, storage?: KeyValueStorage): Chat;
  agent(): Promise<Agent>;
  /** The most resident memory the relay ever had, in bytes. */
  mostMemory(): number;
  /** A counter of /metrics, with its labels. */
  counter(name: string): Promise<number>;
  stop(): Promise<void>;
}

export async function openFloodedHouse({ rateFactor = 1 } = {}): Promise<FloodedHouse> {
  const folder = mkdtempSync(join(tmpdir(), 'sveiki-floods-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const code = `code-of-ada-${port}`;
  const store = await openSqliteStore({ file: join(folder, 'sveiki.db') });
  await store.saveAgent({
    ...{ id: 'ada', email: 'ada@shop.example', name: 'Ada', role: 'agent', teams: ['sales'], capacity: 9 },
    ...{ presence: 'online', passwordHash: null, active: true, createdAt: 0 },
  });
  const codeHash = createHash('sha256').update(code).digest('base64url');
  await store.saveSignInCode({ codeHash, agent: 'ada', expiresAt: Date.now() + 3_600_000 });
  await store.close();
  const config = join(folder, 'sveiki.config.json');
  writeFileSync(
    config,
    JSON.stringify({
      ...{ host: '127.0.0.1', port, dataDir: folder, publicUrl: url, logLevel: 'error', metricsToken, rateFactor },
      sites: [{ key: site, name: 'Shop', origins: [origin], team: 'sales' }],
      teams: [{ id: 'sales', name: 'Sales', strategy: 'manual' }],
      wrapUpCodes: [{ id: 'done', name: 'Done' }],
    }),
  );
  const program = ['--conditions=@sveiki/source', join(import.meta.dirname, '../packages/server/src/cli.ts')];
  const relay = createRelayProcess({ config, port, program });
  await relay.start();
  const people: { destroy(): Promise<void> }[] = [];

  return {
    url,
    port,
    visitor(localAddress, storage) {
      class NearSocket extends WebSocket {
        constructor(address: string) {
          super(address, { origin, perMessageDeflate: false, ...{ localAddress } });
        }
      }
      const chat = createChat({
        ...{
          server: url,
          site,
          WebSocket: NearSocket as unknown as WebSocketClass,
          transport: 'websocket',
          locale: 'en',
        },
        storage: storage ?? 'memory',
      });
      people.push(chat);
      return chat;
    },
    async agent() {
      const { Socket } = socketsOf(url);
      const agent = createAgent({ server: url, WebSocket: Socket, fetch: fetchOf(url), transport: 'websocket' });
      people.push(agent);
      await agent.signInWithCode(code);
      await agent.connect();
      return agent;
    },
    mostMemory() {
      const status = readFileSync(`/proc/${relay.pid}/status`, 'utf8');
      return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1_024;
    },
    async counter(name) {
      const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } });
      const line = (await response.text()).split('\n').find((one) => one.startsWith(`${name} `));
      return line === undefined ? 0 : Number(line.slice(name.length));
    },
    async stop() {
      await Promise.all(people.map((one) => one.destroy()));
      await relay.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What became of an attack's connections. */
export interface Attacked {
  opened: number;
  /** Could not even be opened. */
  failed: number;
  /** At the same time. */
  most: number;
  /** By the status of the first answer. */
  answers: Record<string, number>;
  /** Of the one that was left the longest, of those that the relay had accepted. */
  longestSeconds: number;
}

/** Attacks with so many connections for so long, and resolves when the last of them has ended. */
export function attack(
  house: FloodedHouse,
  { kind, connections, seconds }: { kind: string; connections: number; seconds: number },
): Promise<Attacked> {
  const script = join(import.meta.dirname, 'floods-attacker.ts');
  return outputOf(process.execPath, [script, kind, `${house.port}`, `${connections}`, origin, `${seconds}`]).then(
    (output) => JSON.parse(output) as Attacked,
  );
}

/** Runs a program to its end. @throws Error with what it said when it cannot be run or fails */
export function outputOf(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (bytes: Buffer) => {
      output += bytes.toString();
    });
    child.stderr.on('data', (bytes: Buffer) => {
      errors += bytes.toString();
    });
    child.once('error', (error) => reject(new Error(`"${program}" cannot be run: ${error.message}`)));
    child.once('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`${program}: ${code}\n${errors}`))));
  });
}

/** Real visitors one after the other, each from an address of his own, until `ends` resolves; milliseconds from nothing to being welcome. */
export async function realVisitors(house: FloodedHouse, ends: Promise<unknown>, subnet: number): Promise<number[]> {
  const took: number[] = [];
  let isOver = false;
  void ends.finally(() => {
    isOver = true;
  });
  for (let i = 0; !isOver && i < 60_000; i++) {
    const startedAt = performance.now();
    const chat = house.visitor(`127.${subnet}.${i >> 8}.${i & 255 || 1}`);
    chat.connect();
    await until(chat, () => chat.state.connection.status === 'online' || undefined, new AbortController().signal);
    took.push(performance.now() - startedAt);
    await chat.destroy();
  }
  return took.sort((a, b) => a - b);
}

export const median = (sorted: readonly number[]): number => sorted[sorted.length >> 1] ?? Number.NaN;
