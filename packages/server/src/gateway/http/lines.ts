import type { IncomingMessage, ServerResponse } from 'node:http';
import { LIMITS } from '@sveiki/protocol';
import type { Log } from '../../log.ts';
import type { Clock, Connection, Ids } from '../../ports.ts';
import type { Relay, Session } from '../../relay.ts';
import { readBody, readJson } from './body.ts';
import { Refused } from './problem.ts';

/** The line's name is all that proves whose it is. */
const LINE_ID_BYTES = 24;
const MAX_FRAMES_A_POST = 64;
/** How long a closed stream may take to hand its last bytes over. */
const CLOSE_TIMEOUT_MS = 5_000;

/** The way of frames where WebSockets are blocked: down as a streamed response, up by requests that name the stream. */
export interface HttpLines {
  /** Answers a request whose body is the hello with a stream of `text/event-stream`. */
  open(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void>;
  /** Takes the frames of a request to the line it names. */
  post(request: IncomingMessage, caller: Pick<Caller, 'door' | 'origin'>): Promise<void>;
  /** Lines that are open. */
  readonly size: number;
}

export interface Caller {
  door: Connection['door'];
  address: string;
  origin: string;
  /** Headers of the stream's answer. */
  headers: Record<string, string>;
  /** Called when frames came: the line is in use. */
  used?: () => void;
}

interface OpenLine {
  session: Session;
  door: Connection['door'];
  origin: string;
  used: (() => void) | undefined;
}

export function createHttpLines(parts: { relay: () => Relay; ids: Ids; clock: Clock; log: Log }): HttpLines {
  const { relay, ids, clock, log } = parts;
  const lines = new Map<string, OpenLine>();

  return {
    get size() {
      return lines.size;
    },

    async open(request, response, { door, address, origin, headers, used }) {
      const hello = await readBody(request, LIMITS.maxHelloBytes, clock);
      response.writeHead(200, {
        ...headers,
        'content-type': 'text/event-stream',
        'cache-control': 'no-store, no-transform',
        // nginx and those who learned from it would hold the stream back.
        'x-accel-buffering': 'no',
        'x-content-type-options': 'nosniff',
      });
      response.socket?.setNoDelay(true);
      const id = ids.secret(LINE_ID_BYTES);
      response.write(`event: line\ndata: ${id}\n\n`);
      const session = relay().openSession(new StreamConnection(response, door, { address, origin }, clock));
      lines.set(id, { session, door, origin, used });
      // A response that breaks while it is written says so by "error" first.
      response.on('error', () => {});
      response.on('close', () => {
        lines.delete(id);
        session.closed();
      });
      session.receive(hello);
    },

    async post(request, { door, origin }) {
      const { line, frames, ...more } = await readJson(request, LIMITS.maxFrameBytes, clock);
      if (typeof line !== 'string' || !Array.isArray(frames) || Object.keys(more).length > 0) {
        throw new Refused(400, 'bad-frame', {
          detail: 'The body is { "line": the id of the stream, "frames": [ … ] }.',
        });
      }
      if (frames.length > MAX_FRAMES_A_POST) {
        throw new Refused(413, 'too-large', { detail: `Send at most ${MAX_FRAMES_A_POST} frames at once.` });
      }
      const open = lines.get(line);
      if (open === undefined || open.door !== door || open.origin !== origin) {
        throw new Refused(404, 'not-found', { detail: 'There is no such stream. Open a new one.' });
      }
      open.used?.();
      try {
        open.session.receive(JSON.stringify(frames));
      } catch (error) {
        log.error({ error }, 'A session failed at frames from HTTP.');
        throw new Refused(500, 'internal');
      }
    },
  };
}

class StreamConnection implements Connection {
  readonly remote: Connection['remote'];
  readonly door: Connection['door'];
  readonly #response: ServerResponse;
  readonly #clock: Clock;

  constructor(response: ServerResponse, door: Connection['door'], remote: Connection['remote'], clock: Clock) {
    this.#response = response;
    this.#clock = clock;
    this.door = door;
    this.remote = remote;
  }

  get bufferedBytes(): number {
    return this.#response.writableLength;
  }

  send(frame: string): void {
    // A frame is JSON on one line, so it is one `data` field.
    if (!this.#response.writableEnded) this.#response.write(`data: ${frame}\n\n`);
  }

  close(code: number, reason: string): void {
    if (this.#response.writableEnded) return;
    this.#response.end(`event: close\ndata: ${JSON.stringify({ code, reason })}\n\n`);
    const callOff = this.#clock.after(CLOSE_TIMEOUT_MS, () => this.#response.destroy());
    this.#response.once('close', callOff);
  }
}
