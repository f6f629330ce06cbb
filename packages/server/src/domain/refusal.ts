import type { AnswerProblem, ErrorCode } from '@sveiki/protocol';

/** An expected no: a value, not an exception. Nothing has changed. */
export interface Refusal {
  refused: ErrorCode;
  retryAfterMs?: number;
  /** Of `bad-answers`: which fields are wrong, and how. */
  problems?: readonly AnswerProblem[];
  /** Said instead of the code's general sentence. */
  message?: string;
  /** Of `proof-needed`: what to work on. */
  challenge?: string;
}

export function refuse(refused: ErrorCode): Refusal {
  return { refused };
}

export function isRefusal<T extends object>(value: T | Refusal): value is Refusal {
  return 'refused' in value;
}
