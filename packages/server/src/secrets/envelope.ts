import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { DataKey } from './data-key.ts';
import { SecretKeyError } from './data-key.ts';

/**
 * How a secret is kept: AES-256-GCM, with the name of the key and a nonce of its own beside it. Where it belongs is bound into it (associated data), so
 * that what was sealed for one row opens nothing in another.
 */
const ENVELOPE = /^sealed:1:([0-9a-f]{8}):([A-Za-z0-9_-]{16}):([A-Za-z0-9_-]+)$/;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The id of the key that a text was sealed with; null when it is no envelope. */
export function sealedWith(text: string): string | null {
  return ENVELOPE.exec(text)?.[1] ?? null;
}

/** `place`: table and row, such as `setting audit`. */
export function seal(secret: string, place: string, { id, key }: DataKey): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place));
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `sealed:1:${id}:${nonce.toString('base64url')}:${sealed.toString('base64url')}`;
}

/** @throws SecretKeyError when no key fits, or the text was changed or is from another place */
export function unseal(text: string, place: string, keys: readonly DataKey[]): string {
  const [, id = '', nonce = '', body = ''] = ENVELOPE.exec(text) ?? [];
  const key = keys.find((one) => one.id === id);
  if (key === undefined) throw new UnknownDataKey(id);
  const sealed = Buffer.from(body, 'base64url');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.key, Buffer.from(nonce, 'base64url'), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(place)).setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch {
    throw new SecretKeyError(
      `What is kept at "${place}" was changed, or was sealed for another place. Put back a copy of the database.`,
    );
  }
}

/** Something is sealed with a key that is not among those given. */
export class UnknownDataKey extends SecretKeyError {
  readonly id: string;
  constructor(id: string) {
    super(
      `The database has secrets that were sealed with the key ${id}, and that key is not given. ` +
        'Put it back into the key file, or into SVEIKI_SECRET_KEY after the newest one.',
    );
    this.id = id;
  }
}
