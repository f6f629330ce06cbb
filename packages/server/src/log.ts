import { pino } from 'pino';

/**
 * Structured lines for operators. `message` is a constant sentence, everything that varies is a field. Fields never carry what people wrote,
 * tokens, or (above debug) addresses.
 */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A log whose lines all carry these fields too. */
  child(fields: object): Log;
}

/** Says nothing. */
export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
};

/** Fields that are never written, wherever they stand in the first two levels. */
const SECRET = [
  'password',
  'token',
  'ticket',
  'code',
  'session',
  'identity',
  'cookie',
  'authorization',
  'text',
  'blocks',
  'email',
];
/** Personal, but needed to find a culprit: written at debug only. */
const PERSONAL = ['address', 'remoteAddress', 'origin', 'url'];

/** Lines with the same message in one second; what is more is counted and told with the next line that passes. */
const MAX_SAME_LINES_PER_SECOND = 50;
const MAX_STRING_CHARS = 500;

export interface LogOptions {
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Where a finished line goes. @default standard output */
  write?: (line: string) => void;
  /** Milliseconds, for the cap of repeated lines. @default the machine's */
  now?: () => number;
}

/** JSON lines by pino, with secrets left out and a flood of the same line capped: an attacker must not fill the disk through the log. */
export function createLog({ level, write, now = Date.now }: LogOptions): Log {
  const hidden = level === 'debug' ? SECRET : [...SECRET, ...PERSONAL];
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: hidden.flatMap((name) => [name, `*.${name}`]), remove: true },
    },
    write === undefined ? pino.destination({ dest: 1, sync: true }) : { write },
  );
  return capped(logger, now);
}

type Level = 'debug' | 'info' | 'warn' | 'error';
type Sink = Record<Level, (fields: object, message: string) => void>;

function capped(sink: Sink, now: () => number): Log {
  let second = 0;
  const counts = new Map<string, number>();
  const kept = new Map<string, number>();
  const line = (level: Level, bound: object) => (fields: object, message: string) => {
    const current = Math.floor(now() / 1000);
    if (current !== second) {
      second = current;
      for (const [text, count] of counts) {
        if (count > MAX_SAME_LINES_PER_SECOND)
          kept.set(text, (kept.get(text) ?? 0) + count - MAX_SAME_LINES_PER_SECOND);
      }
      counts.clear();
    }
    const count = (counts.get(message) ?? 0) + 1;
    counts.set(message, count);
    if (count > MAX_SAME_LINES_PER_SECOND) return;
    const leftOut = kept.get(message);
    kept.delete(message);
    sink[level](shortened({ ...bound, ...fields, ...(leftOut === undefined ? {} : { leftOut }) }), message);
  };
  const bind = (bound: object): Log => ({
    debug: line('debug', bound),
    info: line('info', bound),
    warn: line('warn', bound),
    error: line('error', bound),
    child: (fields) => bind({ ...bound, ...fields }),
  });
  return bind({});
}

/** Long strings are cut; errors keep their name, message and stack, which JSON would drop. */
function shortened(fields: object): object {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') result[name] = cut(value);
    else if (value instanceof Error)
      result[name] = { name: value.name, message: cut(value.message), stack: value.stack?.slice(0, 4_000) };
    else result[name] = value;
  }
  return result;
}

const cut = (text: string): string => (text.length > MAX_STRING_CHARS ? `${text.slice(0, MAX_STRING_CHARS)}…` : text);
