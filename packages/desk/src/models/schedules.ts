import { batch, computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import type { Agent, AgentState, SetupProblem, StoredSchedule } from '@sveiki/sdk/agent';
import type { Surroundings } from '../surroundings/surroundings.ts';
import { texts } from '../texts.ts';
import type { createAlerts } from './alerts.ts';
import { onlineIn } from './online.ts';
import { codeOf, sentenceOf } from './problems.ts';
import { leads } from './roles.ts';
import { decode, type RouteModel } from './route.ts';
import { doubledDates, hoursOf, newSchedule, type ScheduleDraft, scheduleDraftOf } from './schedule-draft.ts';
import type { SetupModel } from './setup.ts';

/** The schedules, and the form in which leads change them. Which one is being written stands in the address. */
export function createSchedules(parts: {
  agent: Agent;
  state: ReadonlySignal<AgentState>;
  around: Surroundings;
  routing: RouteModel;
  setup: SetupModel;
  alerts: ReturnType<typeof createAlerts>;
}) {
  const { agent, state, around, routing, setup, alerts } = parts;
  const isHere = computed(() => routing.route.value.page === 'team');
  const isOnline = onlineIn(state);
  const all = signal<readonly StoredSchedule[] | null>(null);
  const loadProblem = signal<string | null>(null);
  const typed = signal<ScheduleDraft | null>(null);
  const problems = signal<readonly SetupProblem[]>([]);
  const saveProblem = signal<string | null>(null);
  const isBusy = signal(false);
  /** The change that the one who writes has seen. */
  const seen = signal<string | null>(null);

  async function load(): Promise<void> {
    try {
      all.value = await agent.schedules.list();
      loadProblem.value = null;
    } catch (error) {
      loadProblem.value = sentenceOf(error);
    }
  }

  /** The name of the one that is written; `new`; null: the overview. */
  const editing = computed(() =>
    isHere.value && routing.route.value.detail !== '' ? decode(routing.route.value.detail) : null,
  );
  const isNew = computed(() => editing.value === 'new');
  const stored = computed(() => all.value?.find(({ id }) => id === editing.value) ?? null);
  const draft = computed<ScheduleDraft | null>(() => {
    if (editing.value === null) return null;
    if (typed.value !== null) return typed.value;
    if (isNew.value) return newSchedule(around.timeZone);
    return stored.value === null ? null : scheduleDraftOf(stored.value.id, stored.value.hours);
  });

  const stopLoading = effect(() => {
    if (isHere.value && isOnline.value) untracked(() => void load());
  });
  const stopDraft = effect(() => {
    void editing.value;
    untracked(() =>
      batch(() => {
        typed.value = null;
        problems.value = [];
        saveProblem.value = null;
      }),
    );
  });

  const toOverview = () => routing.go({ page: 'team' });

  /** Runs one change; afterwards everything shows what holds now. */
  async function change(run: () => Promise<boolean>): Promise<void> {
    if (isBusy.value) return;
    batch(() => {
      isBusy.value = true;
      saveProblem.value = null;
    });
    try {
      const isDone = await run();
      await Promise.all([load(), setup.load()]);
      if (isDone) toOverview();
    } catch (error) {
      saveProblem.value = sentenceOf(error);
      // What somebody else saved is what the next try is made on; what was typed here stays.
      if (codeOf(error) === 'changed-meanwhile') {
        await load();
        seen.value = stored.value?.revision ?? null;
      }
    } finally {
      isBusy.value = false;
    }
  }

  return {
    all,
    loadProblem,
    load,
    editing,
    isNew,
    stored,
    draft,
    problems,
    saveProblem,
    isBusy,
    isLead: computed(() => leads(state.value.me)),
    mayEdit: computed(() => (isNew.value ? leads(state.value.me) : stored.value?.mayEdit === true)),
    isChanged: computed(() => typed.value !== null),
    doubled: computed(() => (draft.value === null ? new Set<number>() : doubledDates(draft.value))),
    change(part: Partial<ScheduleDraft>) {
      if (draft.value === null) return;
      if (typed.value === null) seen.value = stored.value?.revision ?? null;
      typed.value = { ...draft.value, ...part };
    },
    save: () =>
      change(async () => {
        const wanted = draft.value;
        if (wanted === null || doubledDates(wanted).size > 0) return false;
        const id = isNew.value ? wanted.id.trim() : wanted.id;
        const revision = typed.value === null ? (stored.value?.revision ?? null) : seen.value;
        const saved = await agent.schedules.save(id, hoursOf(wanted), { revision });
        problems.value = saved.ok ? [] : saved.problems;
        if (saved.ok) alerts.say(texts.schedules.saved(id));
        return saved.ok;
      }),
    reset: () =>
      change(async () => {
        const one = stored.value;
        if (one === null || one.revision === null) return false;
        await agent.schedules.reset(one.id, { revision: one.revision });
        alerts.say(one.file === null ? texts.schedules.removed(one.id) : texts.schedules.wasReset(one.id));
        return true;
      }),
    cancel: toOverview,
    dispose() {
      stopLoading();
      stopDraft();
    },
  };
}
