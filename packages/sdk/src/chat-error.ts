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
  /** Of `bad-answers`: which fields are wrong, and how; empty when `message` is what the site itself says about the answers. */
  readonly problems: NonNullable<Nack['problems']>;

  constructor(
    code: ErrorCode | LocalErrorCode,
    message: string,
    options: {
      retryable?: boolean;
      retryAfterMs?: number | undefined;
      problems?: Nack['problems'] | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.problems = options.problems ?? [];
  }
}

/** The refusal in a frame. */
export function errorOf(frame: ErrorFrame | Nack): ChatError {
  const { code, message, retry, retryAfterMs } = frame;
  return new ChatError(code, message, {
    retryable: retry === 'later',
    retryAfterMs: Number(retryAfterMs) || undefined,
    problems: 'problems' in frame && Array.isArray(frame.problems) ? frame.problems : undefined,
  });
}
