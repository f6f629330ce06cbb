import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../config.ts';
import type { Store } from '../ports.ts';
import { newDataKey, readDataKeys } from '../secrets/data-key.ts';
import { createKeptSecrets, fleetingSecrets } from '../secrets/kept-secrets.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { manualClock } from '../test-support/manual-clock.ts';
import { createSiteDoor } from './door.ts';
import { createSiteSigner, publicKeyOf } from './signer.ts';

const key = 'pk_shop_test';
const input = {
  sites: [
    {
      ...{ key, name: 'Šalles', origins: ['https://shop.example'], team: 'sales' },
      contact: { phone: '+371 20000000', email: 'help@shop.example' },
    },
  ],
  teams: [{ id: 'sales', name: 'Sales' }],
};
const day = 86_400_000;
type Signed = { payload: string; signatures: { protected: string; signature: string }[] };

async function begin(store: Store = createMemoryStore()) {
  const clock = manualClock();
  const { sites } = await parseConfig(input);
  const config = { sites };
  const secrets = fleetingSecrets({ store, clock });
  const signer = await createSiteSigner(secrets);
  const door = createSiteDoor({ config, signer: () => signer, clock });
  const ask = async (headers: Record<string, string> = {}) => door.request(`/?key=${key}`, { headers });
  const signed = async (): Promise<Signed> => (await (await ask()).json()).signed;
  const keys = async (): Promise<{ x: string }[]> => (await (await door.request('/keys')).json()).keys;
  return { store, clock, config, secrets, door, ask, signed, keys };
}
const read = ({ payload }: Signed) => JSON.parse(Buffer.from(payload, 'base64url').toString());
/** Which of the public keys have signed it, looked at by another implementation than the one that signs. */
const signers = ({ payload, signatures }: Signed, jwks: object[]) =>
  jwks.map((jwk) =>
    signatures.some(({ protected: head, signature }) =>
      verify(
        null,
        Buffer.from(`${head}.${payload}`),
        createPublicKey({ key: jwk as never, format: 'jwk' }),
        Buffer.from(signature, 'base64url'),
      ),
    ),
  );

describe('what a site says to everybody', () => {
  it('is signed with a key that everybody can get, with the site and the time in it', async () => {
    const { signed, keys, clock } = await begin();
    const one = await signed();
    expect(read(one)).toEqual({
      ...{ site: key, name: 'Šalles', madeAt: clock.now(), until: clock.now() + 30 * day, consent: null },
      contact: { phone: '+371 20000000', email: 'help@shop.example' },
    });
    expect(signers(one, await keys())).toEqual([true]);
    const changed = { ...one, payload: Buffer.from(JSON.stringify({ ...read(one), name: 'x' })).toString('base64url') };
    expect(signers(changed, await keys())).toEqual([false]);
  });

  it('offers the ways to the site in the order in which they were written', async () => {
    const { signed } = await begin();
    expect(Object.keys(read(await signed()).contact)).toEqual(['phone', 'email']);
  });

  it('may be kept by browsers and CDNs, and is not sent again while it is the same', async () => {
    const { ask, clock } = await begin();
    const first = await ask();
    expect(first.headers.get('cache-control')).toBe('public, max-age=60, stale-if-error=2592000');
    const tag = first.headers.get('etag') ?? '';
    clock.advance(59 * 60_000);
    expect((await ask({ 'if-none-match': tag })).status).toBe(304);
    clock.advance(60_000);
    expect((await ask({ 'if-none-match': tag })).status).toBe(200);
  });

  it('says with it that the chat is closed, for now and not for later', async () => {
    const { config, ask, signed } = await begin();
    expect(await (await ask()).json()).not.toHaveProperty('paused');
    const open = config.sites;
    config.sites = open.map((site) => ({ ...site, paused: true }));
    const answer = await ask();
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    expect(await answer.json()).toMatchObject({ consent: null, paused: true });
    expect(read(await signed())).not.toHaveProperty('paused');
    config.sites = open;
    expect((await ask({ 'if-none-match': answer.headers.get('etag') ?? '' })).status).toBe(200);
  });

  it('is signed anew when the configuration changes', async () => {
    const { config, signed } = await begin();
    await signed();
    config.sites = config.sites.map((site) => ({ ...site, contact: { url: 'https://shop.example/help' } }));
    expect(read(await signed()).contact).toEqual({ url: 'https://shop.example/help' });
  });

  it('is signed with two keys after a rotation, so that pages have the time to pin the other', async () => {
    const { secrets, signed, keys } = await begin();
    const [first] = await keys();
    const { secret } = await secrets.rotate('site-key-secret');
    expect((await keys()).map(({ x }) => x)).toEqual([publicKeyOf(secret), first?.x]);
    expect(signers(await signed(), await keys())).toEqual([true, true]);
    await secrets.rotate('site-key-secret');
    expect(signers(await signed(), [first ?? {}])).toEqual([false]);
  });

  it('is signed with the same key after a restart', async () => {
    const store = createMemoryStore();
    const dataKeys = readDataKeys(newDataKey(), 'the test');
    const open = () => createSiteSigner(createKeptSecrets({ store, clock: manualClock(), readKeys: () => dataKeys }));
    expect((await open()).keys()).toEqual((await open()).keys());
  });

  it('says nothing about a key that is no site’s', async () => {
    const { door } = await begin();
    const answer = await door.request('/?key=pk_unknown_site');
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({ consent: null });
  });
});
