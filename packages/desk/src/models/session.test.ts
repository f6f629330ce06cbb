import { describe, expect, it } from 'vitest';
import { ada, refusal } from '../testing/agent-double.ts';
import { testDesk } from '../testing/desk.ts';

const nobody = { me: null, signedIn: null, connection: { status: 'idle' as const } };

describe('signing in', () => {
  it('happens by itself with the session that is there', async () => {
    const { desk, agent } = testDesk({ state: nobody });
    expect(desk.session.stage.value).toBe('starting');
    await desk.session.start();
    agent.set({ me: ada, signedIn: true });
    expect(agent.calls).toEqual(['connect']);
    expect(desk.session.stage.value).toBe('signed-in');
  });

  it('asks for e-mail and password when there is none', async () => {
    const { desk, agent } = testDesk({ state: nobody });
    agent.refuse('connect', refusal('signed-out', 'Nobody is signed in.'));
    const starting = desk.session.start();
    agent.set({ signedIn: false });
    await starting;
    expect([desk.session.stage.value, desk.session.problem.value, desk.session.notice.value]).toEqual([
      'signed-out',
      null,
      null,
    ]);
    await desk.session.signIn({ email: ' ada@example.com ', password: ' secret ' });
    expect(agent.calls.slice(-2)).toEqual(['signIn ada@example.com  secret ', 'connect']);
  });

  it('takes the code of a one-time link out of the address before it is used', async () => {
    const { desk, agent, around } = testDesk({ state: nobody, fragment: '#code=once' });
    const starting = desk.session.start();
    expect(around.fragment).toBe('');
    await starting;
    expect(agent.calls).toEqual(['signInWithCode once', 'connect']);
  });

  it.each([
    ['signIn', 'forbidden', 'E-mail and password do not match. Check both and try again.'],
    ['signIn', 'rate-limited', 'Too many tries. Wait a minute, then try again.'],
    ['connect', 'version', 'Signing in did not work. The desk is too old.'],
  ])('says in words when %s is refused with %s', async (call, code, words) => {
    const { desk, agent } = testDesk({ state: { ...nobody, signedIn: false } });
    agent.refuse(call, refusal(code, 'The desk is too old.'));
    await desk.session.signIn({ email: 'ada@example.com', password: 'x' });
    expect([desk.session.problem.value, desk.session.busy.value]).toEqual([words, 'no']);
  });

  it('says that a used link is used, and offers the password', async () => {
    const { desk, agent } = testDesk({ state: nobody, fragment: '#code=used' });
    agent.refuse('signInWithCode', refusal('bad-ticket', 'No.'));
    await desk.session.start();
    expect(desk.session.stage.value).toBe('signed-out');
    expect(desk.session.problem.value).toContain('used already');
  });

  it('asks for what is missing without asking the relay', async () => {
    const { desk, agent } = testDesk({ state: { ...nobody, signedIn: false } });
    await desk.session.signIn({ email: '', password: '' });
    expect([desk.session.problem.value, agent.calls]).toEqual(['Type your e-mail and your password.', []]);
  });
});

describe('the end of a session', () => {
  it('says that the drafts are kept when it came by itself', async () => {
    const { desk, agent } = testDesk();
    await desk.session.start();
    agent.set({ me: null, signedIn: false });
    expect([desk.session.stage.value, desk.session.notice.value]).toEqual([
      'signed-out',
      'Your session has ended. Sign in again: your drafts are kept.',
    ]);
  });

  it('says good-bye when it was wished', async () => {
    const { desk } = testDesk();
    await desk.session.start();
    await desk.session.signOut();
    expect([desk.session.stage.value, desk.session.notice.value]).toEqual(['signed-out', 'You are signed out.']);
  });
});
