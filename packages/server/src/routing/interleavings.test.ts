import { applyEvent, type ConversationState } from '@sveiki/protocol';
import type { RouteDecision, TeamInput } from '@sveiki/sdk/config';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Config } from '../config-types.ts';
import { loadOf, weightFor } from '../domain/routing/capacity.ts';
import { carriersOf, weightIn } from '../domain/routing/carrying.ts';
import type { StoredEvent } from '../ports.ts';
import { type RelayUnderTest, relayUnderTest, type TestLine, text } from '../testing/relay-under-test.ts';

/*
 * The real relay on a memory store, under anything people, hooks and crashes do to it in any order. What must hold is read from the log alone.
 */

const AGENTS = [
  { id: 'ada', teams: ['sales'], capacity: 2 },
  { id: 'ben', teams: ['sales', 'billing'], capacity: 3 },
  { id: 'cleo', teams: ['billing'], capacity: 1 },
] as const;
type AgentId = (typeof AGENTS)[number]['id'];
const capacityOf = (agent: string): number => AGENTS.find(({ id }) => id === agent)?.capacity ?? 0;
/** Longer than the deadline of the hook, and than any pause between two looks. */
const TICK_MS = 1_100;

/** What the hook makes of the visitor's first words. */
const WORDS = [
  'plain',
  'plain',
  'plain',
  'heavy',
  'urgent',
  'billing',
  'for ben',
  'hang',
  'throw',
  'nonsense',
] as const;
function route(words: string): RouteDecision | Promise<RouteDecision> {
  if (words === 'hang') return new Promise(() => {});
  if (words === 'throw') throw new Error('The hook is broken');
  if (words === 'nonsense') return { to: 'moon' } as never;
  if (words === 'urgent') return { to: 'queue', id: 'sales', priority: 4, reason: 'Urgent' };
  if (words === 'billing') return { to: 'queue', id: 'billing', reason: 'Money' };
  if (words === 'for ben') return { to: 'agent', id: 'ben', offerMs: 5_000, reason: 'Ben knows' };
  return { to: 'default' };
}

function configOf(sales: Partial<TeamInput>, billing: Partial<TeamInput>, hasHook: boolean): Partial<Config> {
  const team = (id: string, changes: Partial<TeamInput>): TeamInput => ({
    id,
    name: id,
    strategy: 'manual',
    offerMs: 4_000,
    shares: { ben: 2 },
    order: ['ben'],
    ...changes,
  });
  return {
    teams: [team('sales', sales), team('billing', billing)],
    agents: AGENTS.map((agent) => ({ ...agent, teams: [...agent.teams] })),
    routing: {
      weights: [{ when: { words: ['heavy'] }, weight: 2 }],
      ...(hasHook ? { route: ({ conversation }) => route(conversation.text) } : {}),
    },
    agentGraceMs: 3_000,
  };
}

const agentId = fc.constantFrom<AgentId>('ada', 'ben', 'cleo');
const nth = fc.nat(7);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('arrive' as const), words: fc.constantFrom(...WORDS) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'accept' as const,
        'accept' as const,
        'decline' as const,
        'take' as const,
        'resolve' as const,
      ),
      agent: agentId,
      nth,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('transfer' as const), agent: agentId, nth }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('write again' as const), nth }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('come' as const, 'cut' as const), agent: agentId }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('presence' as const),
      agent: agentId,
      state: fc.constantFrom('online', 'away', 'offline'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 150, TICK_MS, 5_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), turns: fc.option(fc.nat(3)) }) },
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
const shape = fc.record({ strategy, mode: fc.constantFrom('assign' as const, 'offer' as const) });

class World {
  readonly under: RelayUnderTest;
  readonly teams: readonly TeamInput[];
  readonly lines = new Map<AgentId, TestLine>();
  readonly visitors: { line: TestLine | null; session: string; conversation: string }[] = [];
  /** Who is there and willing; a change holds from the step in which it happens. */
  online = new Set<string>();
  wasOnline = new Set<string>();
  readonly states = new Map<string, ConversationState>();
  readonly decidedAt = new Map<string, number>();
  position = 0;
  names = 0;

  constructor(under: RelayUnderTest, teams: readonly TeamInput[]) {
    this.under = under;
    this.teams = teams;
  }

  next(): string {
    return `command-${String(++this.names).padStart(8, '0')}`;
  }

  async perform(action: Step): Promise<void> {
    this.wasOnline = new Set(this.online);
    const { under } = this;
    switch (action.do) {
      case 'arrive': {
        const line = await under.visitor();
        const conversation = `conversation-${this.visitors.length}`.padEnd(16, '-');
        this.visitors.push({ line, session: line.session, conversation });
        await line.push({ type: 'send', id: this.next(), conversation, blocks: text(action.words) });
        return;
      }
      case 'write again': {
        const known = this.visitors[action.nth % Math.max(1, this.visitors.length)];
        if (known === undefined) return;
        known.line ??= await under.visitor({ session: known.session });
        await known.line.push({
          type: 'send',
          id: this.next(),
          conversation: known.conversation,
          blocks: text('plain'),
        });
        return;
      }
      case 'accept':
      case 'decline':
      case 'take':
      case 'resolve':
      case 'transfer': {
        const line = this.lines.get(action.agent);
        const all = [...this.states.values()];
        // Mostly what he may do, sometimes what he may not.
        const own = all.filter((state) => carriersOf(state).includes(action.agent));
        const from = own.length > 0 && action.nth < 6 ? own : all;
        const state = from[action.nth % Math.max(1, from.length)];
        if (line === undefined || state === undefined) return;
        const frame = { type: action.do, id: this.next(), conversation: state.id };
        if (action.do === 'resolve') return line.push({ ...frame, ownership: state.ownership, wrapUp: 'answered' });
        if (action.do === 'transfer')
          return line.push({ ...frame, ownership: state.ownership, to: { kind: 'team', id: 'billing' } });
        return line.push(frame);
      }
      case 'come':
        if (this.lines.has(action.agent)) return;
        this.lines.set(action.agent, await under.agent(action.agent));
        if ((await under.store.agent(action.agent))?.presence === 'online') this.online.add(action.agent);
        return;
      case 'cut':
        await this.lines.get(action.agent)?.cut();
        this.lines.delete(action.agent);
        this.online.delete(action.agent);
        return;
      case 'presence': {
        const line = this.lines.get(action.agent);
        if (line === undefined) return;
        await line.send({ type: 'set-presence', id: this.next(), presence: action.state });
        if (action.state === 'online') this.online.add(action.agent);
        else this.online.delete(action.agent);
        return;
      }
      case 'wait':
        return under.pass(action.ms);
      case 'crash':
        // Alone, or so soon after somebody wrote that his message may be lost.
        if (action.turns !== null) {
          const writing = this.perform({ do: 'write again', nth: action.turns });
          for (let i = 0; i < action.turns; i++) await new Promise((resolve) => setImmediate(resolve));
          const dead = under.crash();
          await writing;
          await dead;
        } else await under.crash();
        this.lines.clear();
        this.online.clear();
        for (const visitor of this.visitors) visitor.line = null;
        return;
    }
  }

  loadOf(agent: string): number {
    const carried = [...this.states.values()].filter((state) => carriersOf(state).includes(agent));
    return loadOf(carried.map(weightIn), capacityOf(agent));
  }

  /** Reads on in the log, and looks at every event in the order of the commits. */
  async check(): Promise<void> {
    for (const { position, event } of await this.under.store.eventsAfter(this.position, 10_000)) {
      this.position = position;
      const before = this.states.get(event.conversation) ?? null;
      const state = applyEvent(before, event);
      this.states.set(state.id, state);
      if (event.body.kind === 'routed') this.decidedAt.set(state.id, event.at);
      if (before !== null) this.checkOne(before, event);
    }
  }

  checkOne(before: ConversationState, { body, at }: StoredEvent): void {
    const isRouted = body.kind === 'assigned' && (body.how === 'routed' || body.how === 'accepted');
    // One owner at every number of the log, and none is taken from anybody.
    if (isRouted || body.kind === 'offered') expect(before.owner).toBeNull();
    if (body.kind === 'assigned' && body.how === 'accepted') {
      expect(before.offer?.agents).toContain(body.owner.id);
      expect(at).toBeLessThan(before.offer?.until ?? 0);
    }
    const chosen =
      body.kind === 'offered'
        ? body.agents.map(({ id }) => id)
        : body.kind === 'assigned' && body.how === 'routed'
          ? [body.owner.id]
          : [];
    for (const agent of chosen) {
      expect(this.loadOf(agent)).toBeLessThanOrEqual(capacityOf(agent));
      expect(this.online.has(agent) || this.wasOnline.has(agent)).toBe(true);
      expect(AGENTS.find(({ id }) => id === agent)?.teams).toContain(before.team?.id);
    }
    if (chosen.length > 0) this.checkOrder(before, at);
  }

  /** First in, first out: nobody of the same kind who was decided about waits longer. */
  checkOrder(placed: ConversationState, at: number): void {
    const kindOf = ({ team, routing, passedBy }: ConversationState) =>
      JSON.stringify([team?.id, routing?.priority, routing?.weight, routing?.sticky == null, passedBy ?? []]);
    for (const other of this.states.values()) {
      if (other.id === placed.id || !this.isWaiting(other) || kindOf(other) !== kindOf(placed)) continue;
      if (placed.routing?.sticky != null || (placed.passedBy ?? []).length > 0) continue;
      // What was queued or decided in this very moment may have come after the look.
      const isNew = (this.decidedAt.get(other.id) ?? other.queuedAt ?? 0) >= at;
      if (!isNew) expect(other.queuedAt).toBeGreaterThanOrEqual(placed.queuedAt ?? 0);
    }
  }

  isWaiting(state: ConversationState): boolean {
    return (
      state.status !== 'resolved' && state.owner === null && state.offer === undefined && state.routing !== undefined
    );
  }

  /** After a tick: everything is decided, and nobody waits while somebody who could have it has room. */
  checkQuiet(): void {
    const waiting = [...this.states.values()].filter(({ status, owner }) => status !== 'resolved' && owner === null);
    for (const state of waiting) {
      expect(state.routing).toBeDefined();
      const team = this.teams.find(({ id }) => id === state.team?.id);
      const isKept = (state.routing?.sticky?.until ?? 0) > this.under.clock.now();
      if (state.offer !== undefined) expect(state.offer.until).toBeGreaterThan(this.under.clock.now());
      if (team?.strategy === 'manual' || state.offer !== undefined || isKept) continue;
      const hasHeavier = waiting.some(
        (other) => other.team?.id === state.team?.id && weightIn(other) > weightIn(state),
      );
      for (const { id, teams, capacity } of AGENTS) {
        const isFit = this.online.has(id) && teams.some((name) => name === team?.id);
        if (!isFit || state.passedBy?.includes(id) === true || hasHeavier) continue;
        const isFree = this.loadOf(id) + weightFor(weightIn(state), capacity) <= capacity;
        expect({ agent: id, conversation: state.id, isFree }).toMatchObject({ isFree: false });
      }
    }
  }
}

describe('the relay under any interleaving', () => {
  it('routes as promised in 2,000 of them, with crashes', async () => {
    await fc.assert(
      fc.asyncProperty(
        shape,
        shape,
        fc.boolean(),
        fc.array(step, { minLength: 4, maxLength: 14 }),
        async (a, b, hasHook, steps) => {
          const config = configOf(a, b, hasHook);
          const world = new World(await relayUnderTest({ config }), config.teams ?? []);
          for (const agent of ['ada', 'ben'] as const) await world.perform({ do: 'come', agent });
          for (const action of steps) {
            await world.perform(action);
            await world.check();
          }
          await world.under.pass(TICK_MS);
          world.wasOnline = new Set(world.online);
          await world.under.pass(TICK_MS);
          await world.check();
          world.checkQuiet();
          await world.under.checkEventLaw();
          await world.under.relay.stop();
        },
      ),
      { numRuns: 2_000 },
    );
  }, 300_000);
});
