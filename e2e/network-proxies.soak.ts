import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { type Chat, createChat } from '@sveiki/sdk';
import { type Agent, createAgent } from '@sveiki/sdk/agent';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { parseConfig } from '../packages/server/src/config.ts';
import { silentLog } from '../packages/server/src/log.ts';
import { DATABASE_FILE, type RunningServer, startServer } from '../packages/server/src/main.ts';
import { freePort } from '../tools/replay/relay-process.ts';
import { fetchOf, socketsOf } from '../tools/replay/site-socket.ts';
import { storedMessages } from '../tools/replay/stored-messages.ts';
import { type Talk, talk } from './network-house.ts';
import { differences } from './network-talks.ts';
import { letPass } from './real-time.ts';

/*
 * The proxies of docs/self-hosting.md, as they stand there, in front of a relay. Needs the programs `nginx`, `haproxy`, `caddy` and `openssl`
 * (Debian: apt-get install nginx-light haproxy caddy openssl). How long lines are left idle is SVEIKI_IDLE_SECONDS, ten minutes by default.
 */
const page = readFileSync(join(import.meta.dirname, '../docs/self-hosting.md'), 'utf8');
const idleMs = Number(process.env['SVEIKI_IDLE_SECONDS'] ?? 600) * 1_000;
const shop = 'https://shop.example';
const site = 'pk_proxied_shop';

/** How each is started with the configuration it is given, in the foreground. */
const PROXIES = {
  nginx: {
    whole: (snippet: string, folder: string) =>
      `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;\nevents {}\nhttp {\n access_log off;\n` +
      ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${folder}/${of};\n`).join('') +
      `${snippet}\n}\n`,
    command: (file: string, folder: string) => ['nginx', '-c', file, '-p', folder, '-e', `${folder}/error.log`],
  },
  haproxy: {
    whole: (snippet: string) => snippet,
    command: (file: string) => ['haproxy', '-db', '-f', file],
  },
  caddy: {
    whole: (snippet: string) => `{\n  admin off\n  auto_https disable_redirects\n}\n${snippet}`,
    command: (file: string) => ['caddy', 'run', '--adapter', 'caddyfile', '--config', file],
  },
} as const;
type Proxy = keyof typeof PROXIES;

const folder = mkdtempSync(join(tmpdir(), 'sveiki-proxies-'));
const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem'), both: join(folder, 'both.pem') };

beforeAll(() => {
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...[
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
        '-keyout',
        files.key,
        '-out',
        files.cert,
      ],
    ],
    { stdio: 'pipe' },
  );
  writeFileSync(files.both, readFileSync(files.cert, 'utf8') + readFileSync(files.key, 'utf8'));
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), readFileSync(files.cert, 'utf8')]);
  return () => rmSync(folder, { recursive: true, force: true });
});

let open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  const ending = open;
  open = [];
  for (const one of ending.toReversed()) await one.stop();
});

/** The block of the page in this language. @throws Error when it is not there exactly once */
function snippetOf(language: string): string {
  const found = [...page.matchAll(new RegExp(`^\`\`\`${language}\\b.*\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))];
  if (found.length !== 1)
    throw new Error(`docs/self-hosting.md has ${found.length} blocks of "${language}"; it should have one.`);
  return found[0]?.[1] ?? '';
}

/** What the page shows, with the places of this machine in it. Every one of them must be there. */
function fitted(snippet: string, places: Record<string, string>): string {
  let text = snippet;
  for (const [shown, here] of Object.entries(places)) {
    if (!text.includes(shown)) throw new Error(`The snippet does not say "${shown}" any more.`);
    text = text.replaceAll(shown, here);
  }
  return text;
}

interface Proxied {
  url: string;
  port: number;
  server: RunningServer;
  database: string;
}

/** A relay configured as the page says, with one of its proxies in front. */
async function openProxied(name: Proxy, rateFactor: number): Promise<Proxied> {
  const own = mkdtempSync(join(folder, `${name}-`));
  const port = await freePort();
  const url = `https://localhost:${port}`;
  const shown = JSON.parse(fitted(snippetOf('json'), { 'https://chat.example.com': url, '4310': '0' })) as object;
  const config = await parseConfig({
    ...shown,
    ...{ dataDir: own, logLevel: 'silent', rateFactor },
    sites: [{ key: site, name: 'Shop', origins: [shop], team: 'sales' }],
    teams: [{ id: 'sales', name: 'Sales', strategy: 'manual' }],
    wrapUpCodes: [{ id: 'done', name: 'Done' }],
  });
  const server = await startServer(config, {
    log: silentLog,
    prepare: ({ store }) =>
      store.saveAgent({
        ...{ id: 'ada', email: 'ada@shop.example', name: 'Ada', role: 'agent', teams: ['sales'], capacity: 9 },
        ...{ presence: 'online', passwordHash: null, active: true, createdAt: 0 },
      }),
  });
  open.push(server);
  const relay = { '127.0.0.1:4310': `127.0.0.1:${server.port}` };
  const places = {
    nginx: {
      ...relay,
      'listen 443 ssl': `listen ${port} ssl`,
      'chat.example.com;': 'localhost;',
      '/etc/ssl/chat.example.com.pem': files.cert,
      '/etc/ssl/chat.example.com.key': files.key,
    },
    haproxy: { ...relay, 'bind :443': `bind :${port}`, '/etc/ssl/chat.example.com.both.pem': files.both },
    caddy: { ...relay, 'chat.example.com {': `${url} {\n  tls ${files.cert} ${files.key}` },
  }[name];
  const file = join(own, 'proxy.conf');
  writeFileSync(file, PROXIES[name].whole(fitted(snippetOf(name), places), own));
  open.push(await run([...PROXIES[name].command(file, own)], port, own));
  return { url, port, server, database: join(own, DATABASE_FILE) };
}

/** Starts a program and waits until it listens. @throws Error with what it said when it ends before, or is not there */
async function run([program = '', ...args]: string[], port: number, home: string): Promise<{ stop(): Promise<void> }> {
  const child: ChildProcess = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString()).slice(-4_000);
    });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) =>
      resolve(`"${program}" cannot be run (${error.message}). Install it: apt-get install ${program}.`),
    );
    child.once('exit', (code) => resolve(`"${program}" ended with ${code}: ${said}`));
  });
  let why: string | null = null;
  void ended.then((text) => {
    why = text;
  });
  while (!(await listens(port))) {
    if (why !== null) throw new Error(why);
    await letPass(50);
  }
  return {
    async stop() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(late);
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function visitorOf(house: Proxied, transport: 'websocket' | 'http'): Chat {
  const chat = createChat({
    ...{ server: house.url, site, WebSocket: socketsOf(shop).Socket, fetch: fetchOf(shop), transport, locale: 'en' },
    storage: 'memory',
  });
  open.push({ stop: () => chat.destroy() });
  return chat;
}

/** The status of the answer to a WebSocket from this address of the machine; 101 when it opens. */
function knock(house: Proxied, localAddress: string, forwardedFor?: string): Promise<number> {
  const options: ClientOptions & { localAddress: string } = {
    origin: shop,
    localAddress,
    family: 4,
    headers: forwardedFor === undefined ? {} : { 'X-Forwarded-For': forwardedFor },
  };
  const socket = new WebSocket(`wss://localhost:${house.port}/v1/socket`, options);
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      resolve(101);
      socket.terminate();
    });
    socket.once('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.once('error', reject);
  });
}

interface House extends Proxied {
  people: { transport: 'websocket' | 'http'; chat: Chat }[];
  agent: Agent;
  talks: Talk[];
}

/** Two visitors, one by each way, who have talked with an agent. */
async function openHouse(name: Proxy, signal: AbortSignal): Promise<House> {
  const house = await openProxied(name, 1_000);
  const { Socket } = socketsOf(house.url);
  const agent = createAgent({
    server: house.url,
    WebSocket: Socket,
    fetch: fetchOf(house.url),
    transport: 'websocket',
  });
  open.push({ stop: () => agent.destroy() });
  await agent.signInWithCode(await house.server.auth.makeCode('ada'));
  await agent.connect();
  const people = (['websocket', 'http'] as const).map((transport) => ({
    transport,
    chat: visitorOf(house, transport),
  }));
  const talks: Talk[] = [];
  for (const { transport, chat } of people) {
    talks.push(await talk({ chat, agent, name: `${name} by ${transport}`, turns: 3, signal }));
    expect(chat.state.connection).toEqual({ status: 'online', via: transport });
  }
  return { ...house, people, agent, talks };
}

describe.each(Object.keys(PROXIES) as Proxy[])('behind %s', (name) => {
  it('people chat by WebSocket and by HTTP', async ({ signal }) => {
    const { talks, database } = await openHouse(name, signal);
    expect(differences(talks, storedMessages(database))).toEqual([]);
  });

  it('the relay counts by the address of whoever comes, whatever he says it is', async () => {
    const house = await openProxied(name, 1);
    const statuses: number[] = [];
    for (let i = 0; i < 60; i++) statuses.push(await knock(house, '127.0.0.9', `198.51.100.${i}`));
    expect(statuses.slice(0, 30)).toEqual(Array<number>(30).fill(101));
    expect(statuses).toContain(429);
    expect(await knock(house, '127.0.0.10')).toBe(101);
  });
});

it('no line ends while nothing is said, behind any of them', async ({ signal }) => {
  const houses = await Promise.all((Object.keys(PROXIES) as Proxy[]).map((name) => openHouse(name, signal)));
  const changes: string[] = [];
  for (const { people, agent, url } of houses) {
    for (const { transport, chat } of people)
      chat.on('connection', ({ status }) => changes.push(`${transport} at ${url} is ${status}`));
    agent.on('connection', ({ status }) => changes.push(`the agent at ${url} is ${status}`));
  }
  await letPass(idleMs);
  for (const { people, talks, database } of houses) {
    for (const { chat } of people) await chat.send('Still on the same line.');
    const expected = talks.map(({ conversation, said }) => [
      conversation,
      [...said.map(({ text }) => text), 'Still on the same line.'],
    ]);
    const stored = storedMessages(database);
    const textsIn = (conversation: string) =>
      stored.filter((one) => one.conversation === conversation).map(({ text }) => text);
    expect(talks.map(({ conversation }) => [conversation, textsIn(conversation)])).toEqual(expected);
  }
  expect(changes).toEqual([]);
});
