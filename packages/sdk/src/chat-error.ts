import type { ErrorCode, ErrorFrame, Nack } from '@sveiki/protocol';

/** Refusals that arise on this side of the wire, before or without an answer of the relay. */
export type LocalErrorCode = 'destroyed' | 'offline' | 'signed-out' | 'bad-option' | 'timeout' | 'protocol';

/** What every promise of the SDK rejects with. `code` is stable and documented; `retryable` says whether the same call may work later. */
export class ChatError extends Error {
  override readonly name = 'ChatError';
  readonly code: ErrorCode | LocalErrorCode;
  readonly retryable: boolean;
  /** When to try again, in milliseconds from now, if the relay said so. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode | LocalErrorCode,
    message: string,
    options: { retryable?: boolean; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The refusal in a frame. */
export function errorOf({ code, message, retry, retryAfterMs }: ErrorFrame | Nack): ChatError {
  return new ChatError(code, message, {
    retryable: retry === 'later',
    retryAfterMs: Number(retryAfterMs) || undefined,
  });
}
