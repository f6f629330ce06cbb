import { createHash } from 'node:crypto';

/** Random bytes of every token, code and ticket: 256 bits. */
export const SECRET_BYTES = 32;

/** How a secret of ours is kept: tokens are 256 random bits, so a plain hash is enough and can be looked up. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
