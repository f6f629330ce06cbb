import type { ErrorCode, ErrorFrame, Nack } from '@sveiki/protocol';

/** Refusals that arise on this side of the wire, before or without an answer of the relay. */
export type LocalErrorCode = 'destroyed' | 'offline' | 'signed-out' | 'bad-option' | 'timeout' | 'protocol';

/** What every promise of the SDK rejects with. `code` is stable and documented; `retryable` says whether the same call may work later. */
export class ChatError extends Error {
  override readonly name = 'ChatError';
  declare readonly code: ErrorCode | LocalErrorCode;
  declare readonly retryable: boolean;
  /** When to try again, in milliseconds from now, if the relay said so. */
  declare readonly retryAfterMs: number | undefined;
  /** Of `bad-answers`: which fields are wrong, and how; empty when `message` is what the site itself says about the answers. */
  declare readonly problems: NonNullable<Nack['problems']>;

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
    super(message, options);
    const { retryable = false, retryAfterMs, problems = [] } = options;
    // The fields are only declared above: written out one by one they would weigh more than all else here.
    Object.assign(this, { code, retryable, retryAfterMs, problems });
  }
}

/** The refusal in a frame. */
export function errorOf(frame: ErrorFrame | Nack): ChatError {
  const { code, message, retry, retryAfterMs, problems } = frame as Nack;
  return new ChatError(code, message, {
    retryable: retry === 'later',
    retryAfterMs: Number(retryAfterMs) || undefined,
    problems: Array.isArray(problems) ? problems : undefined,
  });
}
