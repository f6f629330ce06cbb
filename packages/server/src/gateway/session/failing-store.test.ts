import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRateLimiter } from '../../limits.ts';
import { StorageFull, type Store } from '../../ports.ts';
import { createMemoryStore } from '../../store/memory/memory-store.ts';
import { type RelayUnderTest, relayUnderTest, text, turn } from '../../testing/relay-under-test.ts';

const C1 = 'conversation-0001';
const C2 = 'conversation-0002';
const send = (id: string, conversation = C1) => ({ type: 'send', id, conversation, blocks: text(id) });

/** The names of the store's methods that reject while they are in here. */
let away: Set<keyof Store>;
let under: RelayUnderTest;
let unhandled: unknown[];
const note = (error: unknown) => unhandled.push(error);

beforeEach(async () => {
  away = new Set();
  unhandled = [];
  process.on('unhandledRejection', note);
  const memory = createMemoryStore();
  const store = Object.fromEntries(
    Object.entries(memory).map(([name, method]) => [
      name,
      async (...args: never[]) => {
        if (away.has(name as keyof Store)) throw new Error(`${name} is away.`);
        return (method as (...args: never[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Store;
  under = await relayUnderTest({ store });
});
afterEach(async () => {
  process.off('unhandledRejection', note);
  await under.relay.stop();
});

/** Mia has written, Ada has taken it. */
async function talking() {
  const mia = await under.visitor();
  await mia.send(send('message-01'));
  const ada = await under.agent('ada', { lists: true });
  await ada.send({ type: 'take', id: 'take-0001', conversation: C1 });
  return { mia, ada };
}

describe('a store that does not answer', () => {
  it('costs a reader who lost an event his line, so that he resumes, and not the relay its life', async () => {
    const { mia, ada } = await talking();
    let count = 0;
    under.bus.lose = (message) => message.kind === 'events' && ++count === 1;
    await mia.send(send('message-02'));
    away.add('events');
    await mia.send(send('message-03'));
    expect(unhandled).toEqual([]);
    expect([mia.closed?.code, ada.closed?.code]).toEqual([1013, 1013]);
  });

  it('costs an agent who is given a conversation his line, and not the relay its life', async () => {
    const mia = await under.visitor();
    await mia.send(send('message-01'));
    const ada = await under.agent('ada');
    away.add('events');
    await ada.send({ type: 'take', id: 'take-0001', conversation: C1 });
    expect(unhandled).toEqual([]);
    expect(ada.of('ack')).toHaveLength(1);
    expect(ada.closed?.code).toBe(1013);
  });

  it('costs a visitor who would begin none of the few conversations he may begin', async () => {
    const limiter = createRateLimiter(under.clock);
    under.limits.take = limiter.take;
    const mia = await under.visitor();
    away.add('append');
    for (let tried = 0; tried < 5; tried++) {
      await mia.send(send('message-01'));
      await under.pass(5_000);
    }
    expect(mia.of('nack').map(({ code }) => code)).toEqual(Array(5).fill('unavailable'));
    away.clear();
    await mia.send(send('message-01'));
    expect(mia.of('ack')).toHaveLength(1);
  });

  it('leaves lists, queue places and visitors to the next change', async () => {
    const { mia, ada } = await talking();
    away = new Set(['resolvedSince', 'recentTakes', 'visitor', 'recentFirstReplies']);
    const updates = ada.of('update').length;
    under.clock.jump(60_000);
    await mia.send(send('message-02'));
    await mia.send({ type: 'visit', visit: { url: 'https://shop.example/cart', title: 'Cart' } });
    await under.pass(1_000);
    await under.pass(31_000);
    expect(unhandled).toEqual([]);
    away.clear();
    await under.pass(31_000);
    expect(ada.of('update').length).toBeGreaterThan(updates);
    expect(ada.last('update').conversations.map(({ id }) => id)).toContain(C1);
  });

  it('leaves nobody connected whose welcome failed', async () => {
    const { mia, ada } = await talking();
    await ada.cut();
    away.add('events');
    const again = await under.agent('ada');
    expect(again.closed?.code).toBe(1013);
    away.clear();
    // He never came back, so his time runs out.
    await under.pass(31_000);
    expect(mia.last('event').event.body).toMatchObject({ kind: 'queued', why: 'agent-lost' });
  });

  it('leaves no visitor behind whose welcome failed', async () => {
    const { mia, ada } = await talking();
    await mia.cut();
    away.add('events');
    const line = under.line();
    await line.push({
      type: 'hello',
      role: 'visitor',
      versions: [1],
      client: 'test',
      site: 'pk_shop_test',
      session: mia.session,
    });
    await turn();
    expect(line.closed?.code).toBe(1013);
    away.clear();
    await ada.send({ type: 'watch', id: 'watch-001', conversation: C1 });
    expect(ada.last('snapshot').visitor?.online).toBe(false);
  });
});

describe('a line that is cut in the middle', () => {
  it('leaves nobody looking at a conversation', async () => {
    await talking();
    const ben = await under.agent('ben');
    const cleo = await under.agent('cleo');
    ben.push({ type: 'watch', id: 'watch-001', conversation: C1 }).catch(() => {});
    await ben.cut();
    await cleo.send({ type: 'watch', id: 'watch-002', conversation: C1 });
    expect(cleo.last('viewers').viewers.map(({ id }) => id)).toEqual(['cleo']);
  });
});

describe('a visitor', () => {
  it('hears nothing of a note on a conversation that is over', async () => {
    const { mia, ada } = await talking();
    await ada.send({ type: 'resolve', id: 'resolve-01', conversation: C1, ownership: 2, wrapUp: 'answered' });
    under.clock.jump(86_400_001);
    await mia.send(send('message-02', C2));
    const back = await under.visitor({ session: mia.session });
    await ada.send({ type: 'note', id: 'note-00001', conversation: C1, blocks: text('He called about this one.') });
    expect(back.frames.filter(({ type }) => type === 'snapshot' || type === 'event')).toEqual([]);
  });

  it('may say much at once with his first words', async () => {
    const limiter = createRateLimiter(under.clock);
    under.limits.take = (action, key) => limiter.take(action, key);
    const mia = await under.visitor();
    await mia.send(...Array.from({ length: 8 }, (_, i) => send(`message-0${i}`)));
    expect(mia.of('nack')).toEqual([]);
    expect(mia.of('ack').map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('stays who he is when a line from before his first words sends', async () => {
    const mia = await under.visitor();
    const early = await under.visitor({ session: mia.session });
    await mia.send(send('message-01'));
    under.claims.set('token-of-mia', { sub: 'customer-1', name: 'Mia', email: 'mia@shop.example' });
    await under.visitor({ session: mia.session, identity: 'token-of-mia' });
    await early.send(send('message-02'));
    const state = (await under.store.conversations([C1])).get(C1)?.state;
    expect(await under.store.visitor(state?.visitor.id ?? '')).toMatchObject({ externalId: 'customer-1' });
  });

  it('stays who he is when an older line of his goes to another page', async () => {
    const mia = await under.visitor();
    await mia.send(send('message-01'));
    under.claims.set('token-of-mia', { sub: 'customer-1', name: 'Mia', email: 'mia@shop.example' });
    await under.visitor({ session: mia.session, identity: 'token-of-mia' });
    await mia.send({ type: 'visit', visit: { url: 'https://shop.example/cart', title: 'Cart' } });
    await turn();
    const state = (await under.store.conversations([C1])).get(C1)?.state;
    expect(await under.store.visitor(state?.visitor.id ?? '')).toMatchObject({
      externalId: 'customer-1',
      name: 'Mia',
      visit: { title: 'Cart' },
    });
  });
});

describe('a session from before a person signed in', () => {
  it('opens nothing of the person afterwards: whoever knew it knows it still', async () => {
    const mia = await under.visitor();
    await mia.send(send('message-01'));
    under.claims.set('token-of-mia', { sub: 'customer-1', name: 'Mia', email: 'mia@shop.example' });
    const known = await under.visitor({ session: mia.session, identity: 'token-of-mia' });
    expect(known.last('welcome')).toMatchObject({
      visitor: { name: 'Mia' },
      conversation: { conversation: { id: C1 } },
    });
    const stranger = await under.visitor({ session: mia.session });
    expect(stranger.last('welcome')).toMatchObject({ visitor: { name: null }, conversation: null });
    expect((await under.visitor({ session: known.session })).last('welcome')).toMatchObject({
      visitor: { name: 'Mia' },
    });
    // His welcome was lost on the way.
    const again = await under.visitor({ session: mia.session, identity: 'token-of-mia' });
    expect(again.last('welcome')).toMatchObject({
      visitor: { name: 'Mia' },
      conversation: { conversation: { id: C1 } },
    });
  });
});

describe('a store that cannot be written', () => {
  it.each([
    ['full', new StorageFull('full')],
    ['locked', new Error('database is locked')],
  ])('keeps no visitor from reading: %s', async (_what, failure) => {
    const { mia } = await talking();
    await mia.cut();
    under.store.saveVisitor = async () => Promise.reject(failure);
    const line = under.line();
    await line.push({
      type: 'hello',
      role: 'visitor',
      versions: [1],
      client: 'test',
      site: 'pk_shop_test',
      session: mia.session,
      visit: { url: 'https://shop.example/cart', title: 'Cart' },
    });
    expect(line.frames.map(({ type }) => type)).toEqual(['welcome']);
  });

  it('is told to an agent who changes his presence', async () => {
    const ada = await under.agent('ada');
    under.store.setPresence = async () => Promise.reject(new StorageFull('full'));
    await ada.send({ type: 'set-presence', id: 'presence-1', presence: 'away' });
    expect(ada.last('nack')).toMatchObject({ id: 'presence-1', code: 'storage-full', retry: 'later' });
  });
});
