import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { ConfigError, parseConfig } from '../config.ts';
import { createSiteDoor } from '../public-site/door.ts';
import { createSiteSigner } from '../public-site/signer.ts';
import { fleetingSecrets } from '../secrets/kept-secrets.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { CONFIG, type RelayUnderTest, relayUnderTest, text } from '../testing/relay-under-test.ts';

const input = {
  sites: [
    {
      key: 'pk_shop_test',
      name: 'Shop',
      origins: ['https://shop.example'],
      team: 'sales',
      consent: { text: { en: 'We keep it for a year.' }, link: 'https://shop.example/privacy', strict: true },
    },
  ],
  teams: [
    { id: 'sales', name: 'Sales' },
    { id: 'billing', name: 'Billing' },
  ],
};
const C1 = 'conversation-0001';
let under: RelayUnderTest;
afterEach(async () => {
  await under?.checkEventLaw();
  await under?.relay.stop();
});

async function begin() {
  const { sites } = await parseConfig(input);
  under = await relayUnderTest({ config: { sites } });
  const version = sites[0]?.consent?.version ?? '';
  const send = (id: string, words: string, more: object = {}) => ({
    ...{ type: 'send', id, conversation: C1, blocks: text(words) },
    ...more,
  });
  const events = async () =>
    (await under.store.events({ conversation: C1, count: 'staff', after: 0, limit: 50 })).events;
  return { version, send, events, consent: { version, language: 'en' } };
}

describe('a site that asks for consent', () => {
  it('takes nothing without it, and writes it down before what is said', async () => {
    const { send, events, consent } = await begin();
    const mia = await under.visitor();
    await mia.send(send('message-01', 'Hello'));
    expect(mia.last('nack')).toMatchObject({ code: 'consent-required', retry: 'never' });
    expect(await events()).toEqual([]);
    await mia.send(send('message-01', 'Hello', { consent: { ...consent, version: 'another' } }));
    expect(mia.of('nack')).toHaveLength(2);
    await mia.send(send('message-01', 'Hello', { consent }));
    expect((await events()).map(({ body }) => body.kind)).toEqual(['started', 'consent', 'message']);
    await mia.send(send('message-02', 'Again', { consent }), send('message-03', 'And again'));
    expect((await events()).map(({ body }) => body.kind).slice(3)).toEqual(['message', 'message']);
    expect((await under.store.conversations([C1])).get(C1)?.state.consent).toMatchObject({ given: true, ...consent });
  });

  it('lets it be taken back, and shows staff when', async () => {
    const { send, events, consent } = await begin();
    const mia = await under.visitor();
    await mia.send(send('message-01', 'Hello', { consent }));
    const ada = await under.agent('ada');
    await ada.send({ type: 'watch', id: 'watch-0001', conversation: C1 });
    await mia.send({ type: 'withdraw-consent', id: 'withdraw-01', conversation: C1 });
    expect(ada.last('event').event.body).toEqual({ kind: 'consent', given: false, ...consent });
    await mia.send(send('message-02', 'Still here'));
    expect(mia.last('nack').code).toBe('consent-required');
    await mia.send({ type: 'withdraw-consent', id: 'withdraw-02', conversation: C1 });
    expect((await events()).filter(({ body }) => body.kind === 'consent')).toHaveLength(2);
    const noah = await under.visitor();
    await noah.send({ type: 'withdraw-consent', id: 'withdraw-03', conversation: C1 });
    expect(noah.last('nack').code).toBe('not-found');
  });

  it('lets it be taken back also while the chat is closed', async () => {
    const { send, events, consent } = await begin();
    const mia = await under.visitor();
    await mia.send(send('message-01', 'Hello', { consent }));
    const { sites } = await parseConfig(input);
    await under.relay.reconfigure({ ...CONFIG, sites: sites.map((site) => ({ ...site, paused: true })) });
    await mia.send(send('message-02', 'Hello?'), { type: 'withdraw-consent', id: 'withdraw-01', conversation: C1 });
    expect(mia.of('nack')).toMatchObject([{ id: 'message-02', code: 'paused' }]);
    expect((await events()).at(-1)?.body).toMatchObject({ kind: 'consent', given: false });
  });

  it('tells every page what it asks, and nothing else', async () => {
    const { sites } = await parseConfig(input);
    const clock = systemClock;
    const signer = await createSiteSigner(fleetingSecrets({ store: createMemoryStore(), clock }));
    const door = createSiteDoor({ config: { sites }, signer: () => signer, clock });
    const answer = await door.request('/?key=pk_shop_test');
    expect(await answer.json()).toEqual({
      signed: expect.anything(),
      consent: {
        version: sites[0]?.consent?.version,
        text: { en: 'We keep it for a year.' },
        link: { '': 'https://shop.example/privacy' },
        strict: true,
      },
    });
    expect((await door.request('/?key=pk_unknown_site')).status).toBe(404);
  });

  it('asks everybody again when the text changes, unless it is told to name it the same', async () => {
    const versionOf = async (consent: object) => {
      const { sites } = await parseConfig({ ...input, sites: [{ ...input.sites[0], consent }] });
      return sites[0]?.consent?.version;
    };
    expect(await versionOf({ text: { en: 'A' } })).not.toBe(await versionOf({ text: { en: 'B' } }));
    expect(await versionOf({ text: { en: 'A' }, version: 'v1' })).toBe('v1');
  });
});

it.each([
  [{ consent: { text: {} } }, 'sites[0].consent.text'],
  [{ consent: { text: { en: ' ' } } }, 'sites[0].consent.text.en'],
  [{ consent: { text: { english: 'Hello' }, link: 'javascript:alert(1)' } }, 'sites[0].consent.link'],
])('a consent that cannot be shown is refused: %j', async (site, path) => {
  const problems = await parseConfig({ ...input, sites: [{ ...input.sites[0], ...site }] }).then(
    () => [],
    (error: unknown) => (error instanceof ConfigError ? error.problems.map((problem) => problem.path) : []),
  );
  expect(problems).toContain(path);
});

it.each([
  [{ masking: { cards: true } }, 'privacy.masking.cards'],
  [{ masking: { custom: [{ id: 'card', patterns: ['####'] }] } }, 'privacy.masking.custom[0].id'],
  [{ masking: { custom: [{ id: 'own', patterns: ['(a+)+$'] }] } }, 'privacy.masking.custom[0].patterns[0]'],
  [{ masking: { custom: [{ id: 'own', patterns: [] }] } }, 'privacy.masking.custom[0].patterns'],
])('a kind that cannot be hidden is refused: %j', async (privacy, path) => {
  const problems = await parseConfig({ ...input, privacy }).then(
    () => [],
    (error: unknown) => (error instanceof ConfigError ? error.problems.map((problem) => problem.path) : []),
  );
  expect(problems).toContain(path);
});
