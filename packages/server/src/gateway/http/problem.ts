import { STATUS_CODES } from 'node:http';
import { ERRORS, type ErrorCode } from '@sveiki/protocol';

/** What a page that is not the desk's hears at the desk's doors; sites and their keys have nothing to do with it. */
export const FOREIGN_PAGE =
  'Only the desk itself may connect here, opened at the address of the relay. If this is the desk, set publicUrl to the address it is opened at.';

/** A refusal over HTTP, as the wire knows it too. @see RFC 9457 */
export interface Problem {
  status: number;
  code: ErrorCode;
  /** Said instead of the code's general sentence. */
  detail?: string | undefined;
  retryAfterMs?: number | undefined;
}

/** What `application/problem+json` carries: `code` and `retry` mean what they mean in a `nack`. */
export function problemBody({ status, code, detail, retryAfterMs }: Problem): string {
  return JSON.stringify({
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Refused',
    status,
    code,
    detail: detail ?? ERRORS[code].sentence,
    retry: ERRORS[code].retry,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

export function problemHeaders({ status, retryAfterMs }: Problem): Record<string, string> {
  return {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // Opened as a page it is a text, and stays one.
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    // The rest of a body that was too large or too slow is not waited for.
    ...(status === 408 || status === 413 ? { connection: 'close' } : {}),
    ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }),
  };
}

/** Thrown by a handler to end a request with a problem. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly problem: Problem;
  constructor(status: number, code: ErrorCode, more: { detail?: string; retryAfterMs?: number } = {}) {
    super(code);
    this.problem = { status, code, ...more };
  }
}
