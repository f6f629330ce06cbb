import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createIdentityVerifier } from '../auth/identity.ts';
import type { IdentityKey } from '../config-types.ts';
import type { IdentityVerifier } from '../ports.ts';
import { manualClock } from '../test-support/manual-clock.ts';

/*
 * Tokens that must not be believed, made by combining what is signed how with what stands in the header and in the claims. Each part has a variant
 * that is right; a token is believed exactly when all of its parts are right.
 */
const SECRET = 'a secret of this shop, 32 bytes or more';
const STRANGE = 'a secret that somebody else made up himself';
const ed = generateKeyPairSync('ed25519');
const foreign = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = ed.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const jwk = foreign.publicKey.export({ format: 'jwk' });

const clock = manualClock();
const now = clock.now() / 1000;

interface Variant {
  name: string;
  /** JSON, so that doubled names and other things no object has can be written. */
  json: string;
  right?: true;
}
const variant = (name: string, value: unknown, right?: true): Variant => ({
  name,
  json: typeof value === 'string' ? value : JSON.stringify(value),
  ...(right === undefined ? {} : { right }),
});

const good = { sub: 'customer-42', aud: 'sveiki', iat: now, exp: now + 600, name: 'Mia', email: 'mia@example.com' };
const head = { alg: 'HS256', kid: 'now' };
const edHead = { alg: 'EdDSA', kid: 'ed' };

/** The header, by what it says its algorithm and key are. */
const ALGORITHMS = ['none', 'None', 'NONE', 'nOnE', '', 'HS384', 'HS512', 'hs256', 'RS256', 'PS256', 'ES256', 'ES512'];
const MORE_IN_HEADER: Record<string, unknown> = {
  jwk,
  jku: 'https://evil.example/keys',
  x5u: 'https://evil.example/cert',
  x5c: ['MIIB'],
  x5t: 'x',
  'x5t#S256': 'x',
  crit: ['exp'],
  b64: false,
  zip: 'DEF',
  cty: 'JWT',
  enc: 'A128GCM',
  iv: 'x',
  epk: {},
  __proto__x: 1,
  key: SECRET,
  secret: SECRET,
};
const KEY_IDS: unknown[] = [
  'old',
  '',
  'NOW',
  'now ',
  ' now',
  'now\u0000',
  'now\u200b',
  '../now',
  '/dev/null',
  "now' OR '1'='1",
  '__proto__',
  'constructor',
  'toString',
  'https://evil.example/key',
  ['now'],
  { now: 1 },
  0,
  null,
  true,
  'x'.repeat(3_000),
];
const HEADERS: Variant[] = [
  variant('the right header', head, true),
  ...ALGORITHMS.map((alg) => variant(`alg ${JSON.stringify(alg)}`, { ...head, alg })),
  ...[null, 7, ['HS256'], { HS256: 1 }, true].map((alg) => variant(`alg ${JSON.stringify(alg)}`, { ...head, alg })),
  ...KEY_IDS.map((kid) => variant(`kid ${JSON.stringify(kid).slice(0, 30)}`, { ...head, kid })),
  ...Object.entries(MORE_IN_HEADER).map(([key, value]) => variant(`with ${key}`, { ...head, [key]: value })),
  ...['at+jwt', 'JWE', 'logout+jwt', 7, null, ['JWT'], ''].map((typ) =>
    variant(`typ ${JSON.stringify(typ)}`, { ...head, typ }),
  ),
  variant('no alg', { kid: 'now' }),
  variant('no kid', { alg: 'HS256' }),
  variant('the algorithm of another key', { alg: 'EdDSA', kid: 'now' }),
  variant('the key of another algorithm', { alg: 'HS256', kid: 'ed' }),
  variant('alg twice', '{"alg":"none","alg":"HS256","kid":"now"}'),
  variant('kid twice', '{"alg":"HS256","kid":"ed","kid":"now"}'),
  variant('kid twice, once written otherwise', '{"alg":"HS256","kid":"ed","\\u006bid":"now"}'),
  variant('a list', [head]),
  variant('null', 'null'),
  variant('a text', '"HS256"'),
  variant('no JSON', '{"alg":"HS256","kid":"now"'),
  variant('more after it', '{"alg":"HS256","kid":"now"}{}'),
  variant('a prototype', '{"__proto__":{"alg":"HS256","kid":"now"}}'),
];

const without = (key: keyof typeof good): object => Object.fromEntries(Object.entries(good).filter(([k]) => k !== key));
const WRONG_TYPES: unknown[] = [null, true, {}, { $ne: null }, [], [[]], [1], -1, 0, 1.5, 'x'.repeat(201)];
const INVISIBLE = [
  '\u0000',
  '\n',
  '\u007f',
  '\u00ad',
  '\u061c',
  '\u115f',
  '\u200b',
  '\u200d',
  '\u200e',
  '\u202e',
].concat(['\u2028', '\u2060', '\u2066', '\u3164', '\ufe0f', '\ufeff', '\ufff9', '\ud800', '\udc00', '\u{e0041}']);
const PAYLOADS: Variant[] = [
  variant('the right claims', good, true),
  ...(['sub', 'aud', 'exp'] as const).map((key) => variant(`no ${key}`, without(key))),
  ...WRONG_TYPES.map((sub) => variant(`sub ${JSON.stringify(sub).slice(0, 20)}`, { ...good, sub })),
  ...['', ' ', '\t', ' customer-42', 'customer-42 ', '\u00a0customer-42'].map((sub) =>
    variant(`sub ${JSON.stringify(sub)}`, { ...good, sub }),
  ),
  ...INVISIBLE.flatMap((hidden) =>
    [`customer-42${hidden}`, `${hidden}customer-42`, `customer${hidden}-42`].map((sub) =>
      variant(`sub ${JSON.stringify(sub)} with ${hidden.codePointAt(0)?.toString(16)}`, { ...good, sub }),
    ),
  ),
  ...[
    ...WRONG_TYPES,
    'Sveiki',
    'sveiki ',
    'crm',
    '*',
    'sveiki,crm',
    ['crm'],
    ['sveiki', 7],
    ['sveiki', null],
    [['sveiki']],
  ].map((aud) => variant(`aud ${JSON.stringify(aud).slice(0, 20)}`, { ...good, aud })),
  ...[
    now - 61,
    now - 3_600,
    now + 3_661,
    now + 86_400,
    (now + 600) * 1_000,
    String(now + 600),
    null,
    true,
    {},
    [now + 600],
  ].map((exp) => variant(`exp ${JSON.stringify(exp)}`, { ...good, exp, iat: Math.min(now, Number(exp) || now) })),
  ...[now + 61, now + 3_600, now - 3_001, String(now), null, true, {}, [now], -1].map((iat) =>
    variant(`iat ${JSON.stringify(iat)}`, { ...good, iat }),
  ),
  ...[now + 61, now + 3_600, String(now), null, {}, true].map((nbf) =>
    variant(`nbf ${JSON.stringify(nbf)}`, { ...good, nbf }),
  ),
  ...[7, true, {}, [], ['Mia'], { toString: 'Mia' }].flatMap((wrong) => [
    variant(`name ${JSON.stringify(wrong)}`, { ...good, name: wrong }),
    variant(`email ${JSON.stringify(wrong)}`, { ...good, email: wrong }),
  ]),
  variant('exp beyond numbers', JSON.stringify(good).replace(/"exp":[\d.]+/, '"exp":1e999')),
  variant('sub twice', JSON.stringify(good).replace('{', '{"sub":"admin",')),
  variant('sub twice, the second one last', JSON.stringify(good).replace(/}$/, ',"sub":"admin"}')),
  variant('sub twice, once written otherwise', JSON.stringify(good).replace('{', '{"\\u0073ub":"admin",')),
  variant('exp twice', JSON.stringify(good).replace('{', '{"exp":1,')),
  variant('aud twice', JSON.stringify(good).replace('{', '{"aud":"crm",')),
  variant('a list', [good]),
  variant('null', 'null'),
  variant('a text', '"customer-42"'),
  variant('a number', '42'),
  variant('nothing', ''),
  variant('no JSON', JSON.stringify(good).slice(0, -1)),
  variant('more after it', `${JSON.stringify(good)}{}`),
  variant('a prototype', `{"__proto__":${JSON.stringify(good)}}`),
  variant('huge', { ...good, more: 'x'.repeat(10_000) }),
  variant(
    'deep',
    JSON.stringify(good)
      .replace('{', `{"more":${'['.repeat(1_200)}${']'.repeat(1_200)},`)
      .padEnd(5_000),
  ),
];

const b64 = (text: string | Buffer): string => Buffer.from(text).toString('base64url');
const hmac = (text: string, key: string, hash = 'sha256'): string =>
  createHmac(hash, key).update(text).digest('base64url');
const asymmetric = (key: KeyObject, hash: string | null) => (text: string) =>
  sign(hash, Buffer.from(text), key).toString('base64url');

/** Ways to sign; `right` is the one of the key `now`. */
const SIGNATURES: { name: string; sign(text: string): string; right?: true }[] = [
  { name: 'by the secret', sign: (text) => hmac(text, SECRET), right: true },
  { name: 'by another secret', sign: (text) => hmac(text, STRANGE) },
  { name: 'by an empty secret', sign: (text) => hmac(text, '') },
  { name: 'by the id of the key', sign: (text) => hmac(text, 'now') },
  { name: 'by the public key as a secret', sign: (text) => hmac(text, pem) },
  { name: 'by the public key without its line ends', sign: (text) => hmac(text, pem.replaceAll('\n', '')) },
  { name: 'by the secret with SHA-512', sign: (text) => hmac(text, SECRET, 'sha512') },
  { name: 'by a foreign Ed25519 key', sign: asymmetric(foreign.privateKey, null) },
  { name: 'by an RSA key', sign: asymmetric(rsa.privateKey, 'sha256') },
  { name: 'not at all', sign: () => '' },
  { name: 'by zeros', sign: () => b64(Buffer.alloc(32)) },
  { name: 'by a signature cut short', sign: (text) => hmac(text, SECRET).slice(0, -2) },
  { name: 'by a signature made longer', sign: (text) => `${hmac(text, SECRET)}AA` },
  { name: 'with padding', sign: (text) => `${hmac(text, SECRET)}=` },
  { name: 'in a fourth part', sign: (text) => `${hmac(text, SECRET)}.${hmac(text, SECRET)}` },
];

const tokenOf = (header: Variant, payload: Variant, signed: (text: string) => string): string => {
  const text = `${b64(header.json)}.${b64(payload.json)}`;
  return `${text}.${signed(text)}`;
};

let verifier: IdentityVerifier;
const site = (key: string, keys: IdentityKey[]) => ({
  ...{ key, name: 'Shop', origins: ['https://shop.example.com'], team: 'sales' },
  identity: { keys, audience: 'sveiki', required: true },
});
beforeAll(async () => {
  const shared: IdentityKey = { id: 'now', algorithm: 'HS256', key: SECRET };
  const edKey: IdentityKey = { id: 'ed', algorithm: 'EdDSA', key: pem };
  const other: IdentityKey = { id: 'now', algorithm: 'HS256', key: STRANGE };
  const sites = [site('pk_shop0001', [shared, edKey]), site('pk_other001', [other]), site('pk_edonly01', [edKey])];
  verifier = await createIdentityVerifier({ sites }, clock);
});
const isBelieved = async (token: string, key = 'pk_shop0001'): Promise<boolean> =>
  (await verifier.verify(key, token)) !== null;

describe('identity tokens', () => {
  it('of all combinations only the right one is believed', async () => {
    const believed: string[] = [];
    let count = 0;
    const tried = async (header: Variant, payload: Variant, signature: (typeof SIGNATURES)[number]): Promise<void> => {
      count++;
      if (await isBelieved(tokenOf(header, payload, signature.sign)))
        believed.push(`${header.name}, ${payload.name}, signed ${signature.name}`);
    };
    const right = { header: HEADERS[0]!, payload: PAYLOADS[0]!, signature: SIGNATURES[0]! };
    for (const header of HEADERS) for (const signature of SIGNATURES) await tried(header, right.payload, signature);
    for (const payload of PAYLOADS) for (const signature of SIGNATURES) await tried(right.header, payload, signature);
    for (const header of HEADERS) for (const payload of PAYLOADS) await tried(header, payload, right.signature);
    const only = `${right.header.name}, ${right.payload.name}, signed ${right.signature.name}`;
    expect([...new Set(believed)]).toEqual([only]);
    expect(count).toBeGreaterThan(10_000);
  });

  it('signed by a public key are held to the same', async () => {
    const signers: [string, (text: string) => string][] = [
      ['the key', asymmetric(ed.privateKey, null)],
      ['a foreign key', asymmetric(foreign.privateKey, null)],
      ['the public key as a secret', (text) => hmac(text, pem)],
      ['the public key without the last line end', (text) => hmac(text, pem.trimEnd())],
      ['nothing', () => ''],
      ['zeros', () => b64(Buffer.alloc(64))],
    ];
    const headers = [
      variant('right', edHead, true),
      variant('no kid', { alg: 'EdDSA' }, true),
      ...['HS256', 'none', 'Ed25519', 'ES256'].map((alg) => variant(alg, { alg, kid: 'ed' })),
      variant('its own key', { ...edHead, jwk }),
      variant('another curve', { ...edHead, crv: 'Ed448' }),
    ];
    const believed: string[] = [];
    for (const header of headers)
      for (const payload of PAYLOADS)
        for (const [name, signed] of signers)
          if (await isBelieved(tokenOf(header, payload, signed), 'pk_edonly01'))
            believed.push(`${header.name}, ${payload.name}, ${name}`);
    expect(believed).toEqual(['right, the right claims, the key', 'no kid, the right claims, the key']);
  });

  it('are worth nothing at another site, with any bit turned, or with any piece missing', async () => {
    const token = tokenOf(HEADERS[0]!, PAYLOADS[0]!, SIGNATURES[0]!.sign);
    expect(await isBelieved(token)).toBe(true);
    for (const key of ['pk_other001', 'pk_edonly01', 'pk_nowhere1', '__proto__', ''])
      expect(await isBelieved(token, key)).toBe(false);
    const believed: number[] = [];
    for (let i = 0; i < token.length; i++) {
      const other = token[i] === '.' ? 'A' : String.fromCharCode(token.charCodeAt(i) ^ 1);
      const turned = token.slice(0, i) + other + token.slice(i + 1);
      const isSame = Buffer.from(turned.split('.')[2] ?? '', 'base64url').equals(
        Buffer.from(token.split('.')[2] ?? '', 'base64url'),
      );
      // The last letter of a signature carries two bits that stand for nothing.
      const isEqual = isSame && turned.slice(0, turned.lastIndexOf('.')) === token.slice(0, token.lastIndexOf('.'));
      if ((await isBelieved(turned)) && !isEqual) believed.push(i);
      if (await isBelieved(token.slice(0, i) + token.slice(i + 1))) believed.push(i);
    }
    expect(believed).toEqual([]);
    for (const around of [
      ` ${token}`,
      `${token} `,
      `${token}\n`,
      `Bearer ${token}`,
      `"${token}"`,
      token.replaceAll('.', '..'),
    ])
      expect(await isBelieved(around), JSON.stringify(around.slice(0, 12))).toBe(false);
  });
});
