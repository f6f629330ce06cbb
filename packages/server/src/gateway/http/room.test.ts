import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentLog } from '../../log.ts';
import { createRoom, type Room } from './room.ts';

/** Half of these are the relay's own, and of the four that clients may have one is kept for plain requests. */
const OPEN_FILES = 8;
let server: Server;
let room: Room;
let now = 0;
let told: object[] = [];
const clients: Socket[] = [];
beforeEach(async () => {
  now = 0;
  told = [];
  server = createServer((_request, response) => response.end('well'));
  const clock = { now: () => now, after: () => () => {} };
  const log = { ...silentLog, warn: (fields: object) => void told.push(fields) };
  room = createRoom({ server, openFiles: OPEN_FILES, clock, log });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
  server.close();
});

/** What a new connection gets for a request: its status line, or nothing when it is closed unheard. */
async function ask(): Promise<string> {
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  clients.push(client);
  client.on('error', () => {});
  client.write('GET / HTTP/1.1\r\nHost: relay\r\n\r\n');
  let answer = '';
  client.once('data', (data: Buffer) => {
    answer = data.toString().slice(0, 15);
  });
  await Promise.race([once(client, 'data'), once(client, 'close')]);
  return answer;
}

it('turns away whom it has no files for, leaves the others alone, and says so in the log', async () => {
  expect(room.lines).toBe(3);
  for (let i = 0; i < 4; i++) expect(await ask()).toBe('HTTP/1.1 200 OK');
  expect(await ask()).toBe('');
  expect(clients.map(({ destroyed }) => destroyed)).toEqual([false, false, false, false, true]);
  expect(told).toEqual([{ turnedAway: 1, openFiles: OPEN_FILES, lines: 3 }]);
});

it('takes others when some have gone', async () => {
  for (let i = 0; i < 5; i++) await ask();
  clients[0]?.destroy();
  let answer = '';
  while (answer === '') answer = await ask();
  expect(answer).toBe('HTTP/1.1 200 OK');
});

it('tells once in a while how many were turned away', () => {
  for (let i = 0; i < 5; i++) room.turnedAway();
  now += 10_000;
  room.turnedAway();
  expect(told.map((fields) => (fields as { turnedAway: number }).turnedAway)).toEqual([1, 5]);
});

it('bounds nothing where there is no limit', () => {
  const free = createServer();
  const { lines } = createRoom({
    ...{ server: free, openFiles: Number.POSITIVE_INFINITY, log: silentLog },
    clock: { now: () => 0, after: () => () => {} },
  });
  expect(lines).toBe(Number.POSITIVE_INFINITY);
  expect(free.maxConnections).toBeUndefined();
});
