import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import type { Agent, AgentState, HookFailure } from '@sveiki/sdk/agent';
import { labelOf } from './handoff.ts';
import { onlineIn } from './online.ts';
import { isQueued } from './people.ts';
import { sentenceOf } from './problems.ts';
import { leads } from './roles.ts';
import type { RouteModel } from './route.ts';
import type { SetupModel } from './setup.ts';

const refreshMs = 30_000;
/** As many of the queue are counted here. */
const countedAtMost = 100;

/** Who is there, which teams are open, who waits, and how the site's own code does. */
export function createTeamPage(parts: {
  agent: Agent;
  state: ReadonlySignal<AgentState>;
  now: ReadonlySignal<number>;
  routing: RouteModel;
  setup: SetupModel;
}) {
  const { agent, state, now, routing, setup } = parts;
  const isHere = computed(() => routing.route.value.page === 'team');
  const isOnline = onlineIn(state);
  const isLead = computed(() => leads(state.value.me));
  const failures = signal<readonly HookFailure[] | null>(null);
  const failuresProblem = signal<string | null>(null);
  /** There are more in the queue than are counted. */
  const isCut = signal(false);

  async function loadFailures() {
    try {
      failures.value = await agent.hooks.failures();
      failuresProblem.value = null;
    } catch (error) {
      failuresProblem.value = sentenceOf(error);
    }
  }
  async function loadQueue() {
    try {
      isCut.value = (await agent.list({ view: 'queue', limit: countedAtMost })).cursor !== null;
    } catch {
      // What is known of the queue is shown; the line's own notice says that it is away.
    }
  }
  const refresh = () => {
    void setup.load();
    void loadQueue();
    if (isLead.peek()) void loadFailures();
  };
  const tick = computed(() => Math.floor(now.value / refreshMs));
  const stop = effect(() => {
    if (!isHere.value || !isOnline.value) return;
    void tick.value;
    untracked(refresh);
  });

  const people = computed(() => state.value.agents.filter(({ role }) => role !== 'bot'));
  return {
    isLead,
    failures,
    failuresProblem,
    isCut,
    refresh,
    people,
    bots: computed(() => state.value.agents.filter(({ role }) => role === 'bot')),
    teams: computed(() => {
      const waiting = new Map<string, number>();
      for (const one of state.value.conversations.values())
        if (isQueued(one) && one.team !== null) waiting.set(one.team.id, (waiting.get(one.team.id) ?? 0) + 1);
      return state.value.teams.map(({ id, name }) => {
        const known = setup.config.value?.teams.find((team) => team.id === id);
        const members = people.value.filter(({ teams }) => teams.includes(id));
        return {
          id,
          name,
          strategy: known === undefined ? null : labelOf(known.strategy),
          hours: setup.hoursOf(id),
          online: members.filter(({ presence }) => presence === 'online').length,
          members: members.length,
          waiting: waiting.get(id) ?? 0,
        };
      });
    }),
    dispose: stop,
  };
}
