import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { IdentityKey } from '../config-types.ts';
import type { IdentityVerifier } from '../ports.ts';
import { manualClock } from '../test-support/manual-clock.ts';
import { createIdentityVerifier, importIdentityKey } from './identity.ts';

const secret = 'a secret of this shop, 32 bytes or more';
const otherSecret = 'the next secret of this shop, for rotation';
const strange = 'a secret that somebody else made up himself';
const ed = generateKeyPairSync('ed25519');
const foreignEd = generateKeyPairSync('ed25519');
const pem = ed.publicKey.export({ type: 'spki', format: 'pem' }).toString();

const clock = manualClock();
const now = clock.now() / 1000;
const good = { sub: 'customer-42', aud: 'sveiki', iat: now, exp: now + 600, name: 'Mia', email: 'mia@example.com' };

const b64 = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const hmac = (text: string, key: string | Buffer, hash = 'sha256') =>
  createHmac(hash, key).update(text).digest('base64url');
function hs(
  payload: unknown,
  { key = secret as string | Buffer, header = {} as object, hash = 'sha256' } = {},
): string {
  const text = `${b64({ alg: 'HS256', kid: 'now', ...header })}.${b64(payload)}`;
  return `${text}.${hmac(text, key, hash)}`;
}
function eddsa(payload: unknown, { key = ed.privateKey as KeyObject, header = {} as object } = {}): string {
  const text = `${b64({ alg: 'EdDSA', kid: 'ed', ...header })}.${b64(payload)}`;
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`;
}
const [head, body, signature] = hs(good).split('.') as [string, string, string];

const site = (key: string, keys: IdentityKey[], audience = 'sveiki') => ({
  key,
  name: 'Shop',
  origins: ['https://shop.example.com'],
  team: 'sales',
  identity: { keys, audience, required: true },
});
const hsKey: IdentityKey = { id: 'now', algorithm: 'HS256', key: secret };
const nextKey: IdentityKey = { id: 'next', algorithm: 'HS256', key: otherSecret };
const edKey: IdentityKey = { id: 'ed', algorithm: 'EdDSA', key: pem };

let verifier: IdentityVerifier;
beforeAll(async () => {
  const sites = [
    site('pk_shop0001', [hsKey, nextKey, edKey]),
    site('pk_single01', [hsKey]),
    site('pk_edonly01', [edKey]),
    site('pk_other001', [{ id: 'now', algorithm: 'HS256', key: strange }]),
    { key: 'pk_anonymous', name: 'Shop', origins: ['https://shop.example.com'], team: 'sales' },
  ];
  verifier = await createIdentityVerifier({ sites }, clock);
});

describe('identity tokens that are believed', () => {
  const claims = { sub: 'customer-42', name: 'Mia', email: 'mia@example.com' };
  it.each([
    ['by a shared secret', 'pk_shop0001', hs(good)],
    ['by the next secret, while keys rotate', 'pk_shop0001', hs(good, { key: otherSecret, header: { kid: 'next' } })],
    ['by a public key', 'pk_shop0001', eddsa(good)],
    ['without a key id when there is one key', 'pk_single01', hs(good, { header: { kid: undefined } })],
    ['with its type written', 'pk_single01', hs(good, { header: { typ: 'JWT' } })],
    ['with a list of audiences that holds ours', 'pk_single01', hs({ ...good, aud: ['crm', 'sveiki'] })],
    ['without a time of issue', 'pk_single01', hs({ ...good, iat: undefined })],
    ['for the longest life', 'pk_single01', hs({ ...good, exp: now + 3_600 })],
    ['a minute after its end, for clocks that differ', 'pk_single01', hs({ ...good, exp: now - 59, iat: now - 600 })],
  ])('%s', async (_name, key, token) => {
    expect(await verifier.verify(key, token)).toEqual(claims);
  });

  it('without name and e-mail', async () => {
    const token = hs({ sub: 'customer-42', aud: 'sveiki', exp: now + 60 });
    expect(await verifier.verify('pk_single01', token)).toEqual({ sub: 'customer-42', name: null, email: null });
  });

  it('with a public key given as JWK', async () => {
    const jwk = JSON.stringify(ed.publicKey.export({ format: 'jwk' }));
    const own = await createIdentityVerifier({ sites: [site('pk_jwk00001', [{ ...edKey, key: jwk }])] }, clock);
    expect(await own.verify('pk_jwk00001', eddsa(good))).toEqual(claims);
  });
});

const hostile: [string, string, string?][] = [
  ['nothing', ''],
  ['not a token', 'hello'],
  ['two parts', `${head}.${body}`],
  ['four parts', `${head}.${body}.${signature}.x`],
  ['no signature', `${head}.${body}.`],
  ['a signature cut short', `${head}.${body}.${signature.slice(0, -3)}`],
  ['a changed signature', `${head}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`],
  ['a changed payload', `${head}.${b64({ ...good, sub: 'admin' })}.${signature}`],
  ['a changed header', `${b64({ alg: 'HS256', kid: 'next' })}.${body}.${signature}`],
  ['another secret', hs(good, { key: strange })],
  ['an empty secret', hs(good, { key: '' })],
  ['the key id as secret', hs(good, { key: 'now' })],
  ['alg none', `${b64({ alg: 'none', kid: 'now' })}.${body}.`],
  ['alg None', `${b64({ alg: 'None', kid: 'now' })}.${body}.`],
  ['alg nOnE with a signature', `${b64({ alg: 'nOnE', kid: 'now' })}.${body}.${signature}`],
  ['no alg', `${b64({ kid: 'now' })}.${body}.${hmac(`${b64({ kid: 'now' })}.${body}`, secret)}`],
  ['alg HS512 with the right secret', hs(good, { header: { alg: 'HS512' }, hash: 'sha512' })],
  ['alg HS384 with the right secret', hs(good, { header: { alg: 'HS384' }, hash: 'sha384' })],
  ['alg as a list', hs(good, { header: { alg: ['HS256'] } })],
  ['alg in small letters', hs(good, { header: { alg: 'hs256' } })],
  ['the public key used as a secret', hs(good, { key: pem, header: { kid: 'ed' } }), 'pk_edonly01'],
  [
    'the public key used as a secret, without key id',
    hs(good, { key: pem, header: { kid: undefined } }),
    'pk_edonly01',
  ],
  ['a secret signature on a public key id', hs(good, { header: { kid: 'ed' } })],
  ['somebody else private key', eddsa(good, { key: foreignEd.privateKey })],
  ['a public key signature on a secret key id', eddsa(good, { header: { kid: 'now' } })],
  ['no key id among several keys', hs(good, { header: { kid: undefined } })],
  ['an unknown key id', hs(good, { header: { kid: 'old' } })],
  ['an empty key id', hs(good, { key: '', header: { kid: '' } })],
  ['an inherited name as key id', hs(good, { key: '', header: { kid: 'constructor' } })],
  ['a path as key id', hs(good, { key: '', header: { kid: '../../../dev/null' } })],
  ['a list as key id', hs(good, { header: { kid: ['now'] } })],
  ['null as key id', hs(good, { header: { kid: null } }), 'pk_single01'],
  [
    'its own key in the header',
    eddsa(good, { key: foreignEd.privateKey, header: { jwk: foreignEd.publicKey.export({ format: 'jwk' }) } }),
  ],
  ['an address of keys in the header', hs(good, { header: { jku: 'https://evil.example/keys' } })],
  ['a certificate address in the header', hs(good, { header: { x5u: 'https://evil.example/cert' } })],
  ['a certificate in the header', hs(good, { header: { x5c: ['AAAA'] } })],
  ['a critical extension', hs(good, { header: { crit: ['exp'], exp: now + 60 } })],
  ['an unencoded payload', hs(good, { header: { b64: false, crit: ['b64'] } })],
  ['a compressed payload', hs(good, { header: { zip: 'DEF' } })],
  ['a nested token type', hs(good, { header: { typ: 'at+jwt' } })],
  ['another audience', hs({ ...good, aud: 'crm' })],
  ['no audience', hs({ ...good, aud: undefined })],
  ['an empty audience', hs({ ...good, aud: '' })],
  ['an empty list of audiences', hs({ ...good, aud: [] })],
  ['an object as audience', hs({ ...good, aud: { sveiki: true } })],
  ['a mixed list of audiences', hs({ ...good, aud: ['sveiki', 7] })],
  ['no end', hs({ ...good, exp: undefined })],
  ['an end as text', hs({ ...good, exp: String(now + 600) })],
  ['an end that is null', hs({ ...good, exp: null })],
  ['an end in the past', hs({ ...good, exp: now - 61, iat: now - 600 })],
  ['an end in milliseconds', hs({ ...good, exp: (now + 600) * 1_000 })],
  ['an end beyond numbers', `${head}.${b64(`{"sub":"customer-42","aud":"sveiki","exp":1e999}`)}.${signature}`],
  ['a life of a day', hs({ ...good, exp: now + 86_400 })],
  ['a life of more than an hour since its issue', hs({ ...good, iat: now - 3_000, exp: now + 3_000 })],
  ['an issue in the future', hs({ ...good, iat: now + 300, exp: now + 900 })],
  ['an issue as text', hs({ ...good, iat: String(now) })],
  ['a beginning in the future', hs({ ...good, nbf: now + 300 })],
  ['a beginning as text', hs({ ...good, nbf: 'now' })],
  ['no subject', hs({ ...good, sub: undefined })],
  ['an empty subject', hs({ ...good, sub: '' })],
  ['a blank subject', hs({ ...good, sub: '  ' })],
  ['a number as subject', hs({ ...good, sub: 42 })],
  ['a list as subject', hs({ ...good, sub: ['customer-42'] })],
  ['an object as subject', hs({ ...good, sub: { toString: 'customer-42' } })],
  ['an endless subject', hs({ ...good, sub: 'x'.repeat(201) })],
  ['a subject with a line break', hs({ ...good, sub: 'customer-42\nadmin' })],
  ['a subject with a zero byte', hs({ ...good, sub: 'customer-42\u0000' })],
  ['a number as name', hs({ ...good, name: 42 })],
  ['an object as e-mail', hs({ ...good, email: { kind: 'text' } })],
  ['a subject that turns the direction', hs({ ...good, sub: 'customer-42\u202e' })],
  ['a payload that is a list', hs([good])],
  ['a payload that is no JSON', hs('hello')],
  ['a payload that is null', hs('null')],
  ['a token for another site with the same key id', hs(good), 'pk_other001'],
  ['a site without identity', hs(good), 'pk_anonymous'],
  ['an unknown site', hs(good), 'pk_nowhere1'],
  ['an inherited name as site', hs(good), '__proto__'],
  ['more than may be read', hs({ ...good, extra: 'x'.repeat(5_000) })],
];

describe('identity tokens that are not believed', () => {
  it('is a list worth its name', () => expect(hostile.length).toBeGreaterThanOrEqual(40));
  it.each(hostile)('%s', async (_name, token, key = 'pk_shop0001') => {
    expect(await verifier.verify(key, token)).toBeNull();
  });
});

describe('identity keys', () => {
  it.each([
    ['a short secret', { ...hsKey, key: 'short' }, /32 or more/],
    ['a private JWK', { ...edKey, key: JSON.stringify(ed.privateKey.export({ format: 'jwk' })) }, /private key/],
    ['a private PEM', { ...edKey, key: ed.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }, /./],
    ['no key at all', { ...edKey, key: 'key' }, /./],
  ])('refuses %s', async (_name, key, message) => {
    await expect(importIdentityKey(key)).rejects.toThrow(message);
  });
});
