import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import type { Agent, AgentState, SpamOverview } from '@sveiki/sdk/agent';
import { texts } from '../texts.ts';
import type { AlertsModel } from './alerts.ts';
import { onlineIn } from './online.ts';
import { sentenceOf } from './problems.ts';
import { leads } from './roles.ts';
import type { RouteModel } from './route.ts';

/** The relay tells at most so many conversations. */
export const mostMarked = 50;

/** Who is blocked and what was spam, for those who lead. */
export function createSpamPage(parts: {
  agent: Agent;
  state: ReadonlySignal<AgentState>;
  routing: RouteModel;
  alerts: AlertsModel;
}) {
  const { agent, state, routing, alerts } = parts;
  const isLead = computed(() => leads(state.value.me));
  const isOnline = onlineIn(state);
  const found = signal<SpamOverview | null>(null);
  const problem = signal<string | null>(null);
  /** Why an address could not be blocked. */
  const refused = signal<string | null>(null);
  const isBusy = signal(false);

  let turn = 0;

  async function load() {
    const mine = ++turn;
    try {
      const now = await agent.spam.list();
      if (mine !== turn) return;
      found.value = now;
      problem.value = null;
    } catch (error) {
      if (mine === turn) problem.value = sentenceOf(error);
    }
  }

  /** What holds after it is read again. Resolves with why it was refused. */
  async function change(run: () => Promise<unknown>, said: string): Promise<string | null> {
    isBusy.value = true;
    try {
      await run();
      alerts.toast(said);
      return null;
    } catch (error) {
      return sentenceOf(error);
    } finally {
      isBusy.value = false;
      await load();
    }
  }
  async function changeRow(run: () => Promise<unknown>, said: string) {
    // One change at a time.
    if (isBusy.value) return;
    const failed = await change(run, said);
    if (failed !== null) alerts.toast(failed);
  }

  const stop = effect(() => {
    if (routing.route.value.page !== 'blocked' || !isLead.value || !isOnline.value) return;
    untracked(() => {
      refused.value = null;
      void load();
    });
  });

  return {
    isLead,
    found,
    problem,
    refused,
    isBusy,
    load,
    /** True when it holds. */
    async block(network: string, options: { reason: string; forMs: number | null }): Promise<boolean> {
      if (isBusy.value) return false;
      refused.value = network.trim() === '' ? texts.blocked.badNetwork : null;
      if (refused.value === null)
        refused.value = await change(() => agent.spam.block(network.trim(), options), texts.blocked.done);
      return refused.value === null;
    },
    unblock: (id: string) => changeRow(() => agent.spam.unblock(id), texts.blocked.undone),
    undo: (conversation: string) => changeRow(() => agent.spam.undo(conversation), texts.spam.undone),
    dispose: stop,
  };
}
export type SpamPageModel = ReturnType<typeof createSpamPage>;
