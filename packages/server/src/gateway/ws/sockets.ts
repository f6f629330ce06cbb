import type { IncomingMessage, Server } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { CLOSE_CODES, ERRORS, type FromServer, LIMITS } from '@sveiki/protocol';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import type { Log } from '../../log.ts';
import type { Metrics } from '../../metrics.ts';
import type { Clock, Connection, RateLimiter } from '../../ports.ts';
import type { Relay, Session } from '../../relay.ts';
import { FOREIGN_PAGE } from '../http/problem.ts';
import { headerCount, requestOrigin, requestPath } from '../http/request.ts';

/** How long the other side may take to answer a close. */
const CLOSE_TIMEOUT_MS = 5_000;
/** Answers to pings of a client that does not read them; the relay asks for none. */
const MAX_WAITING_PONGS = 4;
/** Pieces that TCP may cut one message into before they are put together. */
const MAX_CHUNKS = 1_024;
const REFUSAL_TIMEOUT_MS = 2_000;
/** How long the last words to a dead line may take to get through. */
const RESET_AFTER_MS = 250;

const DOORS = new Map<string, Connection['door']>([
  ['/v1/socket', 'site'],
  ['/desk/socket', 'desk'],
]);

export interface Sockets {
  /** Those that are open. */
  readonly size: number;
  /** Ends every socket that is still open, without a word. */
  terminate(): void;
}

/** Takes WebSockets in at both doors: who may not come in is told so before there is a socket, or by the first frame on it. */
export function acceptSockets(
  server: Server,
  parts: {
    /** Null while the relay starts or stops. */
    relay: () => Relay | null;
    /** Whether one more may come. */
    hasRoom: () => boolean;
    siteOrigins: ReadonlySet<string>;
    deskOrigins: ReadonlySet<string>;
    addressOf: (request: IncomingMessage) => string;
    /** What to call, now and then, while an agent's socket is used. */
    useOf: (request: IncomingMessage) => (() => void) | undefined;
    limiter: RateLimiter;
    clock: Clock;
    log: Log;
    metrics: Metrics;
  },
): Sockets {
  const { relay, siteOrigins, deskOrigins, addressOf, useOf, limiter, log, metrics } = parts;
  const open = new Set<RelaySocket>();
  /** One text for all sockets of an origin: each request brings a copy of its own. */
  const originTexts = new Map([...siteOrigins, ...deskOrigins].map((origin) => [origin, origin]));
  const options = {
    noServer: true,
    WebSocket: RelaySocket,
    // `ws` would keep a set of its own; ours knows the sockets by the class it needs.
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LIMITS.maxFrameBytes,
    maxFragments: LIMITS.maxFragments,
    maxBufferedChunks: MAX_CHUNKS,
    maxPendingAutoPongs: MAX_WAITING_PONGS,
    closeTimeout: CLOSE_TIMEOUT_MS,
    // Without it the first protocol a client offers would be taken as agreed.
    handleProtocols: () => false as const,
  };
  const sockets = new WebSocketServer<typeof RelaySocket>(options);

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Until `ws` listens, an error of the connection would end the process.
    const ignore = () => socket.destroy();
    socket.on('error', ignore);
    const refuse = (status: string, why: string, more = '') => {
      const body = `${why}\n`;
      socket.end(
        `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`,
      );
      parts.clock.after(REFUSAL_TIMEOUT_MS, () => socket.destroy());
    };

    const door = DOORS.get(requestPath(request) ?? '');
    if (door === undefined) return refuse('404 Not Found', 'There is nothing to connect to here.');
    if (headerCount(request, 'host') !== 1) return refuse('400 Bad Request', 'Send exactly one Host header.');
    const origin = requestOrigin(request);
    const isAllowed = origin !== null && (door === 'desk' ? deskOrigins : siteOrigins).has(origin);
    if (!isAllowed) metrics.refused('origin');
    if (origin === null || origin === 'invalid' || (door === 'desk' && !isAllowed)) {
      return refuse('403 Forbidden', door === 'desk' ? FOREIGN_PAGE : ERRORS['bad-origin'].sentence);
    }
    const current = relay();
    if (current === null || !parts.hasRoom())
      return refuse('503 Service Unavailable', ERRORS.unavailable.sentence, 'Retry-After: 1\r\n');
    const address = addressOf(request);
    const wait = limiter.take('connect', `ip:${address}`);
    if (wait > 0) {
      metrics.refused('rate');
      return refuse(
        '429 Too Many Requests',
        ERRORS['rate-limited'].sentence,
        `Retry-After: ${Math.ceil(wait / 1000)}\r\n`,
      );
    }

    const use = door === 'desk' ? useOf(request) : undefined;
    sockets.handleUpgrade(request, socket, head, (client) => {
      socket.off('error', ignore);
      client.on('error', ignoreError);
      client.stream = socket;
      if (!isAllowed) {
        // A browser tells a page nothing about a refused handshake; this way its developer reads what is wrong.
        client.send(JSON.stringify(badOrigin));
        client.close(CLOSE_CODES.forbidden, 'bad-origin');
        return;
      }
      client.remote = { address, origin: originTexts.get(origin) ?? origin };
      client.door = door;
      client.log = log;
      client.use = use;
      client.session = current.openSession(client);
      client.on('message', onMessage);
      client.on('close', onClose);
      client.others = open;
      open.add(client);
    });
  });

  return {
    get size() {
      return open.size;
    },
    terminate() {
      for (const socket of open) socket.terminate();
    },
  };
}

const badOrigin: FromServer = {
  type: 'error',
  code: 'bad-origin',
  message: ERRORS['bad-origin'].sentence,
  retry: ERRORS['bad-origin'].retry,
};

/** `ws` has closed the socket with the right code already; "close" follows. */
const ignoreError = () => {};

/**
 * A socket that is a connection of the core by itself, so that ten thousand idle ones cost nothing more than `ws` asks for. Its listeners are
 * shared functions; nothing here keeps the request it came from.
 */
class RelaySocket extends WebSocket implements Connection {
  remote: Connection['remote'] = NOWHERE;
  door: Connection['door'] = 'site';
  session: Session | null = null;
  use: (() => void) | undefined = undefined;
  log: Log | null = null;
  others: Set<RelaySocket> | null = null;
  /** What `ws` writes to and reads from. */
  stream: Duplex | null = null;
  /** Frames of this turn that were not written yet, and their characters. */
  frames: string[] | null = null;
  chars = 0;

  get bufferedBytes(): number {
    return this.bufferedAmount + this.chars;
  }

  /**
   * Writes all frames of one turn in one piece: an ack and the event it belongs to then cost one system call, which is most of what a frame costs.
   * They do not go through `ws`, which would write each for itself, its head and its text apart.
   */
  override send(frame: string): void {
    if (this.readyState !== WebSocket.OPEN) return;
    if (this.frames === null) {
      this.frames = [frame];
      if (unwritten.push(this) === 1) process.nextTick(writeAll);
    } else this.frames.push(frame);
    this.chars += frame.length;
  }

  override close(code?: number, reason?: string | Buffer): void {
    this.write();
    super.close(code, reason);
    if (code === CLOSE_CODES.heartbeatLost) endDead(this.stream);
  }

  /** Writes what is left of this turn now. */
  write(): void {
    const { frames } = this;
    this.frames = null;
    this.chars = 0;
    if (frames === null || this.readyState !== WebSocket.OPEN) return;
    const characters = asciiFrames(frames);
    if (characters === null) this.stream?.write(textFrames(frames));
    else this.stream?.write(characters, 'latin1');
  }
}

/**
 * Whoever does not answer will not answer a goodbye either: he hears it together with the end. Where his answers are lost and not what he hears, the
 * machine holds both back, because nothing before them was confirmed; a reset is not held back.
 */
function endDead(stream: Duplex | null): void {
  if (!(stream instanceof Socket)) return;
  stream.end();
  setTimeout(() => {
    if (!stream.destroyed) stream.resetAndDestroy();
  }, RESET_AFTER_MS).unref();
}

/** Sockets that were given something in this turn. */
let unwritten: RelaySocket[] = [];

function writeAll(): void {
  const sockets = unwritten;
  unwritten = [];
  for (const socket of sockets) socket.write();
}

/**
 * The same as `textFrames`, one character for each byte, or null when something is not ASCII or long: Node then writes without a buffer in between,
 * which takes half the time. Most messages of most sites are ASCII, and so are all acks.
 */
function asciiFrames(texts: readonly string[]): string | null {
  let characters = '';
  for (const text of texts) {
    const size = text.length;
    if (size > MAX_ASCII_CHARS || Buffer.byteLength(text) !== size) return null;
    characters +=
      size < 126
        ? String.fromCharCode(FINAL_TEXT, size)
        : String.fromCharCode(FINAL_TEXT, 126, size >>> 8, size & 0xff);
    characters += text;
  }
  return characters;
}

/** Node writes strings up to this size from its stack. */
const MAX_ASCII_CHARS = 16_000;

/** WebSocket text messages as a server sends them: not masked, each in one frame. @see RFC 6455, section 5.2 */
function textFrames(texts: readonly string[]): Buffer {
  const sizes = texts.map((text) => Buffer.byteLength(text));
  let total = 0;
  for (const size of sizes) total += headBytes(size) + size;
  const buffer = Buffer.allocUnsafe(total);
  let at = 0;
  for (let i = 0; i < texts.length; i++) {
    const size = sizes[i]!;
    const head = headBytes(size);
    buffer[at] = FINAL_TEXT;
    if (head === 2) buffer[at + 1] = size;
    else {
      buffer[at + 1] = head === 4 ? 126 : 127;
      if (head === 4) buffer.writeUInt16BE(size, at + 2);
      else buffer.writeBigUInt64BE(BigInt(size), at + 2);
    }
    buffer.write(texts[i]!, at + head);
    at += head + size;
  }
  return buffer;
}

const FINAL_TEXT = 0x81;

function headBytes(size: number): number {
  return size < 126 ? 2 : size < 65_536 ? 4 : 10;
}

const NOWHERE: Connection['remote'] = { address: '', origin: null };

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  const client = this as RelaySocket;
  if (isBinary) return client.close(CLOSE_CODES.badFrame, 'frames are text');
  client.use?.();
  try {
    client.session?.receive((data as Buffer).toString());
  } catch (error) {
    client.log?.error({ error }, 'A session failed at a frame.');
    client.close(1011, 'internal');
  }
}

function onClose(this: WebSocket): void {
  const client = this as RelaySocket;
  client.others?.delete(client);
  client.session?.closed();
  client.session = null;
}
