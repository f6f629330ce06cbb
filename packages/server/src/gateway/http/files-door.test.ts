import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { expect, it } from 'vitest';
import type { Files } from '../../files/files.ts';
import { type Log, silentLog } from '../../log.ts';
import { manualClock } from '../../test-support/manual-clock.ts';
import { createFilesDoor } from './files-door.ts';

const PIECE = Buffer.alloc(1_000, 'a');

/** Downloads a file of two pieces; what comes after the first is the test's. */
async function download(
  rest: () => Promise<Uint8Array>,
  heard: (end: () => Promise<void>) => void,
): Promise<unknown[][]> {
  const lines: unknown[][] = [];
  let said = (): void => {};
  const isSaid = new Promise<void>((resolve) => {
    said = resolve;
  });
  const write =
    (level: string) =>
    (fields: object, message: string): void => {
      lines.push([level, fields, message]);
      said();
    };
  const log: Log = { ...silentLog, debug: write('debug'), warn: write('warn') };
  async function* read() {
    yield PIECE;
    yield await rest();
  }
  const files = {
    open: async () => ({
      ...{ name: 'order of Mia.txt', type: 'text/plain', size: 2 * PIECE.length, inline: false },
      ...{ reader: 'v:mia', expiresAt: 0, read: async () => read() },
    }),
  } as unknown as Files;
  const none = (): never => {
    throw new Error('Nobody asks this here.');
  };
  const door = createFilesDoor({
    ...{ files: () => files, mustBeSitePage: none, mustBeVisitor: none, isPaused: none },
    ...{ mustBeOwnPage: none, mustBeAgent: none, limiter: { take: () => 0 }, clock: manualClock(), log },
  });
  const serve = getRequestListener(door.fetch, { overrideGlobalObjects: false });
  const server = createServer((request, response) => void serve(request, response));
  const isClosed = new Promise<void>((resolve) => {
    server.once('connection', (socket) => socket.once('close', () => resolve()));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const request = get(`http://127.0.0.1:${(server.address() as AddressInfo).port}/files/secret-token/order.txt`);
  request.on('error', () => {});
  request.on('response', (response) => {
    response.on('error', () => {});
    const end = (): Promise<void> => {
      request.destroy();
      return isClosed;
    };
    response.once('data', () => heard(end));
  });
  await isSaid;
  server.closeAllConnections();
  server.close();
  return lines;
}

it('says that a download was broken off, and not whose or of what', async () => {
  let goOn = (): void => {};
  const isGone = new Promise<Uint8Array>((resolve) => {
    goOn = () => resolve(PIECE);
  });
  const lines = await download(
    () => isGone,
    (end) => void end().then(goOn),
  );
  expect(lines).toEqual([['debug', { of: 2_000 }, 'Somebody broke off a download.']]);
});

it('warns when a file cannot be read to its end', async () => {
  const error = new Error('The disk is away.');
  let fail = (): void => {};
  const isAway = new Promise<Uint8Array>((_resolve, reject) => {
    fail = () => reject(error);
  });
  const lines = await download(
    () => isAway,
    () => fail(),
  );
  expect(lines).toEqual([['warn', { error, of: 2_000 }, 'A file could not be read to its end.']]);
});
