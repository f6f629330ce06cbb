import { createHash } from 'node:crypto';

/**
 * What is remembered of somebody who was forgotten: hashes of what his devices may still show. Both ids have 128 random bits or more, so nobody
 * finds them from these.
 */
export function personKey(visitor: string): string {
  return hashOf(`person ${visitor}`);
}

/** Of a session by the hash of its token. */
export function sessionKey(tokenHash: string): string {
  return hashOf(`session ${tokenHash}`);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
