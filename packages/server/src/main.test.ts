import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLOSE_CODES, type FromServer } from '@sveiki/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPasswords } from './auth/password.ts';
import { parseConfig } from './config.ts';
import type { Config } from './config-types.ts';
import { createLog, silentLog } from './log.ts';
import { PortTaken, type RunningServer, type StartOptions, startServer } from './main.ts';
import type { AgentRow } from './ports.ts';
import { createMemoryStore } from './store/memory/memory-store.ts';
import { openSocket } from './test-support/gateway.ts';
import { manualClock } from './test-support/manual-clock.ts';

const SHOP = 'https://shop.example.com';
const password = 'correct horse battery';
const folder = mkdtempSync(join(tmpdir(), 'sveiki-main-'));
afterAll(() => rmSync(folder, { recursive: true }));

let passwordHash: string;
beforeAll(async () => {
  passwordHash = await createPasswords().hash(password);
});
const ada: AgentRow = {
  id: 'ada',
  email: 'ada@example.com',
  name: 'Ada',
  role: 'agent',
  teams: ['sales'],
  capacity: 4,
  presence: 'online',
  passwordHash: null,
  active: true,
  createdAt: 0,
};

const configWith = (over: object = {}): Promise<Config> =>
  parseConfig({
    port: 0,
    publicUrl: 'http://127.0.0.1:0',
    logLevel: 'silent',
    sites: [{ key: 'pk_shop0001', name: 'Shop', origins: [SHOP, 'http://localhost:0'], team: 'sales' }],
    teams: [{ id: 'sales', name: 'Sales' }],
    ...over,
  });

async function startWith(options: StartOptions & { config?: object } = {}): Promise<RunningServer> {
  const { config, ...rest } = options;
  return startServer(await configWith(config), {
    log: silentLog,
    store: createMemoryStore(),
    publicFolder: folder,
    prepare: ({ store }) => store.saveAgent({ ...ada, passwordHash }),
    ...rest,
  });
}

/** A line that reads frames by their type. */
function line(url: string, origin: string) {
  const socket = openSocket(url.replace(/^http/, 'ws'), { origin });
  return {
    ...socket,
    send: (frame: object) => socket.client.send(JSON.stringify(frame)),
    async next<T extends FromServer['type']>(type: T): Promise<Extract<FromServer, { type: T }>> {
      for (;;) {
        const frame = JSON.parse(await socket.message()) as FromServer;
        if (frame.type === type) return frame as Extract<FromServer, { type: T }>;
      }
    },
  };
}

async function visitor(server: RunningServer) {
  const mia = line(`${server.url}/v1/socket`, SHOP);
  await mia.outcome;
  mia.send({ type: 'hello', role: 'visitor', versions: [1], client: 'test/1', site: 'pk_shop0001' });
  await mia.next('welcome');
  return mia;
}

/** Signs in over HTTP, as the desk does. */
async function desk(server: RunningServer) {
  const { origin } = new URL(server.config.publicUrl);
  const headers: Record<string, string> = { origin, 'content-type': 'application/json' };
  const call = (method: string, path: string, body?: object) =>
    fetch(`${server.url}/desk/api/${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const signIn = await call('POST', 'session', { email: 'ada@example.com', password });
  headers['cookie'] = signIn.headers.get('set-cookie')!.split(';')[0]!;
  return {
    call,
    async connect() {
      const { ticket } = (await (await call('POST', 'ticket', {})).json()) as { ticket: string };
      const agent = line(`${server.url}/desk/socket`, origin);
      await agent.outcome;
      agent.send({ type: 'hello', role: 'agent', versions: [1], client: 'test/1', ticket });
      await agent.next('welcome');
      return agent;
    },
  };
}

const send = (text: string) => ({
  type: 'send',
  id: randomUUID(),
  conversation: randomUUID(),
  blocks: [{ kind: 'text', text }],
});

describe('a whole relay', () => {
  let server: RunningServer;
  beforeEach(async () => {
    server = await startWith();
  });
  afterEach(() => server.stop());

  it('takes a port of the machine, and means it by port 0 everywhere', () => {
    expect(server.port).toBeGreaterThan(0);
    expect(server.config.publicUrl).toBe(`http://127.0.0.1:${server.port}`);
    expect(server.config.sites[0]!.origins).toEqual([SHOP, `http://localhost:${server.port}`]);
  });

  it('carries a conversation between a visitor and an agent who signed in', async () => {
    const [mia, agent] = [await visitor(server), await (await desk(server)).connect()];
    const question = send('Where is my order?');
    mia.send(question);
    const { conversation } = await mia.next('ack');
    agent.send({ type: 'take', id: randomUUID(), conversation });
    await agent.next('ack');
    const answer = { ...send('It is on its way.'), conversation, ownership: 2 };
    agent.send(answer);
    for (;;) {
      const { event } = await mia.next('event');
      if (event.body.kind !== 'message' || event.actor.kind !== 'agent') continue;
      expect(event).toMatchObject({ id: answer.id, body: { blocks: [{ kind: 'text', text: 'It is on its way.' }] } });
      break;
    }
  });

  it('carries frames over HTTP as over a socket', async () => {
    const hello = { type: 'hello', role: 'visitor', versions: [1], client: 'test/1', site: 'pk_shop0001' };
    const headers = { origin: SHOP };
    const stream = await fetch(`${server.url}/v1/stream`, { method: 'POST', headers, body: JSON.stringify(hello) });
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const until = async (pattern: RegExp): Promise<string> => {
      for (;;) {
        const found = pattern.exec(text);
        if (found !== null) return found[1]!;
        text += (await reader.read()).value ?? '';
      }
    };
    const id = await until(/event: line\ndata: (\S+)/);
    await until(/"type":"(welcome)"/);
    const frame = send('Is anybody there?');
    await fetch(`${server.url}/v1/frames`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ line: id, frames: [frame] }),
    });
    expect(await until(/"type":"ack","id":"([^"]+)"/)).toBe(frame.id);
    await reader.cancel();
  });

  it('ends the sockets of an agent who signs out, and nobody else', async () => {
    const [first, second] = [await desk(server), await desk(server)];
    const [one, other, mia] = [await first.connect(), await second.connect(), await visitor(server)];
    await first.call('DELETE', 'session');
    expect((await one.closed).code).toBe(CLOSE_CODES.unauthorized);
    other.send({ type: 'get-list', id: 'list-0001', view: 'queue' });
    await other.next('list');
    mia.send(send('Still here?'));
    await mia.next('ack');
  });

  it('ends everything of an agent who is deactivated', async () => {
    const at = await desk(server);
    const agent = await at.connect();
    await server.auth.deactivate('ada');
    expect((await agent.closed).code).toBe(CLOSE_CODES.unauthorized);
    expect((await at.call('GET', 'session')).status).toBe(401);
    expect((await at.call('POST', 'ticket', {})).status).toBe(401);
  });

  it('knows somebody who was added by another process while it runs', async () => {
    await server.stop();
    const clock = manualClock();
    server = await startWith({ clock });
    const agent = await (await desk(server)).connect();
    const hands = setInterval(() => clock.advance(100), 1);
    await server.store.saveAgent({ ...ada, id: 'cleo', email: 'cleo@example.com', name: 'Cleo' });
    let { agents } = await agent.next('agents');
    while (!agents.some(({ id }) => id === 'cleo')) agents = (await agent.next('agents')).agents;
    clearInterval(hands);
    expect(agents.map(({ name }) => name)).toEqual(['Ada', 'Cleo']);
  });

  it('has its counts on the metrics page, when there is a token', async () => {
    await server.stop();
    server = await startWith({ config: { metricsToken: 'a-token-that-is-long-enough' } });
    const mia = await visitor(server);
    mia.send(send('Where is my order?'));
    await mia.next('ack');
    const page = await (
      await fetch(`${server.url}/metrics`, { headers: { authorization: 'Bearer a-token-that-is-long-enough' } })
    ).text();
    expect(page).toContain('sveiki_sessions{role="visitor"} 1');
    expect(page).toContain('sveiki_commands_total{type="send",outcome="done"} 1');
    expect(page).toContain('sveiki_queue_conversations 1');
    expect(page).toContain('sveiki_open_conversations 1');
  });
});

describe('another configuration', () => {
  it('holds at once, but for what only a start can change, which is named', async () => {
    const server = await startWith({ config: { files: { maxFileBytes: 5_000 } } });
    const s3 = { endpoint: 'https://s3.example', bucket: 'chat', region: 'eu-north-1', accessKeyId: 'AKIDEXAMPLE' };
    const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYdistinct';
    const next = await configWith({
      files: { maxFileBytes: 6_000, s3: { ...s3, secretAccessKey } },
      rateFactor: 2,
    });
    expect(await server.reconfigure(next)).toEqual(['rateFactor', 'files.s3']);
    expect(server.config).toMatchObject({ rateFactor: 1, files: { maxFileBytes: 6_000, s3: null } });
    await server.stop();
  });
});

describe('the log of a relay', () => {
  it('tells what happened at info, and nothing that was said, sent in secret, or leads to a person', async () => {
    const lines: string[] = [];
    const server = await startWith({ log: createLog({ level: 'info', write: (line) => void lines.push(line) }) });
    const canary = 'canary-7f3a';
    const { origin } = new URL(server.config.publicUrl);
    const headers = { origin, 'content-type': 'application/json' };
    const tried = (body: object) =>
      fetch(`${server.url}/desk/api/session`, { method: 'POST', headers, body: JSON.stringify(body) });
    await tried({ email: `${canary}@example.com`, password: `${canary} password` });
    await tried({ code: `${canary}-code` });
    const at = await desk(server);
    const agent = await at.connect();
    const mia = await visitor(server);
    const question = send(`${canary} my card is 4242`);
    mia.send(question);
    const { conversation } = await mia.next('ack');
    agent.send({ ...send(`${canary} answer`), conversation, ownership: 7 });
    await agent.next('nack');
    agent.send({ type: 'note', id: randomUUID(), conversation, blocks: [{ kind: 'text', text: `${canary} note` }] });
    await agent.next('ack');
    const stranger = line(`${server.url}/v1/socket`, SHOP);
    await stranger.outcome;
    stranger.send({
      type: 'hello',
      role: 'visitor',
      versions: [1],
      client: canary,
      site: `pk_${canary}`,
      identity: `${canary}.token.x`,
      visit: { url: `https://shop.example.com/${canary}`, title: canary },
    });
    await stranger.closed;
    await at.call('DELETE', 'session');
    await server.stop();
    const said = lines.map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(said.map(({ msg }) => msg)).toEqual([
      'Built files are missing. Run the build to serve them.',
      'The relay serves.',
      'A sign-in failed.',
      'A sign-in failed.',
      'An agent signed in.',
      'A session of an agent ended.',
      'The relay stops.',
      'Connections',
      'Refusals',
      'The relay has stopped.',
    ]);
    expect(said[1]).toMatchObject({ port: server.port, sites: 1, hasMetrics: false, agentGraceMs: expect.any(Number) });
    expect(said[2]).toMatchObject({ by: 'password', why: 'wrong' });
    expect(said[4]).toMatchObject({ agent: 'ada', role: 'agent', by: 'password' });
    expect(said[8]).toMatchObject({ refusals: { login: 2, 'not-owner': 1 }, closes: { 4403: 1 } });
    const text = lines.filter((entry) => !entry.includes('The relay serves')).join('');
    for (const secret of [canary, question.id, '127.0.0.1', SHOP, 'ada@example.com', password, 'cookie'])
      expect(text).not.toContain(secret);
    expect(lines.join('')).not.toContain(canary);
  });
});

describe('stopping', () => {
  it('says goodbye and when to come back, then closes everything', async () => {
    const server = await startWith();
    const mia = await visitor(server);
    const agent = await (await desk(server)).connect();
    const stopped = server.stop();
    expect(await mia.next('bye')).toMatchObject({ code: CLOSE_CODES.restart, afterMs: expect.any(Number) });
    expect((await mia.closed).code).toBe(CLOSE_CODES.restart);
    expect((await agent.closed).code).toBe(CLOSE_CODES.restart);
    await stopped;
    expect(server.stop()).toBe(server.stop());
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    await expect(server.store.agents()).rejects.toThrow();
  });

  it('keeps what was acknowledged, for the next start', async () => {
    const config = { dataDir: join(folder, 'kept') };
    const first = await startServer(await configWith(config), { log: silentLog });
    const mia = await visitor(first);
    mia.send(send('Where is my order?'));
    const { conversation } = await mia.next('ack');
    await first.stop();
    const second = await startServer(await configWith(config), { log: silentLog });
    const row = (await second.store.conversations([conversation!])).get(conversation!);
    expect(row?.state.last?.text).toBe('Where is my order?');
    await second.stop();
  });
});

describe('a start that cannot be', () => {
  it('says that the port is taken, and leaves nothing behind', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const dataDir = join(folder, 'untouched');
    const failed = startServer(await configWith({ port, dataDir }), { log: silentLog });
    await expect(failed).rejects.toThrow(PortTaken);
    await expect(failed).rejects.toThrow(
      `Port ${port} is taken by another program. Set PORT to another one, or stop that program.`,
    );
    other.close();
  });

  it('says that the machine has no such address', async () => {
    await expect(startServer(await configWith({ host: '192.0.2.1' }), { log: silentLog })).rejects.toThrow(
      /no address 192\.0\.2\.1/,
    );
  });

  it('frees the port again when something after it fails', async () => {
    let port = 0;
    const failed = startServer(await configWith(), {
      log: silentLog,
      store: createMemoryStore(),
      prepare: ({ config }) => {
        port = config.port;
        throw new Error('The shop is on fire.');
      },
    });
    await expect(failed).rejects.toThrow('The shop is on fire.');
    const again = createServer();
    await new Promise<void>((resolve, reject) => again.once('error', reject).listen(port, '127.0.0.1', resolve));
    again.close();
  });
});
