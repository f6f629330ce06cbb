import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { KeptSecrets } from '../secrets/kept-secrets.ts';

/** JSON under one or more signatures, as RFC 7515 (7.2.1) writes it: anything that reads JWS can check it. */
export interface Signed {
  payload: string;
  signatures: { protected: string; signature: string }[];
}

export interface SiteSigner {
  /** The public keys as base64url, the newest first. They are their own names, so that a page that pins one knows which signature is for it. */
  keys(): string[];
  /** Signs with every key that holds: a page that pins an older one still believes it. */
  sign(value: object): Signed;
}

/** What stands before the 32 bytes of an Ed25519 private key in PKCS #8 (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

const base64url = (text: string): string => Buffer.from(text).toString('base64url');

/** The public half of a kept secret, as pages pin it. */
export const publicKeyOf = (secret: string): string => publicHalf(privateKeyOf(secret));

const privateKeyOf = (secret: string): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8, Buffer.from(secret, 'base64url')]), format: 'der', type: 'pkcs8' });
const publicHalf = (key: KeyObject): string => createPublicKey(key).export({ format: 'jwk' }).x ?? '';

/** The keys are made from a secret that is kept in the store, and rotated with it. */
export async function createSiteSigner(secrets: Pick<KeptSecrets, 'open'>): Promise<SiteSigner> {
  const kept = await secrets.open('site-key-secret');
  const known = new Map<string, { key: KeyObject; id: string }>();
  const keys = () =>
    kept.all.map(({ secret }) => {
      let found = known.get(secret);
      if (found === undefined) {
        const key = privateKeyOf(secret);
        found = { key, id: publicHalf(key) };
        known.set(secret, found);
      }
      return found;
    });
  return {
    keys: () => keys().map(({ id }) => id),
    sign(value) {
      const payload = base64url(JSON.stringify(value));
      return {
        payload,
        signatures: keys().map(({ key, id }) => {
          const head = base64url(JSON.stringify({ alg: 'EdDSA', kid: id }));
          return {
            protected: head,
            signature: sign(null, Buffer.from(`${head}.${payload}`), key).toString('base64url'),
          };
        }),
      };
    },
  };
}
