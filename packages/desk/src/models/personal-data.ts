import { batch, computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import type {
  Agent,
  AgentState,
  ErasureReason,
  PersonErasure,
  PersonFound,
  RetentionRuleView,
} from '@sveiki/sdk/agent';
import type { Surroundings } from '../surroundings/surroundings.ts';
import { texts } from '../texts.ts';
import type { AlertsModel } from './alerts.ts';
import { sentenceOf } from './problems.ts';
import type { RouteModel } from './route.ts';

/** What is under way is looked at again after this time. */
const lookAgainMs = 3_000;

export const reasons: readonly ErasureReason[] = [
  ...(['asked-by-person', 'consent-withdrawn', 'no-longer-needed', 'unlawful', 'other'] as const),
];

/** What somebody types so that nothing is erased by mistake: the e-mail, else the name, else the id. */
export const wordToType = ({ email, name, id }: PersonFound): string => email ?? name ?? id;

/** What is kept about people: found, given out and taken away, and what goes by itself. */
export function createPersonalData(parts: {
  agent: Agent;
  state: ReadonlySignal<AgentState>;
  around: Surroundings;
  routing: RouteModel;
  alerts: AlertsModel;
}) {
  const { agent, state, around, routing, alerts } = parts;
  const isHere = computed(() => routing.route.value.page === 'people');
  const isOnline = computed(() => state.value.me !== null && state.value.connection.status === 'online');
  /** The relay says so too. */
  const isAllowed = computed(() => ['manager', 'admin'].includes(state.value.me?.role ?? ''));
  const query = signal('');
  const found = signal<readonly PersonFound[] | null>(null);
  const problem = signal<string | null>(null);
  const isBusy = signal(false);
  const erasing = signal<PersonFound | null>(null);
  const eraseProblem = signal<string | null>(null);
  const erasures = signal<{ rows: readonly PersonErasure[]; more: boolean } | null>(null);
  const rules = signal<readonly RetentionRuleView[] | null>(null);
  const listProblem = signal<string | null>(null);
  let cancelLook = () => {};

  /** One thing at a time; what it was refused with stays on screen. */
  async function run(problemOf: typeof problem, act: () => Promise<void>): Promise<boolean> {
    if (isBusy.value) return false;
    batch(() => {
      isBusy.value = true;
      problemOf.value = null;
    });
    try {
      await act();
      return true;
    } catch (error) {
      problemOf.value = sentenceOf(error);
      return false;
    } finally {
      isBusy.value = false;
    }
  }

  async function load(): Promise<void> {
    cancelLook();
    try {
      const [page, kept] = await Promise.all([agent.people.erasures(), agent.people.retention()]);
      batch(() => {
        erasures.value = { rows: page.erasures, more: page.more };
        rules.value = kept;
        listProblem.value = null;
      });
      const isUnderWay = page.erasures.some((one) => one.state === 'queued' || one.state === 'erasing');
      if (isUnderWay && isHere.value) cancelLook = around.clock.after(lookAgainMs, () => void load());
    } catch (error) {
      listProblem.value = sentenceOf(error);
    }
  }

  async function find(): Promise<void> {
    const text = query.value.trim();
    if (text === '') return;
    await run(problem, async () => {
      found.value = await agent.people.find(text);
    });
  }

  const stop = effect(() => {
    if (isHere.value && isOnline.value && isAllowed.value) untracked(() => void load());
  });

  return {
    isAllowed,
    query,
    found,
    problem,
    isBusy,
    /** Who is about to be erased: a dialog asks. */
    erasing,
    eraseProblem,
    erasures,
    rules,
    listProblem,
    load,
    find,
    async download(person: PersonFound, all: boolean): Promise<void> {
      await run(problem, async () => {
        around.saveBlob({ name: `person-${person.id}.zip`, blob: await agent.people.export(person.id, { all }) });
        alerts.toast(texts.people.downloaded);
      });
    },
    async erase(reason: ErasureReason): Promise<void> {
      const person = erasing.value;
      if (person === null) return;
      const isDone = await run(eraseProblem, async () => {
        await agent.people.erase(person.id, reason);
      });
      if (!isDone) return;
      batch(() => {
        erasing.value = null;
        found.value = null;
        query.value = '';
      });
      alerts.toast(texts.people.queued);
      await load();
    },
    async saveReceipt(erasure: PersonErasure): Promise<void> {
      await run(listProblem, async () => {
        const receipt = await agent.people.receipt(erasure.id);
        const text = `${JSON.stringify(receipt, null, 2)}\n`;
        around.saveFile({ name: `erasure-${erasure.id}.json`, text, type: 'application/json' });
      });
    },
    dispose() {
      stop();
      cancelLook();
    },
  };
}
export type PersonalDataModel = ReturnType<typeof createPersonalData>;
