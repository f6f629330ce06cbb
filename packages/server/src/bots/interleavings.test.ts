import { applyEvent, type ConversationState } from '@sveiki/protocol';
import type { BotTurn } from '@sveiki/sdk/config';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { staffView } from '../domain/log.ts';
import type { StoredEvent } from '../ports.ts';
import { CONFIG, type RelayUnderTest, relayUnderTest, type TestLine, text, turn } from '../testing/relay-under-test.ts';
import { pendingFor } from './history.ts';

const CONVERSATIONS = 40;
const RUNS = 25;

/** What a visitor writes decides how the bot behaves; it never says nothing. */
const MOODS = [
  'reply',
  'slow',
  'twice',
  'stream',
  'broken stream',
  'throw',
  'late throw',
  'hang',
  'handoff',
  'unsure',
] as const;

const stepArb = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('say' as const), mood: fc.constantFrom(...MOODS) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('take', 'take-from-bot', 'return', 'transfer', 'answer') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('request-human', 'cancel-handoff', 'resolve') }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(0, 40, 250, 1_500, 6_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
);
/** Restarts are rarer: on each of them hang all conversations. */
const scriptArb = fc.array(
  fc.record({ step: stepArb, which: fc.nat(CONVERSATIONS - 1), restart: fc.nat(60).map((n) => n === 0) }),
  { minLength: 200, maxLength: 400 },
);

/** How often a bot was about to say something when the conversation was somebody else's. */
let tookOver = 0;

const conversationOf = (which: number): string => `conversation-${String(which).padStart(2, '0')}`;

async function play(script: typeof scriptArb extends fc.Arbitrary<infer T> ? T : never): Promise<void> {
  let under = null as RelayUnderTest | null;
  const after = (ms: number): Promise<void> => new Promise((resolve) => void under?.clock.after(ms, resolve));
  async function* pieces(breaks: boolean) {
    for (const piece of ['one ', 'two ', 'three']) {
      await after(120);
      if (breaks && piece === 'three') throw new Error('the model is gone');
      yield piece;
    }
  }
  const behave: Record<(typeof MOODS)[number], (turn: BotTurn) => Promise<unknown>> = {
    reply: (turn) => turn.reply('Here.'),
    slow: (turn) => after(900).then(() => turn.reply('At last.')),
    twice: (turn) =>
      turn
        .reply('First.')
        .then(() => after(300))
        .then(() => turn.reply('Second.')),
    stream: (turn) => turn.stream(pieces(false)),
    'broken stream': (turn) => turn.stream(pieces(true)),
    throw: () => Promise.reject(new Error('no')),
    'late throw': () => after(400).then(() => Promise.reject(new Error('no'))),
    hang: () => new Promise(() => {}),
    handoff: (turn) => turn.reply('One moment.').then(() => turn.handoff({ reason: 'too hard' })),
    unsure: (turn) => turn.unsure(),
  };
  const faq = {
    id: 'faq',
    name: 'Faq',
    deadlineMs: 3_000,
    onMessage(turn: BotTurn) {
      const mood = turn.text.split(':')[0] as (typeof MOODS)[number];
      return behave[mood](turn).then(
        () => {},
        (error: { code?: string }) => {
          if (error.code === 'not-owner') tookOver += 1;
          throw error;
        },
      );
    },
  };
  under = await relayUnderTest({
    config: {
      sites: CONFIG.sites.map((site) => ({ ...site, bot: 'faq' })),
      bots: [{ id: 'faq', name: 'Faq', drafts: false, code: faq, tokenHash: null }],
      handoff: { ...CONFIG.handoff, timeoutMs: 5_000, onFailure: script.length % 2 === 0 ? 'bot' : 'queue' },
    },
  });
  const house = under;
  const visitors = new Map<number, TestLine & { session: string }>();
  const sent: string[] = [];
  let staff = await arrive();
  let count = 0;
  const next = (): string => `command-${String(++count).padStart(5, '0')}`;

  async function arrive() {
    return { ada: await house.agent('ada'), cleo: await house.agent('cleo') };
  }
  async function visitorOf(which: number) {
    const there = visitors.get(which);
    if (there !== undefined && there.closed === null) return there;
    const line = await house.visitor(there === undefined ? {} : { session: there.session });
    visitors.set(which, line);
    return line;
  }

  for (const { step, which, restart } of script) {
    const conversation = conversationOf(which);
    const own = { id: next(), conversation };
    // Nobody waits for what comes of it: everything is under way at the same time.
    const visitor = async (frame: object) => void (await visitorOf(which)).push(frame);
    const state = (await house.store.conversations([conversation])).get(conversation)?.state;
    const agent = (name: 'ada' | 'cleo', frame: object) =>
      void staff[name].push({ ...own, ownership: state?.ownership ?? 1, ...frame });
    switch (step.do) {
      case 'say':
        sent.push(own.id);
        await visitor({ type: 'send', ...own, blocks: text(`${step.mood}: ${count}`) });
        break;
      case 'request-human':
      case 'cancel-handoff':
        await visitor({ type: step.do, ...own });
        break;
      case 'take':
        void staff.ada.push({ type: 'take', ...own });
        break;
      case 'take-from-bot':
        agent('cleo', { type: 'take' });
        break;
      case 'return':
        agent('cleo', { type: 'transfer', to: { kind: 'bot', id: 'faq' } });
        break;
      case 'transfer':
        agent('cleo', { type: 'transfer', to: { kind: 'agent', id: 'ada' } });
        break;
      case 'answer':
        agent('ada', { type: 'send', blocks: text('A person says.') });
        break;
      case 'resolve':
        agent('cleo', { type: 'resolve', wrapUp: 'answered' });
        break;
      case 'turn':
        await turn();
        break;
      case 'pass':
        await house.clock.advance(step.ms);
        break;
    }
    if (restart) {
      await house.restart();
      staff = await arrive();
    }
  }
  // Everything comes to its end: deadlines, timers, whatever is told again.
  for (let i = 0; i < 8; i++) await house.pass(5_000);
  await house.checkEventLaw();
  const said = new Set<string>();
  const rows = await house.store.conversations(
    Array.from({ length: CONVERSATIONS }, (_, which) => conversationOf(which)),
  );
  for (const { state } of rows.values()) {
    const { events } = await house.store.events({ conversation: state.id, count: 'staff', after: 0, limit: 10_000 });
    checkSilence(events);
    checkAnswered(state, events);
    for (const { actor, id } of events) if (actor.kind === 'visitor') said.add(id);
  }
  const lost = sent.filter((id) => !said.has(id));
  expect(lost).toEqual([]);
  await house.relay.stop();
}

/** A bot says and asks only while it owns the conversation. */
function checkSilence(events: readonly StoredEvent[]): void {
  let state: ConversationState | null = null;
  for (const event of events) {
    const isWord = event.body.kind === 'message' || event.body.kind === 'asked';
    if (isWord && event.actor.kind === 'bot') expect(state?.owner).toMatchObject({ id: event.actor.id, bot: true });
    state = applyEvent(state, staffView(event));
  }
}

/** What a visitor wrote is answered, or waits for people, or somebody has it. */
function checkAnswered(state: ConversationState, events: readonly StoredEvent[]): void {
  if (state.owner?.bot !== true || state.status === 'resolved') return;
  const open = pendingFor('faq', events, 0);
  expect({ conversation: state.id, open }).toEqual({ conversation: state.id, open: null });
  expect(state.unansweredSince).toBe(null);
}

it(`lets no bot speak where a person is, and loses nothing, in ${RUNS * CONVERSATIONS} interleavings`, async () => {
  await fc.assert(fc.asyncProperty(scriptArb, play), { numRuns: RUNS, endOnFailure: true });
  expect(tookOver).toBeGreaterThan(20);
}, 120_000);
