import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from './config-types.ts';
import type { Store } from './ports.ts';
import { createMemoryStore } from './store/memory/memory-store.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';
import { type RelayUnderTest, relayUnderTest, type TestLine, text } from './testing/relay-under-test.ts';

const STORES: [string, (folder: string) => Promise<Store>][] = [
  ['memory', async () => createMemoryStore()],
  ['SQLite', (folder) => openSqliteStore({ file: join(folder, 'sveiki.db') })],
];

describe.each(STORES)('the relay on %s', (_name, open) => {
  let under: RelayUnderTest;
  let folder = '';
  /** A relay on the store under test, with agents Ada, Ben and Cleo. */
  const begin = async (config: Partial<Config> = {}) => {
    await under?.relay.stop();
    await under?.store.close();
    rmSync(folder, { recursive: true, force: true });
    folder = mkdtempSync(join(tmpdir(), 'sveiki-relay-'));
    under = await relayUnderTest({ store: await open(folder), config });
  };
  beforeEach(() => begin());
  afterEach(async () => {
    // The event law holds after everything a test did.
    await under.checkEventLaw();
  });
  afterAll(async () => {
    await under.relay.stop();
    await under.store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const C1 = 'conversation-0001';
  const send = (id: string, words: string, more: object = {}) => ({
    type: 'send',
    id,
    conversation: C1,
    blocks: text(words),
    ...more,
  });
  const texts = (line: TestLine) =>
    line
      .of('event')
      .flatMap(({ event }) => (event.body.kind === 'message' ? event.body.blocks.map((block) => block.text) : []));
  const kinds = (line: TestLine) => line.of('event').map(({ event }) => event.body.kind);

  /** Mia has written, Ada has taken it. */
  async function talking() {
    const mia = await under.visitor();
    await mia.send(send('message-01', 'Where is my scarf?'));
    const ada = await under.agent('ada');
    await ada.send({ type: 'take', id: 'take-0001', conversation: C1 });
    return { mia, ada };
  }
  const ownership = async () => (await under.store.conversations([C1])).get(C1)?.state.ownership ?? 0;

  describe('a conversation', () => {
    it('crosses from the visitor to the agent and back, in order and in each reader’s own count', async () => {
      const { mia, ada } = await talking();
      expect(mia.last('ack')).toMatchObject({ id: 'message-01', conversation: C1, seq: 2 });
      await ada.send(send('answer-001', 'It left *today*.', { ownership: await ownership() }));
      expect(texts(mia)).toEqual(['Where is my scarf?', 'It left *today*.']);
      expect(mia.of('event').map(({ event }) => event.seq)).toEqual([1, 2, 3, 4]);
      expect(mia.last('event').event.body).toMatchObject({
        kind: 'message',
        blocks: [
          { tree: [{ kind: 'paragraph', children: ['It left ', { kind: 'emphasis', children: ['today'] }, '.'] }] },
        ],
      });
    });

    it('[M1] answers a repeated id with the first ack and stores it once', async () => {
      const mia = await under.visitor();
      await mia.send(send('message-01', 'Hello'), send('message-01', 'Hello'));
      await mia.send(send('message-01', 'Hello'));
      expect(mia.of('ack').map(({ seq }) => seq)).toEqual([2, 2, 2]);
      expect(texts(mia)).toEqual(['Hello']);
    });

    it('[C2] puts a message of another device into the one unresolved conversation, and says so', async () => {
      const mia = await under.visitor();
      await mia.send(send('message-01', 'Hello'));
      const phone = await under.visitor({ session: mia.session });
      await phone.send({ ...send('message-02', 'Me again'), conversation: 'conversation-0002' });
      expect(phone.last('ack')).toMatchObject({ conversation: C1, seq: 3 });
      expect(texts(mia)).toEqual(['Hello', 'Me again']);
    });

    it('[C3] reopens a resolved conversation inside the window and gives it back to the one who had it', async () => {
      const { mia, ada } = await talking();
      await ada.send({
        type: 'resolve',
        id: 'resolve-01',
        conversation: C1,
        ownership: await ownership(),
        wrapUp: 'answered',
      });
      await mia.send(send('message-02', 'One more thing'));
      expect(kinds(mia).slice(-4)).toEqual(['resolved', 'reopened', 'message', 'assigned']);
      expect((await under.store.conversations([C1])).get(C1)?.state).toMatchObject({
        status: 'open',
        owner: { id: 'ada' },
        reopenedCount: 1,
      });
    });

    it('[C4] begins a new conversation when the window is over', async () => {
      const { mia, ada } = await talking();
      await ada.send({
        type: 'resolve',
        id: 'resolve-01',
        conversation: C1,
        ownership: await ownership(),
        wrapUp: 'answered',
      });
      await mia.cut();
      await ada.cut();
      under.clock.jump(86_400_001);
      const back = await under.visitor({ session: mia.session });
      await back.send(send('message-02', 'A new question'));
      expect(back.last('ack').conversation).not.toBe(C1);
      expect(back.last('ack').seq).toBe(2);
    });

    it('stores nothing of a visitor who only looks', async () => {
      const noah = await under.visitor();
      const welcome = noah.last('welcome');
      expect(await under.store.visitor(welcome.role === 'visitor' ? welcome.visitor.id : '')).toBeNull();
    });

    it('[M1] knows a visitor again who comes back while his first message is being stored', async () => {
      const append = under.store.append;
      let go = (): void => {};
      const held = new Promise<void>((done) => {
        go = done;
      });
      under.store.append = async (batch) => {
        await held;
        return append(batch);
      };
      const mia = await under.visitor();
      await mia.push(send('message-01', 'Hello'));
      await mia.cut();
      const back = await under.visitor({ session: mia.session });
      await back.push(send('message-01', 'Hello'));
      go();
      await under.pass(0);
      expect(back.session).toBe(mia.session);
      expect(back.last('ack')).toMatchObject({ id: 'message-01', conversation: C1, seq: 2 });
      expect(
        (await under.store.events({ conversation: C1, count: 'public', after: 0, limit: 10 })).events,
      ).toHaveLength(2);
    });

    it('gives a new session to whoever shows one that has ended', async () => {
      const mia = await under.visitor();
      await mia.send(send('message-01', 'Hello'));
      await mia.cut();
      under.clock.jump(31 * 86_400_000);
      const back = await under.visitor({ session: mia.session });
      expect(back.session).not.toBe(mia.session);
      expect(back.last('welcome')).toMatchObject({ conversation: null });
    });
  });

  describe('notes', () => {
    it('never reach a visitor, not even as a hole in the numbers', async () => {
      const { mia, ada } = await talking();
      await ada.send({ type: 'note', id: 'note-0001', conversation: C1, blocks: text('SECRET-NOTE') });
      await ada.send(send('answer-001', 'Hello Mia', { ownership: await ownership() }));
      const back = await under.visitor({ session: mia.session, have: { [C1]: 0 } });
      await back.send({ type: 'get-events', id: 'events-01', conversation: C1, after: 0 });
      expect(JSON.stringify([mia.frames, back.frames])).not.toContain('SECRET-NOTE');
      expect(mia.of('event').map(({ event }) => event.seq)).toEqual([1, 2, 3, 4]);
      expect(ada.of('event').map(({ event }) => event.body.kind)).toContain('note');
    });

    it('cannot be written by a visitor', async () => {
      const { mia } = await talking();
      await mia.send({ type: 'note', id: 'note-0001', conversation: C1, blocks: text('hm') });
      expect(mia.last('nack')).toMatchObject({ id: 'note-0001', code: 'forbidden', retry: 'never' });
    });
  });

  describe('ownership', () => {
    it('refuses a message of an agent who lost it, whatever he believes', async () => {
      const { mia, ada } = await talking();
      const old = await ownership();
      const ben = await under.agent('ben');
      await ada.send({
        type: 'transfer',
        id: 'transfer-1',
        conversation: C1,
        ownership: old,
        to: { kind: 'agent', id: 'ben' },
        note: text('Yours, Ben'),
      });
      await ada.send(
        send('answer-001', 'Too late', { ownership: old }),
        send('answer-002', 'Still too late', { ownership: old + 1 }),
      );
      expect(ada.of('nack').map(({ code }) => code)).toEqual(['not-owner', 'not-owner']);
      expect(texts(mia)).toEqual(['Where is my scarf?']);
      expect(ben.last('snapshot').conversation.owner?.id).toBe('ben');
    });

    it('lets exactly one of two agents take a waiting conversation', async () => {
      const mia = await under.visitor();
      await mia.send(send('message-01', 'Hello'));
      const [ada, ben] = [await under.agent('ada'), await under.agent('ben')];
      await Promise.all([
        ada.send({ type: 'take', id: 'take-0001', conversation: C1 }),
        ben.send({ type: 'take', id: 'take-0002', conversation: C1 }),
      ]);
      expect([...ada.of('ack'), ...ben.of('ack')]).toHaveLength(1);
      expect([...ada.of('nack'), ...ben.of('nack')].map(({ code }) => code)).toEqual(['already-taken']);
    });

    it('goes back to the queue when the agent does not come back in time, and the visitor is told', async () => {
      const { mia, ada } = await talking();
      await ada.cut();
      await under.pass(29_000);
      expect(kinds(mia)).not.toContain('queued');
      await under.pass(1_001);
      expect(mia.last('event').event.body).toMatchObject({ kind: 'queued', why: 'agent-lost' });
      await under.pass(1_000);
      expect(mia.last('queue')).toMatchObject({ conversation: C1, position: 1, waitMs: null });
    });

    it('stays with an agent who is back in time, also over a restart of the relay', async () => {
      const { ada } = await talking();
      await ada.cut();
      await under.pass(20_000);
      await under.restart();
      await under.pass(20_000);
      const back = await under.agent('ada', { have: { [C1]: 3 } });
      await under.pass(60_000);
      expect(back.last('snapshot')).toMatchObject({ from: 'have', events: [], conversation: { owner: { id: 'ada' } } });
      expect((await under.store.conversations([C1])).get(C1)?.state.owner?.id).toBe('ada');
    });
  });

  describe('routing', () => {
    it('gives round-robin conversations to agents in turn, never more than they have room for', async () => {
      await begin({
        sites: [{ key: 'pk_shop_test', name: 'Shop', origins: ['https://shop.example'], team: 'billing' }],
      });
      await under.agent('ada');
      await under.agent('ben');
      for (let i = 1; i <= 8; i++) {
        const visitor = await under.visitor();
        await visitor.send({ ...send(`message-${i}00`, 'Hi'), conversation: `conversation-100${i}` });
        await under.relay.settled();
      }
      const { conversations } = await under.store.list({ view: 'open', agent: '', limit: 20 });
      const owners = conversations.map(({ state }) => state.owner?.id ?? 'queue').toSorted();
      expect(owners).toEqual(['ada', 'ada', 'ada', 'ben', 'ben', 'ben', 'queue', 'queue']);
    });

    it('tells staff why, and the visitor only who', async () => {
      await begin({
        sites: [{ key: 'pk_shop_test', name: 'Shop', origins: ['https://shop.example'], team: 'billing' }],
      });
      const ada = await under.agent('ada');
      const mia = await under.visitor();
      await mia.send(send('message-01', 'Hi'));
      await under.relay.settled();
      expect(JSON.stringify(ada.frames)).toContain('round robin, 0 of 1 busy');
      expect(JSON.stringify(mia.frames)).not.toContain('round robin');
      expect(mia.last('event').event.body).toMatchObject({ kind: 'assigned', owner: { id: 'ada', name: 'Ada' } });
    });
  });

  describe('resume', () => {
    it('[R1] sends what the reader lacks, and nothing else', async () => {
      const { mia, ada } = await talking();
      await mia.cut();
      await ada.send(
        send('answer-001', 'One', { ownership: await ownership() }),
        send('answer-002', 'Two', { ownership: await ownership() }),
      );
      const back = await under.visitor({ session: mia.session, have: { [C1]: 3 } });
      const welcome = back.last('welcome');
      expect(welcome).toMatchObject({ role: 'visitor', conversation: { from: 'have' } });
      expect(welcome.role === 'visitor' && welcome.conversation?.events.map(({ seq }) => seq)).toEqual([4, 5]);
    });

    it('[R2] answers a reader who is too far behind, or ahead, with the newest page', async () => {
      const { mia, ada } = await talking();
      for (let i = 0; i < 60; i++) await ada.send(send(`answer-1${i}`, `Line ${i}`, { ownership: await ownership() }));
      const ahead = await under.visitor({ session: mia.session, have: { [C1]: 4_000 } });
      const welcome = ahead.last('welcome');
      expect(welcome).toMatchObject({ conversation: { from: 'newest', more: true } });
      expect(welcome.role === 'visitor' && welcome.conversation?.events.length).toBe(50);
    });

    it('[E3] heals what the bus lost as soon as anything later comes', async () => {
      const { mia, ada } = await talking();
      under.bus.lose = (message) => message.kind === 'events';
      await ada.send(send('answer-001', 'Lost on the way', { ownership: await ownership() }));
      under.bus.lose = () => false;
      await ada.send(send('answer-002', 'Not lost', { ownership: await ownership() }));
      expect(texts(mia)).toEqual(['Where is my scarf?', 'Lost on the way', 'Not lost']);
    });

    it('[L2] shows a lost tail in the head of the next heartbeat', async () => {
      const { mia, ada } = await talking();
      under.bus.lose = (message) => message.kind === 'events';
      await ada.send(send('answer-001', 'Lost', { ownership: await ownership() }));
      await under.pass(25_000);
      expect(mia.last('ping').heads).toEqual({ [C1]: 4 });
    });

    it('[L2] shows the head of a conversation whose beginning was lost', async () => {
      const mia = await under.visitor();
      under.bus.lose = (message) => message.kind === 'events';
      await mia.send(send('message-01', 'Where is my scarf?'));
      expect(mia.of('event')).toEqual([]);
      await under.pass(25_000);
      expect(mia.last('ping').heads).toEqual({ [C1]: 2 });
    });
  });

  describe('receipts and typing', () => {
    it('keeps cursors that only rise, and shows them to the others', async () => {
      const { mia, ada } = await talking();
      await ada.send(
        { type: 'mark', conversation: C1, delivered: 2, read: 2 },
        { type: 'mark', conversation: C1, read: 1 },
      );
      expect(mia.of('receipt')).toEqual([
        { type: 'receipt', conversation: C1, reader: { kind: 'agent', id: 'staff' }, delivered: 2, read: 2 },
      ]);
      await mia.send({ type: 'mark', conversation: C1, delivered: 999_999 });
      expect(ada.last('receipt')).toMatchObject({ reader: { kind: 'visitor' }, delivered: 3, read: 0 });
      await under.pass(1_000);
      expect((await under.store.cursors([C1])).get(C1)).toHaveLength(3);
    });

    it('[P1] shows the visitor how far his owners are, and never who else looked', async () => {
      const { mia, ada } = await talking();
      const cleo = await under.agent('cleo');
      await cleo.send(
        { type: 'watch', id: 'watch-0001', conversation: C1 },
        { type: 'mark', conversation: C1, read: 3 },
      );
      expect(mia.of('receipt')).toEqual([]);
      await ada.send({ type: 'mark', conversation: C1, read: 2 });
      expect(cleo.of('receipt')).toContainEqual({
        type: 'receipt',
        conversation: C1,
        reader: { kind: 'agent', id: 'ada' },
        delivered: 2,
        read: 2,
      });
      await ada.send({
        type: 'transfer',
        id: 'transfer-01',
        conversation: C1,
        ownership: await ownership(),
        to: { kind: 'agent', id: 'ben' },
      });
      const back = await under.visitor({ session: mia.session });
      const welcome = back.last('welcome');
      expect(welcome.role === 'visitor' && welcome.conversation?.receipts).toEqual([
        { reader: { kind: 'agent', id: 'staff' }, delivered: 2, read: 2 },
      ]);
      const seen = JSON.stringify([...mia.frames, ...back.frames]);
      expect(seen).not.toContain('cleo');
      const watching = await under.agent('ben');
      await watching.send({ type: 'watch', id: 'watch-0002', conversation: C1 });
      expect(JSON.stringify(watching.last('snapshot').receipts)).not.toContain('staff');
    });

    it('shows the visitor only the typing of the one who owns his conversation', async () => {
      const { mia, ada } = await talking();
      const ben = await under.agent('ben');
      await ben.send(
        { type: 'watch', id: 'watch-0001', conversation: C1 },
        { type: 'typing', conversation: C1, on: true },
      );
      expect(mia.of('typing')).toEqual([]);
      await ada.send({ type: 'typing', conversation: C1, on: true });
      expect(mia.of('typing')).toHaveLength(1);
      await mia.send({ type: 'typing', conversation: C1, on: true });
      expect(ada.last('typing')).toMatchObject({ who: { kind: 'visitor' }, on: true });
    });

    it('[P2] tells staff of a note that is being typed, and the visitor nothing but that the reply stopped', async () => {
      const { mia, ada } = await talking();
      const ben = await under.agent('ben');
      await ben.send({ type: 'watch', id: 'watch-0001', conversation: C1 });
      await ada.send({ type: 'watch', id: 'watch-0002', conversation: C1 });
      const shown = () => mia.of('typing').map(({ on }) => on);
      await ada.send({ type: 'typing', conversation: C1, on: true, note: true });
      expect(ben.last('viewers').viewers).toContainEqual({ id: 'ada', name: 'Ada', typing: true, note: true });
      expect(shown()).toEqual([]);
      await ada.send({ type: 'typing', conversation: C1, on: false, note: true });
      expect(ben.last('viewers').viewers).toContainEqual({ id: 'ada', name: 'Ada', typing: false });
      expect(shown()).toEqual([]);
      await under.pass(5_000);
      await ada.send({ type: 'typing', conversation: C1, on: true });
      expect(ben.last('viewers').viewers).toContainEqual({ id: 'ada', name: 'Ada', typing: true });
      await ada.send({ type: 'typing', conversation: C1, on: true, note: true });
      expect(shown()).toEqual([true, false]);
      expect(JSON.stringify(mia.frames)).not.toContain('note');
      await mia.send({ type: 'typing', conversation: C1, on: true, note: true });
      expect(mia.last('error').code).toBe('forbidden');
      expect(ada.of('typing')).toEqual([]);
    });
  });

  describe('identity', () => {
    const signedIn = { sub: 'customer-7', name: 'Mia Ozola', email: 'mia@example.com' };

    it('binds the session to the person, and staff learns who it is', async () => {
      under.claims.set('token-of-mia', signedIn);
      const { mia, ada } = await talking();
      await mia.cut();
      const back = await under.visitor({ session: mia.session, identity: 'token-of-mia' });
      // Another token: whoever used the browser before may know the first one.
      expect(back.session).not.toBe(mia.session);
      expect(ada.last('event').event.body).toEqual({
        kind: 'identified',
        name: 'Mia Ozola',
        email: 'mia@example.com',
        externalId: 'customer-7',
      });
      await ada.send({ type: 'watch', id: 'watch-0001', conversation: C1 });
      expect(ada.last('snapshot').visitor).toMatchObject({ name: 'Mia Ozola', verified: true, online: true });
    });

    it('gives a second person on the same device a session of his own', async () => {
      under.claims.set('token-of-mia', signedIn);
      under.claims.set('token-of-noah', { sub: 'customer-8', name: 'Noah', email: null });
      const mia = await under.visitor({ identity: 'token-of-mia' });
      await mia.send(send('message-01', 'I am Mia'));
      const noah = await under.visitor({ session: mia.session, identity: 'token-of-noah' });
      expect(noah.session).not.toBe(mia.session);
      expect(noah.last('welcome')).toMatchObject({ conversation: null });
      const phone = await under.visitor({ identity: 'token-of-mia' });
      expect(phone.last('welcome')).toMatchObject({ conversation: { conversation: { id: C1 } } });
    });

    it('refuses a token that does not hold', async () => {
      const line = under.line();
      await line.send({
        type: 'hello',
        role: 'visitor',
        versions: [1],
        client: 'test',
        site: 'pk_shop_test',
        identity: 'forged',
      });
      expect(line.last('error').code).toBe('bad-identity');
      expect(line.closed?.code).toBe(4401);
    });
  });

  describe('bad input', () => {
    it.each([
      ['a text that is not JSON', '{"type":'],
      ['an unknown type', '{"type":"shout"}'],
      ['an inherited property as type', '{"type":"constructor"}'],
      ['an unknown field', JSON.stringify({ ...send('message-01', 'x'), admin: true })],
      [
        'a block that is no text',
        JSON.stringify({ ...send('message-01', 'x'), blocks: [{ kind: 'html', text: '<b>' }] }),
      ],
      ['a wrong kind', JSON.stringify({ type: 'typing', conversation: C1, on: 'yes' })],
    ])('answers %s with bad-frame and lives on', async (_what, raw) => {
      const mia = await under.visitor();
      await mia.raw(raw);
      expect([...mia.of('error'), ...mia.of('nack')].map(({ code }) => code)).toEqual(['bad-frame']);
      await mia.send(send('message-09', 'Still here'));
      expect(mia.last('ack').id).toBe('message-09');
    });

    it('closes a line that only sends rubbish', async () => {
      const mia = await under.visitor();
      for (let i = 0; i < 10; i++) await mia.raw('[]{');
      expect(mia.closed?.code).toBe(4400);
    });

    it.each([
      ['something else than a hello', { type: 'pong' }, 'hello-first', 4400],
      [
        'no common version',
        { type: 'hello', role: 'visitor', versions: [99], client: 'x', site: 'pk_shop_test' },
        'version',
        4406,
      ],
      [
        'an unknown site',
        { type: 'hello', role: 'visitor', versions: [1], client: 'x', site: 'pk_other' },
        'bad-site',
        4403,
      ],
      [
        'an agent at the door of the site',
        { type: 'hello', role: 'agent', versions: [1], client: 'x', ticket: 'ticket-ada' },
        'bad-origin',
        4403,
      ],
    ])('refuses %s as the first frame', async (_what, frame, code, closeCode) => {
      const line = under.line();
      await line.send(frame);
      expect(line.last('error').code).toBe(code);
      expect(line.closed?.code).toBe(closeCode);
    });

    it('refuses a page that is not of the site', async () => {
      for (const origin of [null, 'null', 'https://shop.example.evil', 'http://shop.example']) {
        const line = under.line({ origin });
        await line.send({ type: 'hello', role: 'visitor', versions: [1], client: 'x', site: 'pk_shop_test' });
        expect(line.last('error').code).toBe('bad-origin');
      }
    });

    it('closes a line that says nothing', async () => {
      const line = under.line();
      await under.pass(10_000);
      expect(line.closed?.code).toBe(4408);
    });

    it('closes a line that does not answer the heartbeat, and only that one', async () => {
      const [dead, alive] = [await under.visitor(), await under.visitor()];
      dead.mute();
      await under.pass(40_000);
      expect([dead.closed?.code, alive.closed]).toEqual([4410, null]);
    });

    it('closes a reader who does not read', async () => {
      const { mia, ada } = await talking();
      mia.buffered(2_000_000);
      await ada.send(send('answer-001', 'Hello?', { ownership: await ownership() }));
      expect(mia.closed?.code).toBe(4411);
    });

    it('refuses what is empty, too long, or too fast, and says which', async () => {
      const mia = await under.visitor();
      await mia.send(send('message-01', '  \n '), send('message-02', 'ж'.repeat(8_193)));
      under.limits.take = (action) => (action === 'visitor-message' ? 1_500 : 0);
      await mia.send(send('message-03', 'Hello'));
      expect(mia.of('nack').map(({ id, code, retryAfterMs }) => [id, code, retryAfterMs])).toEqual([
        ['message-01', 'empty-message', undefined],
        ['message-02', 'too-large', undefined],
        ['message-03', 'rate-limited', 1_500],
      ]);
    });

    it('counts conversations that begin, apart from messages, and known visitors apart from others', async () => {
      const asked: string[] = [];
      under.limits.take = (action, key) => {
        asked.push(`${action} ${key.split(':')[0]}`);
        return action === 'new-conversation' && key.startsWith('ip:') ? 9_000 : 0;
      };
      under.claims.set('token-of-mia', { sub: 'customer-7', name: 'Mia', email: null });
      const [noah, mia] = [await under.visitor(), await under.visitor({ identity: 'token-of-mia' })];
      await noah.send(send('message-01', 'Hello'));
      await mia.send(send('message-02', 'Hello', { conversation: 'conversation-0002' }));
      await mia.send(send('message-03', 'Hello', { conversation: 'conversation-0002' }));
      expect(noah.last('nack')).toMatchObject({ code: 'rate-limited', retryAfterMs: 9_000 });
      expect(mia.of('ack')).toHaveLength(2);
      expect(asked.filter((one) => one === 'new-conversation ip-known')).toHaveLength(1);
    });

    it('lets too many at once wait at the door', async () => {
      under.limits.take = (action) => (action === 'connect' ? 2_000 : 0);
      const line = under.line();
      await line.push({ type: 'hello', role: 'visitor', versions: [1], client: 'x', site: 'pk_shop_test' });
      expect(line.last('error')).toMatchObject({ code: 'rate-limited', retryAfterMs: 2_000 });
      expect(line.closed?.code).toBe(4429);
    });

    it('shows nobody a conversation of somebody else', async () => {
      const { mia } = await talking();
      const noah = await under.visitor();
      await noah.send(send('message-91', 'Let me in'), {
        type: 'get-events',
        id: 'events-01',
        conversation: C1,
        after: 0,
      });
      await noah.send({ type: 'typing', conversation: C1, on: true }, { type: 'mark', conversation: C1, read: 1 });
      expect(noah.of('nack').map(({ code }) => code)).toEqual(['not-found', 'not-found']);
      expect(texts(mia)).toEqual(['Where is my scarf?']);
    });

    it('acknowledges nothing that could not be stored, and works again afterwards', async () => {
      const mia = await under.visitor();
      await mia.send(send('message-01', 'Stored'));
      const append = under.store.append;
      under.store.append = () => Promise.reject(new Error('disk on fire'));
      await mia.send(send('message-02', 'Not stored'));
      expect(mia.last('nack')).toMatchObject({ id: 'message-02', code: 'unavailable', retry: 'later' });
      under.store.append = append;
      await mia.send(send('message-02', 'Not stored'));
      expect(mia.last('ack')).toMatchObject({ id: 'message-02', seq: 3 });
    });
  });

  describe('lists', () => {
    it('keep up with what happens', async () => {
      const cleo = await under.agent('cleo', { lists: true });
      await talking();
      await under.pass(2_500);
      const update = cleo.last('update');
      expect(update.conversations.map(({ id, owner }) => [id, owner?.id])).toContainEqual([C1, 'ada']);
      await cleo.send({ type: 'get-list', id: 'list-00001', view: 'open' });
      expect(cleo.last('list').counts).toMatchObject({ mine: 0, queue: 0, open: 1 });
    });

    it('say who else looks at a conversation', async () => {
      const { ada } = await talking();
      const cleo = await under.agent('cleo');
      await ada.send({ type: 'watch', id: 'watch-0001', conversation: C1 });
      await cleo.send({ type: 'watch', id: 'watch-0002', conversation: C1 });
      expect(ada.last('viewers').viewers.map(({ id }) => id)).toEqual(['ada', 'cleo']);
      await cleo.cut();
      expect(ada.last('viewers').viewers.map(({ id }) => id)).toEqual(['ada']);
    });
  });

  describe('what a site shows', () => {
    // The clock stands on a Friday, ten o'clock UTC.
    const hours = (open: string, close: string): Partial<Config> => ({
      sites: [
        {
          key: 'pk_shop_test',
          name: 'Shop',
          origins: ['https://shop.example'],
          team: 'sales',
          schedule: { timeZone: 'UTC', week: { '5': [[open, close]] } },
        },
      ],
    });
    const availability = async (): Promise<string> => {
      const visitor = await under.visitor();
      const welcome = visitor.last('welcome');
      return `${welcome.site.availability} ${welcome.site.faces.map(({ name }) => name).join(' ')}`.trim();
    };

    it('is who is there, else whether it is open', async () => {
      await begin(hours('09:00', '18:00'));
      expect(await availability()).toBe('away');
      const ada = await under.agent('ada');
      await under.pass(200);
      expect(await availability()).toBe('online Ada');
      await ada.send({ type: 'set-presence', id: 'presence-1', presence: 'away' });
      await under.pass(200);
      expect(await availability()).toBe('away');
    });

    it('is closed outside the hours, with the next opening, unless somebody is there', async () => {
      await begin(hours('12:00', '18:00'));
      expect(await availability()).toBe('closed');
      const visitor = await under.visitor();
      expect(visitor.last('welcome').site.opensAt).toBe(Date.UTC(2026, 10, 20, 12));
      await under.agent('ada');
      await under.pass(200);
      expect(visitor.last('site').site.availability).toBe('online');
    });
  });

  it('welcomes an agent whom another process added a moment ago', async () => {
    const ada = await under.store.agent('ada');
    if (ada === null) throw new Error('Ada is missing');
    await under.store.saveAgent({ ...ada, id: 'dora', email: 'dora@shop.example', name: 'Dora' });
    const dora = await under.agent('dora');
    expect(dora.last('welcome')).toMatchObject({ agent: { id: 'dora', name: 'Dora' } });
  });

  describe('revocation', () => {
    it('ends the lines of an agent whose session ended, and of no other', async () => {
      const [ada, ben] = [await under.agent('ada'), await under.agent('ben')];
      under.bus.publish({ kind: 'revoked', what: 'agent-session', id: 'session-of-ada' });
      expect([ada.closed?.code, ben.closed]).toEqual([4401, null]);
    });
  });
});
