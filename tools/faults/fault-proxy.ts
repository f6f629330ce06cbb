import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type Clock, systemClock } from '../../packages/sdk/src/clock.ts';

/** From the client to the relay, and back. */
export type Direction = 'up' | 'down';

/** What happens to the bytes of one direction of one connection. */
interface Way {
  /** They arrive this much later, in order. */
  delayMs?: number;
  /** They pass in pieces of at most this size, each written for itself. */
  chunkBytes?: number;
  /** No more than this passes. */
  bytesPerSecond?: number;
  /** So many pass; with the next one the connection breaks, in both directions. */
  cutAt?: number;
}

/** What one connection meets. */
export interface Faults {
  up?: Way;
  down?: Way;
  /** How it breaks at `cutAt`: in good order, or by a reset that throws away what is on its way. @default 'close' */
  cutBy?: 'close' | 'reset';
  /**
   * Something else answers in the relay's place. `silent-socket`: what is asked for a WebSocket agrees to it and passes nothing; other requests
   * reach the relay. `no-socket`: it refuses. `login-page` and `redirect`: a captive portal, to every request.
   */
  instead?: 'silent-socket' | 'no-socket' | 'login-page' | 'redirect';
}

/** A TCP proxy on a port of its own that does to connections what bad networks do. */
export interface FaultProxy {
  readonly port: number;
  /** Connections that were opened so far, and how many of them broke at their `cutAt`. */
  readonly opened: number;
  readonly cuts: number;
  /** Connections to the relay that are there. */
  readonly size: number;
  /**
   * From now on nothing passes in these directions, on connections that are there and on new ones: no byte, no end, no reset. Neither side can
   * tell it from another side that is silent.
   */
  stall(...directions: Direction[]): void;
  /** What was held back passes, and so does everything after it. */
  release(): void;
  /** Breaks every connection that is there. */
  cut(by?: 'close' | 'reset'): void;
  close(): Promise<void>;
}

/** What is read before it can be passed on, at most; the rest waits in the network. */
const maxPieces = 64;

/**
 * @param options `target`: the relay's port, asked for at each connection; `faults`: what the n-th connection (from 0) meets, nothing by default;
 * `clock`: what delays and bandwidth are measured by.
 */
export async function openFaultProxy(options: {
  target: () => number;
  faults?: (connection: number) => Faults;
  clock?: Clock;
}): Promise<FaultProxy> {
  const { target, faults = (): Faults => ({}), clock = systemClock } = options;
  const pairs = new Set<Pair>();
  const nears = new Set<Socket>();
  const stalled = new Set<Direction>();
  let opened = 0;
  let cuts = 0;

  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const meets = faults(opened++);
    nears.add(near);
    near.once('close', () => nears.delete(near));
    near.on('error', () => {});
    if (meets.instead === undefined) return begin(near, meets);
    near.once('data', (head: Buffer) => {
      const answer = answerInstead(meets.instead, head.toString('latin1'));
      if (answer === null) {
        near.pause();
        near.unshift(head);
        return begin(near, meets);
      }
      near.write(answer);
      if (meets.instead !== 'silent-socket') near.end();
      // What is said after that is heard by nobody.
      near.resume();
      near.on('end', () => near.end());
    });
  });

  interface Pair {
    cut(by: 'close' | 'reset'): void;
    look(): void;
  }

  function begin(near: Socket, { up = {}, down = {}, cutBy = 'close' }: Faults): void {
    const far = connect({ port: target(), host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    far.on('error', () => {});
    const broken = (): void => {
      cuts++;
      pair.cut(cutBy);
    };
    const ways = [carry('up', up, near, far, broken), carry('down', down, far, near, broken)];
    const pair: Pair = {
      cut(by) {
        if (!pairs.delete(pair)) return;
        for (const way of ways) way.stop();
        for (const socket of [near, far]) {
          if (by === 'reset') socket.resetAndDestroy();
          else socket.destroy();
        }
      },
      look() {
        for (const way of ways) way.look();
        // Whoever hears nothing from an end does not hear either that it is gone.
        if ((near.destroyed && !stalled.has('up')) || (far.destroyed && !stalled.has('down'))) pair.cut('close');
      },
    };
    pairs.add(pair);
    near.once('close', pair.look);
    far.once('close', pair.look);
  }

  function carry(direction: Direction, way: Way, from: Socket, to: Socket, broken: () => void) {
    const pieces: { bytes: Buffer; at: number }[] = [];
    let passed = 0;
    let isEnded = false;
    let isStopped = false;
    let wake = (): void => {};

    /** Resolves after `ms`, or when there is something new to look at. */
    const rest = (ms?: number): Promise<void> =>
      new Promise((resolve) => {
        const callOff = ms === undefined ? () => {} : clock.after(ms, () => wake());
        wake = () => {
          callOff();
          wake = () => {};
          resolve();
        };
      });

    function look(): void {
      if (stalled.has(direction) || pieces.length >= maxPieces) from.pause();
      else from.resume();
      wake();
    }
    from.on('data', (bytes: Buffer) => {
      pieces.push({ bytes, at: clock.now() + (way.delayMs ?? 0) });
      look();
    });
    from.on('end', () => {
      isEnded = true;
      look();
    });

    async function run(): Promise<void> {
      let freeAt = 0;
      while (!isStopped) {
        const piece = pieces[0];
        if (stalled.has(direction) || (piece === undefined && !isEnded)) {
          await rest();
          continue;
        }
        if (piece === undefined) {
          to.end();
          return;
        }
        const early = Math.max(piece.at, freeAt) - clock.now();
        if (early > 0) {
          await rest(early);
          continue;
        }
        const left = (way.cutAt ?? Number.POSITIVE_INFINITY) - passed;
        if (left <= 0) return broken();
        const bytes = piece.bytes.subarray(0, Math.min(way.chunkBytes ?? piece.bytes.length, left));
        await written(to, bytes);
        passed += bytes.length;
        piece.bytes = piece.bytes.subarray(bytes.length);
        if (piece.bytes.length === 0) pieces.shift();
        if (way.bytesPerSecond !== undefined) freeAt = clock.now() + (bytes.length / way.bytesPerSecond) * 1000;
        look();
      }
    }
    void run();
    look();

    return {
      look,
      stop() {
        isStopped = true;
        wake();
      },
    };
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get opened() {
      return opened;
    },
    get cuts() {
      return cuts;
    },
    get size() {
      return pairs.size;
    },
    stall(...directions) {
      for (const direction of directions) stalled.add(direction);
      for (const pair of pairs) pair.look();
    },
    release() {
      stalled.clear();
      for (const pair of [...pairs]) pair.look();
    },
    cut(by = 'close') {
      for (const pair of [...pairs]) pair.cut(by);
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const pair of [...pairs]) pair.cut('close');
      for (const near of nears) near.destroy();
      await closed;
    },
  };
}

/** Resolves when the network has it, or never will; each of these is a piece of its own on the wire. */
function written(to: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (to.destroyed || to.writableEnded) return resolve();
    to.write(bytes, () => setImmediate(resolve));
  });
}

const loginPage = '<!doctype html><title>Hotel</title><script>window.portal = 1</script><h1>Log in to the network</h1>';

/** What comes back to the first bytes of a connection; null: they may pass. */
function answerInstead(instead: Faults['instead'], head: string): string | null {
  const key = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1];
  if (instead === 'login-page')
    return response('200 OK', ['Content-Type: text/html', 'Access-Control-Allow-Origin: *'], loginPage);
  if (instead === 'redirect') return response('302 Found', ['Location: http://127.0.0.1:1/login']);
  if (key === undefined) return null;
  if (instead === 'no-socket') return response('403 Forbidden', []);
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

function response(status: string, headers: readonly string[], body = ''): string {
  return [`HTTP/1.1 ${status}`, ...headers, `Content-Length: ${body.length}`, 'Connection: close', '', body].join(
    '\r\n',
  );
}
