import { type Bye, type ErrorFrame, type FromClient, type FromServer, LIMITS } from '@sveiki/protocol';
import { ChatError, errorOf } from '../chat-error.ts';
import type { Clock } from '../clock.ts';
import type { KeyValueStorage } from '../host/types.ts';
import { type Line, type LineHandlers, PORTAL } from './line.ts';
import { reconnectDelay } from './reconnect.ts';
import { openSocket } from './socket.ts';
import type { Surroundings } from './surroundings.ts';
import type { ConnectionState, TransportOptions, WebSocketClass } from './types.ts';

/** A WebSocket that gave no welcome in this time is taken for blocked; where there is no other way it gets the longer one. */
const webSocketPatienceMs = 3_000;
const patienceMs = 10_000;
/** How long HTTP stays the first choice after it worked where WebSockets did not. */
const httpRememberedMs = 600_000;
/** A line that lived this long was a good one: its end begins a new row of failures. */
const goodLineMs = 1_000;
/** After a sign that the line may be dead, something must come in within this time. */
const probeMs = 3_000;

export interface ConnectionParts {
  _page: Surroundings;
  _options: TransportOptions;
  _clock: Clock;
  _random: () => number;
  /** Address of the door: `https://chat.example.com/v1/`. */
  _base: string;
  /** Where it is remembered until when HTTP is the first choice. */
  _memory: Pick<KeyValueStorage, 'get' | 'set'>;
  /** Gets what a hello needs (a ticket, a token); asked before each line. Rejects with a ChatError. */
  _prepare(): Promise<() => FromClient>;
  /** A frame that is always answered: what a doubtful line is tested with. */
  _probe(): FromClient;
  /** Every frame from `welcome` on; a throw skips the frame. */
  _frame(frame: FromServer): void;
  _changed(state: ConnectionState): void;
  /** A refusal that ends it. True when there are other credentials now: then it is tried once more. */
  _refused(error: ChatError): boolean;
  /** It will not come back by itself. */
  _failed(error: ChatError): void;
  /** A frame made trouble and was skipped. */
  _skipped(error: unknown): void;
}

/** Close codes that say why without an error frame before them. */
const reasons: Record<number, 'session-ended' | 'forbidden' | 'version'> = {
  4401: 'session-ended',
  4403: 'forbidden',
  4406: 'version',
};

/** Keeps one line to the relay open, over whatever works, until closed. Opens nothing before `_open`. */
export function createConnection(parts: ConnectionParts) {
  const { _page: page, _options: options, _clock: clock, _random: random } = parts;
  let line: Line | null = null;
  /** Names the present try; what belongs to an earlier one is not listened to. */
  let turn = 0;
  let cancelTimer = () => {};
  let isWelcome = false;
  let isWaiting = false;
  let isMended = false;
  let isHttp = false;
  /** The device says it is offline, the line has not said so yet. */
  let isDoubted = false;
  /** Something else answered in the relay's place since the last welcome. */
  let isPortal = false;
  let attempt = 0;
  let blockedSockets = 0;
  let heardAt = 0;
  let heard = 0;
  let welcomedAt = 0;
  let silenceMs = 0;
  let refusal: ErrorFrame | null = null;
  let bye: Bye | null = null;

  const wait = (ms: number, run: () => void) => {
    cancelTimer();
    cancelTimer = clock.after(ms, run);
  };

  /** Lets go of the line there is; the next try has a turn of its own. */
  const drop = () => {
    cancelTimer();
    line?._close();
    line = null;
    isWelcome = isWaiting = isDoubted = false;
    return ++turn;
  };

  function open() {
    const mine = drop();
    refusal = bye = null;
    if (attempt === 0) parts._changed({ status: 'connecting' });
    const WebSocket = options.WebSocket ?? (page.WebSocket as WebSocketClass | undefined);
    const mode = WebSocket ? (options.transport ?? 'auto') : 'http';
    isHttp =
      mode === 'http' || (mode === 'auto' && (blockedSockets > 1 || clock.now() < Number(parts._memory.get('http'))));
    wait(patienceMs, () => ended(0, undefined, true));
    parts._prepare().then(
      (hello) => {
        if (mine !== turn) return;
        const handlers: LineHandlers = {
          _hello: hello,
          _frames: (frames) => mine === turn && read(frames),
          _ended: (code) => mine === turn && ended(code),
        };
        wait(mode === 'auto' && !isHttp ? webSocketPatienceMs : patienceMs, () => {
          blockedSockets = 1;
          ended(0);
        });
        const opened = (next: Line) => {
          if (mine === turn) line = next;
          else next._close();
        };
        const failed = () => mine === turn && ended(0);
        // Few networks need it: it is fetched when one does.
        if (isHttp || !WebSocket) {
          import('./stream.ts')
            .then(({ openStream }) =>
              opened(openStream(parts._base, options.fetch ?? page.fetch!.bind(page), handlers)),
            )
            .catch(failed);
        } else {
          try {
            opened(openSocket(`${parts._base.replace(/^http/, 'ws')}socket`, WebSocket, handlers));
          } catch {
            failed();
          }
        }
      },
      (error) => {
        if (mine === turn) ended(0, error, true);
      },
    );
  }

  /** `isInnocent`: no socket was to blame. */
  function ended(code: number, error?: ChatError, isInnocent = isHttp) {
    const now = clock.now();
    if (isWelcome) {
      if (now - welcomedAt > goodLineMs) attempt = 0;
    } else blockedSockets = isInnocent ? 0 : blockedSockets + 1;
    drop();
    if (!error && refusal) error = errorOf(refusal);
    if (bye) code = +bye.code || code;
    const delay = reconnectDelay(
      { code, attempt, spreadMs: bye ? +bye.afterMs || 0 : undefined, notBeforeMs: error?.retryAfterMs },
      random,
    );
    if (delay === null || (error && !error.retryable)) {
      error ??= new ChatError(reasons[code] ?? 'protocol', `The relay closed the line (${code}).`);
      if (parts._refused(error) && !isMended) {
        isMended = true;
        open();
      } else {
        parts._changed({ status: 'closed' });
        parts._failed(error);
      }
      return;
    }
    attempt++;
    isWaiting = true;
    wait(delay, open);
    isPortal ||= code === PORTAL;
    if (isPortal || page.navigator?.onLine === false) parts._changed({ status: 'offline' });
    else parts._changed({ status: 'reconnecting', attempt, retryAt: now + delay });
  }

  /** Silence is watched with one timer that looks back when it fires: cheap with many frames, right after sleep. */
  function watch() {
    wait(heardAt + silenceMs - clock.now(), () => (clock.now() - heardAt < silenceMs ? watch() : ended(0)));
  }

  const tellOnline = () => parts._changed({ status: 'online', via: isHttp ? 'http' : 'websocket' });

  function read(frames: unknown[]) {
    heardAt = clock.now();
    heard++;
    if (isDoubted) {
      isDoubted = false;
      tellOnline();
    }
    const mine = turn;
    for (const value of frames) {
      // What a frame causes may end the line; the rest of the batch comes again over the next one.
      if (mine !== turn) return;
      if (typeof value !== 'object' || value === null) continue;
      const frame = value as FromServer;
      if (frame.type === 'ping') line?._send({ type: 'pong' });
      if (frame.type === 'bye') bye = frame;
      if (frame.type === 'welcome') {
        // A line is welcomed once.
        if (isWelcome) continue;
        isWelcome = true;
        isMended = isPortal = false;
        blockedSockets = 0;
        welcomedAt = heardAt;
        silenceMs = (+frame.heartbeatMs || LIMITS.heartbeatMs) + LIMITS.heartbeatGraceMs;
        watch();
        // From when it was found out, however often the line breaks since: else who breaks often never tries again.
        if (isHttp && !(heardAt < Number(parts._memory.get('http'))))
          parts._memory.set('http', `${heardAt + httpRememberedMs}`);
        tellOnline();
      }
      if (frame.type === 'error' && (!isWelcome || frame.code === 'blocked')) refusal = frame;
      if (!isWelcome) continue;
      try {
        parts._frame(frame);
      } catch (error) {
        parts._skipped(error);
      }
    }
  }

  return {
    /** Opens a line, or makes it anew with what `_prepare` gives now. */
    _open() {
      attempt = 0;
      isMended = false;
      open();
    },
    _close: drop,
    /** False when there is no line; then nothing happened. */
    _send(frame: FromClient) {
      if (isWelcome) line?._send(frame);
      return isWelcome;
    },
    /** The line may be dead without knowing, or it may be time to try at once. */
    _check() {
      const isOffline = page.navigator?.onLine === false;
      if (isOffline && (isWaiting || isWelcome)) parts._changed({ status: 'offline' });
      if (isWelcome) {
        const before = heard;
        isDoubted = isOffline || isDoubted;
        line?._send(parts._probe());
        wait(probeMs, () => (heard > before ? watch() : ended(0)));
      } else if (isWaiting && !isOffline) open();
    },
  };
}
