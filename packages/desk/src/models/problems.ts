import { texts } from '../texts.ts';

/** The sentence of a refusal. The relay writes it for people; anything else that went wrong gets a general one. */
export function sentenceOf(error: unknown): string {
  return codeOf(error) !== null && error instanceof Error && error.message !== ''
    ? error.message
    : texts.problems.general;
}

/** The stable code of a refusal, or null when it is none. */
export function codeOf(error: unknown): string | null {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null;
}
