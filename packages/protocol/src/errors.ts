/**
 * When a refused command may be tried again: `never` (change something first), `later` (after `retryAfterMs`, or with back-off),
 * `after-login` (get a new ticket, session or identity token first).
 */
export type RetryRule = 'never' | 'later' | 'after-login';

/**
 * Every refusal that crosses the wire: its code, one sentence for people, and its retry rule. SPEC "Errors" and this list are compared by a test.
 * The sentence says what happened and what to do; it never blames and never carries data of others.
 */
export const ERRORS = {
  'bad-frame': {
    retry: 'never',
    sentence: 'This frame is not one the protocol knows. Compare it with SPEC.md and send it again.',
  },
  'hello-first': { retry: 'never', sentence: 'The first frame must be a hello.' },
  version: {
    retry: 'never',
    sentence: 'None of the offered protocol versions is spoken here. Reload the page to get a newer client.',
  },
  'bad-site': {
    retry: 'never',
    sentence: 'This site key is not known. Copy the key from the configuration of the relay.',
  },
  'bad-origin': {
    retry: 'never',
    sentence: 'This page may not use this site key. Add its origin to the list of the site.',
  },
  'bad-ticket': { retry: 'after-login', sentence: 'This ticket is not valid any more. Ask for a new one.' },
  'bad-identity': {
    retry: 'after-login',
    sentence: 'This identity token is not valid. Ask your server for a new one.',
  },
  'identity-required': {
    retry: 'after-login',
    sentence: 'This site serves signed-in visitors only. Send an identity token.',
  },
  'consent-required': {
    retry: 'never',
    sentence: 'This site asks for consent before anything is said. Agree to its text, and send this again.',
  },
  'session-ended': { retry: 'after-login', sentence: 'This session has ended. Sign in again.' },
  erased: {
    retry: 'never',
    sentence:
      'What was kept about you here was deleted, as was asked. A new conversation begins with your next message.',
  },
  forbidden: { retry: 'never', sentence: 'Your role does not allow this.' },
  'not-found': { retry: 'never', sentence: 'There is no such conversation for you.' },
  'not-owner': { retry: 'never', sentence: 'Somebody else answers this conversation now. Take it first.' },
  'already-taken': { retry: 'never', sentence: 'This conversation was taken a moment ago.' },
  'already-resolved': {
    retry: 'never',
    sentence: 'This conversation is resolved. A new message of the visitor reopens it.',
  },
  'no-such-agent': {
    retry: 'never',
    sentence: 'There is no such agent here, or the agent cannot take it. Choose another one.',
  },
  'no-such-team': { retry: 'never', sentence: 'There is no such team. Choose another one.' },
  'no-such-code': { retry: 'never', sentence: 'There is no such wrap-up code. Choose one from the list.' },
  'no-such-bot': { retry: 'never', sentence: 'There is no such bot here. Choose another one.' },
  'no-such-form': { retry: 'never', sentence: 'There is no such form or survey here. Choose another one.' },
  'no-such-question': { retry: 'never', sentence: 'This was not asked in this conversation.' },
  'bad-answers': {
    retry: 'never',
    sentence: 'Something in the answers is missing or not right. Correct the fields named and send them again.',
  },
  'too-late': { retry: 'never', sentence: 'This can no longer be answered or changed. Thank you all the same.' },
  'changed-meanwhile': {
    retry: 'never',
    sentence: 'Somebody else has changed this meanwhile. Look at what it is now, and change it again.',
  },
  'offer-expired': { retry: 'never', sentence: 'This offer has ended. The conversation went on to somebody else.' },
  'empty-message': { retry: 'never', sentence: 'There is nothing in this message. Write something first.' },
  'too-large': { retry: 'never', sentence: 'This message is too long. Send it in parts.' },
  'no-such-file': { retry: 'never', sentence: 'This file is not there any more. Choose it again.' },
  'bad-file': { retry: 'never', sentence: 'Files of this kind are not taken here. Send it as a picture or a PDF.' },
  'files-full': { retry: 'never', sentence: 'There is no room for more files here.' },
  'too-many-links': {
    retry: 'never',
    sentence: 'A first message may not hold so many links. Take some out and send it again.',
  },
  blocked: { retry: 'never', sentence: 'Chat is not open to you here at the moment. Reach us another way.' },
  paused: { retry: 'never', sentence: 'This chat is closed at the moment. Reach us another way, or try again later.' },
  'proof-needed': {
    retry: 'later',
    sentence: 'Many messages arrive at the moment. Yours goes out after a short check.',
  },
  'rate-limited': { retry: 'later', sentence: 'This is faster than allowed. It will be tried again.' },
  'storage-full': {
    retry: 'later',
    sentence: 'The relay cannot store messages at the moment. Yours is kept and will be tried again.',
  },
  unavailable: { retry: 'later', sentence: 'The relay is not able to answer at the moment. It will be tried again.' },
  internal: { retry: 'later', sentence: 'Something went wrong at the relay. It will be tried again.' },
} as const satisfies Record<string, { retry: RetryRule; sentence: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** True for a code of the list; the list is asked by own key only, so `constructor` is no code. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code);
}
