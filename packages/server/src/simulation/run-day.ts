import type { AgentView, RouteContext, RouteDecision, TeamInput } from '@sveiki/sdk/config';
import { assign, type Placement, type Waiting } from '../domain/routing/assign.ts';
import { loadOf, weightFor } from '../domain/routing/capacity.ts';
import { checkDecision, type KnownNames, queueEntry } from '../domain/routing/decision.ts';
import { noMemory, remember } from '../domain/routing/memory.ts';
import { queueViews } from '../domain/routing/queue-views.ts';
import { decideByRules, weightOf } from '../domain/routing/rules.ts';
import { type OpeningReader, openingReader } from '../domain/schedules/opening-reader.ts';
import { shiftEndsAt } from '../domain/schedules/shifts.ts';
import { mergeSpans, type OpenSpan, openSpans } from '../domain/schedules/spans.ts';
import { createAgenda } from './agenda.ts';
import { chance, delay } from './random.ts';
import { agentReport, fairnessOf, type Outcome, queueReport, type VariantReport, waitsOf } from './report.ts';
import type { Arrival, Behaviour, DayConfig } from './simulate.ts';

const TICK_MS = 5_000;
const DAY_MS = 86_400_000;
const defaults: Behaviour = { answerMs: 6_000, takeMs: 20_000, declines: 0.03, misses: 0.05 };

type Happening =
  | { kind: 'arrival'; arrival: Arrival }
  | { kind: 'patience'; conversation: string }
  | { kind: 'done'; conversation: string; agent: string }
  | { kind: 'answer'; conversation: string; agent: string; offer: number; accepts: boolean }
  | { kind: 'deadline'; conversation: string; offer: number }
  | { kind: 'take'; agent: string }
  | { kind: 'tick' };

interface Queued extends Waiting {
  arrival: Arrival;
  offer: { number: number; agents: string[] } | null;
  /** Offers so far. */
  asked: number;
}

interface Worker {
  id: string;
  teams: readonly string[];
  capacity: number;
  skills: Readonly<Record<string, number>>;
  shifts: readonly OpeningReader[];
  spans: readonly OpenSpan[];
  /** Begun and not ended: weight by conversation. */
  has: Map<string, { weight: number; since: number }>;
  asked: Map<string, number>;
  work: { span: OpenSpan; weight: number }[];
  missed: number;
  lastAssignedAt: number | null;
  lastOffer: AgentView['lastOffer'];
  /** He is about to take something from a queue. */
  reaching: boolean;
  reaches: number;
}

/** One day served in one way. */
export async function runDay(
  name: string,
  config: DayConfig,
  arrivals: readonly Arrival[],
  { seed, from, to }: { seed: number; from: number; to: number },
): Promise<VariantReport> {
  const { teams, routing } = config;
  const people = { ...defaults, ...config.behaviour };
  const readers = new Map(Object.entries(config.schedules).map(([id, hours]) => [id, openingReader(hours)]));
  const teamOf = new Map(teams.map((team) => [team.id, team]));
  const names: KnownNames = {
    teams: new Set(teamOf.keys()),
    agents: new Set(config.agents.map(({ id }) => id)),
    bots: new Set(config.bots),
    skills: new Set<string>(routing.skills ?? []),
  };
  const agenda = createAgenda<Happening>();
  const waiting = new Map<string, Queued>();
  const outcomes: Outcome[] = [];
  const offers = { made: 0, accepted: 0, declined: 0, missed: 0, beaten: 0 };
  const decidedBy = { rule: 0, hook: 0, fallback: 0, default: 0 };
  const sameAgent = { n: 0, of: 0 };
  const visits = new Map<string, { agent: string | null; at: number[] }>();
  let elsewhere = 0;
  let memory = noMemory;
  let ticking = false;

  const workers: Worker[] = config.agents.map(({ id, teams: own, capacity, skills = {}, shifts = [] }) => {
    const hours = shifts.flatMap((shift) => config.schedules[shift] ?? []);
    return {
      id,
      teams: own,
      capacity,
      skills: skills as Record<string, number>,
      shifts: shifts.flatMap((shift) => readers.get(shift) ?? []),
      spans: shifts.length === 0 ? [[from, to]] : mergeSpans(hours.flatMap((shift) => openSpans(shift, from, to))),
      has: new Map(),
      asked: new Map(),
      work: [],
      missed: 0,
      lastAssignedAt: null,
      lastOffer: null,
      reaching: false,
      reaches: 0,
    };
  });
  const workerOf = new Map(workers.map((worker) => [worker.id, worker]));

  function view(worker: Worker, now: number): AgentView {
    const end = shiftEndsAt(worker.shifts, now);
    const weights = [...[...worker.has.values()].map(({ weight }) => weight), ...worker.asked.values()];
    return {
      id: worker.id,
      name: worker.id,
      teams: worker.teams,
      state: end === null || end > now ? 'online' : 'offline',
      load: loadOf(weights, worker.capacity),
      capacity: worker.capacity,
      skills: worker.skills,
      shiftEndsAt: end,
      lastAssignedAt: worker.lastAssignedAt,
      lastOffer: worker.lastOffer,
    };
  }

  const isOpen = (team: TeamInput, now: number): boolean =>
    team.schedule === undefined || readers.get(team.schedule)?.(now).open !== false;

  function contextOf(arrival: Arrival, agents: readonly AgentView[], now: number): RouteContext {
    const {
      id,
      visitor,
      team,
      text = '',
      page,
      site = '',
      language = null,
      topic,
      tags = [],
      verified = false,
    } = arrival;
    const known = visits.get(visitor);
    return {
      conversation: { id, channel: 'chat', startedAt: now, team, text },
      visitor: { id: visitor, name: null, email: null, externalId: null, verified },
      page: page === undefined ? null : { url: page, title: '' },
      site,
      language,
      ...(topic === undefined ? {} : { intent: topic }),
      tags,
      waitedMs: 0,
      attempt: 1,
      queues: queueViews(teams, [...waiting.values()], agents, (one) => isOpen(teamNamed(one), now), now),
      agents,
      history: {
        ...(known?.agent == null ? {} : { lastAgent: known.agent }),
        contactsInDays: (known?.at ?? [])
          .map((at) => (now - at) / DAY_MS)
          .toReversed()
          .slice(0, 100),
      },
      now,
    };
  }

  function teamNamed(id: string): TeamInput {
    const team = teamOf.get(id);
    if (team === undefined) throw new Error(`A decision names team "${id}", which the configuration does not have.`);
    return team;
  }

  async function decide(context: RouteContext): Promise<RouteDecision> {
    const ruled = decideByRules(routing.rules ?? [], context);
    if (ruled !== null && ruled.decision.to !== 'default') {
      decidedBy.rule++;
      return ruled.decision;
    }
    if (ruled === null && routing.route !== undefined) {
      try {
        const decision = await routing.route(context);
        const [problem] = checkDecision(decision, names, 'route');
        if (problem !== undefined) throw new Error(problem.message);
        decidedBy[decision.to === 'default' ? 'default' : 'hook']++;
        return decision;
      } catch {
        decidedBy.fallback++;
        return routing.fallback ?? { to: 'default' };
      }
    }
    decidedBy.default++;
    return { to: 'default' };
  }

  async function arrive(arrival: Arrival, now: number): Promise<void> {
    const context = contextOf(
      arrival,
      workers.map((worker) => view(worker, now)),
      now,
    );
    const decision = await decide(context);
    const known = visits.get(arrival.visitor) ?? { agent: null, at: [] };
    visits.set(arrival.visitor, { ...known, at: [...known.at, now] });
    if (decision.to === 'bot' || decision.to === 'channel') {
      elsewhere++;
      return;
    }
    const team = teamNamed(decision.to === 'queue' ? decision.id : arrival.team);
    const visitor = { language: arrival.language ?? null, ...(known.agent === null ? {} : { lastAgent: known.agent }) };
    waiting.set(arrival.id, {
      ...queueEntry(decision, team, visitor, now),
      id: arrival.id,
      queuedAt: now,
      weight: weightOf(routing.weights ?? [], context),
      offered: false,
      passedBy: [],
      passedAt: null,
      arrival,
      offer: null,
      asked: 0,
    });
    agenda.put(now + arrival.patienceMs, { kind: 'patience', conversation: arrival.id });
  }

  /** An agent has it. */
  function give(conversation: Queued, worker: Worker, how: 'routed' | 'accepted' | 'taken', now: number): void {
    const { arrival, team, queuedAt } = conversation;
    endOffer(conversation);
    waiting.delete(conversation.id);
    outcomes.push({ team, waitedMs: now - queuedAt, answered: true });
    worker.has.set(conversation.id, { weight: weightFor(conversation.weight, worker.capacity), since: now });
    worker.lastAssignedAt = now;
    memory = remember(memory, teams, { team, agent: worker.id, how });
    const known = visits.get(arrival.visitor) ?? { agent: null, at: [] };
    if (known.agent !== null) {
      sameAgent.of++;
      if (known.agent === worker.id) sameAgent.n++;
    }
    visits.set(arrival.visitor, { ...known, agent: worker.id });
    agenda.put(now + arrival.handleMs, { kind: 'done', conversation: conversation.id, agent: worker.id });
  }

  function endOffer(conversation: Queued): void {
    for (const agent of conversation.offer?.agents ?? []) workerOf.get(agent)?.asked.delete(conversation.id);
    conversation.offer = null;
    conversation.offered = false;
  }

  /** He declined or did not see it. */
  function pass(conversation: Queued, agent: string, how: 'declined' | 'expired', now: number): void {
    const worker = workerOf.get(agent);
    if (worker === undefined || conversation.offer === null) return;
    worker.asked.delete(conversation.id);
    worker.lastOffer = { at: now, how };
    if (how === 'declined') offers.declined++;
    else {
      offers.missed++;
      worker.missed++;
    }
    conversation.offer.agents = conversation.offer.agents.filter((id) => id !== agent);
    conversation.passedBy = [...conversation.passedBy.filter((id) => id !== agent), agent];
    conversation.passedAt = now;
    if (conversation.offer.agents.length === 0) endOffer(conversation);
  }

  function ask(conversation: Queued, { agents, offerMs }: Placement, now: number): void {
    const number = offers.made;
    conversation.offer = { number, agents: [...agents] };
    conversation.offered = true;
    conversation.asked++;
    agenda.put(now + offerMs, { kind: 'deadline', conversation: conversation.id, offer: number });
    for (const agent of agents) {
      offers.made++;
      workerOf.get(agent)?.asked.set(conversation.id, conversation.weight);
      const words = [conversation.id, agent, conversation.asked];
      const mood = chance(seed, 'mood', ...words);
      if (mood < people.misses) continue;
      const after = delay(people.answerMs, chance(seed, 'answer', ...words));
      const accepts = mood >= people.misses + people.declines;
      agenda.put(now + after, { kind: 'answer', conversation: conversation.id, agent, offer: number, accepts });
    }
  }

  function answer({ conversation, agent, offer, accepts }: Extract<Happening, { kind: 'answer' }>, now: number): void {
    const asked = waiting.get(conversation);
    const worker = workerOf.get(agent);
    if (worker === undefined || asked?.offer?.number !== offer || !asked.offer.agents.includes(agent)) {
      if (accepts && asked === undefined) offers.beaten++;
      return;
    }
    if (!accepts) return pass(asked, agent, 'declined', now);
    offers.accepted++;
    worker.lastOffer = { at: now, how: 'accepted' };
    give(asked, worker, 'accepted', now);
  }

  function plan(now: number): void {
    if (waiting.size === 0) return;
    const agents = workers.map((worker) => view(worker, now));
    const { placements } = assign({ teams, waiting: [...waiting.values()], agents, memory, now });
    for (const placement of placements) {
      const conversation = waiting.get(placement.conversation);
      const worker = workerOf.get(placement.agents[0] ?? '');
      if (conversation === undefined || worker === undefined) continue;
      if (placement.mode === 'offer') ask(conversation, placement, now);
      else give(conversation, worker, 'routed', now);
    }
    reach(now);
    if (!ticking && waiting.size > 0) {
      ticking = true;
      agenda.put(now + TICK_MS, { kind: 'tick' });
    }
  }

  /** Where agents take, whoever could take something reaches for it after a while. */
  function reach(now: number): void {
    for (const worker of workers) {
      if (worker.reaching || firstFor(worker, now) === undefined) continue;
      worker.reaching = true;
      const after = delay(people.takeMs, chance(seed, 'take', worker.id, worker.reaches++));
      agenda.put(now + after, { kind: 'take', agent: worker.id });
    }
  }

  /** The first in the queues where agents take that this one could have: routing for him alone. */
  function firstFor(worker: Worker, now: number): Queued | undefined {
    const manual = teams.filter(({ id, strategy }) => strategy === 'manual' && worker.teams.includes(id));
    const queue = [...waiting.values()].filter(({ team }) => manual.some(({ id }) => id === team));
    if (queue.length === 0) return undefined;
    const alone = manual.map((team): TeamInput => ({ ...team, strategy: 'priority-list', mode: 'assign' }));
    const { placements } = assign({ teams: alone, waiting: queue, agents: [view(worker, now)], memory, now });
    return waiting.get(placements[0]?.conversation ?? '');
  }

  async function happen(what: Happening, now: number): Promise<void> {
    switch (what.kind) {
      case 'arrival':
        return arrive(what.arrival, now);
      case 'patience': {
        const conversation = waiting.get(what.conversation);
        if (conversation === undefined) return;
        endOffer(conversation);
        waiting.delete(conversation.id);
        outcomes.push({ team: conversation.team, waitedMs: now - conversation.queuedAt, answered: false });
        return;
      }
      case 'done': {
        const worker = workerOf.get(what.agent);
        const begun = worker?.has.get(what.conversation);
        if (worker === undefined || begun === undefined) return;
        worker.has.delete(what.conversation);
        worker.work.push({ span: [begun.since, now], weight: begun.weight });
        return;
      }
      case 'answer':
        return answer(what, now);
      case 'deadline': {
        const conversation = waiting.get(what.conversation);
        if (conversation?.offer?.number !== what.offer) return;
        for (const agent of [...conversation.offer.agents]) pass(conversation, agent, 'expired', now);
        return;
      }
      case 'take': {
        const worker = workerOf.get(what.agent);
        if (worker === undefined) return;
        worker.reaching = false;
        const first = firstFor(worker, now);
        if (first !== undefined) give(first, worker, 'taken', now);
        return;
      }
      case 'tick':
        ticking = false;
    }
  }

  for (const arrival of arrivals) agenda.put(arrival.at, { kind: 'arrival', arrival });
  for (let next = agenda.next(); next !== null; next = agenda.next()) {
    await happen(next.what, next.at);
    // What happens at one time is seen together, as one look of the relay sees it.
    if (agenda.due() !== next.at) plan(next.at);
  }

  const agents = workers.map((worker) => agentReport({ ...worker, shifts: worker.spans }));
  return {
    name,
    ...queueReport(outcomes),
    elsewhere,
    teams: teams.map(({ id }) => {
      const own = outcomes.filter(({ team }) => team === id);
      return {
        team: id,
        queued: own.length,
        abandoned: own.filter(({ answered }) => !answered).length,
        waits: waitsOf(own),
      };
    }),
    agents,
    fairness: fairnessOf(agents),
    offers,
    sameAgent,
    decidedBy,
  };
}
