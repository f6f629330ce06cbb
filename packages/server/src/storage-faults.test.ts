import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentLog } from './log.ts';
import { type RunningServer, startServer } from './main.ts';
import { MIGRATIONS } from './store/sqlite/migrations.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';
import { checkLaw, checkPages } from './store/sqlite/verify.ts';
import { openSocket, type TestSocket } from './test-support/gateway.ts';
import { type ManualClock, manualClock } from './test-support/manual-clock.ts';
import { contentOf, fillOldDatabase } from './testing/old-database.ts';
import { CONFIG } from './testing/relay-under-test.ts';

/** What people notice of a database that cannot be written, at the doors they use. The disks themselves fail in `e2e/storage.soak.ts`. */

type Frame = { type: string } & Record<string, unknown>;
const CONVERSATION = 'conversation-0001';

let folder: string;
let file: string;
let server: RunningServer;
let clock: ManualClock;
const sockets: TestSocket[] = [];
beforeEach(() => {
  clock = manualClock();
  folder = mkdtempSync(join(tmpdir(), 'sveiki-faults-'));
  file = join(folder, 'sveiki.db');
});
afterEach(async () => {
  for (const { client } of sockets.splice(0)) client.terminate();
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function start(options: { maxPages?: number } = {}): Promise<void> {
  const store = await openSqliteStore({ file, ...options });
  server = await startServer(
    { ...CONFIG, publicUrl: 'http://127.0.0.1:0', rateFactor: 100 },
    { store, clock, log: silentLog },
  );
}

/** A line that is asked one thing after the other. */
async function line(path: string, origin: string, hello: object) {
  const socket = openSocket(`${server.url.replace('http', 'ws')}${path}`, { origin });
  sockets.push(socket);
  expect(await socket.outcome).toBe('open');
  const send = (frame: object): void => socket.client.send(JSON.stringify(frame));
  async function next(fits: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const frame = JSON.parse(await socket.message()) as Frame;
      if (fits(frame)) return frame;
    }
  }
  send({ type: 'hello', versions: [1], client: 'test', ...hello });
  const welcome = await next(({ type }) => type === 'welcome');
  return {
    send,
    next,
    session: welcome['session'],
    async say(id: string, text = 'hello'): Promise<Frame> {
      send({ type: 'send', id, conversation: CONVERSATION, blocks: [{ kind: 'text', text }] });
      return next((frame) => frame['id'] === id && (frame.type === 'ack' || frame.type === 'nack'));
    },
  };
}
const visitor = (session?: unknown) =>
  line('/v1/socket', 'https://shop.example', {
    ...{ role: 'visitor', site: 'pk_shop_test' },
    ...(session === undefined ? {} : { session }),
  });
async function agent() {
  const row = {
    id: 'ada',
    email: 'ada@shop.example',
    name: 'Ada',
    role: 'agent' as const,
    teams: ['sales'],
    capacity: 3,
  };
  await server.store.saveAgent({ ...row, presence: 'online', passwordHash: null, active: true, createdAt: 0 });
  const signIn = await server.auth.signInWithCode({ code: await server.auth.makeCode('ada'), address: '127.0.0.1' });
  if (!signIn.ok) throw new Error('Ada cannot sign in.');
  const principal = await server.auth.session(signIn.token);
  if (principal === null) throw new Error('Ada has no session.');
  return line('/desk/socket', server.url, { role: 'agent', ticket: server.auth.tickets.issue(principal) });
}
const status = async (path: string): Promise<number> => (await fetch(server.url + path)).status;
/** The answer may be a second old, so a second passes. */
function readiness(): Promise<number> {
  clock.advance(1_000);
  return status('/readyz');
}
function storedIds(): unknown[] {
  const database = new Database(file, { readonly: true });
  const ids = database.prepare("SELECT id FROM event WHERE json_extract(body, '$.kind') = 'message' ORDER BY position");
  const found = ids.pluck().all();
  database.close();
  return found;
}

it('on a full disk refuses by name, lets everybody read and come back, says so, and heals by itself', async () => {
  await (await openSqliteStore({ file })).close();
  const ballast = new Database(file);
  ballast.exec('CREATE TABLE ballast (bytes BLOB); INSERT INTO ballast VALUES (zeroblob(1000000))');
  ballast.close();
  await start({ maxPages: 450 });
  const mia = await visitor();
  const acked: string[] = [];
  let refused: Frame | null = null;
  for (let n = 1; refused === null; n += 1) {
    const answer = await mia.say(`message-${n}`, 'x'.repeat(4_000));
    if (answer.type === 'ack') acked.push(answer['id'] as string);
    else refused = answer;
  }
  expect(acked.length).toBeGreaterThan(5);
  expect(refused).toMatchObject({ code: 'storage-full', retry: 'later' });
  expect(await readiness()).toBe(503);
  expect(await (await fetch(`${server.url}/readyz`)).json()).toEqual({
    status: 'not ready',
    reason: 'The store cannot be written.',
  });
  expect(await status('/healthz')).toBe(200);
  const again = await visitor(mia.session);
  again.send({ type: 'get-events', id: 'history-0001', conversation: CONVERSATION, after: 0, limit: 5 });
  expect((await again.next(({ type }) => type === 'events'))['events']).toHaveLength(5);

  const shovel = new Database(file);
  shovel.exec('DROP TABLE ballast');
  shovel.close();
  expect(await readiness()).toBe(200);
  const id = (refused as Frame)['id'] as string;
  expect((await mia.say(id, 'x'.repeat(4_000))).type).toBe('ack');
  expect(storedIds()).toEqual([...acked, id]);
  expect([...checkPages(file).problems, ...checkLaw(file)]).toEqual([]);
});

it('under a lock of another process holds what is sent for a while, then refuses it; typing and health go on', async () => {
  await start();
  const mia = await visitor();
  const ada = await agent();
  expect((await mia.say('message-1')).type).toBe('ack');
  ada.send({ type: 'take', id: 'take-0000001', conversation: CONVERSATION });
  await ada.next(({ id }) => id === 'take-0000001');

  const other = new Database(file);
  other.exec('BEGIN IMMEDIATE');
  mia.send({
    ...{ type: 'send', id: 'message-2', conversation: CONVERSATION },
    blocks: [{ kind: 'text', text: 'is somebody there' }],
  });
  const seen: Frame[] = [];
  for (const on of [true, false, true]) {
    ada.send({ type: 'typing', conversation: CONVERSATION, on });
    await mia.next((frame) => {
      seen.push(frame);
      return frame.type === 'typing' && frame['on'] === on;
    });
    expect(await status('/healthz')).toBe(200);
  }
  // All that came and went while the message waited for the lock.
  expect(seen.filter(({ id }) => id === 'message-2')).toEqual([]);
  const refusal = await mia.next(({ id }) => id === 'message-2');
  expect(refusal).toMatchObject({ type: 'nack', code: 'unavailable', retry: 'later' });
  expect(await readiness()).toBe(503);
  other.exec('ROLLBACK');
  other.close();
  expect(await readiness()).toBe(200);
  expect((await mia.say('message-2')).type).toBe('ack');
  expect(storedIds()).toEqual(['message-1', 'message-2']);
});

it('is alive and not ready while an older database is brought up', async () => {
  fillOldDatabase(file, 2_000);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = { ...CONFIG, dataDir: folder, port, publicUrl: url };
  let isStarted = false;
  const starting = startServer(config, { clock, log: silentLog }).then((started) => {
    server = started;
    isStarted = true;
  });
  const whileItWasOld: number[][] = [];
  while (!isStarted) {
    const asked = await Promise.all(['/healthz', '/readyz'].map((path) => fetch(url + path).catch(() => null)));
    const statuses = asked.flatMap((answer) => answer?.status ?? []);
    if (statuses.length === 2 && contentOf(file).version < MIGRATIONS.length) whileItWasOld.push(statuses);
  }
  await starting;
  expect(whileItWasOld.length).toBeGreaterThan(0);
  for (const statuses of whileItWasOld) expect(statuses).toEqual([200, 503]);
  expect(await readiness()).toBe(200);
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
