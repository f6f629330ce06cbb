import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import { type Agent, type AgentState, type ConfigOverview, textIn } from '@sveiki/sdk/agent';
import { deskLocale } from './answers.ts';
import { labelOf } from './handoff.ts';
import { shortTitle } from './names.ts';
import { onlineIn } from './online.ts';
import { sentenceOf } from './problems.ts';

/** What runs on the relay: teams with their hours, and what a visitor can be asked. Asked for when somebody signs in, and anew when it is looked at. */
export function createSetup(parts: { agent: Agent; state: ReadonlySignal<AgentState> }) {
  const { agent, state } = parts;
  const config = signal<ConfigOverview | null>(null);
  const problem = signal<string | null>(null);
  let current: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  /** What is asked while an answer is under way is asked after it: that answer may be older than what was just changed. */
  function load(): Promise<void> {
    if (current === null) {
      current = read().finally(() => {
        current = null;
      });
      return current;
    }
    next ??= current.then(() => {
      next = null;
      return load();
    });
    return next;
  }

  async function read(): Promise<void> {
    try {
      config.value = await agent.config();
      problem.value = null;
    } catch (error) {
      problem.value = sentenceOf(error);
    }
  }

  const isOnline = onlineIn(state);
  const stop = effect(() => {
    if (isOnline.value) untracked(() => void load());
  });

  return {
    config,
    problem,
    load,
    /** Forms and surveys that can be asked by hand. */
    asks: computed(() =>
      (config.value?.asks ?? []).map(({ id, title, survey }) => ({
        id,
        survey,
        title: shortTitle(textIn(title, deskLocale)) || labelOf(id),
      })),
    ),
    /** Whether a team is open now, and until when that holds; null where nothing is known. A team without a schedule is always open. */
    hoursOf(team: string): { open: boolean; nextChange: number | null; always: boolean } | null {
      const found = config.value?.teams.find(({ id }) => id === team);
      if (found === undefined) return null;
      if (found.schedule === null) return { open: true, nextChange: null, always: true };
      return { open: found.schedule.open, nextChange: found.schedule.nextChange, always: false };
    },
    dispose: stop,
  };
}
export type SetupModel = ReturnType<typeof createSetup>;
