import { describe, expect, it } from 'vitest';
import { testDesk } from '../testing/desk.ts';

const online = { status: 'online', via: 'websocket' } as const;

function desk() {
  const found = testDesk();
  return {
    ...found,
    notice: () => found.desk.connection.notice.value,
    said: () => found.desk.alerts.said.value.map(({ text }) => text),
  };
}

describe('the connection', () => {
  it('is told as soon as the device says that it is offline, before the line knows', () => {
    const { around, notice } = desk();
    expect(notice()).toBe(null);
    around.cutNetwork(true);
    expect(notice()).toBe('offline');
    around.cutNetwork(false);
    expect(notice()).toBe(null);
  });

  it('is tried again as soon as the device is back, and said to be well when it is', () => {
    const { agent, around, notice, said } = desk();
    around.cutNetwork(true);
    agent.set({ connection: { status: 'offline' } });
    around.pass(3_000);
    around.cutNetwork(false);
    expect(notice()).toBe('reconnecting');
    agent.set({ connection: online });
    expect(notice()).toBe(null);
    around.pass(250);
    expect(said()).toEqual(['You are connected again.']);
  });

  it('is well when the line outlives the network, as it does to a relay on the same machine', () => {
    const { agent, around, notice } = desk();
    around.cutNetwork(true);
    around.pass(5_000);
    expect(notice()).toBe(null);
    agent.set({ connection: { status: 'reconnecting', attempt: 1, retryAt: 0 } });
    expect(notice()).toBe('offline');
  });

  it('is not well when something else answers in the place of the relay', () => {
    const { agent, around, notice } = desk();
    around.cutNetwork(true);
    agent.set({ connection: { status: 'offline' } });
    around.cutNetwork(false);
    agent.set({ connection: { status: 'offline' } });
    expect(notice()).toBe('offline');
  });

  it('says nothing of a break that nobody could notice', () => {
    const { agent, around, said } = desk();
    agent.set({ connection: { status: 'reconnecting', attempt: 1, retryAt: 0 } });
    around.pass(400);
    agent.set({ connection: { status: 'connecting' } });
    agent.set({ connection: online });
    around.pass(250);
    expect(said()).toEqual([]);
  });

  it('says that a closed line does not come back by itself', () => {
    const { agent, notice } = desk();
    agent.set({ connection: { status: 'closed' } });
    expect(notice()).toBe('closed');
  });
});
