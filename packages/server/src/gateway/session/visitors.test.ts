import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRateLimiter } from '../../limits.ts';
import { type RelayUnderTest, relayUnderTest, text } from '../../testing/relay-under-test.ts';

const C1 = 'conversation-0001';
const send = { type: 'send', id: 'message-01', conversation: C1, blocks: text('Hello') };
const hello = {
  type: 'hello',
  role: 'visitor',
  versions: [1],
  client: 'test',
  site: 'pk_shop_test',
};

let under: RelayUnderTest;
beforeEach(async () => {
  under = await relayUnderTest();
});
afterEach(async () => {
  await under.checkEventLaw();
  await under.relay.stop();
});

describe('what a visitor is shown as', () => {
  const evil = '\u202e\u0000  Mia\r\n\u200b\u2066 Ozola\u0007 ';

  it('is one plain line, whatever the token of the site and the page say', async () => {
    under.claims.set('token', { sub: 'customer-1', name: evil, email: 'mia\u202e @example.com\n' });
    const mia = under.line();
    await mia.send({
      ...hello,
      identity: 'token',
      locale: 'lv<\u202e>',
      timeZone: 'Europe/\u202eRiga',
      visit: { url: 'https://shop.example/\u202ecart\n\t?q=a b', title: `${evil}${'x'.repeat(150)}` },
    });
    await mia.send(send);
    const ada = await under.agent('ada');
    await ada.send({ type: 'watch', id: 'watch-0001', conversation: C1 });
    expect(ada.last('snapshot').visitor).toMatchObject({
      name: 'Mia Ozola',
      email: 'mia@example.com',
      locale: null,
      timeZone: null,
      visit: { url: 'https://shop.example/cart?q=ab', title: `Mia Ozola ${'x'.repeat(150)}` },
    });
    await mia.send({ type: 'visit', visit: { url: 'https://shop.example/\u2066pay\u0000', title: evil } });
    expect(ada.last('visitor').visitor.visit).toEqual({ url: 'https://shop.example/pay', title: 'Mia Ozola' });
    const { events } = await under.store.events({ conversation: C1, count: 'staff', after: 0, limit: 10 });
    expect(JSON.stringify([ada.frames, events])).not.toMatch(/\\u0000|\\u0007|[\u202a-\u202e\u2066-\u2069\u200b]/);
  });

  it('is as long as a name may be, and nobody when there is nothing to see', async () => {
    under.claims.set('long', { sub: 'customer-1', name: 'x'.repeat(5_000), email: null });
    under.claims.set('blank', { sub: 'customer-2', name: '\u3164\u200b\u202e', email: ' ' });
    const long = await under.visitor({ identity: 'long' });
    expect(long.last('welcome')).toMatchObject({ visitor: { name: 'x'.repeat(200) } });
    const blank = await under.visitor({ identity: 'blank' });
    expect(blank.last('welcome')).toMatchObject({ visitor: { name: null } });
  });
});

describe('trying identity tokens', () => {
  it('is bounded by address and by site, whatever session the client says it has', async () => {
    const asked: string[] = [];
    under.limits.take = (action, key) => {
      if (action === 'identify') asked.push(key);
      return 0;
    };
    await under.line().send({ ...hello, identity: 'wrong', session: 'ip:10.0.0.1' });
    expect(asked).toEqual(['ip:127.0.0.1', 'site:pk_shop_test', 'session ip:10.0.0.1']);
  });

  it('ends for one address although every try has another session', async () => {
    const limiter = createRateLimiter(under.clock);
    under.limits.take = (action, key) => (action === 'identify' ? limiter.take(action, key) : 0);
    const codes: string[] = [];
    for (let n = 0; n < 40; n++) {
      const line = under.line();
      await line.push({ ...hello, identity: 'wrong', session: `made-up-${n}` });
      codes.push(line.last('error').code);
    }
    expect(codes.filter((code) => code === 'bad-identity')).toHaveLength(30);
    expect(codes.filter((code) => code === 'rate-limited')).toHaveLength(10);
  });
});
