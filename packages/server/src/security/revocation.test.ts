import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secretHash } from '../auth/secrets.ts';
import { standingClock } from '../testing/relay-under-test.ts';
import { BOT_TOKEN, type OpenHouse, openHouse } from './open-house.ts';
import { agentHello, type OpenLine, openLine, WAYS, type Way } from './open-line.ts';

/** Repetitions of each way to lose a right, over each way in. */
const TIMES = 25;
/** A password takes its time to be hashed. */
const TIMES_OF_PASSWORDS = 5;
/** Promised: a right that was taken is gone everywhere after this. */
const WITHIN_MS = 5_000;

const clock = standingClock(Date.now());
let house: OpenHouse;
beforeAll(async () => {
  house = await openHouse({ clock });
});
afterAll(async () => {
  // Saying goodbye takes time, which only a clock that goes has.
  const stopped = house.server.stop();
  await clock.advance(60_000);
  await stopped;
});

interface Victim {
  agent: string;
  token: string;
  cookie: string;
}

let count = 0;
/** Somebody new, with a session, whose right is about to be taken. */
async function victim(): Promise<Victim> {
  const agent = `victim-${++count}`;
  await house.server.store.saveAgent({
    ...{ id: agent, name: agent, role: 'agent', email: `${agent}@shop.example`, teams: ['sales'], capacity: 5 },
    ...{ presence: 'online', passwordHash: null, active: true, createdAt: 0 },
  });
  return { agent, ...(await house.signedIn(agent)) };
}

/** What takes a right away, here and by another process, which only writes into the store. */
const ENDINGS: Record<string, (who: Victim) => Promise<void>> = {
  async 'signing out'(who) {
    const response = await fetch(`${house.server.url}/desk/api/session`, {
      method: 'DELETE',
      headers: { origin: house.desk, cookie: who.cookie },
    });
    expect(response.status).toBe(204);
  },
  leaving: (who) => house.server.auth.deactivate(who.agent),
  'a new password': (who) => house.server.auth.setPassword(who.agent, 'correct horse battery'),
  async 'leaving, written by another process'(who) {
    const row = await house.server.store.agent(who.agent);
    await house.server.store.saveAgent({ ...row!, active: false });
  },
  async 'another role, written by another process'(who) {
    const row = await house.server.store.agent(who.agent);
    await house.server.store.saveAgent({ ...row!, role: 'lead' });
    await house.server.store.endAgentSessionsOf(who.agent);
  },
};

const send = (n: number): object => ({
  ...{ type: 'get-events', id: `in-flight-${String(n).padStart(4, '0')}`, conversation: 'nothing-there' },
  after: 0,
});

/** Opens a line with a ticket of this session. */
async function lineOf(who: Victim, way: Way): Promise<OpenLine> {
  const response = await house.post('/desk/api/ticket', {}, { cookie: who.cookie });
  const { ticket } = (await response.json()) as { ticket: string };
  const line = await openLine(house, way, 'desk', agentHello(ticket), { cookie: who.cookie });
  await line.until(({ type }) => type === 'welcome');
  return line;
}

const TIMES_OF_BOTS = 5;
const bot = (token: string) => ({ id: 'faq', name: 'Faq', drafts: false, code: null, tokenHash: secretHash(token) });

describe.each(WAYS)('over %s', (way) => {
  it.each(Object.keys(ENDINGS))(`%s ends every line and session within 5 s, whatever is in flight`, async (name) => {
    const times = name === 'a new password' ? TIMES_OF_PASSWORDS : TIMES;
    for (let i = 0; i < times; i++) {
      const who = await victim();
      // The look at the accounts must have seen him once to see that he changed.
      await clock.advance(2_500);
      const ways = [way, way === 'http' ? 'socket' : 'http'] as const;
      const lines = await Promise.all(ways.map((one) => lineOf(who, one)));
      const spare = await house.post('/desk/api/ticket', {}, { cookie: who.cookie });
      const { ticket } = (await spare.json()) as { ticket: string };
      const inFlight = lines.flatMap((line) => [0, 1, 2].map((n) => line.send(send(n)).catch(() => 0)));
      const asked = house.post('/desk/api/config', {}, { cookie: who.cookie });
      await ENDINGS[name]?.(who);
      // Whatever was promised for "within" has happened when this much time has passed.
      await clock.advance(WITHIN_MS);
      for (const { code } of await Promise.all(lines.map(({ closed }) => closed))) expect(code).toBe(4401);
      await Promise.all(inFlight);
      expect([200, 401]).toContain((await asked).status);
      // Nothing opens any more: no session, no ticket that was made before.
      for (const path of ['/desk/api/config', '/desk/api/ticket', '/desk/api/replies/list'])
        expect((await house.post(path, {}, { cookie: who.cookie })).status, path).toBe(401);
      const late = await openLine(house, way, 'desk', agentHello(ticket));
      expect((await late.closed).code).toBe(4401);
      // And what is said on a line after its end is heard by nobody.
      for (const [n, line] of lines.entries()) {
        const heard = line.frames.length;
        // A socket that is gone takes what it is given and says nothing.
        expect(await line.send(send(n))).toBe(ways[n] === 'http' ? 404 : 0);
        expect(line.frames.length).toBe(heard);
      }
    }
  });

  it('does not reach the lines of anybody else, nor another session of the same one at signing out', async () => {
    const who = await victim();
    const elsewhere = { ...who, ...(await house.signedIn(who.agent)) };
    const [his, other, hers] = [
      await lineOf(who, way),
      await lineOf(elsewhere, way),
      await lineOf(await victim(), way),
    ];
    await ENDINGS['signing out']?.(who);
    await clock.advance(WITHIN_MS);
    expect((await his.closed).code).toBe(4401);
    for (const line of [other, hers]) {
      await line.send(send(9));
      await line.until((frame) => 'id' in frame && frame.id === 'in-flight-0009');
      await line.end();
    }
  });

  it.each([
    ['taken out of the configuration', []],
    ['replaced by another one', [bot('another-token-of-a-bot-that-is-long')]],
  ])('a bot whose token was %s is out within 5 s, and stays out', async (_what, bots) => {
    const ticket = async (token = BOT_TOKEN) => {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${house.server.url}/desk/api/ticket`, { method: 'POST', headers });
      return response.ok ? ((await response.json()) as { ticket: string }).ticket : '';
    };
    for (let i = 0; i < TIMES_OF_BOTS; i++) {
      await house.server.reconfigure({ ...house.server.config, bots: [bot(BOT_TOKEN)] });
      await clock.advance(WITHIN_MS);
      const line = await openLine(house, way, 'desk', agentHello(await ticket()));
      await line.until(({ type }) => type === 'welcome');
      const late = await ticket();
      await house.server.reconfigure({ ...house.server.config, bots });
      await clock.advance(WITHIN_MS);
      expect((await line.closed).code).toBe(4401);
      expect(await ticket()).toBe('');
      const after = await openLine(house, way, 'desk', agentHello(late));
      expect((await after.closed).code).toBe(4401);
      if (bots.length > 0) expect(await ticket('another-token-of-a-bot-that-is-long')).not.toBe('');
    }
  });
});
