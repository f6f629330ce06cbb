import { mayComeBack } from '@sveiki/protocol';

/** The first wait is somewhere in 0..500 ms, the bound doubles with every failure up to 20 s. */
const firstMs = 500;
const capMs = 20_000;

/** What is known when a line has ended and the next try is planned. */
export interface Ended {
  /** Close code; 0 when the line broke without one. */
  code: number;
  /** Failures in a row, 0 for the first. */
  attempt: number;
  /** The relay asked to spread the return over this time (`bye.afterMs`). */
  spreadMs?: number | undefined;
  /** The relay said not to come before this (`retryAfterMs`). */
  notBeforeMs?: number | undefined;
}

/**
 * How long to wait before the next try, or null when there must be none. Full jitter: a relay that restarts under ten thousand visitors gets them
 * back spread out, not in waves.
 */
export function reconnectDelay(
  { code, attempt, spreadMs, notBeforeMs = 0 }: Ended,
  random: () => number,
): number | null {
  if (!mayComeBack(code)) return null;
  return notBeforeMs + random() * (spreadMs ?? Math.min(capMs, firstMs * 2 ** attempt));
}
