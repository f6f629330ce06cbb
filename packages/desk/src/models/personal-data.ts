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
import { cleaned } from './names.ts';
import { onlineIn } from './online.ts';
import { sentenceOf } from './problems.ts';
import { manages } from './roles.ts';
import type { RouteModel } from './route.ts';

/** What is under way is looked at again after this time. */
const lookAgainMs = 3_000;

/** The relay tells at most so many people at once. */
export const mostFound = 20;

export const reasons: readonly ErasureReason[] = [
  'asked-by-person',
  'consent-withdrawn',
  'no-longer-needed',
  'unlawful',
  'other',
];

/** What somebody types so that nothing is erased by mistake: the e-mail, else the name, else the id. */
export const wordToType = ({ email, name, id }: PersonFound): string => email ?? (cleaned(name ?? '') || id);

/** What is kept about people: found, given out and taken away, and what goes by itself. */
export function createPersonalData(parts: {
  agent: Agent;
  state: ReadonlySignal<AgentState>;
  around: Surroundings;
  routing: RouteModel;
  alerts: AlertsModel;
}) {
  const { agent, state, around, routing, alerts } = parts;
  const me = computed(() => state.value.me?.id ?? null);
  const isHere = computed(() => routing.route.value.page === 'people');
  const isOnline = onlineIn(state);
  const isAllowed = computed(() => manages(state.value.me));
  const query = signal('');
  const found = signal<readonly PersonFound[] | null>(null);
  const problem = signal<string | null>(null);
  const isBusy = signal(false);
  const exportProblem = signal<string | null>(null);
  const erasing = signal<PersonFound | null>(null);
  const eraseProblem = signal<string | null>(null);
  const erasures = signal<{ rows: readonly PersonErasure[]; more: boolean } | null>(null);
  const rules = signal<readonly RetentionRuleView[] | null>(null);
  const listProblem = signal<string | null>(null);
  const receiptProblem = signal<string | null>(null);
  let cancelLook = () => {};
  let turn = 0;

  /** One thing at a time; what it was refused with stays on screen. Who asked may be gone when the answer comes. */
  async function run(problemOf: typeof problem, act: (isStill: () => boolean) => Promise<void>): Promise<boolean> {
    if (isBusy.value) return false;
    const who = me.peek();
    const isStill = () => me.peek() === who;
    batch(() => {
      isBusy.value = true;
      problemOf.value = null;
    });
    try {
      await act(isStill);
      return isStill();
    } catch (error) {
      if (isStill()) problemOf.value = sentenceOf(error);
      return false;
    } finally {
      isBusy.value = false;
    }
  }

  /** `isAgain`: only what is under way. The relay counts for the rules. */
  async function load(isAgain = false): Promise<void> {
    const mine = ++turn;
    cancelLook();
    try {
      const [page, kept] = await Promise.all([
        agent.people.erasures(),
        isAgain && rules.peek() !== null ? rules.peek() : agent.people.retention(),
      ]);
      if (mine !== turn) return;
      batch(() => {
        erasures.value = withOlder(page, erasures.value);
        rules.value = kept;
        listProblem.value = null;
      });
      const isUnderWay = page.erasures.some((one) => one.state === 'queued' || one.state === 'erasing');
      if (isUnderWay && isHere.value) cancelLook = around.clock.after(lookAgainMs, () => void load(true));
    } catch (error) {
      if (mine === turn) listProblem.value = sentenceOf(error);
    }
  }

  async function loadOlder(): Promise<void> {
    await run(listProblem, async (isStill) => {
      const shown = erasures.value;
      const page = await agent.people.erasures(shown?.rows.at(-1)?.id);
      if (!isStill() || shown === null) return;
      const known = new Set(erasures.value?.rows.map(({ id }) => id));
      const older = page.erasures.filter(({ id }) => !known.has(id));
      erasures.value = { rows: [...(erasures.value?.rows ?? []), ...older], more: page.more };
    });
  }

  async function find(): Promise<void> {
    const text = query.value.trim();
    if (text === '') return;
    exportProblem.value = null;
    await run(problem, async (isStill) => {
      const people = await agent.people.find(text);
      if (isStill()) found.value = people;
    });
  }

  function forget() {
    cancelLook();
    turn += 1;
    batch(() => {
      query.value = '';
      for (const one of [problem, exportProblem, eraseProblem, listProblem, receiptProblem]) one.value = null;
      for (const one of [found, erasing, erasures, rules]) one.value = null;
    });
  }

  let whose = me.peek();
  const stop = effect(() => {
    const who = me.value;
    const isShown = isHere.value && isOnline.value && isAllowed.value;
    untracked(() => {
      // Nobody finds what somebody else looked for.
      if (who !== whose) forget();
      whose = who;
      // Who comes back is not asked again.
      if (!isHere.value) erasing.value = null;
      if (isShown) void load();
    });
  });

  return {
    isAllowed,
    query,
    found,
    problem,
    exportProblem,
    isBusy,
    /** Who is about to be erased: a dialog asks. */
    erasing,
    eraseProblem,
    erasures,
    rules,
    listProblem,
    receiptProblem,
    load: () => load(),
    loadOlder,
    find,
    async download(person: PersonFound, all: boolean): Promise<void> {
      await run(exportProblem, async (isStill) => {
        const blob = await agent.people.export(person.id, { all });
        if (!isStill()) return;
        around.saveBlob({ name: `person-${person.id}.zip`, blob });
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
      await run(receiptProblem, async () => {
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
/** The newest page of a list, with what was shown after it. */
function withOlder(
  page: { erasures: readonly PersonErasure[]; more: boolean },
  shown: { rows: readonly PersonErasure[]; more: boolean } | null,
): { rows: readonly PersonErasure[]; more: boolean } {
  const last = page.erasures.at(-1)?.id;
  const at = shown?.rows.findIndex(({ id }) => id === last) ?? -1;
  const older = at < 0 ? [] : (shown?.rows.slice(at + 1) ?? []);
  return { rows: [...page.erasures, ...older], more: older.length === 0 ? page.more : shown?.more === true };
}
export type PersonalDataModel = ReturnType<typeof createPersonalData>;
