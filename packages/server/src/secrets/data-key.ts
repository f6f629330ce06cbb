import { createHash, randomBytes } from 'node:crypto';

/** A key that is kept outside the database, and what it is called in what was sealed with it. */
export interface DataKey {
  /** Eight hexadecimal digits that follow from the key and do not lead back to it. */
  id: string;
  key: Buffer;
}

/** The key cannot be used, or is missing. The message says where, why, and what to do; it never holds the key. */
export class SecretKeyError extends Error {
  override readonly name = 'SecretKeyError';
}

/** Begins each key, so that tools which look for secrets in the wrong place find it. */
const PREFIX = 'svk_';
const KEY_BYTES = 32;
const WRITTEN = /^svk_([A-Za-z0-9_-]{43})$/;
/** In one file or text. */
export const MAX_KEYS = 8;
/** 32 random bytes have fewer in less than one of a billion cases. */
const FEWEST_BYTES = 16;

export const MAKE_ONE = 'Make one with "sveiki make-key".';

/** A new key as text. */
export function newDataKey(): string {
  return PREFIX + randomBytes(KEY_BYTES).toString('base64url');
}

/** Reads keys out of a text, the newest first: between white space or commas; lines that begin with # are left out. @throws SecretKeyError */
export function readDataKeys(text: string, where: string): DataKey[] {
  const words = text
    .split('\n')
    .filter((line) => !line.trim().startsWith('#'))
    .flatMap((line) => line.split(/[\s,]+/))
    .filter((word) => word !== '');
  if (words.length === 0) throw new SecretKeyError(`${where} holds no key. ${MAKE_ONE}`);
  if (words.length > MAX_KEYS)
    throw new SecretKeyError(`${where} holds ${words.length} keys. Keep the ${MAX_KEYS} newest.`);
  const keys = words.map((word, i) => {
    const nth = words.length === 1 ? 'The key' : `Key ${i + 1}`;
    const key = Buffer.from(WRITTEN.exec(word)?.[1] ?? '', 'base64url');
    if (key.length !== KEY_BYTES)
      throw new SecretKeyError(`${nth} in ${where} is not "${PREFIX}" and 43 letters, digits, "-" or "_". ${MAKE_ONE}`);
    if (new Set(key).size < FEWEST_BYTES) throw new SecretKeyError(`${nth} in ${where} is not random. ${MAKE_ONE}`);
    return { id: idOf(key), key };
  });
  if (new Set(keys.map(({ id }) => id)).size < keys.length)
    throw new SecretKeyError(`${where} holds one key twice. Take one of them out.`);
  return keys;
}

function idOf(key: Buffer): string {
  return createHash('sha256').update('sveiki data key ').update(key).digest('hex').slice(0, 8);
}
