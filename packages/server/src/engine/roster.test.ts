import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StorageFull } from '../ports.ts';
import { type RelayUnderTest, relayUnderTest, type TestLine, text } from '../testing/relay-under-test.ts';

const C1 = 'conversation-0001';
let under: RelayUnderTest;

beforeEach(async () => {
  under = await relayUnderTest();
});
afterEach(async () => {
  await under.checkEventLaw();
  await under.relay.stop();
});

/** Mia has written, Ada has taken it. */
async function talking() {
  const mia = await under.visitor();
  await mia.send({ type: 'send', id: 'message-01', conversation: C1, blocks: text('Hello') });
  const ada = await under.agent('ada');
  await ada.send({ type: 'take', id: 'take-0001', conversation: C1 });
  return { mia, ada };
}
const whyQueued = (mia: TestLine) => {
  const { body } = mia.last('event').event;
  return body.kind === 'queued' ? body.why : null;
};
async function signOut(session = 'session-of-ada') {
  under.bus.publish({ kind: 'revoked', what: 'agent-session', id: session });
  under.bus.publish({ kind: 'signed-out', agent: 'ada', session });
  await under.pass(0);
}
const ownerNow = async () => (await under.store.conversations([C1])).get(C1)?.state.owner?.id ?? null;

describe('[O4] an agent who leaves is not waited for', () => {
  it('when he signs out: what he owned is queued again at once', async () => {
    const { mia, ada } = await talking();
    const ben = await under.agent('ben');
    await signOut();
    expect(ada.closed?.code).toBe(4401);
    expect(whyQueued(mia)).toBe('agent-left');
    await under.pass(200);
    expect(ben.last('agents').agents.find(({ id }) => id === 'ada')?.presence).toBe('offline');
  });

  it('when he signs out after his line was lost', async () => {
    const { mia, ada } = await talking();
    await ada.cut();
    await signOut();
    expect(whyQueued(mia)).toBe('agent-left');
  });

  it('unless he is still signed in somewhere else', async () => {
    const { mia } = await talking();
    const phone = await under.agent('ada@phone');
    await signOut();
    await under.pass(60_000);
    expect(await ownerNow()).toBe('ada');
    await signOut('session-of-ada at phone');
    expect(phone.closed?.code).toBe(4401);
    expect(whyQueued(mia)).toBe('agent-left');
  });

  it('when he chooses Offline, but not when he chooses Away', async () => {
    const { mia, ada } = await talking();
    await ada.send({ type: 'set-presence', id: 'presence-1', presence: 'away' });
    expect(await ownerNow()).toBe('ada');
    await ada.send({ type: 'set-presence', id: 'presence-2', presence: 'offline' });
    expect(whyQueued(mia)).toBe('agent-left');
  });

  it('when he is deactivated', async () => {
    const { mia } = await talking();
    const row = await under.store.agent('ada');
    if (row !== null) await under.store.saveAgent({ ...row, active: false });
    under.bus.publish({ kind: 'revoked', what: 'agent', id: 'ada' });
    await under.pass(0);
    expect(whyQueued(mia)).toBe('agent-left');
  });

  it('and has room and presence again as soon as he is back', async () => {
    const { mia } = await talking();
    await signOut();
    const back = await under.agent('ada');
    await back.send({ type: 'take', id: 'take-0002', conversation: C1 });
    await under.pass(60_000);
    expect(await ownerNow()).toBe('ada');
    await back.cut();
    await under.pass(30_000);
    expect(whyQueued(mia)).toBe('agent-lost');
  });

  it('also when the disk was full at that moment: it is tried again', async () => {
    const { mia } = await talking();
    const { append } = under.store;
    under.store.append = async () => Promise.reject(new StorageFull('full'));
    await signOut();
    under.store.append = append;
    expect(await ownerNow()).toBe('ada');
    await under.pass(31_000);
    expect(whyQueued(mia)).toBe('agent-left');
  });
});

it('changes nothing of an agent but his presence', async () => {
  const { ada } = await talking();
  const { setPresence } = under.store;
  // A new password lands just before.
  under.store.setPresence = async (agent, presence) => {
    const row = await under.store.agent(agent);
    if (row !== null) await under.store.saveAgent({ ...row, passwordHash: 'new', role: 'lead' });
    return setPresence(agent, presence);
  };
  await ada.send({ type: 'set-presence', id: 'presence-1', presence: 'away' });
  expect(await under.store.agent('ada')).toMatchObject({ passwordHash: 'new', role: 'lead', presence: 'away' });
});
