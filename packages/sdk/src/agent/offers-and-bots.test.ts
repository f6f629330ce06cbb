import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Pair, pair } from '../testing/pair.ts';
import type { Agent } from './types.ts';

const form = {
  id: 'order',
  purpose: 'in-chat',
  fields: [{ id: 'number', kind: 'text', label: 'Order number', required: true }],
} as const;

let at: Pair;
let bot: Agent;
beforeEach(async () => {
  at = await pair({ bots: [{ id: 'robin', name: 'Robin', drafts: true }], forms: [form] });
  bot = at.newAgent('robin', { lists: false });
  await Promise.all([bot.connect(), at.clock.advance(100)]);
});
afterEach(async () => {
  await at.destroy();
  expect({ lines: at.network.open, timers: at.clock.waiting }).toEqual({ lines: 0, timers: 0 });
});

/** Does something of the agent's, and lets half a second pass. */
async function and<T>(doing: Promise<T>): Promise<T> {
  doing.catch(() => {});
  await at.clock.advance(500);
  return doing;
}

/** Mia has asked, and the bot has it. */
async function withBot(): Promise<string> {
  const conversation = at.server.visitor('Mia').say('Where is my order?');
  at.server.agent('cleo').transfer(conversation, { bot: 'robin' });
  await at.clock.advance(500);
  return conversation;
}

describe('offers', () => {
  it('come as state and event, and are accepted once', async () => {
    const { agent, server, clock } = at;
    const heard: string[] = [];
    agent.on('offered', ({ conversation, until }) => heard.push(`offered ${conversation.id} until ${until}`));
    agent.on('offer-ended', ({ owner }) => heard.push(`ended ${owner?.id}`));
    agent.on('assigned', () => heard.push('assigned'));
    const now = clock.now();
    const mia = server.visitor('Mia').say('Hello');
    const noah = server.visitor('Noah').say('Hello');
    server.offer(mia, ['ada', 'ben'], { forMs: 30_000 });
    server.offer(noah, ['ada'], { forMs: 20_000 });
    await clock.advance(500);
    expect(agent.state.offers.map(({ conversation }) => conversation.id)).toEqual([noah, mia]);
    expect(heard.splice(0).sort()).toEqual(
      [`offered ${mia} until ${now + 30_000}`, `offered ${noah} until ${now + 20_000}`].sort(),
    );
    await expect(and(agent.acceptOffer(mia))).resolves.toMatchObject({ conversation: mia });
    expect(agent.state.watched.get(mia)?.state.owner).toEqual({ id: 'ada', name: 'Ada' });
    expect(agent.state.offers.map(({ conversation }) => conversation.id)).toEqual([noah]);
    expect(heard.splice(0)).toEqual(['ended ada']);
    server.agent('cleo').take(noah);
    await clock.advance(500);
    expect(heard.splice(0)).toEqual(['ended cleo']);
    await expect(and(agent.acceptOffer(noah))).rejects.toMatchObject({ code: 'already-taken' });
    expect(agent.state.offers).toEqual([]);
  });

  it('are declined with a reason, run out, and cannot be accepted then', async () => {
    const { agent, server, clock } = at;
    const mia = server.visitor('Mia').say('Hello');
    server.offer(mia, ['ada', 'ben']);
    await clock.advance(500);
    await and(agent.declineOffer(mia, { reason: 'On the phone' }));
    expect(agent.state.offers).toEqual([]);
    expect(server.log(mia, 'agent').events.at(-1)?.body).toEqual({
      kind: 'offer-ended',
      agents: ['ada'],
      how: 'declined',
      reason: 'On the phone',
    });
    await expect(and(agent.declineOffer(mia))).rejects.toMatchObject({ code: 'offer-expired' });
    server.offer(mia, ['ada']);
    await clock.advance(500);
    server.endOffer(mia);
    await clock.advance(500);
    expect(agent.state.offers).toEqual([]);
    await expect(and(agent.acceptOffer(mia))).rejects.toMatchObject({ code: 'offer-expired' });
  });
});

describe('offers of which the end was missed', () => {
  it('are gone after a break', async () => {
    const { agent, server, clock, network, http } = at;
    const mia = server.visitor('Mia').say('Hello');
    const noah = server.visitor('Noah').say('Hello');
    server.offer(mia, ['ada']);
    server.offer(noah, ['ada']);
    await clock.advance(500);
    expect(agent.state.offers).toHaveLength(2);
    network.mode = http.mode = 'refused';
    network.cut();
    server.endOffer(noah);
    server.agent('cleo').take(mia);
    server.agent('cleo').resolve(mia);
    await clock.advance(5_000);
    network.mode = http.mode = 'ok';
    await clock.advance(20_000);
    expect(agent.state.connection.status).toBe('online');
    expect(agent.state.offers).toEqual([]);
  });
});

describe('an agent with bots', () => {
  it('sees a draft until somebody answers', async () => {
    const { agent, server, clock } = at;
    const mia = server.visitor('Mia').say('Is it blue?');
    await and(agent.take(mia));
    const draft = () => agent.state.watched.get(mia)?.draft?.body.blocks.map(({ text }) => text);
    expect(draft()).toBeUndefined();
    await and(bot.draft(mia, 'Yes, blue.', { replyTo: 2 }));
    expect(draft()).toEqual(['Yes, blue.']);
    server.agent('robin').draft(mia, 'Yes, it is blue.');
    await clock.advance(100);
    expect(draft()).toEqual(['Yes, it is blue.']);
    await and(agent.send(mia, 'Yes, it is.'));
    expect(draft()).toBeUndefined();
    // What comes too late proposes nothing.
    await and(bot.draft(mia, 'Yes, blue.', { replyTo: 2 }));
    expect(draft()).toBeUndefined();
  });

  it('watches a reply being made, which is gone when the bot falls silent', async () => {
    const { agent, clock } = at;
    const mia = await withBot();
    const [leave] = await Promise.all([agent.watch(mia), clock.advance(100)]);
    at.server.agent('robin').stream(mia, 'message-0001', 'Your or');
    await clock.advance(100);
    expect(agent.state.watched.get(mia)?.streaming).toEqual({
      message: 'message-0001',
      who: { id: 'robin', name: 'Robin', bot: true },
      text: 'Your or',
    });
    await clock.advance(30_000);
    expect(agent.state.watched.get(mia)?.streaming).toBeNull();
    leave();
  });

  it('gives a conversation back to the bot that had it, or to another one, with a note', async () => {
    const { agent, server } = at;
    const mia = await withBot();
    server.agent('robin').handoff(mia, 'Too hard');
    await and(agent.take(mia));
    await and(agent.returnToBot(mia, { note: 'She only wants the tracking link.' }));
    expect(server.conversations.get(mia)?.state.owner).toEqual({ id: 'robin', name: 'Robin', bot: true });
    expect(server.log(mia, 'agent').events.at(-2)?.body).toMatchObject({ kind: 'note' });
    const noah = server.visitor('Noah').say('Hello');
    await and(agent.take(noah));
    await expect(agent.returnToBot(noah)).rejects.toMatchObject({ code: 'no-such-bot' });
    await expect(and(agent.returnToBot(noah, { bot: 'ben' }))).rejects.toMatchObject({ code: 'no-such-bot' });
    await and(agent.transfer(noah, { bot: 'robin' }));
    expect(server.conversations.get(noah)?.state.owner?.id).toBe('robin');
  });

  it('asks a form of the configuration or one of his own', async () => {
    const { agent, server } = at;
    const mia = server.visitor('Mia').say('Hello');
    await and(agent.take(mia));
    await and(agent.askForm(mia, 'order'));
    const asked = await and(agent.askForm(mia, { ...form, id: 'size' }));
    expect(server.conversations.get(mia)?.state.asked).toBe(asked.id);
    expect(agent.state.watched.get(mia)?.events.at(-1)?.body).toMatchObject({ kind: 'asked', form: { id: 'size' } });
    await expect(and(agent.askForm(mia, 'no-such'))).rejects.toMatchObject({ code: 'no-such-form' });
    // @ts-expect-error A form that is none.
    await expect(and(agent.askForm(mia, { id: 'broken' }))).rejects.toMatchObject({ code: 'bad-frame' });
  });

  it('may not do what bots do', async () => {
    const { agent, server } = at;
    const mia = server.visitor('Mia').say('Hello');
    await and(agent.take(mia));
    await expect(and(agent.handoff(mia, { reason: 'x' }))).rejects.toMatchObject({ code: 'forbidden' });
    await expect(and(agent.draft(mia, 'x', { replyTo: 1 }))).rejects.toMatchObject({ code: 'forbidden' });
    await expect(and(agent.callTool(mia, 'cart', {}))).rejects.toMatchObject({ code: 'forbidden' });
    await expect(and(bot.take(mia))).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('a bot', () => {
  it('streams a reply: shown as it comes, at most ten times a second, stored once under the same id', async () => {
    const { clock, chat, server } = at;
    void chat.send('Where is my order?');
    await clock.advance(500);
    const mia = chat.state.conversation?.id ?? '';
    server.agent('cleo').transfer(mia, { bot: 'robin' });
    await clock.advance(500);
    const shown: string[] = [];
    chat.subscribe(() => {
      const { streaming } = chat.state;
      if (streaming && shown.at(-1) !== streaming.text) shown.push(streaming.text);
    });
    async function* pieces() {
      for (const word of ['It ', 'is ', 'on ', 'its ', 'way.']) {
        yield word;
        await new Promise<void>((go) => clock.after(40, go));
      }
    }
    const said = await and(bot.stream(mia, pieces()));
    expect(said.text).toBe('It is on its way.');
    expect(shown).toEqual(['It ', 'It is on ', 'It is on its way.']);
    expect(chat.state.streaming).toBeNull();
    expect(chat.state.entries.at(-1)?.event).toMatchObject({ id: said.id, body: { kind: 'message' } });
    expect(server.transcript(mia).at(-1)).toEqual({ by: 'robin', text: 'It is on its way.' });
  });

  it('takes back what it showed when its source breaks, is too long, or somebody takes over', async () => {
    const { clock, chat, server } = at;
    void chat.send('Where is my order?');
    await clock.advance(500);
    const mia = chat.state.conversation?.id ?? '';
    server.agent('cleo').transfer(mia, { bot: 'robin' });
    await clock.advance(500);
    async function* breaking() {
      yield 'It is';
      await new Promise<void>((go) => clock.after(100, go));
      expect(chat.state.streaming?.text).toBe('It is');
      throw new RangeError('no more');
    }
    await expect(and(bot.stream(mia, breaking()))).rejects.toThrow('no more');
    expect(chat.state.streaming).toBeNull();
    async function* long() {
      for (;;) yield 'x'.repeat(1_000);
    }
    await expect(and(bot.stream(mia, long()))).rejects.toMatchObject({ code: 'too-large' });
    async function* blank() {
      yield ' ';
    }
    await expect(and(bot.stream(mia, blank()))).rejects.toMatchObject({ code: 'empty-message' });
    let wasLeft = false;
    async function* taken() {
      try {
        yield 'It is';
        server.agent('cleo').take(mia);
        await new Promise<void>((go) => clock.after(100, go));
        yield ' here';
      } finally {
        wasLeft = true;
      }
    }
    await expect(and(bot.stream(mia, taken()))).rejects.toMatchObject({ code: 'not-owner' });
    expect(wasLeft).toBe(true);
    expect(chat.state.streaming).toBeNull();
    expect(server.transcript(mia)).toHaveLength(1);
    await expect(bot.stream(mia, blank())).rejects.toMatchObject({ code: 'not-owner' });
  });

  it('calls a tool of the page, once whatever happens to the line', async () => {
    const { clock, server } = at;
    const mia = await withBot();
    server.visitor('Mia').tools.set('show-cart', (input) => ({ outcome: 'done', output: { seen: input } }));
    await expect(and(bot.callTool(mia, 'show-cart', { page: 1 }))).resolves.toEqual({
      outcome: 'done',
      output: { seen: { page: 1 } },
    });
    await expect(and(bot.callTool(mia, 'no-such', {}))).resolves.toEqual({ outcome: 'no-such-tool' });
    expect(server.log(mia, 'agent').events.at(-2)?.body).toMatchObject({ kind: 'tool-called', tool: 'show-cart' });
    const called = bot.callTool(mia, 'show-cart', { page: 2 });
    at.network.cut();
    await clock.advance(5_000);
    await expect(called).resolves.toEqual({ outcome: 'timed-out' });
    server.agent('cleo').take(mia);
    await clock.advance(500);
    await expect(and(bot.callTool(mia, 'show-cart', {}))).rejects.toMatchObject({ code: 'not-owner' });
  });

  it('hands off with what it knows, and is silent from then on', async () => {
    const { server } = at;
    const mia = await withBot();
    const before = server.conversations.get(mia)?.state.ownership ?? 0;
    const handoff = bot.handoff(mia, {
      reason: 'A refund',
      summary: 'Order 7 broke.',
      team: 'billing',
      collected: { order: 7 },
    });
    // Under way at the same time.
    const late = bot.send(mia, 'One more thing');
    late.catch(() => {});
    await and(handoff);
    await expect(late).rejects.toMatchObject({ code: 'not-owner' });
    const { state, events } = server.conversations.get(mia) ?? {};
    expect(state).toMatchObject({ owner: null, team: { id: 'billing' }, handoff: { by: 'bot', state: 'requested' } });
    expect(events?.find(({ body }) => body.kind === 'handoff-requested')?.body).toMatchObject({
      details: { reason: 'A refund', summary: 'Order 7 broke.', collected: { order: 7 }, ownership: before },
    });
  });
});
