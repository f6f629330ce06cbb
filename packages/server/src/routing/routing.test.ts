import { createHmac } from 'node:crypto';
import type { EventBody, EventKind } from '@sveiki/protocol';
import type { RouteContext, TeamInput } from '@sveiki/sdk/config';
import { afterEach, describe, expect, it } from 'vitest';
import type { Config } from '../config-types.ts';
import type { OutboundPost } from '../hooks/outbound.ts';
import { type RelayUnderTest, relayUnderTest, type TestLine, text, turn } from '../testing/relay-under-test.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const EVERYBODY = ['ada', 'ben', 'cleo'];

let under: RelayUnderTest;
let arrived = 0;

afterEach(async () => {
  await under.checkEventLaw();
  await under.relay.stop();
});

/** A relay whose Sales is served in one way. */
async function relay(
  sales: Partial<TeamInput> & Pick<TeamInput, 'strategy'>,
  config: Partial<Config> = {},
  options: Omit<NonNullable<Parameters<typeof relayUnderTest>[0]>, 'config'> = {},
): Promise<void> {
  arrived = 0;
  under = await relayUnderTest({
    ...options,
    config: {
      teams: [
        { id: 'sales', name: 'Sales', ...sales },
        { id: 'billing', name: 'Billing', strategy: 'manual' },
      ],
      ...config,
    },
  });
}

async function agents(...ids: string[]): Promise<TestLine[]> {
  const lines: TestLine[] = [];
  for (const id of ids) lines.push(await under.agent(id));
  await under.pass(200);
  return lines;
}

/** Somebody new writes; gives his line and his conversation. */
async function arrives(words = 'Hello'): Promise<{ visitor: TestLine; conversation: string }> {
  const visitor = await under.visitor();
  const conversation = `conversation-${String(++arrived).padStart(4, '0')}`;
  await visitor.send({ type: 'send', id: `hello-${arrived}-message`, conversation, blocks: text(words) });
  await under.relay.settled();
  await turn();
  return { visitor, conversation };
}

async function stateOf(conversation: string) {
  const state = (await under.store.conversations([conversation])).get(conversation)?.state;
  if (state === undefined) throw new Error(`There is no ${conversation}`);
  return state;
}
const ownerOf = async (conversation: string) => (await stateOf(conversation)).owner?.id ?? null;
async function last<K extends EventKind>(conversation: string, kind: K): Promise<Extract<EventBody, { kind: K }>> {
  const body = (await under.store.eventsOfKinds(conversation, [kind])).at(-1)?.body;
  if (body === undefined) throw new Error(`Nothing of kind ${kind} happened in ${conversation}`);
  return body as Extract<EventBody, { kind: K }>;
}
async function ownersOf(count: number): Promise<(string | null)[]> {
  const owners: (string | null)[] = [];
  for (let i = 0; i < count; i++) owners.push(await ownerOf((await arrives()).conversation));
  return owners;
}
const capacities = (ada: number, ben: number, cleo: number): Config['agents'] => [
  { id: 'ada', teams: ['sales'], capacity: ada },
  { id: 'ben', teams: ['sales'], capacity: ben },
  { id: 'cleo', teams: ['sales'], capacity: cleo },
];

describe('each strategy', () => {
  it.each<[TeamInput['strategy'], Partial<TeamInput>, Config['agents'], (string | null)[], string]>([
    ['round-robin', {}, null, ['ada', 'ben', 'cleo', 'ada'], 'round robin, 0 of 3 busy'],
    ['longest-idle', {}, null, ['ada', 'ben', 'cleo', 'ada'], 'longest idle, 0 of 3 busy'],
    ['least-loaded', {}, capacities(2, 4, 4), ['ada', 'ben', 'cleo', 'ben'], 'least loaded, 0 of 3 busy'],
    ['fill-up', {}, null, ['ada', 'ada', 'ada', 'ben'], 'fill up, 0 of 3 busy'],
    ['weighted', { shares: { ben: 2 } }, null, ['ada', 'ben', 'cleo', 'ben'], 'weighted, 0 of 3 busy'],
    ['priority-list', { order: ['cleo', 'ben'] }, null, ['cleo', 'cleo', 'cleo', 'ben'], 'priority list, 0 of 3 busy'],
    [
      'skill-match',
      { skills: [{ skill: 'refunds', required: false }] },
      [
        { id: 'ada', teams: ['sales'], capacity: 2 },
        { id: 'ben', teams: ['sales'], capacity: 2, skills: { refunds: 2 } },
        { id: 'cleo', teams: ['sales'], capacity: 2, skills: { refunds: 5 } },
      ],
      ['cleo', 'cleo', 'ben', 'ben'],
      'skill match (refunds 5), 0 of 3 busy',
    ],
  ])('%s gives by its definition, and says why', async (strategy, changes, people, expected, reason) => {
    await relay({ strategy, ...changes }, { agents: people });
    await agents(...EVERYBODY);
    expect(await ownersOf(4)).toEqual(expected);
    expect(await last('conversation-0001', 'assigned')).toMatchObject({ how: 'routed', reason });
  });

  it('manual gives nothing', async () => {
    await relay({ strategy: 'manual' });
    await agents(...EVERYBODY);
    expect(await ownersOf(2)).toEqual([null, null]);
  });

  it('ring-all asks everybody who has room, and the first who accepts has it', async () => {
    await relay({ strategy: 'ring-all' });
    const [ada, ben] = await agents('ada', 'ben');
    const { conversation } = await arrives();
    expect((await last(conversation, 'offered')).agents.map(({ id }) => id)).toEqual(['ada', 'ben']);
    await ben?.send({ type: 'accept', id: 'accept-0001', conversation });
    expect(await ownerOf(conversation)).toBe('ben');
    await ada?.send({ type: 'accept', id: 'accept-0002', conversation });
    expect(ada?.last('nack')).toMatchObject({ code: 'already-taken' });
  });
});

describe('offers', () => {
  const byOffer = { strategy: 'round-robin', mode: 'offer', offerMs: 20 * SECOND } as const;
  const asked = async (conversation: string) => (await stateOf(conversation)).offer?.agents ?? [];

  it('become an assignment when accepted', async () => {
    await relay(byOffer);
    const [ada] = await agents('ada', 'ben');
    const { conversation, visitor } = await arrives();
    expect(await asked(conversation)).toEqual(['ada']);
    expect(JSON.stringify(visitor.frames)).not.toContain('offered');
    await ada?.send({ type: 'accept', id: 'accept-0001', conversation });
    expect(await last(conversation, 'assigned')).toMatchObject({ how: 'accepted', owner: { id: 'ada' } });
  });

  it('go to the next one when declined, and back to the first only after a pause', async () => {
    await relay(byOffer);
    const [ada, ben] = await agents('ada', 'ben');
    const { conversation } = await arrives();
    await ada?.send({ type: 'decline', id: 'decline-001', conversation, reason: 'busy' });
    expect(await asked(conversation)).toEqual(['ben']);
    await ben?.send({ type: 'decline', id: 'decline-002', conversation });
    expect(await asked(conversation)).toEqual([]);
    await under.pass(19 * SECOND);
    expect(await asked(conversation)).toEqual([]);
    await under.pass(SECOND);
    expect(await asked(conversation)).toEqual(['ada']);
    expect((await last(conversation, 'offered')).reason).toContain('asked again');
  });

  it('go to the next one when nobody answers in time, and an answer after that is too late', async () => {
    await relay(byOffer);
    const [ada] = await agents('ada', 'ben');
    const { conversation } = await arrives();
    await under.pass(20 * SECOND);
    expect(await last(conversation, 'offer-ended')).toMatchObject({ agents: ['ada'], how: 'expired' });
    expect(await asked(conversation)).toEqual(['ben']);
    await ada?.send({ type: 'accept', id: 'accept-0001', conversation });
    expect(ada?.last('nack')).toMatchObject({ code: 'offer-expired' });
    expect(await ownerOf(conversation)).toBeNull();
  });

  it('have one winner of two who accept in the same moment', async () => {
    await relay({ strategy: 'ring-all' });
    const [ada, ben] = await agents('ada', 'ben');
    const { conversation } = await arrives();
    await Promise.all([
      ada?.send({ type: 'accept', id: 'accept-0001', conversation }),
      ben?.send({ type: 'accept', id: 'accept-0002', conversation }),
    ]);
    expect([ada, ben].map((line) => line?.of('ack').length)).toEqual([1, 0]);
    expect(ben?.last('nack')).toMatchObject({ code: 'already-taken' });
    expect(await under.store.eventsOfKinds(conversation, ['assigned'])).toHaveLength(1);
  });

  it('are taken back from somebody who goes away, and that is not held against him', async () => {
    await relay(byOffer);
    const [ada] = await agents('ada', 'ben');
    const { conversation } = await arrives();
    await ada?.send({ type: 'set-presence', id: 'presence-01', presence: 'away' });
    await under.pass(200);
    expect(await last(conversation, 'offer-ended')).toMatchObject({ agents: ['ada'], how: 'withdrawn' });
    expect(await asked(conversation)).toEqual(['ben']);
    expect((await stateOf(conversation)).passedBy).toBeUndefined();
  });

  it('that are taken back leave the conversation its place', async () => {
    await relay({ strategy: 'ring-all' }, { agents: capacities(1, 3, 0) });
    const [, ben] = await agents('ada', 'ben');
    const first = await arrives();
    await ben?.send({ type: 'accept', id: 'accept-0001', conversation: first.conversation });
    // Ada has no room while she is asked about this one, so the next one is Ben's to take.
    const second = await arrives();
    const third = await arrives();
    expect(await asked(third.conversation)).toEqual(['ben']);
    await ben?.send({ type: 'accept', id: 'accept-0002', conversation: second.conversation });
    await under.pass(SECOND);
    await ben?.send({ type: 'set-presence', id: 'presence-01', presence: 'offline' });
    await under.pass(200);
    expect(await asked(third.conversation)).toEqual(['ada']);
  });

  it('take room while they stand', async () => {
    await relay({ ...byOffer, strategy: 'fill-up' }, { agents: capacities(1, 1, 1) });
    await agents('ada', 'ben');
    const first = await arrives();
    const second = await arrives();
    const third = await arrives();
    expect(await asked(first.conversation)).toEqual(['ada']);
    expect(await asked(second.conversation)).toEqual(['ben']);
    expect(await asked(third.conversation)).toEqual([]);
  });
});

describe('what an agent can do', () => {
  it('is needed less after waiting, and the reason says so', async () => {
    await relay({
      strategy: 'least-loaded',
      skills: [{ skill: 'refunds' }],
      relax: [{ afterMs: MINUTE, drop: ['refunds'] }],
    });
    await agents('ada');
    const { conversation } = await arrives();
    await under.pass(59 * SECOND);
    expect(await ownerOf(conversation)).toBeNull();
    await under.pass(SECOND);
    expect(await ownerOf(conversation)).toBe('ada');
    expect((await last(conversation, 'assigned')).reason).toContain('without refunds after waiting');
  });

  it('includes the language of the visitor, and colleagues see it', async () => {
    await relay(
      { strategy: 'round-robin', language: 'required' },
      {
        agents: [
          { id: 'ada', teams: ['sales'], capacity: 3, skills: { 'language:lv': 5 } },
          { id: 'ben', teams: ['sales'], capacity: 3, skills: { 'language:en': 4 } },
        ],
      },
    );
    const [ada] = await agents('ada', 'ben');
    expect(await ownersOf(2)).toEqual(['ben', 'ben']);
    expect((await stateOf('conversation-0001')).routing?.skills).toEqual([
      { skill: 'language:en', level: 1, required: true },
    ]);
    expect(ada?.last('agents').agents.find(({ id }) => id === 'ben')).toMatchObject({ skills: { 'language:en': 4 } });
  });
});

describe('room', () => {
  it('is counted by weight, also when several come at once', async () => {
    await relay(
      { strategy: 'round-robin' },
      { routing: { weights: [{ when: { words: ['contract'] }, weight: 2 }] }, agents: capacities(3, 0, 0) },
    );
    await agents('ada');
    const visitors = [await under.visitor(), await under.visitor(), await under.visitor()];
    for (const [i, visitor] of visitors.entries())
      await visitor.push({
        type: 'send',
        id: `hello-${i}-message`,
        conversation: `conversation-000${i}`,
        blocks: text(i < 2 ? 'About the contract' : 'Hello'),
      });
    await under.pass(200);
    expect(await ownerOf('conversation-0000')).toBe('ada');
    expect(await ownerOf('conversation-0001')).toBeNull();
    expect((await stateOf('conversation-0001')).routing?.weight).toBe(2);
    expect(await ownerOf('conversation-0002')).toBe('ada');
  });
});

describe('shifts', () => {
  const on = (from: string, to: string) => ({ timeZone: 'UTC', week: { '5': [[from, to]] as [string, string][] } });
  /** It is Friday, 10:00. */
  const people: Partial<Config> = {
    schedules: { morning: on('08:00', '10:05'), noon: on('10:30', '18:00') },
    agents: [
      { id: 'ada', teams: ['sales'], capacity: 3, shifts: ['morning'] },
      { id: 'ben', teams: ['sales'], capacity: 3, shifts: ['noon'] },
    ],
  };

  it('that end soon get nothing new, and those that begin get what waits', async () => {
    await relay({ strategy: 'round-robin' }, people);
    await agents('ada', 'ben');
    const { conversation } = await arrives();
    await under.pass(29 * MINUTE);
    expect(await ownerOf(conversation)).toBeNull();
    await under.pass(MINUTE);
    expect(await ownerOf(conversation)).toBe('ben');
  });

  it('are seen by colleagues', async () => {
    await relay({ strategy: 'round-robin' }, people);
    const [ada] = await agents('ada', 'ben');
    const profiles = ada?.last('agents').agents ?? [];
    expect(profiles.find(({ id }) => id === 'ada')?.shiftEndsAt).toBe(Date.UTC(2026, 10, 20, 10, 5));
    expect(profiles.find(({ id }) => id === 'ben')?.shiftEndsAt).toBeNull();
  });
});

describe('the same agent again', () => {
  const sticky = { strategy: 'round-robin', sticky: { maxWaitMs: 2 * MINUTE } } as const;

  /** Mia was served by Ben, long ago; she writes again. */
  async function again(prepare: (ben: TestLine) => Promise<void> = async () => {}): Promise<void> {
    await relay(sticky, { reopenWindowMs: 0, agents: capacities(3, 1, 0) });
    const [ben] = await agents('ben');
    const mia = await under.visitor();
    const say = (n: number) =>
      mia.send({ type: 'send', id: `message-0${n}`, conversation: `conversation-mia${n}`, blocks: text('Hello') });
    await say(1);
    const { ownership } = await stateOf('conversation-mia1');
    const at = { conversation: 'conversation-mia1', ownership };
    await ben?.send({ type: 'send', id: 'reply-0001', blocks: text('Hello, Mia'), ...at });
    await ben?.send({ type: 'resolve', id: 'resolve-01', wrapUp: 'answered', ...at });
    await agents('ada');
    if (ben !== undefined) await prepare(ben);
    await say(2);
    await under.pass(0);
  }

  it('has it first', async () => {
    await again();
    expect(await ownerOf('conversation-mia2')).toBe('ben');
    expect((await last('conversation-mia2', 'assigned')).reason).toContain('kept for the same agent');
  });

  it('is waited for while he is away, but no longer than said', async () => {
    await again(async (ben) => {
      await ben.send({ type: 'set-presence', id: 'presence-01', presence: 'away' });
      await under.pass(200);
    });
    await under.pass(119 * SECOND);
    expect(await ownerOf('conversation-mia2')).toBeNull();
    await under.pass(SECOND);
    expect(await ownerOf('conversation-mia2')).toBe('ada');
  });

  it('is not waited for when he is not there', async () => {
    await again(async (ben) => {
      await ben.send({ type: 'set-presence', id: 'presence-01', presence: 'offline' });
      await under.pass(200);
    });
    expect(await ownerOf('conversation-mia2')).toBe('ada');
  });
});

describe('a dead browser', () => {
  it('gives its conversations to others after the grace time', async () => {
    await relay({ strategy: 'round-robin' });
    const [ada] = await agents('ada', 'ben');
    const { conversation } = await arrives();
    expect(await ownerOf(conversation)).toBe('ada');
    await ada?.cut();
    await under.pass(30 * SECOND);
    await under.pass(200);
    expect(await ownerOf(conversation)).toBe('ben');
  });
});

describe('rules', () => {
  const byRule = (decide: NonNullable<Config['routing']['rules']>[number]['decide']): Partial<Config> => ({
    routing: { rules: [{ when: { words: ['invoice'] }, decide }] },
    bots: [{ id: 'helper', name: 'Helper', drafts: false, code: null, tokenHash: null }],
  });

  it('move a conversation to another queue, with its priority, and say why to staff only', async () => {
    await relay({ strategy: 'round-robin' }, byRule({ to: 'queue', id: 'billing', priority: 5, reason: 'Invoices' }));
    await agents('ada');
    const { conversation, visitor } = await arrives('My invoice is wrong');
    expect(await stateOf(conversation)).toMatchObject({
      owner: null,
      team: { id: 'billing' },
      routing: { by: 'rule', priority: 5, reason: 'Invoices' },
    });
    expect(await last(conversation, 'queued')).toMatchObject({ why: 'routed' });
    expect(JSON.stringify(visitor.frames)).not.toContain('Invoices');
  });

  it('leave alone what none of them is about', async () => {
    await relay({ strategy: 'round-robin' }, byRule({ to: 'queue', id: 'billing', reason: 'Invoices' }));
    await agents('ada');
    const { conversation } = await arrives('Do you have it in blue?');
    expect(await stateOf(conversation)).toMatchObject({
      owner: { id: 'ada' },
      routing: { by: 'default', reason: 'No rule holds' },
    });
  });

  it('keep a conversation for one agent, in a team of his', async () => {
    await relay(
      { strategy: 'round-robin' },
      {
        ...byRule({ to: 'agent', id: 'ben', offerMs: MINUTE, reason: 'Ben knows' }),
        teams: [
          { id: 'sales', name: 'Sales', strategy: 'round-robin' },
          { id: 'billing', name: 'Billing', strategy: 'round-robin' },
        ],
        agents: [
          { id: 'ada', teams: ['sales', 'billing'], capacity: 3 },
          { id: 'ben', teams: ['billing'], capacity: 3 },
        ],
      },
    );
    await agents('ada', 'ben');
    const { conversation } = await arrives('The invoice again');
    expect(await stateOf(conversation)).toMatchObject({ owner: { id: 'ben' }, team: { id: 'billing' } });
  });

  it('give it to a bot that is there, and to people when it is not', async () => {
    await relay({ strategy: 'round-robin' }, byRule({ to: 'bot', id: 'helper', reason: 'Easy ones' }));
    await under.store.saveAgent({
      ...(await under.store.agents())[0]!,
      id: 'helper',
      email: 'helper@shop.example',
      name: 'Helper',
      role: 'bot',
    });
    under.bus.publish({ kind: 'agents' });
    await agents('ada');
    const first = await arrives('An invoice, please');
    expect((await stateOf(first.conversation)).routing?.reason).toContain('the bot is not there');
    expect(await ownerOf(first.conversation)).toBe('ada');
    await agents('helper');
    const second = await arrives('An invoice, please');
    expect(await last(second.conversation, 'assigned')).toMatchObject({
      owner: { id: 'helper', bot: true },
      reason: 'Easy ones',
    });
  });

  it('leave a conversation waiting that belongs to another channel, and say so', async () => {
    await relay({ strategy: 'manual' }, byRule({ to: 'channel', kind: 'callback', reason: 'Too long to write' }));
    const { conversation } = await arrives('My invoice');
    expect((await stateOf(conversation)).routing?.reason).toBe(
      'Too long to write · callback: waits here until somebody does that',
    );
  });

  it('do not undo what a person decided', async () => {
    await relay({ strategy: 'manual' }, byRule({ to: 'queue', id: 'billing', priority: 5, reason: 'Invoices' }));
    const [ada] = await agents('ada');
    const { conversation } = await arrives('My invoice is wrong');
    const { ownership } = await stateOf(conversation);
    await ada?.send({ type: 'transfer', id: 'transfer-1', conversation, ownership, to: { kind: 'team', id: 'sales' } });
    await under.pass(0);
    expect(await stateOf(conversation)).toMatchObject({
      team: { id: 'sales' },
      routing: { priority: 0, reason: 'Invoices · stays in the queue it was moved to' },
    });
  });

  it('are asked again when a conversation is opened again', async () => {
    await relay({ strategy: 'manual' }, byRule({ to: 'queue', id: 'billing', priority: 5, reason: 'Invoices' }));
    const [ada] = await agents('ada');
    const { conversation, visitor } = await arrives('My invoice is wrong');
    await ada?.send({ type: 'take', id: 'take-00001', conversation });
    const { ownership } = await stateOf(conversation);
    await ada?.send({ type: 'resolve', id: 'resolve-01', conversation, ownership, wrapUp: 'answered' });
    await ada?.send({ type: 'set-presence', id: 'presence-01', presence: 'away' });
    await visitor.send({ type: 'send', id: 'message-02', conversation, blocks: text('It is still wrong') });
    await under.pass(0);
    expect(await under.store.eventsOfKinds(conversation, ['routed'])).toHaveLength(2);
    expect((await stateOf(conversation)).routing).toMatchObject({ reason: 'Invoices' });
  });
});

describe('a handoff', () => {
  /** The bot has the conversation, and gives it to people. */
  async function handedOff(sales: Parameters<typeof relay>[0], details: object, routing: Config['routing'] = {}) {
    await relay(sales, {
      bots: [{ id: 'helper', name: 'Helper', drafts: false, code: null, tokenHash: null }],
      routing: { skills: ['refunds'], ...routing },
    });
    const [someone] = await under.store.agents();
    if (someone === undefined) throw new Error('Nobody is on staff');
    await under.store.saveAgent({
      ...someone,
      id: 'helper',
      email: 'helper@shop.example',
      name: 'Helper',
      role: 'bot',
    });
    under.bus.publish({ kind: 'agents' });
    const [helper] = await agents('helper');
    const { conversation } = await arrives('I want my money back');
    const before = await stateOf(conversation);
    expect(before.owner?.id).toBe('helper');
    await helper?.send({
      type: 'handoff',
      id: 'handoff-01',
      conversation,
      ownership: before.ownership,
      details: { reason: 'Wants a person', ...details },
    });
    await under.pass(0);
    return conversation;
  }
  const toHelper = { when: {}, decide: { to: 'bot', id: 'helper', reason: 'Bot first' } } as const;

  it('waits with what the bot said of it, and not for the bot again', async () => {
    const conversation = await handedOff(
      { strategy: 'manual', language: 'preferred' },
      { priority: 7, skills: [{ skill: 'refunds', level: 2 }], language: 'lv' },
      { rules: [toHelper] },
    );
    expect(await stateOf(conversation)).toMatchObject({
      owner: null,
      routing: {
        priority: 7,
        skills: [
          { skill: 'refunds', level: 2, required: true },
          { skill: 'language:lv', required: false },
        ],
        reason: 'Bot first · a person was asked for, so no bot',
      },
    });
  });

  it('does not wait for a skill that nobody knows', async () => {
    const conversation = await handedOff(
      { strategy: 'manual' },
      { skills: [{ skill: 'juggling' }, { skill: 'refunds' }] },
      { rules: [toHelper] },
    );
    const { routing } = await stateOf(conversation);
    expect(routing?.skills).toEqual([{ skill: 'refunds', level: 1, required: true }]);
    expect(routing?.reason).toContain('no such skill: juggling');
  });

  it('goes where rules send what it is about', async () => {
    const conversation = await handedOff(
      { strategy: 'manual' },
      { intent: 'refund' },
      { rules: [{ when: { topic: 'refund' }, decide: { to: 'queue', id: 'billing', reason: 'Refunds' } }, toHelper] },
    );
    expect(await stateOf(conversation)).toMatchObject({ team: { id: 'billing' }, routing: { reason: 'Refunds' } });
  });
});

describe('without anything to decide', () => {
  it('writes nothing but what happens', async () => {
    await relay({ strategy: 'round-robin' });
    await agents('ada');
    const { conversation } = await arrives();
    const { events } = await under.store.events({ conversation, count: 'staff', after: 0, limit: 100 });
    expect(events.map(({ body }) => body.kind)).toEqual(['started', 'message', 'assigned']);
  });
});

describe('the route hook', () => {
  const fallback = { to: 'queue', id: 'billing', reason: 'Billing looks at it' } as const;
  const toBilling = { to: 'queue', id: 'billing', reason: 'Hook' } as const;

  it('is asked with all there is to know, and its reason is stored', async () => {
    const asked: RouteContext[] = [];
    await relay(
      { strategy: 'round-robin' },
      {
        routing: {
          route: (context) => {
            asked.push(context);
            return toBilling;
          },
        },
      },
    );
    await agents('ada');
    const { conversation } = await arrives('Where is it?');
    expect((await stateOf(conversation)).routing).toMatchObject({ by: 'hook', reason: 'Hook' });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      conversation: { id: conversation, team: 'sales', text: 'Where is it?', channel: 'chat' },
      site: 'pk_shop_test',
      language: 'en',
      attempt: 1,
      visitor: { verified: false },
      queues: [
        { team: 'sales', waiting: 1, online: 1, withRoom: 1, open: true },
        { team: 'billing', waiting: 0 },
      ],
      history: { contactsInDays: [] },
    });
    expect(asked[0]?.agents.find(({ id }) => id === 'ada')).toMatchObject({ state: 'online', load: 0 });
  });

  it.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new Error('The CRM is down');
      },
      'The route hook failed',
    ],
    ['rejects', () => Promise.reject(new Error('No')), 'The route hook failed'],
    ['answers nonsense', () => ({ to: 'nowhere' }), 'The route hook answered nonsense: A decision is'],
    ['names a team that is not there', () => ({ ...toBilling, id: 'shoes' }), 'There is no team "shoes"'],
    ['answers nothing', () => undefined, 'The route hook answered nonsense'],
  ])('falls back when it %s', async (_what, route, reason) => {
    await relay({ strategy: 'round-robin' }, { routing: { route: route as never, fallback } });
    await agents('ada');
    const { conversation } = await arrives();
    const { routing, team } = await stateOf(conversation);
    expect(team?.id).toBe('billing');
    expect(routing).toMatchObject({ by: 'fallback' });
    expect(routing?.reason).toContain(reason);
    expect(routing?.reason).toContain('Billing looks at it');
  });

  it('falls back when it hangs, is given to nobody until then, and what it says later is dropped', async () => {
    let answer: (decision: unknown) => void = () => {};
    const route = () => new Promise((resolve) => (answer = resolve));
    await relay({ strategy: 'round-robin' }, { routing: { route: route as never } });
    await agents('ada');
    const { conversation, visitor } = await arrives();
    expect(visitor.last('ack')).toMatchObject({ id: 'hello-1-message' });
    await under.pass(299);
    expect(await ownerOf(conversation)).toBeNull();
    await under.pass(1);
    expect(await ownerOf(conversation)).toBe('ada');
    expect((await stateOf(conversation)).routing).toMatchObject({
      by: 'fallback',
      reason: 'The route hook did not answer in 300 ms',
    });
    answer(toBilling);
    await under.pass(0);
    expect(await stateOf(conversation)).toMatchObject({ team: { id: 'sales' }, owner: { id: 'ada' } });
  });

  it('is void for what a person took meanwhile', async () => {
    let answer: (decision: unknown) => void = () => {};
    const route = () => new Promise((resolve) => (answer = resolve));
    await relay({ strategy: 'round-robin' }, { routing: { route: route as never } });
    const [ada] = await agents('ada');
    const { conversation } = await arrives();
    await ada?.send({ type: 'take', id: 'take-00001', conversation });
    answer(toBilling);
    await under.pass(0);
    expect(await stateOf(conversation)).toMatchObject({ team: { id: 'sales' }, owner: { id: 'ada' } });
    expect(await under.store.eventsOfKinds(conversation, ['routed'])).toEqual([]);
  });

  it('is asked again by a relay that died while it was thinking', async () => {
    let asked = 0;
    const route = () => (++asked === 1 ? new Promise(() => {}) : toBilling);
    await relay({ strategy: 'round-robin' }, { routing: { route: route as never } });
    const { conversation } = await arrives();
    await under.restart();
    await under.pass(0);
    expect((await stateOf(conversation)).routing).toMatchObject({ by: 'hook', reason: 'Hook' });
  });

  describe('over HTTP', () => {
    const key = Buffer.from('a secret of thirty-two bytes, ok');
    const secret = `whsec_${key.toString('base64')}`;
    const url = 'https://crm.example/route';
    async function overHttp(answer: (post: OutboundPost) => { status: number; text: string }): Promise<OutboundPost[]> {
      const posts: OutboundPost[] = [];
      const outbound = {
        post: async (post: OutboundPost) => {
          posts.push(post);
          return { retryAfterMs: null, ...answer(post) };
        },
      };
      await relay({ strategy: 'manual' }, { routing: { route: { url, secret }, deadlineMs: 500 } }, { outbound });
      return posts;
    }

    it('is asked the same, signed, and answers the same', async () => {
      const posts = await overHttp(() => ({ status: 200, text: JSON.stringify(toBilling) }));
      const { conversation } = await arrives('Where is it?');
      expect((await stateOf(conversation)).routing).toMatchObject({ by: 'hook', reason: 'Hook' });
      const [post] = posts;
      expect(post).toMatchObject({ url, deadlineMs: 500 });
      expect((JSON.parse(post?.body ?? '') as RouteContext).conversation.text).toBe('Where is it?');
      const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = post?.headers ?? {};
      const expected = createHmac('sha256', key).update(`${id}.${at}.${post?.body}`).digest('base64');
      expect(signature).toBe(`v1,${expected}`);
    });

    it.each([
      ['an error', { status: 500, text: '' }, 'The route hook failed'],
      ['no JSON', { status: 200, text: '<html>' }, 'The route hook failed'],
      ['nonsense', { status: 200, text: '[]' }, 'The route hook answered nonsense'],
    ])('falls back after %s', async (_what, answer, reason) => {
      await overHttp(() => answer);
      const { conversation } = await arrives();
      expect((await stateOf(conversation)).routing?.reason).toContain(reason);
    });
  });
});

describe('a restart', () => {
  it.each(['round-robin', 'longest-idle', 'weighted', 'least-loaded'] as const)(
    'changes nothing about whose turn it is: %s',
    async (strategy) => {
      const people = { agents: capacities(9, 9, 9) };
      const sales = { strategy, shares: { ben: 2 } };
      await relay(sales, people);
      await agents(...EVERYBODY);
      const expected = await ownersOf(7);
      await under.relay.stop();

      await relay(sales, people);
      const given: (string | null)[] = [];
      for (const how of ['restart', 'crash', 'crash', 'restart', 'crash', 'restart', 'crash'] as const) {
        await under[how]();
        await agents(...EVERYBODY);
        given.push(...(await ownersOf(1)));
      }
      expect(given).toEqual(expected);
    },
  );

  it('lets an offer that stood end in its time', async () => {
    await relay({ strategy: 'round-robin', mode: 'offer' });
    await agents('ada', 'ben');
    const { conversation } = await arrives();
    await under.restart();
    await agents('ada', 'ben');
    await under.pass(30 * SECOND);
    const ended = (await under.store.eventsOfKinds(conversation, ['offer-ended'])).map(({ body }) => body);
    expect(ended.length).toBeGreaterThan(0);
    expect((await stateOf(conversation)).offer?.agents).toHaveLength(1);
  });
});

describe('places in the queue', () => {
  it('follow what routing will do: the urgent stand before those who came earlier', async () => {
    await relay(
      { strategy: 'round-robin' },
      {
        routing: {
          rules: [{ when: { words: ['urgent'] }, decide: { to: 'queue', id: 'sales', priority: 3, reason: 'Urgent' } }],
        },
      },
    );
    const first = await arrives();
    const urgent = await arrives('This is urgent');
    await under.pass(SECOND);
    expect(first.visitor.last('queue').position).toBe(2);
    expect(urgent.visitor.last('queue').position).toBe(1);
    await agents('ada');
    const given = (await under.store.eventsAfter(0, 1_000)).flatMap(({ event }) =>
      event.body.kind === 'assigned' ? [event.conversation] : [],
    );
    expect(given).toEqual([urgent.conversation, first.conversation]);
  });
});
