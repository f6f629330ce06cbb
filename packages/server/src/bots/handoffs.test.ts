import { afterEach, describe, expect, it } from 'vitest';
import type { Config } from '../config-types.ts';
import { CONFIG, type RelayUnderTest, relayUnderTest, type TestLine, text } from '../testing/relay-under-test.ts';

const opened: RelayUnderTest[] = [];
afterEach(async () => {
  for (const under of opened.splice(0)) {
    await under.checkEventLaw();
    await under.relay.stop();
  }
});

const C = 'conversation-1';
let count = 0;
const next = (): string => `command-${String(++count).padStart(4, '0')}`;

/** A shop whose bot answers once and then waits to be asked for a person. */
async function house(handoff: Partial<Config['handoff']> = {}, config: Partial<Config> = {}) {
  const answered: string[] = [];
  const under = await relayUnderTest({
    config: {
      sites: CONFIG.sites.map((site) => ({ ...site, bot: 'faq' })),
      bots: [
        {
          id: 'faq',
          name: 'Faq',
          drafts: false,
          tokenHash: null,
          code: {
            id: 'faq',
            name: 'Faq',
            async onMessage(turn) {
              answered.push(turn.text);
              await turn.reply('Hm.');
            },
          },
        },
      ],
      handoff: { ...CONFIG.handoff, ...handoff },
      ...config,
    },
  });
  opened.push(under);
  return { under, answered };
}

async function write(under: RelayUnderTest, mia: TestLine, words: string): Promise<void> {
  await mia.send({ type: 'send', id: next(), conversation: C, blocks: text(words) });
  await under.pass(10);
}
async function ask(under: RelayUnderTest, mia: TestLine): Promise<void> {
  await mia.send({ type: 'request-human', id: next(), conversation: C });
  await under.pass(200);
}
const stateOf = async (under: RelayUnderTest) => (await under.store.conversations([C])).get(C)?.state;
const failuresOf = async (under: RelayUnderTest): Promise<string[]> =>
  (await under.store.eventsOfKinds(C, ['handoff-failed'])).map(({ body }) =>
    body.kind === 'handoff-failed' ? body.why : '',
  );

describe('a handoff', () => {
  it('fails at once when nobody is there, once; what the visitor writes then waits as a message left', async () => {
    const { under, answered } = await house();
    const mia = await under.visitor();
    await write(under, mia, 'Hello');
    await ask(under, mia);
    expect(await failuresOf(under)).toEqual(['no-agents']);
    await write(under, mia, 'Then call me back');
    await under.pass(600_000);
    expect(await failuresOf(under)).toEqual(['no-agents']);
    expect(await stateOf(under)).toMatchObject({ owner: null, status: 'open', handoff: { state: 'failed' } });
    expect(answered).toEqual(['Hello']);
    const ada = await under.agent('ada');
    await ada.send({ type: 'take', id: next(), conversation: C });
    expect(await stateOf(under)).toMatchObject({ owner: { id: 'ada' } });
  });

  it('goes back to the bot when it is told so, which says nothing again until there is something new', async () => {
    const { under, answered } = await house({ onFailure: 'bot' });
    const mia = await under.visitor();
    await write(under, mia, 'Hello');
    await ask(under, mia);
    expect(await failuresOf(under)).toEqual(['no-agents']);
    expect(await stateOf(under)).toMatchObject({ owner: { id: 'faq', bot: true } });
    expect(answered).toEqual(['Hello']);
    await write(under, mia, 'And now?');
    expect(answered).toEqual(['Hello', 'And now?']);
  });

  it('waits for somebody who is there, and fails when he does not come in time', async () => {
    const { under } = await house({ timeoutMs: 60_000 });
    await under.agent('ada');
    const mia = await under.visitor();
    await write(under, mia, 'Hello');
    await ask(under, mia);
    await under.pass(59_000);
    expect(await failuresOf(under)).toEqual([]);
    await under.pass(1_500);
    expect(await failuresOf(under)).toEqual(['timed-out']);
  });

  it('is accepted by whoever takes it, and fails no more', async () => {
    const { under } = await house({ timeoutMs: 60_000 });
    const ada = await under.agent('ada');
    const mia = await under.visitor();
    await write(under, mia, 'Hello');
    await ask(under, mia);
    await ada.send({ type: 'take', id: next(), conversation: C });
    await under.pass(120_000);
    expect(await failuresOf(under)).toEqual([]);
    expect(await stateOf(under)).toMatchObject({ handoff: { state: 'accepted' } });
  });

  it('fails when everybody who is there declines', async () => {
    const offering = { id: 'sales', name: 'Sales', strategy: 'round-robin', mode: 'offer', offerMs: 30_000 } as const;
    const { under } = await house({}, { teams: [offering, ...CONFIG.teams.slice(1)] });
    const ada = await under.agent('ada');
    const ben = await under.agent('ben');
    const mia = await under.visitor();
    await write(under, mia, 'Hello');
    await ask(under, mia);
    for (let i = 0; i < 2; i++) {
      const [asked] = (await stateOf(under))?.offer?.agents ?? [];
      expect(asked).toMatch(/ada|ben/);
      expect(await failuresOf(under)).toEqual([]);
      await (asked === 'ada' ? ada : ben).send({ type: 'decline', id: next(), conversation: C });
      await under.pass(200);
    }
    expect(await failuresOf(under)).toEqual(['declined']);
  });

  it('keeps its time over a restart, and agents have theirs to come back', async () => {
    const { under } = await house({ timeoutMs: 120_000 });
    await under.agent('ada');
    const mia = await under.visitor();
    await write(under, mia, 'Hello');
    await ask(under, mia);
    await under.restart();
    await under.pass(29_000);
    expect(await failuresOf(under)).toEqual([]);
    await under.agent('ada');
    await under.pass(60_000);
    expect(await failuresOf(under)).toEqual([]);
    await under.pass(31_500);
    expect(await failuresOf(under)).toEqual(['timed-out']);
  });

  it('fails after a restart when nobody came back', async () => {
    const { under } = await house();
    await under.agent('ada');
    const mia = await under.visitor();
    await write(under, mia, 'Hello');
    await ask(under, mia);
    await under.restart();
    await under.pass(30_500);
    expect(await failuresOf(under)).toEqual(['no-agents']);
  });

  it('waits in the team that is named for handoffs', async () => {
    const { under } = await house({ team: 'billing' });
    const mia = await under.visitor();
    await write(under, mia, 'Hello');
    await ask(under, mia);
    expect(await stateOf(under)).toMatchObject({ team: { id: 'billing' } });
  });
});

describe('what a site shows', () => {
  it('is its bot, marked as one, and never the bot of another site', async () => {
    const { under } = await house();
    await under.pass(200);
    expect((await under.visitor()).last('welcome').site).toMatchObject({
      availability: 'online',
      faces: [{ id: 'faq', name: 'Faq', bot: true }],
    });
    const elsewhere = await house({}, { sites: CONFIG.sites });
    await elsewhere.under.pass(200);
    expect((await elsewhere.under.visitor()).last('welcome').site).toMatchObject({ availability: 'away', faces: [] });
  });
});
