import type { Bot, BotTurn } from '@sveiki/sdk/config';
import { afterEach, describe, expect, it } from 'vitest';
import type { BotConfig, Config } from '../config-types.ts';
import { CONFIG, type RelayUnderTest, relayUnderTest, type TestLine, text, turn } from '../testing/relay-under-test.ts';

const opened: RelayUnderTest[] = [];
afterEach(async () => {
  for (const under of opened.splice(0)) {
    await under.checkEventLaw();
    await under.relay.stop();
  }
});

const codeOf = (code: Omit<Bot, 'id' | 'name'>): BotConfig => ({
  id: 'faq',
  name: 'Faq',
  drafts: code.draft !== undefined,
  code: { id: 'faq', name: 'Faq', ...code },
  tokenHash: null,
});

async function house(code: Omit<Bot, 'id' | 'name'>, config: Partial<Config> = {}): Promise<RelayUnderTest> {
  const sites = CONFIG.sites.map((site) => ({ ...site, bot: 'faq' }));
  const under = await relayUnderTest({ config: { bots: [codeOf(code)], sites, ...config } });
  opened.push(under);
  return under;
}

const C = 'conversation-1';
let count = 0;
const say = (words: string) => ({
  type: 'send',
  id: `message-${String(++count).padStart(4, '0')}`,
  conversation: C,
  blocks: text(words),
});

/** What a line saw said, in order. */
function saidTo(line: TestLine): string[] {
  return line.of('event').flatMap(({ event }) => {
    if (event.body.kind !== 'message') return [];
    return `${event.actor.kind}: ${event.body.blocks.map((block) => block.text).join(' + ')}`;
  });
}
const kindsOf = async (under: RelayUnderTest): Promise<string[]> => {
  const { events } = await under.store.events({ conversation: C, count: 'staff', after: 0, limit: 1_000 });
  return events.map(({ body }) => body.kind);
};
const stateOf = async (under: RelayUnderTest) => (await under.store.conversations([C])).get(C)?.state;

/** A turn that goes on when the test says so. */
function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('a bot in the configuration', () => {
  it('gets new conversations of its site first, greets, answers, and is marked as a bot', async () => {
    const seen: Pick<BotTurn, 'text' | 'conversation' | 'failures'>[] = [];
    const under = await house({
      greet: (turn) => turn.reply('Hello from the bot'),
      async onMessage(turn) {
        seen.push({ text: turn.text, conversation: turn.conversation, failures: turn.failures });
        await turn.reply(`You said: ${turn.text}`);
      },
    });
    const ada = await under.agent('ada');
    const mia = await under.visitor();
    await mia.send(say('Where is my parcel?'));
    await under.pass(10);
    expect(saidTo(mia)).toEqual([
      'visitor: Where is my parcel?',
      'bot: Hello from the bot',
      'bot: You said: Where is my parcel?',
    ]);
    expect(await stateOf(under)).toMatchObject({ owner: { id: 'faq', name: 'Faq', bot: true }, unansweredSince: null });
    expect(seen).toEqual([
      {
        text: 'Where is my parcel?',
        failures: 0,
        conversation: {
          id: C,
          site: 'pk_shop_test',
          team: 'sales',
          language: 'en',
          visitor: { id: expect.any(String), name: null, verified: false },
          page: null,
        },
      },
    ]);
    await mia.send(say('And the other one?'));
    await under.pass(10);
    expect(saidTo(mia).at(-1)).toBe('bot: You said: And the other one?');
    expect(ada.last('welcome')).toMatchObject({
      agents: expect.arrayContaining([expect.objectContaining({ id: 'faq', role: 'bot', presence: 'online' })]),
    });
  });

  it('has one turn at a time; what is written meanwhile makes the next one, with the rest as history', async () => {
    const first = gate();
    const turns: { text: string; history: string[] }[] = [];
    const under = await house({
      async onMessage({ text: words, history, reply }) {
        turns.push({ text: words, history: history.map(({ by, text: said }) => `${by}: ${said}`) });
        if (turns.length === 1) await first.opened;
        await reply(`re: ${words}`);
      },
    });
    const mia = await under.visitor();
    await mia.send(say('one'));
    await under.pass(10);
    await mia.send(say('two'), say('three'));
    await under.pass(10);
    expect(turns).toHaveLength(1);
    first.open();
    await under.pass(10);
    expect(turns).toEqual([
      { text: 'one', history: [] },
      { text: 'three', history: ['visitor: one', 'visitor: two', 'bot: re: one'] },
    ]);
    expect(saidTo(mia).at(-1)).toBe('bot: re: three');
  });

  it('streams at most ten pieces a second and stores one message with the id that was shown', async () => {
    const gates = [gate(), gate(), gate()];
    const under = await house({
      async onMessage(turn) {
        async function* pieces() {
          yield 'Your ';
          yield 'parcel ';
          await gates[0]?.opened;
          yield 'is on ';
          await gates[1]?.opened;
          yield 'its way';
        }
        await turn.stream(pieces());
      },
    });
    const mia = await under.visitor();
    await mia.send(say('Where?'));
    await under.pass(10);
    await under.clock.advance(50);
    gates[0]?.open();
    await turn();
    await under.clock.advance(50);
    gates[1]?.open();
    await under.pass(0);
    expect(mia.of('stream').map(({ text: shown }) => shown)).toEqual(['Your ', 'Your parcel is on its way']);
    expect(saidTo(mia).at(-1)).toBe('bot: Your parcel is on its way');
    expect(mia.of('event').at(-1)?.event.id).toBe(mia.last('stream').message);
    expect((await kindsOf(under)).filter((kind) => kind === 'message')).toHaveLength(2);
  });

  it('is silent from the moment a person takes over, whatever is under way, and hears of it', async () => {
    const between = gate();
    const outcomes: unknown[] = [];
    const under = await house({
      async onMessage(turn) {
        turn.signal.addEventListener('abort', () => outcomes.push('aborted'));
        async function* pieces() {
          yield 'I think ';
          await between.opened;
          yield 'that you should';
        }
        const failed = (error: { code: string }): unknown => outcomes.push(error.code);
        await turn.stream(pieces()).catch(failed);
        await turn.reply('more').catch(failed);
        await turn.ask('anything').catch(failed);
        await turn.callTool('anything', {}).catch(failed);
        await turn.handoff({ reason: 'late' }).catch(failed);
        await turn.unsure().catch(failed);
      },
    });
    const cleo = await under.agent('cleo');
    const mia = await under.visitor();
    await mia.send(say('Help'));
    await under.pass(10);
    const state = await stateOf(under);
    await cleo.send({ type: 'take', id: 'take-0001', conversation: C, ownership: state?.ownership });
    between.open();
    await under.pass(1_000);
    expect(outcomes).toEqual(['aborted', ...Array.from({ length: 6 }, () => 'not-owner')]);
    expect(saidTo(mia)).toEqual(['visitor: Help']);
    expect(mia.last('stream').text).toBe('');
    expect(await stateOf(under)).toMatchObject({ owner: { id: 'cleo' } });
    expect(under.relay.recentFailures()).toEqual([]);
  });

  it.each<[string, Bot['onMessage'], string]>([
    ['throws', () => Promise.reject(new Error('no model')), 'Faq failed.'],
    ['hangs', () => new Promise(() => {}), 'Faq did not answer in time.'],
    ['says nonsense', (turn) => turn.reply({ kind: 'video' } as never), 'Faq failed.'],
    ['says nothing at all in its words', (turn) => turn.reply('  '), 'Faq failed.'],
    [
      'streams what is no text',
      async (turn) => {
        await turn.stream(
          (async function* () {
            yield 7 as never;
          })(),
        );
      },
      'Faq failed.',
    ],
    [
      'streams without end',
      async (turn) => {
        await turn.stream(
          (async function* () {
            for (;;) yield 'and so on ';
          })(),
        );
      },
      'Faq failed.',
    ],
    [
      'floods',
      async (turn) => {
        for (;;) await turn.reply('spam');
      },
      'Faq failed.',
    ],
    ['hands off with nonsense', (turn) => turn.handoff({ reason: '' }), 'Faq failed.'],
    ['asks for a form that is not there', (turn) => turn.ask('nowhere'), 'Faq failed.'],
  ])('that %s loses the conversation to people, with that as the reason', async (_what, onMessage, reason) => {
    const under = await house({ onMessage, deadlineMs: 5_000 });
    await under.agent('ada');
    const mia = await under.visitor();
    await mia.send(say('Help'));
    for (let i = 0; i < 30; i++) await turn();
    await under.pass(5_000);
    expect(await stateOf(under)).toMatchObject({ owner: null, handoff: { by: 'rule', state: 'requested' } });
    const [requested] = await under.store.eventsOfKinds(C, ['handoff-requested']);
    expect(requested?.body).toMatchObject({ details: { reason } });
    expect(saidTo(mia).filter((line) => line.startsWith('bot')).length).toBeLessThanOrEqual(50);
    expect(under.relay.recentFailures()).toMatchObject([{ hook: 'faq', stage: 'bot', conversation: C }]);
  });

  it('hands off with what it knows, and says nothing after it', async () => {
    const after: string[] = [];
    const under = await house({
      async onMessage(turn) {
        await turn.reply('A colleague will help.');
        await turn.handoff({
          reason: 'refund',
          summary: 'Wants money back',
          priority: 5,
          collected: { order: 'AW-1' },
        });
        await turn.reply('late').catch((error: { code: string }) => after.push(error.code));
      },
    });
    await under.agent('ada');
    const mia = await under.visitor();
    await mia.send(say('Money back!'));
    await under.pass(10);
    expect(after).toEqual(['not-owner']);
    expect(await stateOf(under)).toMatchObject({
      owner: null,
      handoff: { by: 'bot', state: 'requested' },
      routing: { priority: 5 },
    });
    expect(saidTo(mia).at(-1)).toBe('bot: A colleague will help.');
  });

  it('offers a person after three turns in a row that did not help, in the language of the visitor', async () => {
    const failures: number[] = [];
    const under = await house({
      async onMessage(turn) {
        failures.push(turn.failures);
        if (turn.text === 'easy') await turn.reply('Easy!');
        else await turn.unsure(turn.text === 'own words' ? 'Hm.' : undefined);
      },
    });
    const mia = await under.visitor();
    for (const words of ['hard', 'easy', 'hard', 'own words', 'hard']) {
      await mia.send(say(words));
      await under.pass(10);
    }
    expect(failures).toEqual([0, 1, 0, 1, 2]);
    const said = saidTo(mia).filter((line) => line.startsWith('bot'));
    const notSure = 'bot: I found no answer to that. Can you say it in another way?';
    expect(said).toEqual([
      notSure,
      'bot: Easy!',
      notSure,
      'bot: Hm.',
      notSure,
      'bot: Would you rather talk to a person?',
    ]);
    const last = mia.of('event').at(-1)?.event.body;
    expect(last).toMatchObject({
      blocks: [{ kind: 'quick-replies', replies: [{ text: 'Talk to a person', action: 'request-human' }] }],
    });
  });

  it('calls tools of the page, and what came of it is written down', async () => {
    const results: unknown[] = [];
    const under = await house({
      async onMessage(turn) {
        results.push(await turn.callTool('cart', { full: true }), await turn.callTool('No such NAME', {}));
        await turn.reply('Seen.');
      },
    });
    const mia = await under.visitor();
    await mia.send(say('What is in my cart?'));
    await under.pass(10);
    const { call, tool, input } = mia.last('tool-call');
    expect({ tool, input }).toEqual({ tool: 'cart', input: { full: true } });
    await mia.push({ type: 'tool-done', call, outcome: 'done', output: { items: 2 } });
    await under.pass(10);
    expect(results).toEqual([{ outcome: 'done', output: { items: 2 } }, { outcome: 'no-such-tool' }]);
    expect(await kindsOf(under)).toContain('tool-called');
    expect(saidTo(mia).at(-1)).toBe('bot: Seen.');
  });

  it('drafts for the person who owns it, and only that; nonsense is no draft', async () => {
    const drafts: (string | null | { bad: true })[] = ['I would say: 3 days.', null, { bad: true }];
    const under = await house({
      onMessage: (turn) => turn.handoff({ reason: 'always' }),
      draft: () => drafts.shift() as string,
    });
    const ada = await under.agent('ada');
    const mia = await under.visitor();
    await mia.send(say('How long?'));
    await under.pass(10);
    await ada.send({ type: 'take', id: 'take-0002', conversation: C });
    for (const words of ['Hello?', 'Anybody?', 'Well?']) {
      await mia.send(say(words));
      await under.pass(10);
    }
    const drafted = ada.of('event').flatMap(({ event }) => (event.body.kind === 'drafted' ? [event.body] : []));
    expect(drafted).toMatchObject([{ blocks: [{ text: 'I would say: 3 days.' }] }]);
    expect(mia.of('event').some(({ event }) => event.body.kind === ('drafted' as string))).toBe(false);
    expect(under.relay.recentFailures()).toMatchObject([{ hook: 'faq', stage: 'draft' }]);
  });

  it('has its turn again after a restart in the middle of it, and says nothing twice', async () => {
    let isDown = true;
    let turns = 0;
    let aborted = 0;
    const under = await house({
      async onMessage(turn) {
        turns += 1;
        if (turn.text === 'two' && isDown) {
          return new Promise<void>((resolve) => {
            turn.signal.addEventListener('abort', () => {
              aborted += 1;
              resolve(turn.reply('too late').catch(() => {}));
            });
          });
        }
        await turn.reply(`re: ${turn.text}`);
      },
    });
    const mia = await under.visitor();
    await mia.send(say('one'));
    await under.pass(10);
    await mia.send(say('two'));
    await under.pass(10);
    isDown = false;
    await under.restart();
    await under.pass(10);
    const { events } = await under.store.events({ conversation: C, count: 'public', after: 0, limit: 100 });
    const said = events.flatMap(({ body, actor }) =>
      body.kind === 'message' && actor.kind === 'bot' ? [body.blocks[0]?.text] : [],
    );
    expect(said).toEqual(['re: one', 're: two']);
    expect({ turns, aborted }).toEqual({ turns: 3, aborted: 1 });
  });

  it('runs by new code from the moment it is there, also the turn that was under way', async () => {
    const under = await house({ onMessage: () => new Promise(() => {}) });
    const mia = await under.visitor();
    await mia.send(say('Hello?'));
    await under.pass(10);
    const sites = CONFIG.sites.map((site) => ({ ...site, bot: 'faq' }));
    const bots = [codeOf({ onMessage: (turn) => turn.reply(`New: ${turn.text}`) })];
    await under.relay.reconfigure({ ...CONFIG, sites, bots });
    await under.pass(10);
    expect(saidTo(mia)).toEqual(['visitor: Hello?', 'bot: New: Hello?']);
    expect(mia.closed).toBe(null);
    await under.pass(60_000);
    expect(await stateOf(under)).toMatchObject({ owner: { id: 'faq' } });
  });

  it('stays out of what routing gives to people', async () => {
    const under = await house(
      { onMessage: (turn) => turn.reply('me first') },
      {
        routing: {
          rules: [{ when: { words: ['lawyer'] }, decide: { to: 'queue', id: 'billing', reason: 'serious' } }],
        },
      },
    );
    const mia = await under.visitor();
    await mia.send(say('My lawyer will call you'));
    await under.pass(10);
    expect(await stateOf(under)).toMatchObject({ owner: null, team: { id: 'billing' } });
    expect(saidTo(mia)).toEqual(['visitor: My lawyer will call you']);
  });
});

describe('a bot that runs elsewhere', () => {
  it('gets the conversations of its site while it is connected, and people get them while it is not', async () => {
    const away: BotConfig = { id: 'faq', name: 'Faq', drafts: false, code: null, tokenHash: 'of-its-token' };
    const under = await house({ onMessage: () => {} }, { bots: [away] });
    const mia = await under.visitor();
    await mia.send(say('Anybody?'));
    await under.pass(200);
    expect(await stateOf(under)).toMatchObject({ owner: null, ownership: 1 });
    const faq = await under.agent('faq');
    const noah = await under.visitor();
    const other = 'conversation-2';
    await noah.send({ ...say('Hello'), conversation: other });
    await under.pass(200);
    const { owner, ownership } = faq.last('snapshot').conversation;
    expect(owner).toEqual({ id: 'faq', name: 'Faq', bot: true });
    await faq.send({ ...say('From far away'), conversation: other, ownership });
    expect(saidTo(noah).at(-1)).toBe('bot: From far away');
    await faq.cut();
    await under.pass(CONFIG.agentGraceMs + 100);
    expect((await under.store.conversations([other])).get(other)?.state).toMatchObject({ owner: null });
  });
});

describe('accounts of bots', () => {
  it('end with the configuration, and no bot has the id of a person', async () => {
    const under = await house({ onMessage: () => {} });
    expect(await under.store.agent('faq')).toMatchObject({
      role: 'bot',
      active: true,
      email: 'bot:faq',
      passwordHash: null,
    });
    const without = await relayUnderTest({ store: under.store });
    opened.push(without);
    expect(await under.store.agent('faq')).toMatchObject({ active: false });
    const clash = { ...codeOf({ onMessage: () => {} }), id: 'ada' };
    await expect(relayUnderTest({ config: { bots: [clash] } })).rejects.toThrow('The bot "ada" has the id of a person');
  });
});
