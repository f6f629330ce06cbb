import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Agent } from '../agent/types.ts';
import type { Bot, BotTurn } from '../config/bot.ts';
import { type Pair, pair } from '../testing/pair.ts';
import { defineBot } from './define-bot.ts';
import { type RunBotOptions, type RunningBot, runBot } from './run-bot.ts';

let at: Pair;
let agent: Agent;
let running: RunningBot | null;
let errors: unknown[];
beforeEach(async () => {
  at = await pair({
    bots: [
      { id: 'robin', name: 'Robin', drafts: true },
      { id: 'wren', name: 'Wren' },
    ],
    firstBot: 'robin',
    cannedReplies: [
      { id: 'post', shortcut: 'post', title: 'Parcel times', text: 'A parcel takes three days.' },
      { id: 'name', shortcut: 'name', title: 'Parcel greeting', text: 'Hello {{visitor.name}}' },
    ],
    siteInfo: {
      preChat: { id: 'before', purpose: 'pre-chat', fields: [{ id: 'order', kind: 'text', label: 'Order' }] },
    },
  });
  agent = at.newAgent('robin', { lists: false });
  errors = [];
  running = null;
  await Promise.all([agent.connect(), at.clock.advance(100)]);
});
afterEach(async () => {
  await running?.stop();
  await at.destroy();
  expect({ lines: at.network.open, timers: at.clock.waiting }).toEqual({ lines: 0, timers: 0 });
});

function run(onMessage: Bot['onMessage'], more: Partial<Bot> = {}, options: RunBotOptions = {}) {
  const bot = defineBot({ id: 'robin', name: 'Robin', onMessage, ...more });
  running = runBot(agent, bot, { clock: at.clock, onError: (error) => errors.push(error), ...options });
}
async function says(words: string, name = 'Mia') {
  const conversation = at.server.visitor(name).say(words);
  await at.clock.advance(500);
  return conversation;
}
const heard = (conversation: string) => at.server.transcript(conversation).map(({ by, text }) => `${by}: ${text}`);
const handoffIn = (conversation: string) =>
  at.server.log(conversation, 'agent').events.findLast(({ body }) => body.kind === 'handoff-requested')?.body;
const byTheClock = (ms: number) => new Promise<void>((go) => at.clock.after(ms, go));

describe('runBot', () => {
  it('gives each turn what was said, what is known and who it is', async () => {
    const turns: BotTurn[] = [];
    run(async (turn) => {
      turns.push(turn);
      await turn.reply(`You said: ${turn.text}`);
    });
    await Promise.all([
      at.chat.send('Where is it?', { before: { form: 'before', answers: { order: '7' } } }),
      at.clock.advance(500),
    ]);
    const conversation = at.chat.state.conversation?.id ?? '';
    void at.chat.send('Hello?');
    await at.clock.advance(500);
    expect(turns).toHaveLength(2);
    expect(turns[1]).toMatchObject({
      text: 'Hello?',
      history: [
        { by: 'visitor', text: 'Where is it?' },
        { by: 'bot', text: 'You said: Where is it?' },
      ],
      collected: { order: '7' },
      failures: 0,
      conversation: { id: conversation, team: 'sales', visitor: { verified: false } },
    });
    expect(heard(conversation)).toEqual([
      'visitor: Where is it?',
      'robin: You said: Where is it?',
      'visitor: Hello?',
      'robin: You said: Hello?',
    ]);
  });

  it('has one turn at a time in a conversation, and answers what was written meanwhile next', async () => {
    const log: string[] = [];
    run(async (turn) => {
      log.push(`> ${turn.text}`);
      await byTheClock(1_000);
      await turn.reply(turn.text.toUpperCase());
      log.push(`< ${turn.text}`);
    });
    const mia = await says('one');
    await says('two');
    await says('three');
    await says('other', 'Noah');
    await at.clock.advance(5_000);
    expect(log).toEqual(['> one', '< one', '> three', '> other', '< three', '< other']);
    expect(heard(mia)).toEqual(['visitor: one', 'visitor: two', 'visitor: three', 'robin: ONE', 'robin: THREE']);
  });

  it('greets whoever hears the first words, and nobody twice', async () => {
    const greeted: string[] = [];
    run((turn) => turn.reply('Answer'), { greet: (turn) => turn.reply(`Hello, ${greeted.push(turn.text)}`) });
    const mia = await says('Hi');
    await says('And?');
    expect(heard(mia)).toEqual(['visitor: Hi', 'robin: Hello, 1', 'robin: Answer', 'visitor: And?', 'robin: Answer']);
  });

  it('is aborted and refused from the moment somebody takes over', async () => {
    const outcomes: string[] = [];
    run(async (turn) => {
      turn.signal.addEventListener('abort', () => outcomes.push('aborted'));
      await byTheClock(1_000);
      for (const act of [() => turn.reply('Too late'), () => turn.handoff({ reason: 'x' }), () => turn.ask('form')])
        await act().catch((error) => outcomes.push(error.code));
    });
    const mia = await says('Hi');
    at.server.agent('cleo').take(mia);
    await at.clock.advance(2_000);
    expect(outcomes).toEqual(['aborted', 'not-owner', 'not-owner', 'not-owner']);
    expect(heard(mia)).toEqual(['visitor: Hi']);
    expect(errors).toEqual([]);
    expect(handoffIn(mia)).toBeUndefined();
  });

  it('gives a turn that throws or hangs to people, and says nothing afterwards', async () => {
    run(
      async (turn) => {
        if (turn.text === 'throw') throw new Error('a secret');
        await turn.reply('One moment');
        await byTheClock(10_000);
        await turn.reply('Too late');
      },
      { deadlineMs: 3_000 },
    );
    const mia = await says('throw');
    const noah = await says('hang', 'Noah');
    await at.clock.advance(20_000);
    expect(handoffIn(mia)).toMatchObject({ details: { reason: 'Robin failed.' } });
    expect(handoffIn(noah)).toMatchObject({ details: { reason: 'Robin did not answer in time.' } });
    expect(errors).toMatchObject([{ message: 'a secret' }]);
    expect(heard(noah)).toEqual(['visitor: hang', 'robin: One moment']);
    expect(at.server.conversations.get(noah)?.state.owner).toBeNull();
  });

  it('does not count the time in which the visitor decides about a tool', async () => {
    // Fetched when a bot calls a tool; here it is there at once.
    await import('../host/tools.ts');
    const results: unknown[] = [];
    run(
      async (turn) => {
        results.push(await turn.callTool('buy', {}), await turn.callTool('not a name', {}));
        await turn.reply('Done');
      },
      { deadlineMs: 3_000 },
    );
    at.chat.tools.register({ name: 'buy', handler: () => 'bought' });
    at.chat.on('tool-call', ({ allow }) => at.clock.after(30_000, allow));
    void at.chat.send('Buy it');
    await at.clock.advance(40_000);
    expect(results).toEqual([{ outcome: 'done', output: 'bought' }, { outcome: 'no-such-tool' }]);
    expect(heard(at.chat.state.conversation?.id ?? '').at(-1)).toBe('robin: Done');
  });

  it('offers a person after three turns that did not help, counting anew after one that did', async () => {
    const counted: number[] = [];
    run(async (turn) => {
      counted.push(turn.failures);
      if (turn.text === 'easy') await turn.reply('Sure');
      else await turn.unsure(turn.text === 'own words' ? 'Hm.' : undefined);
    });
    const mia = await says('hard');
    await says('own words');
    await says('easy');
    for (const words of ['hard', 'hard', 'hard', 'hard']) await says(words);
    expect(counted).toEqual([0, 1, 2, 0, 1, 2, 0]);
    const said = at.server
      .log(mia, 'visitor')
      .events.flatMap(({ body, actor }) => (body.kind === 'message' && actor.kind === 'bot' ? body.blocks : []));
    expect(said.filter(({ kind }) => kind === 'quick-replies')).toEqual([
      {
        kind: 'quick-replies',
        text: 'Would you rather talk to a person?',
        replies: [{ text: 'Talk to a person', action: 'request-human' }],
      },
    ]);
    expect(said[1]?.text).toBe('Hm.');
  });

  it('streams, types, and finds canned replies that need nothing filled in', async () => {
    run(async (turn) => {
      turn.typing();
      const [found] = await turn.cannedReplies('How long do parcels take?');
      async function* pieces() {
        for (const word of (found?.text ?? '').split(/(?<= )/)) yield word;
      }
      expect(await turn.stream(pieces())).toBe('A parcel takes three days.');
      expect(await turn.cannedReplies('greeting')).toMatchObject([]);
    });
    const mia = await says('How long?');
    expect(heard(mia)).toEqual(['visitor: How long?', 'robin: A parcel takes three days.']);
    expect(errors).toEqual([]);
  });

  it('answers what waits when it comes back, and nothing twice', async () => {
    const mia = await says('Is somebody there?');
    run((turn) => turn.reply('Yes'));
    await at.clock.advance(500);
    await running?.stop();
    await says('And now?');
    expect(heard(mia)).toEqual(['visitor: Is somebody there?', 'robin: Yes', 'visitor: And now?']);
    run((turn) => turn.reply('Again'));
    at.network.cut();
    await at.clock.advance(5_000);
    at.network.cut();
    await at.clock.advance(5_000);
    expect(heard(mia).slice(2)).toEqual(['visitor: And now?', 'robin: Again']);
  });

  it('goes on to draft for the person who took over, if it can', async () => {
    run((turn) => turn.handoff({ reason: 'Too hard' }), {
      draft: (turn) => (turn.text === 'Thanks' ? null : `Perhaps: ${turn.text}`),
    });
    const mia = await says('Where is it?');
    await Promise.all([at.agent.take(mia), at.clock.advance(1_000)]);
    const draft = () => at.agent.state.watched.get(mia)?.draft?.body.blocks[0]?.text;
    expect(draft()).toBe('Perhaps: Where is it?');
    await Promise.all([at.agent.send(mia, 'On its way'), at.clock.advance(500)]);
    await says('When?');
    expect(draft()).toBe('Perhaps: When?');
    await says('Thanks');
    expect(draft()).toBeUndefined();
    await Promise.all([at.agent.returnToBot(mia), at.clock.advance(500)]);
    expect(heard(mia).filter((line) => line.startsWith('robin'))).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('stops a bot that runs wild', async () => {
    run(async (turn) => {
      for (;;) await turn.reply('Hello');
    });
    const mia = await says('Hi');
    await at.clock.advance(20_000);
    expect(heard(mia).length).toBeLessThanOrEqual(51);
    expect(handoffIn(mia)).toMatchObject({ details: { reason: 'Robin failed.' } });
  });
});

describe('defineBot', () => {
  it('refuses what could not run, in words', () => {
    const onMessage = () => {};
    expect(() => defineBot({ id: 'not an id', name: 'x', onMessage })).toThrow('cannot have the id "not an id"');
    expect(() => defineBot({ id: 'robin', name: ' ', onMessage })).toThrow('needs a name');
    expect(() => defineBot({ id: 'robin', name: 'x', deadlineMs: 0, onMessage })).toThrow('deadlineMs above 0');
  });
});
