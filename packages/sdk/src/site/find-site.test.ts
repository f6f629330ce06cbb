import { beforeAll, describe, expect, it } from 'vitest';
import { findSite, type PublicSite } from './find-site.ts';

const site = 'pk_shop_test';
const server = 'https://chat.example';
const copy = 'https://shop.example/sveiki-site.json';
const day = 86_400_000;
const now = 1_000 * day;
const shop: PublicSite = {
  ...{ site, name: 'Šalles & Co', madeAt: now - day, until: now + 29 * day, consent: null },
  contact: { phone: '+371 20000000', email: 'help@shop.example' },
};

type Signed = { payload: string; signatures: { protected: string; signature: string }[] };
type Key = { id: string; privateKey: CryptoKey };
const base64url = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64url');
const newKey = async (): Promise<Key> => {
  const { privateKey, publicKey } = (await crypto.subtle.generateKey('Ed25519', true, ['sign'])) as CryptoKeyPair;
  return { privateKey, id: base64url(new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))) };
};
/** As the relay does it. */
async function signed(value: object, ...keys: Key[]): Promise<Signed> {
  const payload = base64url(JSON.stringify(value));
  const signatures = keys.map(async ({ id, privateKey }) => {
    const head = base64url(JSON.stringify({ alg: 'EdDSA', kid: id }));
    const signature = await crypto.subtle.sign('Ed25519', privateKey, Buffer.from(`${head}.${payload}`));
    return { protected: head, signature: base64url(new Uint8Array(signature)) };
  });
  return { payload, signatures: await Promise.all(signatures) };
}

let right: Key;
let other: Key;
beforeAll(async () => {
  right = await newKey();
  other = await newKey();
});

/** What there is at each address; everything else cannot be reached. */
const network = (places: Record<string, unknown>) => {
  const asked: string[] = [];
  const fetch = async (address: unknown, init?: RequestInit) => {
    asked.push(`${address} ${init?.cache} ${init?.credentials}`);
    const place = Object.keys(places).find((one) => `${address}`.startsWith(one));
    if (place === undefined) throw new TypeError('Failed to fetch');
    const body = places[place];
    return new Response(typeof body === 'string' ? body : JSON.stringify(body));
  };
  return { asked, fetch: fetch as typeof globalThis.fetch };
};
const find = (places: Record<string, unknown>, options: object = {}) =>
  findSite({ site, server, copy, keys: right.id, fetch: network(places).fetch, clock: { now: () => now }, ...options });

describe('a copy that a page keeps', () => {
  it('is believed when the key that the page pins has signed it', async () => {
    expect(await find({ [copy]: { consent: null, signed: await signed(shop, right) } })).toEqual(shop);
  });

  it('is believed before and after a rotation: both keys have signed it', async () => {
    const body = { signed: await signed(shop, other, right) };
    expect(await find({ [copy]: body })).toEqual(shop);
    expect(await find({ [copy]: body }, { keys: other.id })).toEqual(shop);
    expect(await find({ [copy]: { signed: await signed(shop, other) } }, { keys: `${right.id} ${other.id}` })).toEqual(
      shop,
    );
  });

  it.each([
    [
      'whose words were changed',
      (one: Signed) => ({ ...one, payload: base64url(JSON.stringify({ ...shop, name: 'Evil' })) }),
    ],
    [
      'whose signature was changed',
      ({ payload, signatures: [one] }: Signed) => ({
        payload,
        signatures: [{ ...one, signature: `${one?.signature.startsWith('A') ? 'B' : 'A'}${one?.signature.slice(1)}` }],
      }),
    ],
    ['without a signature', ({ payload }: Signed) => ({ payload, signatures: [] })],
    [
      'that says it needs no algorithm',
      ({ payload, signatures: [one] }: Signed) => ({
        payload,
        signatures: [{ ...one, protected: base64url(JSON.stringify({ alg: 'none', kid: right.id })) }],
      }),
    ],
    ['that is nothing of the kind', () => 'yes'],
  ])('%s is not', async (_, change) => {
    expect(await find({ [copy]: { signed: change(await signed(shop, right)) } })).toBeNull();
  });

  it('that somebody else signed is not, whatever name he gives his key', async () => {
    expect(await find({ [copy]: { signed: await signed(shop, other) } })).toBeNull();
    const named = await signed(shop, { ...other, id: right.id });
    expect(await find({ [copy]: { signed: named } })).toBeNull();
  });

  it('of another site, or one that is too old, is not', async () => {
    expect(await find({ [copy]: { signed: await signed({ ...shop, site: 'pk_other_test' }, right) } })).toBeNull();
    expect(await find({ [copy]: { signed: await signed({ ...shop, until: now }, right) } })).toBeNull();
    expect(await find({ [copy]: { signed: await signed({ ...shop, until: 'never' }, right) } })).toBeNull();
  });

  it('is not even asked for without a pinned key', async () => {
    const { asked, fetch } = network({ [copy]: { signed: await signed(shop, right) } });
    expect(await find({}, { fetch, keys: ' ' })).toBeNull();
    expect(asked.some((address) => address.startsWith(copy))).toBe(false);
  });
});

describe('what the relay said', () => {
  it('needs no pin: to this page, and to this browser', async () => {
    const heard = await signed(shop);
    const { asked, fetch } = network({});
    expect(await find({}, { fetch, heard, keys: '' })).toEqual(shop);
    expect(asked).toEqual([]);
    expect(await find({ [`${server}/v1/site?key=${site}`]: { signed: heard } }, { keys: '' })).toEqual(shop);
  });

  it('is taken from where the browser keeps it, and nothing goes along', async () => {
    const { asked, fetch } = network({});
    await find({}, { fetch });
    expect(asked).toEqual([`${server}/v1/site?key=${site} force-cache omit`, `${copy} default omit`]);
  });

  it('is nothing when it is the page of a captive portal', async () => {
    const page = '<!doctype html><title>Log in to the network</title>';
    expect(await find({ [server]: page, [copy]: page })).toBeNull();
  });

  it('is too old after its time, too', async () => {
    expect(await find({}, { heard: await signed({ ...shop, until: now - 1 }) })).toBeNull();
  });
});
