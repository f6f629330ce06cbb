import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAgent } from '@sveiki/sdk/agent';
import type { ConfigInput } from '@sveiki/sdk/config';
import { browserAt } from '@sveiki/sdk/testing';
import { afterEach, expect, it } from 'vitest';
import { ConfigError } from './config.ts';
import { type RelayOptions, type RunningRelay, startRelay } from './start-relay.ts';

const config: ConfigInput = {
  logLevel: 'silent',
  sites: [{ key: 'pk_shop0001', name: 'Shop', origins: ['https://shop.example.com'], team: 'sales' }],
  teams: [
    { id: 'sales', name: 'Sales', strategy: 'manual' },
    { id: 'billing', name: 'Billing', strategy: 'manual' },
  ],
  agents: [
    { id: 'ada', teams: ['sales'], capacity: 3 },
    { id: 'cleo', teams: ['sales', 'billing'], capacity: 4 },
  ],
};
const people = [
  { id: 'ada', name: 'Ada', email: 'Ada@example.com' },
  { id: 'cleo', name: 'Cleo', email: 'cleo@example.com', role: 'lead' as const },
  { id: 'ben', name: 'Ben', email: 'ben@example.com', capacity: 2 },
];

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});
async function started(options: RelayOptions): Promise<RunningRelay> {
  const relay = await startRelay({ port: 0, dataDir: ':memory:', ...options });
  ends.push(relay.stop);
  return relay;
}
async function signedIn(relay: RunningRelay, id: string) {
  const agent = createAgent({ server: relay.url, ...browserAt(relay.url) });
  ends.push(() => agent.destroy());
  await agent.signInWithCode(await relay.signInCode(id));
  await agent.connect();
  return agent.state;
}
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sveiki-start-'));
  ends.push(() => rmSync(path, { recursive: true }));
  return path;
}

it('makes the accounts it is told of, as the configuration describes them', async () => {
  const relay = await started({ config, people });
  const { me, agents } = await signedIn(relay, 'cleo');
  expect(me).toMatchObject({ id: 'cleo', role: 'lead' });
  expect(agents).toMatchObject([
    { id: 'ada', name: 'Ada', teams: ['sales'], capacity: 3 },
    { id: 'ben', name: 'Ben', teams: ['sales', 'billing'], capacity: 2 },
    { id: 'cleo', name: 'Cleo', teams: ['sales', 'billing'], capacity: 4 },
  ]);
});

it('keeps an account that is there as it is', async () => {
  const dataDir = folder();
  const first = await started({ config, people, dataDir });
  await first.stop();
  const second = await started({
    config,
    dataDir,
    people: [{ id: 'ada', name: 'Somebody', email: 'new@example.com' }],
  });
  expect((await signedIn(second, 'ada')).me?.name).toBe('Ada');
});

it('reads a file, and what it is told wins over it and over the environment', async () => {
  const file = join(folder(), 'sveiki.config.json');
  writeFileSync(file, JSON.stringify({ ...config, port: 1 }));
  const relay = await started({ config: file, env: { PORT: '2' } });
  expect(relay.port).toBeGreaterThan(1_000);
  expect(relay.url).toBe(`http://127.0.0.1:${relay.port}`);
});

it('gives links to the desk, and says who has no account', async () => {
  const relay = await started({ config, people });
  expect(await relay.deskLink('ada')).toMatch(new RegExp(`^${relay.url}/desk/#code=.{20,}$`));
  await expect(relay.signInCode('noah')).rejects.toThrow('There is no account "noah".');
});

it('names what is wrong with a configuration', async () => {
  await expect(startRelay({ config: { ...config, teams: [] } })).rejects.toThrow(ConfigError);
});
