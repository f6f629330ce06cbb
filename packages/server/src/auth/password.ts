import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { boundedQueue } from './bounded-queue.ts';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/** 32 MiB and three rounds for each guess: what OWASP asks of scrypt at this memory. */
const COST = { N: 2 ** 15, r: 8, p: 3 };
const HASH_BYTES = 32;
const MAX_HASH_MEMORY_BYTES = 96 * 1024 * 1024;
const MIN_PASSWORD_CHARS = 10;
const MAX_PASSWORD_BYTES = 1_024;

/** Why a password cannot be used, in words, or null when it can. */
export function passwordProblem(password: string): string | null {
  if (password.length < MIN_PASSWORD_CHARS)
    return `A password has at least ${MIN_PASSWORD_CHARS} characters. Choose a longer one.`;
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) return 'This password is too long. Choose a shorter one.';
  return null;
}

export interface Passwords {
  /** `scrypt$N$r$p$salt$hash`. @throws QueueFull */
  hash(password: string): Promise<string>;
  /**
   * Whether `password` is the one `stored` was made of. Without a stored hash (no such account, no password) it works as long and answers false,
   * so that the time of an answer tells nothing. @throws QueueFull
   */
  verify(password: string, stored: string | null): Promise<boolean>;
}

/** Hashing behind a bounded queue: a flood of sign-ins is refused instead of taking all memory and every thread. */
export function createPasswords(cost = COST): Passwords {
  const queue = boundedQueue({ atOnce: 4, waiting: 12, retryAfterMs: 2_000 });
  const nobody = `scrypt$${cost.N}$${cost.r}$${cost.p}$${randomBytes(16).toString('base64url')}$${randomBytes(HASH_BYTES).toString('base64url')}`;
  return {
    hash: (password) =>
      queue(async () => {
        const salt = randomBytes(16);
        const key = await derive(password.normalize('NFC'), salt, HASH_BYTES, {
          ...cost,
          maxmem: MAX_HASH_MEMORY_BYTES,
        });
        return `scrypt$${cost.N}$${cost.r}$${cost.p}$${salt.toString('base64url')}$${key.toString('base64url')}`;
      }),
    async verify(password, stored) {
      if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) return false;
      const parts = parse(stored ?? nobody);
      if (parts === null) throw new Error('A stored password hash cannot be read.');
      return queue(async () => {
        const { N, r, p, salt, hash } = parts;
        const key = await derive(password.normalize('NFC'), salt, hash.length, {
          N,
          r,
          p,
          maxmem: MAX_HASH_MEMORY_BYTES,
        });
        return timingSafeEqual(key, hash) && stored !== null;
      });
    },
  };
}

function parse(stored: string): { N: number; r: number; p: number; salt: Buffer; hash: Buffer } | null {
  const match = /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([\w-]{16,})\$([\w-]{40,})$/.exec(stored);
  if (match === null) return null;
  const [, N, r, p, salt, hash] = match as unknown as [string, string, string, string, string, string];
  return {
    N: Number(N),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  };
}
