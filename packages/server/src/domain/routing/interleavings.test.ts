import { ageingOf, type ConversationState, inQueueOrder, urgency } from '@sveiki/protocol';
import type { AgentView, SkillNeed, TeamInput } from '@sveiki/sdk/config';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentView, team } from '../../test-support/routing.ts';
import { assigned, requeue } from '../assignment.ts';
import { type Draft, numberDrafts, type StoredEvent } from '../log.ts';
import { isRefusal, type Refusal } from '../refusal.ts';
import { assign, type Placement, type Waiting } from './assign.ts';
import { hasRoom, loadOf, weightFor } from './capacity.ts';
import { noMemory, type RoutingMemory, remember } from './memory.ts';
import { acceptOffer, declineOffer, expireOffer, makeOffer, withdrawOffer } from './offers.ts';
import { canServe, needsAfter } from './skills.ts';

/*
 * A small relay over the real rules: its whole state but presence and the clock is a fold of one log, so that a crash is nothing but folding again.
 */

const AGEING_MS = 60_000;
const SHIFT_END = 3_000_000;
const AGENTS = [
  { id: 'ada', teams: ['sales'], capacity: 2, skills: { refunds: 3 }, shiftEndsAt: null },
  { id: 'ben', teams: ['sales', 'billing'], capacity: 3, skills: { 'language:lv': 4 }, shiftEndsAt: null },
  { id: 'cleo', teams: ['billing'], capacity: 1, skills: { refunds: 5, 'language:lv': 2 }, shiftEndsAt: SHIFT_END },
  { id: 'dana', teams: ['sales', 'billing'], capacity: 2, skills: {}, shiftEndsAt: SHIFT_END },
];
type AgentId = (typeof AGENTS)[number]['id'];
const owner = (id: string) => ({ id, name: id });
const ref = (id: string) => ({ id, name: id });
/** The weight follows from the conversation itself, as it would from a rule. */
const weightOf = (state: ConversationState): number => (state.locale === 'lv' ? 2 : 1);
const EXTRA = 1;

interface World {
  teams: TeamInput[];
  log: StoredEvent[];
  states: Map<string, ConversationState>;
  memory: RoutingMemory;
  presence: Map<AgentId, AgentView['state']>;
  now: number;
}

function fold(world: World, event: StoredEvent, state: ConversationState): void {
  world.states.set(state.id, state);
  const { body } = event;
  if (body.kind === 'assigned')
    world.memory = remember(world.memory, world.teams, {
      team: body.team?.id ?? null,
      agent: body.owner.id,
      how: body.how,
    });
}

/** What a relay knows that begins with nothing but the log. */
function replay(world: World): World {
  const fresh: World = { ...world, states: new Map(), memory: noMemory };
  for (const event of world.log) {
    const before = fresh.states.get(event.conversation) ?? null;
    const { conversation, author, id, at, actor, audience, body } = event;
    fold(fresh, event, numberDrafts(before, [{ actor, audience, body }], { conversation, author, id, at }).state);
  }
  return fresh;
}

function commit(world: World, conversation: string, drafts: readonly Draft[] | Refusal): boolean {
  if (isRefusal(drafts as object)) return false;
  for (const draft of drafts as readonly Draft[]) {
    const before = world.states.get(conversation) ?? null;
    const id = `e${world.log.length}`;
    const { events, state } = numberDrafts(before, [draft], { conversation, author: 's:routing', id, at: world.now });
    for (const event of events) {
      if (event.body.kind === 'assigned') expect(before?.owner ?? null).toBeNull();
      world.log.push(event);
      fold(world, event, state);
    }
  }
  return true;
}

function loadsOf(world: World): AgentView[] {
  return AGENTS.map((agent) => {
    const weights = [...world.states.values()]
      .filter(
        ({ status, owner: owns, offer }) =>
          status !== 'resolved' && (owns === null ? offer?.agents.includes(agent.id) : owns.id === agent.id),
      )
      .map(weightOf);
    return agentView(agent.id, {
      ...agent,
      state: world.presence.get(agent.id) ?? 'offline',
      load: loadOf(weights, agent.capacity),
    });
  });
}

function queueOf(world: World): Waiting[] {
  return [...world.states.values()]
    .filter(({ status, owner: owns }) => status !== 'resolved' && owns === null)
    .map((state) => ({
      id: state.id,
      team: state.team?.id ?? '',
      queuedAt: state.queuedAt ?? 0,
      priority: state.routing?.priority ?? 0,
      skills: (state.routing?.skills ?? []) as SkillNeed[],
      relax: (state.routing?.relax ?? []) as Waiting['relax'],
      sticky: state.routing?.sticky ?? null,
      weight: weightOf(state),
      offered: state.offer !== undefined,
      passedBy: state.passedBy ?? [],
      passedAt: state.passedAt ?? null,
    }));
}

const plan = (world: World) =>
  assign({ teams: world.teams, waiting: queueOf(world), agents: loadsOf(world), memory: world.memory, now: world.now });

function tick(world: World): void {
  for (const { id } of queueOf(world))
    commit(world, id, expireOffer(world.states.get(id) as ConversationState, world.now));
  const before = { waiting: queueOf(world), agents: loadsOf(world) };
  const { placements, memory } = plan(world);
  for (const { conversation, agents, mode, offerMs, reason } of placements) {
    const state = world.states.get(conversation) as ConversationState;
    if (mode === 'offer') commit(world, conversation, makeOffer(state, agents.map(owner), world.now + offerMs, reason));
    else commit(world, conversation, [assigned(owner(agents[0] as string), state.team, 'routed', { kind: 'system' })]);
  }
  expect(world.memory).toEqual(memory);
  expectFairOrder(world, before.waiting, placements);
  expectNobodyForgotten(world, before.agents, placements);
}

/** Who could have it, were there room: there, not leaving, in the team, able. */
function isFit(world: World, agent: AgentView, place: Waiting): boolean {
  const needs = needsAfter(place.skills, place.relax, Math.max(0, world.now - place.queuedAt));
  return (
    agent.state === 'online' &&
    agent.teams.includes(place.team) &&
    (agent.shiftEndsAt === null || agent.shiftEndsAt - world.now >= 600_000) &&
    canServe(agent, needs)
  );
}

const isKept = (world: World, { sticky }: Waiting): boolean => sticky !== null && world.now < sticky.until;

/** First in, first out inside a priority; across priorities nobody passes who came too late for it. */
function expectFairOrder(world: World, waiting: readonly Waiting[], placements: readonly Placement[]): void {
  const placed = new Map(placements.map((placement) => [placement.conversation, placement]));
  const agents = new Map(loadsOf(world).map((agent) => [agent.id, agent]));
  for (const place of waiting)
    for (const id of placed.get(place.id)?.agents ?? [])
      expect(isFit(world, agents.get(id) as AgentView, place)).toBe(true);
  for (const left of waiting) {
    if (placed.has(left.id) || left.offered || isKept(world, left) || left.passedBy.length > 0) continue;
    for (const passing of waiting) {
      const placement = placed.get(passing.id);
      if (placement === undefined || passing.team !== left.team || passing.weight < left.weight) continue;
      const lead = passing.queuedAt - left.queuedAt;
      const bound = (passing.priority - left.priority + 1) * AGEING_MS;
      const mustNotPass = passing.priority === left.priority ? lead > 0 : lead >= Math.max(1, bound);
      if (!mustNotPass) continue;
      for (const id of placement.agents) expect(isFit(world, agents.get(id) as AgentView, left)).toBe(false);
    }
  }
}

/** Nobody waits while an agent who could have it has room, unless he is kept for a heavier one that stands before it. */
function expectNobodyForgotten(world: World, atFirst: readonly AgentView[], placements: readonly Placement[]): void {
  const placed = new Set(placements.map(({ conversation }) => conversation));
  const queue = queueOf(world).filter(({ id, offered }) => !placed.has(id) && !offered);
  const strategies = new Map(world.teams.map(({ id, strategy }) => [id, strategy]));
  for (const place of queue) {
    if (strategies.get(place.team) === 'manual' || isKept(world, place)) continue;
    for (const agent of loadsOf(world)) {
      if (!isFit(world, agent, place) || place.passedBy.includes(agent.id) || !hasRoom(agent, place.weight, 0))
        continue;
      const heavier = queue.some(
        (other) =>
          other.weight > place.weight &&
          world.now - other.queuedAt >= AGEING_MS &&
          urgency(other, AGEING_MS, world.now) >= urgency(place, AGEING_MS, world.now) &&
          isFit(world, agent, other),
      );
      expect({ conversation: place.id, agent: agent.id, forgotten: !heavier, atFirst }).toMatchObject({
        forgotten: false,
      });
    }
  }
}

function expectSound(world: World): void {
  for (const agent of loadsOf(world)) {
    const extra = world.teams.some(({ peak }) => peak !== undefined) ? EXTRA : 0;
    expect(agent.load).toBeLessThanOrEqual(agent.capacity + extra);
  }
}

const agentId = fc.constantFrom(...AGENTS.map(({ id }) => id));
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('arrive' as const),
      team: fc.constantFrom('sales', 'billing'),
      locale: fc.constantFrom('en', 'en', 'lv'),
      priority: fc.constantFrom(0, 0, 0, 2),
      skills: fc.constantFrom<SkillNeed[]>([], [], [{ skill: 'refunds', level: 3 }], [{ skill: 'language:lv' }]),
      relax: fc.boolean(),
      sticky: fc.option(agentId, { freq: 5 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('tick' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('accept' as const), agent: agentId, nth: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('decline' as const), agent: agentId, nth: fc.nat(5) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('resolve' as const), nth: fc.nat(9) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('presence' as const),
      agent: agentId,
      state: fc.constantFrom('online' as const, 'online' as const, 'away' as const, 'offline' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 1000, 30_000, 61_000, 600_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('step back' as const), ms: fc.constantFrom(1, 5000, 100_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const strategy = fc.constantFrom<TeamInput['strategy']>(
  'manual',
  'ring-all',
  'round-robin',
  'longest-idle',
  'least-loaded',
  'fill-up',
  'weighted',
  'priority-list',
  'skill-match',
);
const teamShape = fc.record({
  strategy,
  mode: fc.constantFrom('assign' as const, 'offer' as const),
  peak: fc.boolean(),
});

/** Does one step; gives the world, which after a crash is another one. */
function perform(world: World, action: Step): World {
  const asked = (agent: string) =>
    [...world.states.values()].filter(
      (state) => state.offer?.agents.includes(agent) === true || state.owner?.id === agent,
    );
  switch (action.do) {
    case 'arrive': {
      const id = `conversation-${world.states.size}`;
      const { team: to, locale, priority, skills, relax, sticky } = action;
      commit(world, id, [
        {
          actor: { kind: 'visitor', id: 'mia' },
          audience: 'public',
          body: {
            kind: 'started',
            channel: 'chat',
            team: ref(to),
            visitor: { id: 'mia', name: null },
            locale,
            visit: null,
          },
        },
        {
          actor: { kind: 'system' },
          audience: 'staff',
          body: {
            kind: 'routed',
            team: ref(to),
            priority,
            skills: skills as Extract<StoredEvent['body'], { kind: 'routed' }>['skills'],
            relax: relax ? [{ afterMs: 60_000, drop: ['refunds', 'language'] }] : [],
            sticky: sticky === null ? null : { agent: sticky, until: world.now + 30_000 },
            by: 'default',
            reason: 'test',
          },
        },
      ]);
      return world;
    }
    case 'tick':
      tick(world);
      return world;
    case 'accept': {
      // Also what is not, or no longer, offered: two who accept at once come one after the other.
      const list = [...world.states.values()].toReversed();
      const state = list[action.nth % Math.max(1, list.length)];
      if (state === undefined) return world;
      commit(world, state.id, acceptOffer(state, owner(action.agent), world.now));
      return world;
    }
    case 'decline': {
      const list = asked(action.agent);
      const state = list[action.nth % Math.max(1, list.length)];
      if (state !== undefined) commit(world, state.id, declineOffer(state, owner(action.agent), undefined, world.now));
      return world;
    }
    case 'resolve': {
      const list = [...world.states.values()].filter(
        ({ status, owner: owns }) => status !== 'resolved' && owns !== null,
      );
      const state = list[action.nth % Math.max(1, list.length)];
      if (state !== undefined)
        commit(world, state.id, [{ actor: { kind: 'system' }, audience: 'public', body: { kind: 'resolved' } }]);
      return world;
    }
    case 'presence':
      world.presence.set(action.agent, action.state);
      if (action.state !== 'online')
        for (const state of [...world.states.values()]) {
          commit(world, state.id, withdrawOffer(state, [action.agent]));
          if (action.state === 'offline') commit(world, state.id, requeue(state, action.agent, 'agent-lost'));
        }
      return world;
    case 'wait':
      world.now += action.ms;
      return world;
    case 'step back':
      world.now = Math.max(0, world.now - action.ms);
      return world;
    case 'crash': {
      const again = replay(world);
      expect(plan(again)).toEqual(plan(world));
      return again;
    }
  }
}

describe('routing under any interleaving', () => {
  it('keeps its promises in 10,000 of them', () => {
    fc.assert(
      fc.property(teamShape, teamShape, fc.array(step, { minLength: 5, maxLength: 30 }), (sales, billing, steps) => {
        const shape = ({ strategy: by, mode, peak }: typeof sales): Partial<TeamInput> => ({
          mode,
          strategy: by,
          ageingMs: AGEING_MS,
          shares: { ben: 2 },
          order: ['dana', 'ada'],
          ...(peak ? { peak: { waiting: 3, extra: EXTRA } } : {}),
        });
        let world: World = {
          teams: [team('sales', 'manual', shape(sales)), team('billing', 'manual', shape(billing))],
          log: [],
          states: new Map(),
          memory: noMemory,
          presence: new Map(AGENTS.map(({ id }) => [id, 'online'])),
          now: 1_000_000,
        };
        for (const action of steps) {
          world = perform(world, action);
          expectSound(world);
        }
      }),
      { numRuns: 10_000 },
    );
  }, 120_000);

  it('serves whoever waits within what ageing allows, however many more urgent ones keep coming', () => {
    const ageingMs = 10_000;
    const sales = team('sales', 'round-robin', { ageingMs });
    const agent = agentView('ada', { capacity: 1 });
    const patient: Waiting = { ...aPlace('patient', 0), priority: -2 };
    let queue: Waiting[] = [patient];
    const served: string[] = [];
    // One is served every second while one of priority 2 arrives every half second.
    for (let now = 0; !served.includes('patient'); now += 1000) {
      expect(now).toBeLessThanOrEqual(11 * ageingMs);
      queue.push({ ...aPlace(`a${now}`, now), priority: 2 }, { ...aPlace(`b${now}`, now + 500), priority: 2 });
      const { placements } = assign({
        teams: [sales],
        waiting: queue.filter(({ queuedAt }) => queuedAt <= now),
        agents: [agent],
        memory: noMemory,
        now,
      });
      served.push(...placements.map(({ conversation }) => conversation));
      queue = queue.filter(({ id }) => !served.includes(id));
    }
    const passedAt = Number(served.at(-2)?.slice(1));
    expect(passedAt).toBeLessThan((2 + 2 + 1) * ageingMs);
  });
});

function aPlace(id: string, queuedAt: number): Waiting {
  return {
    id,
    team: 'sales',
    queuedAt,
    priority: 0,
    skills: [],
    relax: [],
    sticky: null,
    weight: 1,
    offered: false,
    passedBy: [],
    passedAt: null,
  };
}

describe('order and room', () => {
  it('puts the same places in the same order, however they come', () => {
    const place = fc.record({
      id: fc.uuid(),
      team: fc.constantFrom('sales', 'billing'),
      queuedAt: fc.nat(500_000),
      priority: fc.integer({ min: -100, max: 100 }),
    });
    const teams = [team('sales', 'manual'), team('billing', 'manual', { ageingMs: 1000 })];
    fc.assert(
      fc.property(fc.uniqueArray(place, { selector: ({ id }) => id }), fc.nat(1_000_000), (places, now) => {
        const ordered = inQueueOrder(places, teams, now);
        expect(inQueueOrder(places.toReversed(), teams, now)).toEqual(ordered);
        const score = ({ team: id, ...rest }: (typeof places)[number]) =>
          urgency({ team: id, ...rest }, ageingOf(teams.find((one) => one.id === id) ?? {}), now);
        const scores = ordered.map(score);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      }),
    );
  });

  it('finds room for the heaviest conversation with somebody who has nothing else', () => {
    const weight = fc.integer({ min: 1, max: 80 }).map((quarters) => quarters / 4);
    fc.assert(
      fc.property(weight, fc.integer({ min: 1, max: 10 }), (heavy, capacity) => {
        expect(hasRoom({ load: 0, capacity }, heavy, 0)).toBe(true);
        expect(hasRoom({ load: weightFor(heavy, capacity), capacity }, capacity, 0)).toBe(false);
      }),
    );
  });
});
