import type { AgentView, Strategy, TeamInput } from '@sveiki/sdk/config';
import { describe, expect, it } from 'vitest';
import { agentView, team, waiting } from '../../test-support/routing.ts';
import { assign, type Placement, type Waiting } from './assign.ts';
import { noMemory, type RoutingMemory, remember } from './memory.ts';

const NOW = 1_000_000;

interface Case {
  teams?: TeamInput[];
  queue: Waiting[];
  agents: AgentView[];
  memory?: RoutingMemory;
  now?: number;
}

const plan = ({ teams = [team('sales', 'least-loaded')], queue, agents, memory = noMemory, now = NOW }: Case) =>
  assign({ teams, waiting: queue, agents, memory, now });
const pairs = (placements: readonly Placement[]): string[] =>
  placements.map(({ conversation, agents }) => `${conversation} > ${agents.join(' ')}`);
const queueOf = (count: number, changes: Partial<Waiting> = {}): Waiting[] =>
  Array.from({ length: count }, (_, index) => waiting(`c${index + 1}`, NOW - 1000 + index, changes));

describe('strategies', () => {
  const staff = [
    agentView('ada', { load: 2, capacity: 4 }),
    agentView('ben', { load: 1, capacity: 4 }),
    agentView('cleo', { load: 1, capacity: 3 }),
  ];
  const busyThree = 'of 3 busy';

  it.each<[Strategy, string[], string]>([
    ['manual', [], ''],
    ['ring-all', ['c1 > ada ben cleo', 'c2 > ada ben cleo'], `ring all, 3 ${busyThree}`],
    ['round-robin', ['c1 > cleo', 'c2 > ada'], `round robin, 3 ${busyThree}`],
    ['longest-idle', ['c1 > cleo', 'c2 > ada'], `longest idle, 3 ${busyThree}`],
    ['least-loaded', ['c1 > ben', 'c2 > cleo'], `least loaded, 3 ${busyThree}`],
    ['fill-up', ['c1 > ada', 'c2 > ada'], `fill up, 3 ${busyThree}`],
    ['weighted', ['c1 > cleo', 'c2 > cleo'], `weighted, 3 ${busyThree}`],
    ['priority-list', ['c1 > cleo', 'c2 > cleo'], `priority list, 3 ${busyThree}`],
    ['skill-match', ['c1 > ben', 'c2 > cleo'], `skill match, 3 ${busyThree}`],
  ])('%s gives by its definition', (strategy, expected, reason) => {
    const sales = team('sales', strategy, { order: ['cleo', 'ada'], shares: { cleo: 4 } });
    let memory = remember(noMemory, [sales], { team: 'sales', agent: 'ada', how: 'routed' });
    memory = remember(memory, [sales], { team: 'sales', agent: 'ben', how: 'routed' });
    const { placements } = plan({ teams: [sales], queue: queueOf(2), agents: staff, memory });
    expect(pairs(placements)).toEqual(expected);
    if (reason !== '') expect(placements[0]?.reason).toBe(reason);
  });

  it('round robin goes around in the order of ids, also past those who left', () => {
    const sales = team('sales', 'round-robin');
    const memory = remember(noMemory, [sales], { team: 'sales', agent: 'bea', how: 'routed' });
    const agents = ['ada', 'ben', 'cleo'].map((id) => agentView(id, { capacity: 9 }));
    const { placements } = plan({ teams: [sales], queue: queueOf(4), agents, memory });
    expect(pairs(placements)).toEqual(['c1 > ben', 'c2 > cleo', 'c3 > ada', 'c4 > ben']);
  });

  it('round robin is not moved on by what people take themselves', () => {
    const sales = team('sales', 'round-robin');
    let memory = remember(noMemory, [sales], { team: 'sales', agent: 'ada', how: 'accepted' });
    memory = remember(memory, [sales], { team: 'sales', agent: 'cleo', how: 'taken' });
    const agents = ['ada', 'ben', 'cleo'].map((id) => agentView(id));
    expect(pairs(plan({ teams: [sales], queue: queueOf(1), agents, memory }).placements)).toEqual(['c1 > ben']);
  });

  it('weighted keeps the shares, and lets nobody catch up who was away', () => {
    const sales = team('sales', 'weighted', { shares: { ada: 3 } });
    const agents = ['ada', 'ben'].map((id) => agentView(id, { capacity: 100 }));
    const { placements, memory } = plan({ teams: [sales], queue: queueOf(40), agents });
    expect(placements.filter(({ agents: [id] }) => id === 'ada')).toHaveLength(30);
    const later = plan({
      teams: [sales],
      queue: queueOf(10),
      agents: [...agents, agentView('cleo', { capacity: 100 })],
      memory,
    });
    const forCleo = later.placements.filter(({ agents: [id] }) => id === 'cleo');
    expect([2, 3]).toContain(forCleo.length);
  });
});

describe('who may have it', () => {
  it.each<[string, Partial<AgentView>]>([
    ['is away', { state: 'away' }],
    ['is in another team', { teams: ['billing'] }],
    ['is full', { load: 2 }],
    ['has no capacity', { capacity: 0 }],
    ['lacks a level', { skills: { refunds: 2 } }],
    ['goes home soon', { shiftEndsAt: NOW + 599_999 }],
    ['is in no shift', { shiftEndsAt: NOW }],
  ])('not somebody who %s', (_what, changes) => {
    const queue = queueOf(1, { skills: [{ skill: 'refunds', level: 3 }] });
    const able = agentView('ben', { skills: { refunds: 3 }, shiftEndsAt: NOW + 600_000 });
    expect(
      pairs(plan({ queue, agents: [agentView('ada', { skills: { refunds: 5 }, ...changes })] }).placements),
    ).toEqual([]);
    expect(pairs(plan({ queue, agents: [able] }).placements)).toEqual(['c1 > ben']);
  });

  it('skill match prefers those who know most, and says what they know', () => {
    const queue = queueOf(1, { skills: [{ skill: 'refunds' }, { skill: 'language:lv', required: false }] });
    const agents = [
      agentView('ada', { skills: { refunds: 4 } }),
      agentView('ben', { skills: { refunds: 3, 'language:lv': 5 } }),
    ];
    const [placement] = plan({ teams: [team('sales', 'skill-match')], queue, agents }).placements;
    expect(placement?.agents).toEqual(['ben']);
    expect(placement?.reason).toBe('skill match (refunds 3, language:lv 5), 0 of 2 busy');
  });

  it('relaxes in steps, and says what was relaxed', () => {
    const skills = [{ skill: 'refunds' }, { skill: 'language:lv' as const }];
    const relax = [{ afterMs: 60_000, drop: ['language' as const] }];
    const queue = [waiting('c1', NOW, { skills, relax })];
    const agents = [agentView('ada', { skills: { refunds: 1 } })];
    expect(plan({ queue, agents, now: NOW + 59_999 }).placements).toEqual([]);
    expect(plan({ queue, agents, now: NOW + 60_000 }).placements[0]?.reason).toBe(
      'least loaded, without language:lv after waiting, 0 of 1 busy',
    );
  });

  it('lets others help after a while, each after their own time', () => {
    const sales = team('sales', 'least-loaded', { overflow: { team: 'billing', afterMs: 30_000 } });
    const teams = [sales, team('billing', 'manual', { overflow: { team: 'sales', afterMs: 30_000 } })];
    const agents = [agentView('ada', { load: 2 }), agentView('ben', { teams: ['billing'] })];
    const queue = [waiting('c1', NOW)];
    expect(plan({ teams, queue, agents, now: NOW + 29_999 }).placements).toEqual([]);
    expect(plan({ teams, queue, agents, now: NOW + 30_000 }).placements).toMatchObject([
      { team: 'sales', agents: ['ben'], reason: 'least loaded, Billing helps Sales, 1 of 1 busy' },
    ]);
  });
});

describe('order', () => {
  it('is first in, first out inside a priority; ageing lifts those who wait', () => {
    const queue = [
      waiting('old', NOW - 200_000),
      waiting('urgent', NOW - 1000, { priority: 3 }),
      waiting('older', NOW - 201_000),
      waiting('vip', NOW, { priority: 5 }),
    ];
    const agents = [agentView('ada', { capacity: 9 })];
    const order = (now: number): string[] =>
      plan({ queue, agents, now }).placements.map(({ conversation }) => conversation);
    expect(order(NOW)).toEqual(['vip', 'older', 'old', 'urgent']);
    expect(order(NOW - 500_000)).toEqual(['vip', 'urgent', 'older', 'old']);
  });

  it('does not let one that nobody can serve hold up the others', () => {
    const queue = [waiting('c1', NOW - 5000, { skills: [{ skill: 'refunds' }] }), waiting('c2', NOW - 1)];
    expect(pairs(plan({ queue, agents: [agentView('ada')] }).placements)).toEqual(['c2 > ada']);
  });

  it('holds an agent for a heavy one that waited, and not before', () => {
    const agents = [agentView('ada', { load: 1, capacity: 3 }), agentView('ben', { load: 2, capacity: 3 })];
    const heavy = (waitedMs: number) => [
      waiting('heavy', NOW - waitedMs, { weight: 3 }),
      waiting('light', NOW - 1),
      waiting('light2', NOW),
    ];
    expect(pairs(plan({ queue: heavy(59_999), agents }).placements)).toEqual(['light > ada', 'light2 > ben']);
    expect(pairs(plan({ queue: heavy(60_000), agents }).placements)).toEqual(['light > ben']);
    const free = [agentView('ada', { capacity: 2 })];
    expect(pairs(plan({ queue: heavy(60_000), agents: free }).placements)).toEqual(['heavy > ada']);
  });

  it('goes above the capacity only in a peak', () => {
    const sales = team('sales', 'least-loaded', { peak: { waiting: 3, extra: 1 } });
    const agents = [agentView('ada', { load: 1 })];
    expect(plan({ teams: [sales], queue: queueOf(2), agents }).placements).toHaveLength(1);
    const { placements } = plan({ teams: [sales], queue: queueOf(3), agents });
    expect(placements.map(({ extra }) => extra)).toEqual([1, 1]);
  });
});

describe('sticky', () => {
  const sticky = { agent: 'ben', until: NOW + 60_000 };
  it('keeps it for the same agent for a while, as long as he may come', () => {
    const queue = [waiting('c1', NOW, { sticky }), waiting('c2', NOW + 1)];
    const ada = agentView('ada');
    const given = (ben: AgentView, now = NOW): string[] => pairs(plan({ queue, agents: [ada, ben], now }).placements);
    expect(given(agentView('ben', { load: 1 }))).toEqual(['c1 > ben', 'c2 > ada']);
    expect(given(agentView('ben', { load: 2 }))).toEqual(['c2 > ada']);
    expect(given(agentView('ben', { state: 'away' }))).toEqual(['c2 > ada']);
    expect(given(agentView('ben', { state: 'away' }), NOW + 60_000)).toEqual(['c1 > ada', 'c2 > ada']);
    expect(given(agentView('ben', { state: 'offline' }))).toEqual(['c1 > ada', 'c2 > ada']);
    expect(given(agentView('ben', { load: 2, shiftEndsAt: NOW + 1000 }))).toEqual(['c1 > ada', 'c2 > ada']);
  });

  it('is over when he declined', () => {
    const queue = [waiting('c1', NOW, { sticky, passedBy: ['ben'] })];
    expect(pairs(plan({ queue, agents: [agentView('ada'), agentView('ben')] }).placements)).toEqual(['c1 > ada']);
  });
});

describe('offers', () => {
  const sales = team('sales', 'round-robin', { mode: 'offer', offerMs: 20_000 });
  const agents = ['ada', 'ben', 'cleo'].map((id) => agentView(id));

  it('goes around: nobody is asked again before everybody had a turn, then the first who passed is', () => {
    const asked = (passedBy: string[], passedAt: number | null = null): string[] =>
      pairs(plan({ teams: [sales], queue: queueOf(1, { passedBy, passedAt }), agents }).placements);
    expect(asked([])).toEqual(['c1 > ada']);
    expect(asked(['ada'])).toEqual(['c1 > ben']);
    expect(asked(['ada', 'cleo'])).toEqual(['c1 > ben']);
    expect(asked(['cleo', 'ada', 'ben'])).toEqual(['c1 > cleo']);
    expect(asked(['cleo', 'ada', 'ben'], NOW - 19_999)).toEqual([]);
    expect(asked(['cleo', 'ada', 'ben'], NOW - 20_000)).toEqual(['c1 > cleo']);
    expect(asked(['cleo', 'ada', 'ben'], NOW + 5)).toEqual(['c1 > cleo']);
  });

  it('counts what is offered against the capacity, and asks about one conversation once', () => {
    const { placements } = plan({
      teams: [sales],
      queue: [waiting('c0', 0, { offered: true }), ...queueOf(9)],
      agents,
    });
    expect(placements).toHaveLength(6);
    expect(placements[0]).toMatchObject({ conversation: 'c1', mode: 'offer', offerMs: 20_000 });
  });
});
