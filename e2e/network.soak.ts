import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { parseConfig } from '../packages/server/src/config.ts';
import { silentLog } from '../packages/server/src/log.ts';
import { DATABASE_FILE, startServer } from '../packages/server/src/main.ts';
import { randomCuts } from '../tools/faults/random-cuts.ts';
import { createRandom } from '../tools/replay/random.ts';
import { storedMessages } from '../tools/replay/stored-messages.ts';
import { hastyClock, openNetworkHouse } from './network-house.ts';
import { differences, talkUntil } from './network-talks.ts';
import { letPass } from './real-time.ts';

/** How many connections are broken. */
const cuts = Number(process.env['SVEIKI_CUTS'] ?? 10_000);

it(`loses and doubles nothing over ${cuts} connections that break at random bytes`, async ({ signal }) => {
  const house = await openNetworkHouse({ faults: randomCuts(createRandom(2)), clock: hastyClock(50) });
  try {
    const talks = await talkUntil(house, { cuts, parallel: 24, turns: 8, signal });
    expect(differences(talks, await house.log())).toEqual([]);
    console.log(
      `${house.proxy.cuts} cuts, ${talks.length} conversations, ${talks.flatMap(({ said }) => said).length} messages`,
    );
  } finally {
    await house.stop();
  }
});

/*
 * Connections that are dead on one side, by the machine's own network: the visitor is in a network namespace, and packets are dropped there. Needs
 * Linux, root, and the programs `ip` and `iptables` (Debian: apt-get install iproute2 iptables).
 */
const site = 'pk_half_open_shop';
const origin = 'https://shop.example';
const seconds = (ms: number): number => Math.round(ms / 100) / 10;

const lost = {
  'either way': ['INPUT', 'OUTPUT'],
  up: ['OUTPUT'],
  down: ['INPUT'],
} as const;

it('finds connections that are dead on one side within 35 s, on both sides', async () => {
  const found = await Promise.all(Object.entries(lost).map(([way, chains], i) => halfOpen(way, chains, i)));
  console.log(found);
  for (const { relay, client } of found) {
    // The relay looks once a second.
    expect(relay).toBeLessThanOrEqual(36);
    expect(client).toBeLessThanOrEqual(36);
  }
});

async function halfOpen(way: string, chains: readonly string[], i: number) {
  const folder = mkdtempSync(join(tmpdir(), 'sveiki-half-open-'));
  const name = `sv${process.pid}x${i}`;
  const [host, guest] = [`10.213.${i}.1`, `10.213.${i}.2`];
  const tool = (program: string, ...args: string[]): void => void execFileSync(program, args, { stdio: 'pipe' });
  const inside = (program: string, ...args: string[]): void => tool('ip', 'netns', 'exec', name, program, ...args);
  let child: ChildProcess | null = null;
  let server: Awaited<ReturnType<typeof startServer>> | null = null;
  try {
    tool('ip', 'netns', 'add', name);
    tool('ip', 'link', 'add', `${name}h`, 'type', 'veth', 'peer', 'name', `${name}g`, 'netns', name);
    tool('ip', 'addr', 'add', `${host}/30`, 'dev', `${name}h`);
    tool('ip', 'link', 'set', `${name}h`, 'up');
    inside('ip', 'addr', 'add', `${guest}/30`, 'dev', `${name}g`);
    inside('ip', 'link', 'set', `${name}g`, 'up');

    const metricsToken = 'metrics-of-the-half-open-relay';
    const config = await parseConfig({
      ...{ host, port: 0, dataDir: folder, logLevel: 'silent', metricsToken },
      sites: [{ key: site, name: 'Shop', origins: [origin], team: 'sales' }],
      teams: [{ id: 'sales', name: 'Sales' }],
    });
    server = await startServer(config, { log: silentLog });
    const { url } = server;
    const hasClosed = async (): Promise<boolean> => {
      const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } });
      return (await response.text()).includes('sveiki_closes_total{code="4410"} 1');
    };

    const script = join(import.meta.dirname, 'network-client.ts');
    child = spawn(
      'ip',
      [...['netns', 'exec', name, process.execPath, '--conditions=@sveiki/source', script], ...[url, site, origin]],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const heard: { status?: string; stored?: string }[] = [];
    let changed = (): void => {};
    if (child.stdout === null) throw new Error('The visitor has no output.');
    createInterface({ input: child.stdout }).on('line', (line) => {
      heard.push(JSON.parse(line) as (typeof heard)[number]);
      changed();
    });
    const hears = async (isIt: (line: (typeof heard)[number]) => boolean): Promise<void> => {
      while (!heard.some(isIt))
        await new Promise<void>((resolve) => {
          changed = resolve;
        });
    };
    child.stdin?.write('Before it breaks.\n');
    await hears(({ stored }) => stored === 'Before it breaks.');

    heard.length = 0;
    const port = String(server.port);
    for (const chain of chains)
      inside('iptables', '-A', chain, '-p', 'tcp', chain === 'INPUT' ? '--sport' : '--dport', port, '-j', 'DROP');
    const brokenAt = performance.now();
    const relayFinds = (async () => {
      while (!(await hasClosed())) await letPass(100);
      return seconds(performance.now() - brokenAt);
    })();
    const clientFinds = hears(({ status }) => status !== undefined && status !== 'online').then(() =>
      seconds(performance.now() - brokenAt),
    );
    child.stdin?.write('While it is broken.\n');
    const [relay, client] = await Promise.all([relayFinds, clientFinds]);

    inside('iptables', '-F');
    await hears(({ stored }) => stored === 'While it is broken.');
    expect(storedMessages(join(folder, DATABASE_FILE)).map(({ text }) => text)).toEqual([
      'Before it breaks.',
      'While it is broken.',
    ]);
    return { lost: way, relay, client };
  } finally {
    if (child !== null && child.exitCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await server?.stop();
    for (const undo of [
      ['link', 'del', `${name}h`],
      ['netns', 'del', name],
    ])
      try {
        tool('ip', ...undo);
      } catch {}
    rmSync(folder, { recursive: true, force: true });
  }
}
