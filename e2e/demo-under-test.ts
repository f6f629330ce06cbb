import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from '../tools/replay/relay-process.ts';

const cli = fileURLToPath(new URL('../packages/server/dist/cli.js', import.meta.url));

/** The built demo in a process and a data folder of its own, on a port that stays the same over restarts. */
export interface DemoUnderTest {
  readonly shop: string;
  /** A fresh one-time link that signs a demo agent in. */
  readonly desk: string;
  readonly origin: string;
  readonly dataDir: string;
  /** Ends the relay as a power cut would, and starts it again on the same data. */
  crashAndRestart(): Promise<void>;
  /** Ends the relay as a power cut would. */
  crash(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function demoUnderTest(env: Record<string, string> = {}): Promise<DemoUnderTest> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sveiki-e2e-'));
  const port = await freePort();
  let child: ChildProcess;
  let addresses = { shop: '', desk: '' };

  async function start(): Promise<void> {
    child = spawn(process.execPath, [cli, 'demo'], {
      env: { ...process.env, NODE_OPTIONS: '', PORT: String(port), SVEIKI_DATA_DIR: dataDir, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    addresses = await printedAddresses(child);
  }
  const exited = (): Promise<void> =>
    new Promise((done) => {
      if (child.exitCode !== null || child.signalCode !== null) done();
      else child.once('exit', () => done());
    });
  async function crash(): Promise<void> {
    child.kill('SIGKILL');
    await exited();
  }

  await start();
  return {
    get shop() {
      return addresses.shop;
    },
    get desk() {
      return addresses.desk;
    },
    origin: `http://127.0.0.1:${port}`,
    dataDir,
    crash,
    start,
    async crashAndRestart() {
      await crash();
      await start();
    },
    async stop() {
      child.kill('SIGTERM');
      await exited();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Reads the lines `Shop <url>` and `Desk <url>` that the demo prints when it serves. */
function printedAddresses(child: ChildProcess): Promise<{ shop: string; desk: string }> {
  return new Promise((found, failed) => {
    const addresses = { shop: '', desk: '' };
    if (child.stdout === null) return failed(new Error('The demo has no output.'));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, name, url] = /^(Shop|Desk) (\S+)$/.exec(line) ?? [];
      if (name === 'Shop' && url !== undefined) addresses.shop = url;
      if (name === 'Desk' && url !== undefined) addresses.desk = url;
      if (addresses.shop !== '' && addresses.desk !== '') found(addresses);
    });
    child.once('exit', (code) => failed(new Error(`The demo ended with ${code} before it served.`)));
  });
}
