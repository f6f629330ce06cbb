import { describe, expect, it } from 'vitest';
import { createIds } from '../ids.ts';
import { createRateLimiter } from '../limits.ts';
import { type AgentRow, type Bus, type BusMessage, StorageFull, type Store } from '../ports.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { deferred } from '../test-support/deferred.ts';
import { manualClock } from '../test-support/manual-clock.ts';
import { type AgentAuth, createAgentAuth, type SignIn } from './agent-auth.ts';
import { createPasswords } from './password.ts';
import { secretHash } from './secrets.ts';
import { TICKET_LIFE_MS } from './tickets.ts';

const HOUR = 3_600_000;
const password = 'correct horse battery';

async function house(options: { rateFactor?: number; store?: (store: Store) => Store } = {}) {
  const clock = manualClock();
  const inner = createMemoryStore();
  const store = options.store?.(inner) ?? inner;
  const said: BusMessage[] = [];
  const bus: Bus = {
    publish: (message) => void said.push(message),
    subscribe: () => () => {},
    onUp: () => () => {},
    close: async () => {},
  };
  const passwords = createPasswords({ N: 1_024, r: 8, p: 1 });
  const ada: AgentRow = {
    id: 'ada',
    email: 'ada@example.com',
    name: 'Ada',
    role: 'agent',
    teams: ['sales'],
    capacity: 4,
    presence: 'offline',
    passwordHash: await passwords.hash(password),
    active: true,
    createdAt: clock.now(),
  };
  await store.saveAgent(ada);
  const auth = createAgentAuth({
    config: { agentSessionMs: 12 * HOUR, agentIdleMs: HOUR },
    store,
    bus,
    clock,
    ids: createIds(clock),
    limiter: createRateLimiter(clock, { rateFactor: options.rateFactor ?? 1 }),
    passwords,
  });
  const revoked = () => said.filter((message) => message.kind === 'revoked');
  return { clock, store, auth, ada, said, revoked };
}

const signIn = (auth: AgentAuth, over: Partial<{ email: string; password: string; address: string }> = {}) =>
  auth.signIn({ email: 'ada@example.com', password, address: '192.0.2.7', ...over });

function tokenOf(result: SignIn): string {
  if (!result.ok) throw new Error(`not signed in: ${result.why}`);
  return result.token;
}

describe('signing in', () => {
  it('opens a session with the right password, whatever the case of the e-mail', async () => {
    const { auth } = await house();
    const token = tokenOf(await signIn(auth, { email: ' Ada@Example.com ' }));
    expect(token).toMatch(/^[\w-]{43}$/);
    expect((await auth.session(token))?.agent.name).toBe('Ada');
  });

  it('keeps only the hash of the token', async () => {
    const { auth, store } = await house();
    const token = tokenOf(await signIn(auth));
    expect(await store.agentSession(token)).toBeNull();
    expect(await store.agentSession(secretHash(token))).toMatchObject({ agent: 'ada' });
  });

  it('answers the same to a wrong password, an unknown e-mail, and somebody who left', async () => {
    const { auth, store, ada } = await house();
    await store.saveAgent({ ...ada, id: 'ben', email: 'ben@example.com', active: false });
    const wrong = { ok: false, why: 'wrong' };
    expect(await signIn(auth, { password: 'wrong horse battery' })).toEqual(wrong);
    expect(await signIn(auth, { email: 'nobody@example.com' })).toEqual(wrong);
    expect(await signIn(auth, { email: 'ben@example.com' })).toEqual(wrong);
  });

  it('does not let in an account without a password', async () => {
    const { auth, store, ada } = await house();
    await store.saveAgent({ ...ada, passwordHash: null });
    expect(await signIn(auth)).toEqual({ ok: false, why: 'wrong' });
  });

  it('refuses the sixth try on an account in a row, and lets others in meanwhile', async () => {
    const { auth, store, ada, clock } = await house();
    await store.saveAgent({ ...ada, id: 'ben', email: 'ben@example.com' });
    for (let i = 0; i < 5; i++)
      expect(await signIn(auth, { password: 'wrong horse battery' })).toMatchObject({ why: 'wrong' });
    const sixth = await signIn(auth);
    expect(sixth).toMatchObject({ ok: false, why: 'too-fast', retryAfterMs: 60_000 });
    expect(await signIn(auth, { email: 'ben@example.com' })).toMatchObject({ ok: true });
    expect(await signIn(auth, { address: '198.51.100.1' })).toMatchObject({ ok: true });
    clock.advance(60_000);
    expect(await signIn(auth)).toMatchObject({ ok: true });
  });

  it('refuses a flood at once instead of queueing it', async () => {
    const { auth } = await house({ rateFactor: 1_000 });
    const results = await Promise.all(Array.from({ length: 100 }, () => signIn(auth)));
    expect(results.filter((result) => result.ok)).toHaveLength(16);
    expect(results.filter((result) => !result.ok && result.why === 'too-fast')).toHaveLength(84);
  });

  it('does not open a session for a password that was changed while it was being checked', async () => {
    const { auth, store } = await house();
    const late = signIn(auth);
    await auth.setPassword('ada', 'another horse battery');
    const result = await late;
    if (result.ok) expect(await auth.session(result.token)).toBeNull();
    expect(await store.agentByEmail('ada@example.com')).toMatchObject({ active: true });
    expect(await signIn(auth, { password: 'another horse battery' })).toMatchObject({ ok: true });
  });
});

describe('one-time codes', () => {
  it('sign in once', async () => {
    const { auth } = await house();
    const code = await auth.makeCode('ada');
    expect(await auth.signInWithCode({ code, address: '192.0.2.7' })).toMatchObject({ ok: true });
    expect(await auth.signInWithCode({ code, address: '192.0.2.7' })).toEqual({ ok: false, why: 'wrong' });
  });

  it('sign in exactly once of a thousand at the same moment', async () => {
    const { auth } = await house({ rateFactor: 1_000 });
    const code = await auth.makeCode('ada');
    const results = await Promise.all(
      Array.from({ length: 1_000 }, (_, i) => auth.signInWithCode({ code, address: `192.0.2.${i % 250}` })),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
  });

  it('end after a quarter of an hour, or after the time they were made for', async () => {
    const { auth, clock } = await house();
    const short = await auth.makeCode('ada');
    const long = await auth.makeCode('ada', 24 * HOUR);
    clock.advance(15 * 60_000);
    expect(await auth.signInWithCode({ code: short, address: '192.0.2.7' })).toMatchObject({ ok: false });
    expect(await auth.signInWithCode({ code: long, address: '192.0.2.7' })).toMatchObject({ ok: true });
  });

  it('are limited by address, so that nobody can try many', async () => {
    const { auth } = await house();
    const tries = [];
    for (let i = 0; i < 21; i++) tries.push(await auth.signInWithCode({ code: `guess ${i}`, address: '192.0.2.7' }));
    expect(tries.at(19)).toMatchObject({ why: 'wrong' });
    expect(tries.at(20)).toMatchObject({ why: 'too-fast' });
  });
});

describe('sessions', () => {
  it('end an hour after their last use, and use keeps them', async () => {
    const { auth, clock } = await house();
    const token = tokenOf(await signIn(auth));
    for (let i = 0; i < 3; i++) {
      clock.advance(HOUR - 60_001);
      expect(await auth.session(token)).not.toBeNull();
    }
    clock.advance(HOUR);
    expect(await auth.session(token)).toBeNull();
  });

  it.each([
    ['the disk is full', new StorageFull('full')],
    ['another process has locked the database', new Error('database is locked')],
  ])('go on while %s', async (_what, failure) => {
    let isFull = false;
    const { auth, clock } = await house({
      store: (inner) => ({
        ...inner,
        noteSessionUse: (...use) => (isFull ? Promise.reject(failure) : inner.noteSessionUse(...use)),
      }),
    });
    const token = tokenOf(await signIn(auth));
    clock.advance(120_000);
    isFull = true;
    const principal = await auth.session(token);
    expect(principal?.agent.id).toBe('ada');
    expect(await auth.tickets.redeem(auth.tickets.issue(principal!))).not.toBeNull();
  });

  it('end twelve hours after they began, and tell the sockets that were opened with them', async () => {
    const { auth, clock, revoked } = await house();
    const token = tokenOf(await signIn(auth));
    for (let i = 0; i < 12 * 2 - 1; i++) {
      clock.advance(HOUR / 2);
      expect(await auth.session(token)).not.toBeNull();
    }
    clock.advance(HOUR / 2);
    await settled();
    await tick(clock);
    expect(await auth.session(token)).toBeNull();
    expect(revoked()).toContainEqual({ kind: 'revoked', what: 'agent-session', id: secretHash(token) });
  });

  it('that ran out while the disk was full end when it is not any more', async () => {
    let isFull = false;
    const { auth, clock, revoked } = await house({
      store: (inner) => ({
        ...inner,
        endAgentSession: (hash) => (isFull ? Promise.reject(new StorageFull('full')) : inner.endAgentSession(hash)),
      }),
    });
    const token = tokenOf(await signIn(auth));
    await auth.session(token);
    isFull = true;
    clock.advance(12 * HOUR);
    await settled();
    await tick(clock);
    isFull = false;
    await tick(clock);
    expect(revoked()).toEqual([{ kind: 'revoked', what: 'agent-session', id: secretHash(token) }]);
  });

  it('end by signing out, and their sockets with them', async () => {
    const { auth, revoked } = await house();
    const token = tokenOf(await signIn(auth));
    const other = tokenOf(await signIn(auth));
    await auth.signOut((await auth.session(token))!);
    expect(await auth.session(token)).toBeNull();
    expect(await auth.session(other)).not.toBeNull();
    expect(revoked()).toEqual([{ kind: 'revoked', what: 'agent-session', id: secretHash(token) }]);
  });

  it('are not brought back by a use that was on its way when they ended', async () => {
    const reading = deferred();
    let isSlow = false;
    const { auth, clock, store } = await house({
      store: (inner) => ({
        ...inner,
        agent: async (id) => {
          if (isSlow) await reading.promise;
          return inner.agent(id);
        },
      }),
    });
    const token = tokenOf(await signIn(auth));
    const principal = (await auth.session(token))!;
    clock.advance(120_000);
    isSlow = true;
    const inFlight = auth.session(token);
    await auth.signOut(principal);
    reading.resolve();
    expect(await inFlight).toBeNull();
    expect(await store.agentSession(secretHash(token))).toBeNull();
  });

  it('all end with a new password', async () => {
    const { auth, revoked } = await house();
    const token = tokenOf(await signIn(auth));
    await auth.setPassword('ada', 'another horse battery');
    expect(await auth.session(token)).toBeNull();
    expect(revoked()).toEqual([{ kind: 'revoked', what: 'agent', id: 'ada' }]);
    await expect(auth.setPassword('ada', 'short')).rejects.toThrow(/at least/);
  });

  it('all end when somebody leaves, and nothing opens one again', async () => {
    const { auth, said } = await house();
    const token = tokenOf(await signIn(auth));
    const ticket = auth.tickets.issue((await auth.session(token))!);
    const code = await auth.makeCode('ada');
    await auth.deactivate('ada');
    expect(await auth.session(token)).toBeNull();
    expect(await auth.tickets.redeem(ticket)).toBeNull();
    expect(await auth.signInWithCode({ code, address: '192.0.2.7' })).toMatchObject({ ok: false });
    expect(await signIn(auth)).toMatchObject({ ok: false });
    expect(said).toEqual([{ kind: 'revoked', what: 'agent', id: 'ada' }, { kind: 'agents' }]);
  });

  it.each([
    ['leaving', { active: false }],
    ['another role', { role: 'lead' as const }],
    ['another password', { passwordHash: null }],
  ])('notices %s within 5 s when another process wrote it', async (_name, change) => {
    const { clock, store, ada, revoked } = await house();
    await tick(clock);
    await store.saveAgent({ ...ada, ...change });
    await tick(clock);
    expect(revoked()).toEqual([{ kind: 'revoked', what: 'agent', id: 'ada' }]);
  });

  it('notices later that somebody left whose sessions could not be ended at once', async () => {
    let isFull = false;
    const { auth, clock, revoked } = await house({
      store: (inner) => ({
        ...inner,
        endAgentSessionsOf: (agent) =>
          isFull ? Promise.reject(new StorageFull('full')) : inner.endAgentSessionsOf(agent),
      }),
    });
    await tick(clock);
    isFull = true;
    await expect(auth.deactivate('ada')).rejects.toThrow('full');
    isFull = false;
    await tick(clock);
    expect(revoked()).toEqual([{ kind: 'revoked', what: 'agent', id: 'ada' }]);
  });

  it('tells about a new colleague, and does not take a presence for a change', async () => {
    const { clock, store, ada, said } = await house();
    await tick(clock);
    await store.saveAgent({ ...ada, presence: 'online' });
    await tick(clock);
    expect(said).toEqual([]);
    await store.saveAgent({ ...ada, id: 'ben', email: 'ben@example.com', name: 'Ben' });
    await tick(clock);
    expect(said).toEqual([{ kind: 'agents' }]);
  });

  it('looks no more after stop', async () => {
    const { auth, clock, store, ada, said } = await house();
    await tick(clock);
    auth.stop();
    await store.saveAgent({ ...ada, active: false });
    await tick(clock);
    expect(said).toEqual([]);
  });
});

describe('socket tickets', () => {
  it('are good once, for whoever has one first of many', async () => {
    const { auth } = await house();
    const principal = (await auth.session(tokenOf(await signIn(auth))))!;
    const ticket = auth.tickets.issue(principal);
    const redeemed = await Promise.all(Array.from({ length: 1_000 }, () => auth.tickets.redeem(ticket)));
    expect(redeemed.filter((result) => result !== null)).toHaveLength(1);
    expect(redeemed.find((result) => result !== null)).toMatchObject({
      agent: { id: 'ada' },
      session: principal.session,
    });
  });

  it('are good for 30 s', async () => {
    const { auth, clock } = await house();
    const principal = (await auth.session(tokenOf(await signIn(auth))))!;
    const [early, late] = [auth.tickets.issue(principal), auth.tickets.issue(principal)];
    clock.advance(TICKET_LIFE_MS - 1);
    expect(await auth.tickets.redeem(early)).not.toBeNull();
    clock.advance(1);
    expect(await auth.tickets.redeem(late)).toBeNull();
  });

  it('say who the agent is when they are used, not when they were made', async () => {
    const { auth, store, ada } = await house();
    const ticket = auth.tickets.issue((await auth.session(tokenOf(await signIn(auth))))!);
    await store.saveAgent({ ...ada, role: 'lead' });
    expect(await auth.tickets.redeem(ticket)).toMatchObject({ agent: { role: 'lead' } });
  });

  it('are worth nothing after signing out, and made-up ones never are', async () => {
    const { auth } = await house();
    const principal = (await auth.session(tokenOf(await signIn(auth))))!;
    const ticket = auth.tickets.issue(principal);
    await auth.signOut(principal);
    expect(await auth.tickets.redeem(ticket)).toBeNull();
    for (const guess of ['', 'x', '__proto__', 'A'.repeat(43)]) expect(await auth.tickets.redeem(guess)).toBeNull();
  });
});

/** Lets promises that are ready run. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

async function tick(clock: { advance(ms: number): void }): Promise<void> {
  clock.advance(2_500);
  await settled();
}
