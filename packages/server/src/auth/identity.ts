import { decodeProtectedHeader, importJWK, importSPKI, jwtVerify } from 'jose';
import type { Config, IdentityKey } from '../config-types.ts';
import type { Clock, IdentityClaims, IdentityVerifier } from '../ports.ts';

const MAX_LIFE_S = 3_600;
const LEEWAY_S = 60;
const MAX_TOKEN_CHARS = 4_096;
const MAX_SUB_CHARS = 200;

/**
 * Names somebody, so what cannot be seen makes it another one's: control characters, marks of direction, everything that has no width. Lone halves
 * of pairs too: a store writes all of them alike.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** Three parts in the letters of base64url. Other letters are skipped by who decodes, so that one token had many writings. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Header fields a token may have. Whatever could name another key, another place to get one, or another meaning is refused with the token. */
const HEADER_FIELDS = new Set(['alg', 'kid', 'typ']);

type ImportedKey = { id: string; algorithm: IdentityKey['algorithm']; key: CryptoKey | Uint8Array };

/** Reads a key of the configuration. @throws when it is not a key of its algorithm, with words for people */
export async function importIdentityKey(key: IdentityKey): Promise<CryptoKey | Uint8Array> {
  if (key.algorithm === 'HS256') {
    const secret = new TextEncoder().encode(key.key);
    if (secret.length < 32) throw new Error(`has ${secret.length} bytes; HS256 needs 32 or more`);
    return secret;
  }
  const text = key.key.trim();
  if (!text.startsWith('{')) return importSPKI(text, 'EdDSA');
  const jwk: unknown = JSON.parse(text);
  if (typeof jwk !== 'object' || jwk === null || 'd' in jwk) throw new Error('is a private key; give the public one');
  const imported = await importJWK({ ...jwk, alg: 'EdDSA' }, 'EdDSA');
  if (imported instanceof Uint8Array) throw new Error('is not a public key');
  return imported;
}

/**
 * Verifies the identity tokens of sites. A key is chosen by `kid` (or is the only one) and has one algorithm, so a token can choose neither; nothing
 * of a token is believed, and nothing is fetched, before its signature holds.
 */
export async function createIdentityVerifier(config: Pick<Config, 'sites'>, clock: Clock): Promise<IdentityVerifier> {
  const sites = new Map<string, { keys: ImportedKey[]; audience: string }>();
  for (const { key, identity } of config.sites) {
    if (identity === undefined) continue;
    const keys = await Promise.all(
      identity.keys.map(async (k) => ({ id: k.id, algorithm: k.algorithm, key: await importIdentityKey(k) })),
    );
    sites.set(key, { keys, audience: identity.audience });
  }
  return {
    async verify(site, token) {
      const expected = sites.get(site);
      if (expected === undefined || token.length > MAX_TOKEN_CHARS || !TOKEN.test(token)) return null;
      try {
        const key = chooseKey(expected.keys, token);
        if (key === null) return null;
        const { payload } = await jwtVerify<Record<string, unknown>>(token, key.key, {
          algorithms: [key.algorithm],
          audience: expected.audience,
          requiredClaims: ['exp', 'aud', 'sub'],
          clockTolerance: LEEWAY_S,
          currentDate: new Date(clock.now()),
        });
        if (!token.split('.', 2).every(hasEachNameOnce)) return null;
        return claimsOf(payload, clock.now() / 1000);
      } catch {
        // Every reason not to believe a token has the same answer; which one it was is nobody's business outside.
        return null;
      }
    },
  };
}

/** A name that stands twice means one thing to whoever wrote the token and another to whoever reads it. */
function hasEachNameOnce(part: string): boolean {
  const json = Buffer.from(part, 'base64url').toString();
  const names = new Set<string>();
  let depth = 0;
  for (const { 0: token, index } of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 1 && isFollowedByColon(json, index + token.length)) {
      const name = String(JSON.parse(token));
      if (names.has(name)) return false;
      names.add(name);
    }
  }
  return true;
}

function isFollowedByColon(json: string, from: number): boolean {
  const colon = /\s*:/y;
  colon.lastIndex = from;
  return colon.test(json);
}

function chooseKey(keys: readonly ImportedKey[], token: string): ImportedKey | null {
  const header: Record<string, unknown> = decodeProtectedHeader(token);
  if (Object.keys(header).some((name) => !HEADER_FIELDS.has(name))) return null;
  if (header['typ'] !== undefined && (typeof header['typ'] !== 'string' || header['typ'].toUpperCase() !== 'JWT'))
    return null;
  const kid = header['kid'];
  const key = kid === undefined ? (keys.length === 1 ? keys[0] : undefined) : keys.find(({ id }) => id === kid);
  return key !== undefined && header['alg'] === key.algorithm ? key : null;
}

/** A claim of a wrong type makes the whole token wrong: it must never count as absent. */
function claimsOf(payload: Record<string, unknown>, nowS: number): IdentityClaims | null {
  const { sub, exp, iat, aud } = payload;
  if (typeof sub !== 'string' || sub === '' || sub !== sub.trim()) return null;
  if (sub.length > MAX_SUB_CHARS || HIDDEN.test(sub)) return null;
  if (typeof exp !== 'number' || !Number.isFinite(exp)) return null;
  if (Array.isArray(aud) && !aud.every((one) => typeof one === 'string')) return null;
  if (iat !== undefined) {
    if (typeof iat !== 'number' || !Number.isFinite(iat) || iat > nowS + LEEWAY_S || exp - iat > MAX_LIFE_S)
      return null;
  }
  if (exp - nowS > MAX_LIFE_S + LEEWAY_S) return null;
  const { name = null, email = null } = payload;
  if (!isTextOrNull(name) || !isTextOrNull(email)) return null;
  return { sub, name, email };
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}
