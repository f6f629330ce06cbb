import type { SpamRules } from '@sveiki/sdk/config';
import { afterEach, describe, expect, it } from 'vitest';
import { type AuditEntry, noAudit } from '../audit/audit.ts';
import { createRateLimiter } from '../limits.ts';
import { solve } from '../test-support/solve.ts';
import { CONFIG, type RelayUnderTest, relayUnderTest, turn } from '../testing/relay-under-test.ts';

const SITE = CONFIG.sites[0]!;
const RULES: SpamRules = { proofOfWork: 'suspicious', firstMessageMs: 2_000, calm: 0, flood: 60, maxLinks: 2, bits: 6 };
const HOUR = 3_600_000;
const ada = { id: 'ada', role: 'agent' } as const;
const ben = { id: 'ben', role: 'agent' } as const;
const cleo = { id: 'cleo', role: 'lead' } as const;

let under: RelayUnderTest;
let noted: AuditEntry[];
const start = async (spam: Partial<SpamRules> = {}): Promise<void> => {
  noted = [];
  const audit = { ...noAudit, note: async (entry: AuditEntry) => void noted.push(entry) };
  under = await relayUnderTest({ audit, config: { sites: [{ ...SITE, spam: { ...RULES, ...spam } }] } });
};
const spamDesk = () => under.relay.deskData.spam;
const say = (id: string, text = 'Hello', more: object = {}) => ({
  ...{ type: 'send', id: `message-${id}`, conversation: `conversation-${id}`, blocks: [{ kind: 'text', text }] },
  ...more,
});

afterEach(async () => {
  await under.checkEventLaw();
  await under.relay.stop();
});

describe('the first message of somebody nobody knows', () => {
  it('waits for work when it comes too soon, and is taken at once with it', async () => {
    await start();
    const mia = await under.visitor();
    await mia.send(say('a1'));
    const { challenge = '', ...nack } = mia.last('nack');
    expect(nack).toMatchObject({ code: 'proof-needed', retry: 'later', retryAfterMs: 2_000 });
    // What she says meanwhile keeps its place behind it.
    await mia.send(say('a2'));
    expect(mia.last('nack')).toMatchObject({ id: 'message-a2', retry: 'later' });
    await mia.send(say('a1', 'Hello', { proof: solve(challenge) }), say('a2', 'Are you there?'));
    expect(mia.of('ack').map(({ id }) => id)).toEqual(['message-a1', 'message-a2']);
  });

  it('is taken without work when it comes again in time, so that nobody is lost', async () => {
    await start();
    const mia = await under.visitor();
    await mia.send(say('a1'));
    await under.pass(mia.last('nack').retryAfterMs ?? 0);
    await mia.send(say('a1'));
    expect(mia.last('ack').id).toBe('message-a1');
  });

  it('is taken with nothing but time where that is enough, and from people who are known', async () => {
    await start({ proofOfWork: 'always' });
    under.claims.set('token-mia', { sub: 'mia@shop', name: 'Mia', email: null });
    const mia = await under.visitor({ identity: 'token-mia' });
    await mia.send(say('a1'));
    expect(mia.last('ack').id).toBe('message-a1');
    const noah = await under.visitor();
    await under.pass(60_000);
    await noah.send(say('b1'));
    expect(noah.last('nack').code).toBe('proof-needed');
  });

  it('needs work of its own: what was shown once, or by somebody else, shows nothing', async () => {
    await start({ proofOfWork: 'always' });
    const mia = await under.visitor();
    await mia.send(say('a1'));
    const proof = solve(mia.last('nack').challenge ?? '');
    const noah = await under.visitor();
    await noah.send(say('b1', 'Hello', { proof }));
    expect(noah.last('nack').code).toBe('proof-needed');
    await mia.send(say('a1', 'Hello', { proof }));
    expect(mia.last('ack').id).toBe('message-a1');
  });

  it('is refused for good with more links than the site allows', async () => {
    await start({ calm: 99 });
    const mia = await under.visitor();
    await mia.send(say('a1', 'https://a.example https://b.example https://c.example'));
    expect(mia.last('nack')).toMatchObject({ code: 'too-many-links', retry: 'never' });
    await mia.send(say('a2', 'https://a.example'), say('a3', 'www.a.example www.b.example www.c.example'));
    expect(mia.of('ack')).toHaveLength(2);
  });
});

describe('a bot that begins 10,000 conversations in an hour from 50 addresses', () => {
  const ADDRESSES = 50;
  const ROUNDS = 200;

  /** How many it made, of how many it tried. */
  async function attack(solves: boolean): Promise<{ made: number; tried: number }> {
    const limiter = createRateLimiter(under.clock);
    under.limits.take = limiter.take;
    let tried = 0;
    let made = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const bots = await Promise.all(
        Array.from({ length: ADDRESSES }, async (_, i) => {
          const address = `198.51.100.${i}`;
          const waiting: ((frame: { type: string; challenge?: string }) => void)[] = [];
          const session = under.relay.openSession({
            ...{ bufferedBytes: 0, door: 'site', remote: { address, origin: SITE.origins[0] ?? null } },
            send: (text) => waiting.shift()?.(JSON.parse(text)),
            close: () => {},
          });
          const ask = (frame: object) =>
            new Promise<{ type: string; challenge?: string }>((resolve) => {
              waiting.push(resolve);
              session.receive(JSON.stringify(frame));
            });
          await ask({ type: 'hello', role: 'visitor', versions: [1], client: 'bot', site: SITE.key });
          return { session, ask, frame: say(`${round}-${i}-bot`) };
        }),
      );
      await Promise.all(
        bots.map(async ({ ask, frame }) => {
          tried += 1;
          let answer = await ask(frame);
          if (answer.challenge !== undefined && solves)
            answer = await ask({ ...frame, proof: solve(answer.challenge) });
          if (answer.type === 'ack' || answer.type === 'event') made += 1;
        }),
      );
      for (const { session } of bots) session.closed();
      await turn();
      await under.clock.advance(HOUR / ROUNDS);
    }
    return { made, tried };
  }

  it.each([
    ['solves whatever it is asked', 1_000, 'suspicious', true],
    ['is asked nothing', 1_000, 'off', false],
    ['solves nothing', 100, 'suspicious', false],
  ] as const)('and %s makes at most %d', async (_name, most, proofOfWork, solves) => {
    await start({ proofOfWork, calm: 10, bits: 1, firstMessageMs: proofOfWork === 'off' ? 0 : 2_000 });
    const { made, tried } = await attack(solves);
    expect(tried).toBe(10_000);
    expect(made).toBeGreaterThan(0);
    expect((await under.store.unresolved()).length).toBe(made);
    expect(made).toBeLessThanOrEqual(most);
  });
});

describe('200 people behind one address', () => {
  it('chat at a message in five seconds each, and nobody is refused', async () => {
    await start({ calm: 1_000, flood: 1_000 });
    const people = await Promise.all(Array.from({ length: 200 }, () => under.visitor()));
    // They began over the day; what is looked at is how they go on.
    for (const [i, person] of people.entries()) await person.push(say(`p${1_000 + i}`));
    await under.relay.settled();
    await under.pass(60_000);
    under.limits.take = createRateLimiter(under.clock).take;
    for (let round = 0; round < 12; round++) {
      for (const [i, person] of people.entries()) {
        await under.clock.advance(25);
        person
          .push(say(`p${1_000 + i}-${round}`, 'And then?', { conversation: `conversation-p${1_000 + i}` }))
          .catch(() => {});
      }
    }
    await turn();
    await under.relay.settled();
    await turn();
    expect(people.flatMap((person) => person.of('nack'))).toEqual([]);
    expect(people.reduce((sum, person) => sum + person.of('ack').length, 0)).toBe(200 * 13);
  });
});

describe('who is blocked', () => {
  const blocked = (network: string, forMs: number | null = HOUR) =>
    spamDesk().block({ network, reason: 'Adverts', forMs }, cleo);

  it('hears it on the line he has, and at each hello, until the block ends', async () => {
    await start({ calm: 99 });
    const mia = await under.visitor({ address: '192.0.2.7' });
    const noah = await under.visitor({ address: '192.0.3.7' });
    expect(await blocked('192.0.2.0/24')).toMatchObject({ block: { target: '192.0.2.0/24', createdBy: 'cleo' } });
    await turn();
    expect(mia.last('error')).toMatchObject({ code: 'blocked', retry: 'never' });
    expect(mia.closed).toMatchObject({ code: 4403 });
    expect(noah.closed).toBeNull();
    const again = under.line({ address: '192.0.2.9' });
    await again.send({ type: 'hello', role: 'visitor', versions: [1], client: 'test', site: SITE.key });
    expect(again.last('error').code).toBe('blocked');
    expect(under.relay.isBlocked('192.0.2.9')).toBe(true);
    await under.pass(HOUR);
    expect(under.relay.isBlocked('192.0.2.9')).toBe(false);
    await expect(under.visitor({ address: '192.0.2.9' })).resolves.toMatchObject({ closed: null });
  });

  it('stays so after a restart, and what has ended is gone from the store', async () => {
    await start();
    await blocked('2001:db8::/48', null);
    await blocked('192.0.2.1');
    await under.restart();
    expect(under.relay.isBlocked('2001:db8:0:9::1')).toBe(true);
    expect(under.relay.isBlocked('192.0.2.1')).toBe(true);
    await under.pass(HOUR);
    await under.restart();
    await turn();
    expect((await under.store.blocks()).map(({ target }) => target)).toEqual(['2001:db8::/48']);
  });

  it('is let in again when the block is taken out', async () => {
    await start();
    const made = await blocked('192.0.2.1');
    if ('refused' in made) throw new Error(made.refused);
    expect(await spamDesk().unblock({ id: made.block.id }, cleo)).toEqual({});
    expect(under.relay.isBlocked('192.0.2.1')).toBe(false);
    expect(await spamDesk().unblock({ id: made.block.id }, cleo)).toMatchObject({ refused: 'not-found' });
  });

  it('is seen and changed by those who lead, and nobody shuts the world out', async () => {
    await start();
    expect(await spamDesk().block({ network: '192.0.2.1', reason: '', forMs: null }, ada)).toMatchObject({
      refused: 'forbidden',
    });
    expect(await spamDesk().list(ada)).toMatchObject({ refused: 'forbidden' });
    expect(await spamDesk().unblock({ id: 'x' }, ada)).toMatchObject({ refused: 'forbidden' });
    for (const network of ['0.0.0.0/0', '::/0', '10.0.0.0/7', '2001::/15', 'mia', ''])
      expect(await blocked(network)).toMatchObject({ refused: 'bad-frame' });
  });
});

describe('a conversation that is marked as spam', () => {
  async function spammed(block?: { forMs: number; address: boolean }) {
    await start({ calm: 99 });
    const mia = await under.visitor({ address: '2001:db8:0:7::9' });
    await mia.send(say('a1', 'Buy this'));
    const deed = { conversation: 'conversation-a1', ownership: 1, ...(block === undefined ? {} : { block }) };
    return { mia, done: await spamDesk().mark(deed, ada) };
  }
  const listed = async (view: 'resolved' | 'queue' | 'spam') =>
    (await under.store.list({ view, agent: 'ada', limit: 10 })).conversations.map(({ state }) => state.id);

  it('is resolved, in no list and in no number, and found among spam', async () => {
    const { mia, done } = await spammed();
    expect(done).toEqual({ blocked: { visitor: false, address: false } });
    expect(await listed('queue')).toEqual([]);
    expect(await listed('resolved')).toEqual([]);
    expect(await listed('spam')).toEqual(['conversation-a1']);
    expect(await under.store.resolvedSince(0)).toBe(0);
    expect(await spamDesk().list(cleo)).toMatchObject({
      spam: [{ conversation: 'conversation-a1', text: 'Buy this' }],
    });
    // What the agents called it is not the visitor's to know.
    expect(JSON.stringify(mia.frames)).not.toContain('spam');
    expect(mia.closed).toBeNull();
  });

  it('shuts out its visitor and the network he wrote from, for a time, wherever he comes from next', async () => {
    const { mia, done } = await spammed({ forMs: HOUR, address: true });
    expect(done).toEqual({ blocked: { visitor: true, address: true } });
    expect(noted).toMatchObject([{ actor: 'agent:ada', action: 'block.made', object: 'conversation:conversation-a1' }]);
    await turn();
    expect(mia.closed).toMatchObject({ code: 4403 });
    expect(under.relay.isBlocked('2001:db8:0:7:ffff::1')).toBe(true);
    expect(under.relay.isBlocked('2001:db8:0:8::1')).toBe(false);
    const elsewhere = under.line({ address: '192.0.2.1' });
    await elsewhere.send({
      ...{ type: 'hello', role: 'visitor', versions: [1], client: 'test', site: SITE.key, session: mia.session },
    });
    expect(elsewhere.last('error').code).toBe('blocked');
  });

  const refusedBlock = [
    [
      'there are too many blocks',
      async () => {
        for (let i = 0; i < 9_999; i++)
          await under.store.saveBlock({
            ...{ id: `block-${i}`, kind: 'visitor', target: `visitor-${i}`, reason: 'Adverts', conversation: null },
            ...{ createdAt: 0, createdBy: 'cleo', expiresAt: null },
          });
      },
    ],
    [
      'the second of its blocks cannot be stored',
      async () => {
        const { saveBlock } = under.store;
        under.store.saveBlock = (row) =>
          row.kind === 'network' ? Promise.reject(new Error('The disk is away.')) : saveBlock(row);
      },
    ],
    [
      'it is somebody else’s',
      async () => {
        const line = await under.agent('ben');
        await line.send({ type: 'take', id: 'take-0001', conversation: 'conversation-a1' });
      },
    ],
  ] as const;
  it.each(refusedBlock)('is marked, blocked and noted, or nothing of it: when %s', async (_why, before) => {
    await start({ calm: 99 });
    const mia = await under.visitor({ address: '192.0.2.7' });
    await mia.send(say('a1', 'Buy this'));
    await before();
    const stored = await under.store.blocks();
    const [row] = await under.store.unresolved();
    const deed = { conversation: 'conversation-a1', ownership: row?.state.ownership ?? 0 };
    const outcome = spamDesk()
      .mark({ ...deed, block: { forMs: HOUR, address: true } }, ada)
      .catch(() => ({ refused: 'internal' }));
    expect(await outcome).toHaveProperty('refused');
    await turn();
    expect(await listed('spam')).toEqual([]);
    expect(await under.store.blocks()).toEqual(stored);
    expect(noted).toEqual([]);
    expect(mia.closed).toBeNull();
    expect(under.relay.isBlocked('192.0.2.7')).toBe(false);
  });

  it('is open again when that was a mistake, and its visitor let in', async () => {
    const { mia } = await spammed({ forMs: HOUR, address: true });
    expect(await spamDesk().undo({ conversation: 'conversation-a1' }, ben)).toEqual({});
    expect(await listed('queue')).toEqual(['conversation-a1']);
    expect(await under.store.blocks()).toEqual([]);
    const back = await under.visitor({ session: mia.session, address: '2001:db8:0:7::9' });
    expect(back.last('welcome')).toMatchObject({ conversation: { conversation: { status: 'open' } } });
    expect(await spamDesk().undo({ conversation: 'conversation-a1' }, ben)).toMatchObject({
      refused: 'changed-meanwhile',
    });
  });

  it('stays closed when its visitor was forgotten meanwhile', async () => {
    const { mia } = await spammed();
    const welcome = mia.last('welcome');
    const { personalData } = under.relay;
    await personalData.eraseOwn(welcome.role === 'visitor' ? welcome.visitor.id : '');
    await personalData.settled();
    expect(await spamDesk().undo({ conversation: 'conversation-a1' }, ben)).toMatchObject({
      refused: 'changed-meanwhile',
      message: 'This visitor was forgotten, so nobody is there to answer. The conversation stays closed.',
    });
    expect(await listed('queue')).toEqual([]);
  });

  it('is no success of the canned replies that were used in it', async () => {
    await start({ calm: 99 });
    for (const name of ['a', 'b']) {
      const visitor = await under.visitor();
      await visitor.send(say(`${name}1`));
      await under.store.countReplyUse({ reply: `reply-${name}`, conversation: `conversation-${name}1`, at: 1 });
    }
    await spamDesk().mark({ conversation: 'conversation-a1', ownership: 1 }, ada);
    const line = await under.agent('ada');
    await line.send({ type: 'take', id: 'take-0001', conversation: 'conversation-b1' });
    const resolve = { id: 'resolve-01', conversation: 'conversation-b1', ownership: 2, wrapUp: 'answered' };
    await line.send({ type: 'resolve', ...resolve });
    const successes = async (reply: string) => (await under.store.replyUsage([reply])).get(reply)?.resolved;
    // The log is followed in its order: when the second is counted, the first was looked at.
    while ((await successes('reply-b')) !== 1) await turn();
    expect(await successes('reply-a')).toBe(0);
  });

  it('goes back to the one who marked his own, and is marked for others only by who leads', async () => {
    await start({ calm: 99 });
    const mia = await under.visitor();
    await mia.send(say('a1'));
    const line = await under.agent('ada');
    await line.send({ type: 'take', id: 'take-0001', conversation: 'conversation-a1' });
    const deed = { conversation: 'conversation-a1', ownership: 2 };
    expect(await spamDesk().mark(deed, ben)).toMatchObject({ refused: 'not-owner' });
    expect(await spamDesk().mark({ ...deed, ownership: 1 }, ada)).toMatchObject({ refused: 'not-owner' });
    expect(await spamDesk().mark(deed, ada)).toMatchObject({ blocked: { visitor: false } });
    expect(await spamDesk().undo({ conversation: 'conversation-a1' }, ada)).toEqual({});
    const [row] = await under.store.unresolved();
    expect(row?.state).toMatchObject({ owner: { id: 'ada' }, wrapUp: null });
    expect(await spamDesk().mark({ ...deed, ownership: row?.state.ownership ?? 0 }, cleo)).toMatchObject({
      blocked: { visitor: false },
    });
  });
});

describe('a site that is paused', () => {
  it('takes nothing from visitors, lets them read, says how else to reach it, and comes back', async () => {
    await start({ calm: 99 });
    const mia = await under.visitor();
    await mia.send(say('a1'));
    const contact = { email: 'help@shop.example' };
    await under.relay.reconfigure({ ...CONFIG, sites: [{ ...SITE, paused: true, contact }] });
    await turn();
    expect(mia.last('site').site).toMatchObject({ paused: true, contact });
    await mia.send(say('a2'), { type: 'request-human', id: 'human-0001', conversation: 'conversation-a1' });
    expect(mia.of('nack')).toMatchObject([
      { code: 'paused', retry: 'never' },
      { code: 'paused', retry: 'never' },
    ]);
    await mia.send({ type: 'get-events', id: 'events-01', conversation: 'conversation-a1', after: 0 });
    expect(mia.last('events').events).toHaveLength(2);
    await under.relay.reconfigure(CONFIG);
    await turn();
    expect(mia.last('site').site.paused).toBeUndefined();
    await mia.send(say('a3'));
    expect(mia.last('ack').id).toBe('message-a3');
  });
});
