import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../packages/server/src/store/sqlite/sqlite-store.ts';
import { type Child, startChild, startServer } from './child.ts';
import type { RelayDoor } from './load/talkers.ts';

export const command = join(import.meta.dirname, '../packages/server/dist/cli.js');
const readyWithinMs = 30_000;

/** The relay as it is built and run, on a database of its own on disk. */
export interface MeasuredRelay {
  child: Child;
  port: number;
  door: RelayDoor;
  /** From the start of the process until it said that it is ready. */
  startMs: number;
  stop(): Promise<void>;
}

/** `plain` starts it without the probe, exactly as an operator would. */
export async function startRelay(
  options: { agents?: number; plain?: boolean; program?: string; origin?: string } = {},
): Promise<MeasuredRelay> {
  const { agents = 0, plain = false, program = command, origin = 'https://shop.example' } = options;
  const folder = mkdtempSync(join(tmpdir(), 'sveiki-bench-'));
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const site = 'pk_bench_shop';
  const config = join(folder, 'sveiki.config.json');
  const sessions = await hire(join(folder, 'sveiki.db'), agents);
  writeFileSync(
    config,
    JSON.stringify({
      port,
      dataDir: folder,
      publicUrl,
      logLevel: 'error',
      sites: [{ key: site, name: 'Shop', origins: [origin], team: 'sales' }],
      teams: [{ id: 'sales', name: 'Sales' }],
      // Everybody comes from one address and talks without a pause.
      rateFactor: 1_000_000,
    }),
  );
  const startedAt = performance.now();
  const start = plain ? startChild : startServer;
  const child = start(program, { args: ['start', '--config', config] });
  await untilReady(child, port, startedAt + readyWithinMs);
  return {
    child,
    port,
    door: { site, origins: { visitor: origin, agent: publicUrl }, sessions },
    startMs: performance.now() - startedAt,
    async stop() {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Agents and their sessions, in the database before the relay opens it: 500 passwords would take longer than the measurement. */
async function hire(database: string, count: number): Promise<string[]> {
  const store = await openSqliteStore({ file: database });
  const now = Date.now();
  const tokens = Array.from({ length: count }, (_, i) => `session-of-agent-${i}`);
  for (const [i, token] of tokens.entries()) {
    await store.saveAgent({
      id: `agent-${i}`,
      email: `agent-${i}@shop.example`,
      name: `Agent ${i}`,
      role: 'agent',
      teams: ['sales'],
      capacity: 5,
      presence: 'online',
      passwordHash: null,
      active: true,
      createdAt: now,
    });
    const tokenHash = createHash('sha256').update(token).digest('base64url');
    await store.saveAgentSession({
      tokenHash,
      agent: `agent-${i}`,
      createdAt: now,
      expiresAt: now + 3_600_000,
      lastUsedAt: now,
    });
  }
  await store.close();
  return tokens;
}

/** Asks every few milliseconds until the server answers 200. */
export async function untilReady(child: Child, port: number, until: number): Promise<void> {
  for (;;) {
    try {
      if ((await fetch(`http://127.0.0.1:${port}/readyz`)).ok) return;
    } catch {}
    if (performance.now() > until || child.hasEnded)
      throw new Error(`The server did not get ready.\n${child.output()}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
