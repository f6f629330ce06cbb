import { batch, computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Agent, SetupProblem, SurveySettings, SurveySetup } from '@sveiki/sdk/agent';
import { texts } from '../texts.ts';
import type { createAlerts } from './alerts.ts';
import { codeOf, sentenceOf } from './problems.ts';
import type { SetupModel } from './setup.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** When a survey is asked, as it is typed. */
export interface SurveyDraft {
  enabled: boolean;
  on: SurveySettings['on'];
  /** Percent. */
  sample: string;
  quietDays: string;
  /** None: all of them. */
  teams: readonly string[];
  sites: readonly string[];
  editHours: string;
  expiresDays: string;
}

const inNumbers = (value: number) => String(Math.round(value * 1_000) / 1_000);
/** What is no number is refused by the relay, by name; so is nothing at all. */
const numberOf = (text: string) => (text.trim() === '' ? -1 : Number(text.trim().replace(',', '.')));
const orRefused = (value: number) => (Number.isFinite(value) ? value : -1);

export function surveyDraftOf(settings: SurveySettings): SurveyDraft {
  return {
    enabled: settings.enabled,
    on: settings.on,
    sample: inNumbers(settings.sample * 100),
    quietDays: inNumbers(settings.quietDays),
    teams: settings.teams ?? [],
    sites: settings.sites ?? [],
    editHours: inNumbers(settings.editWindowMs / hourMs),
    expiresDays: inNumbers(settings.expiresMs / dayMs),
  };
}

/** Only what was typed anew: a rounded number that nobody touched changes nothing. */
export function settingsOf(draft: SurveyDraft, before: SurveySettings): Partial<SurveySettings> {
  const shown = surveyDraftOf(before);
  const number = (text: string, unit: number) => orRefused(numberOf(text)) * unit;
  const all: SurveySettings = {
    enabled: draft.enabled,
    on: draft.on,
    sample: orRefused(numberOf(draft.sample)) / 100,
    quietDays: number(draft.quietDays, 1),
    teams: draft.teams.length === 0 ? null : draft.teams,
    sites: draft.sites.length === 0 ? null : draft.sites,
    editWindowMs: Math.round(number(draft.editHours, hourMs)),
    expiresMs: Math.round(number(draft.expiresDays, dayMs)),
  };
  const fields = {
    enabled: 'enabled',
    on: 'on',
    sample: 'sample',
    quietDays: 'quietDays',
    teams: 'teams',
    sites: 'sites',
    editWindowMs: 'editHours',
    expiresMs: 'expiresDays',
  } as const satisfies Record<keyof SurveySettings, keyof SurveyDraft>;
  return Object.fromEntries(
    Object.entries(all).filter(([name]) => {
      const field = fields[name as keyof SurveySettings];
      return JSON.stringify(draft[field]) !== JSON.stringify(shown[field]);
    }),
  );
}

/** Changes when surveys are asked; one form is open at a time. */
export function createSurveySetup(parts: { agent: Agent; setup: SetupModel; alerts: ReturnType<typeof createAlerts> }) {
  const { agent, setup, alerts } = parts;
  const open = signal<string | null>(null);
  const typed = signal<SurveyDraft | null>(null);
  const problems = signal<readonly SetupProblem[]>([]);
  const saveProblem = signal<string | null>(null);
  const isBusy = signal(false);
  const all: ReadonlySignal<readonly SurveySetup[]> = computed(() => setup.config.value?.surveys ?? []);
  const edited = computed(() => all.value.find(({ id }) => id === open.value) ?? null);
  /** The change that the one who writes has seen, and what held then: only what he changed of that is saved. */
  const seen = signal<string | null>(null);
  const base = signal<SurveySettings | null>(null);

  function show(id: string | null): void {
    batch(() => {
      open.value = id;
      typed.value = null;
      problems.value = [];
      saveProblem.value = null;
    });
  }

  async function change(run: (one: SurveySetup) => Promise<boolean>): Promise<void> {
    const one = edited.value;
    if (one === null || isBusy.value) return;
    batch(() => {
      isBusy.value = true;
      saveProblem.value = null;
    });
    try {
      const isDone = await run(one);
      await setup.load();
      if (isDone) show(null);
    } catch (error) {
      saveProblem.value = sentenceOf(error);
      if (codeOf(error) === 'changed-meanwhile') {
        await setup.load();
        seen.value = edited.value?.revision ?? null;
      }
    } finally {
      isBusy.value = false;
    }
  }

  return {
    all,
    open,
    problems,
    saveProblem,
    isBusy,
    draft: computed(() => typed.value ?? (edited.value?.settings ? surveyDraftOf(edited.value.settings) : null)),
    show,
    change(part: Partial<SurveyDraft>) {
      const settings = edited.value?.settings;
      if (!settings) return;
      if (typed.value === null) {
        seen.value = edited.value?.revision ?? null;
        base.value = settings;
      }
      typed.value = { ...(typed.value ?? surveyDraftOf(settings)), ...part };
    },
    save: () =>
      change(async ({ id, settings }) => {
        if (settings === null) return false;
        if (typed.value === null || base.value === null) return true;
        const saved = await agent.surveys.configure(id, settingsOf(typed.value, base.value), { revision: seen.value });
        problems.value = saved.ok ? [] : saved.problems;
        if (saved.ok) alerts.say(texts.surveySetup.saved);
        return saved.ok;
      }),
    reset: (id: string) => {
      open.value = id;
      return change(async ({ revision }) => {
        if (revision === null) return false;
        await agent.surveys.reset(id, { revision });
        alerts.say(texts.surveySetup.wasReset);
        return true;
      });
    },
  };
}
