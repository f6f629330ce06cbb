import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import type { Agent, AgentState, SurveyAnswerRow, SurveyAnswersQuery, SurveyOverview } from '@sveiki/sdk/agent';
import type { Surroundings } from '../surroundings/surroundings.ts';
import { onlineIn } from './online.ts';
import { createPagedRows } from './paged-rows.ts';
import { sentenceOf } from './problems.ts';
import { leads } from './roles.ts';
import { decode, type RouteModel } from './route.ts';

const dayMs = 24 * 60 * 60_000;
export const periods = [7, 30, 90, 365] as const;

/** One number's way to the conversations behind it: which survey, and which of its answers. It stands in the address. */
export interface Which extends Pick<SurveyAnswersQuery, 'score' | 'field' | 'agent' | 'team' | 'series' | 'state'> {
  survey: string;
  days: number;
}

const names = ['field', 'agent', 'team', 'series', 'state'] as const;

export function formatWhich(which: Which): string {
  const query = new URLSearchParams({ days: String(which.days) });
  for (const name of names) {
    const value = which[name];
    if (value !== undefined) query.set(name, value);
  }
  if (which.score !== undefined) query.set('score', String(which.score));
  return `${encodeURIComponent(which.survey)}?${query}`;
}

/** Null: all surveys. Words of the address that mean nothing are left out. */
export function parseWhich(detail: string): { survey: string | null; which: Which | null; days: number } {
  const [path = '', search = ''] = detail.split('?');
  const query = new URLSearchParams(search);
  const asked = Number(query.get('days'));
  const days = periods.find((one) => one === asked) ?? 30;
  if (path === '') return { survey: null, which: null, days };
  const which: Which = { survey: decode(path), days };
  for (const name of ['field', 'agent', 'team'] as const) {
    const value = query.get(name);
    if (value) which[name] = value;
  }
  const series = query.get('series');
  if (series === 'human' || series === 'bot' || series === 'none') which.series = series;
  const state = query.get('state');
  if (state === 'counted' || state === 'late' || state === 'unanswered') which.state = state;
  const score = query.get('score');
  if (score !== null && score !== '' && Number.isFinite(Number(score))) which.score = Number(score);
  return { survey: which.survey, which, days };
}

/** How the surveys do, for those who lead, and the conversations behind each number. */
export function createSurveysPage(parts: {
  agent: Agent;
  state: ReadonlySignal<AgentState>;
  around: Surroundings;
  routing: RouteModel;
}) {
  const { agent, state, around, routing } = parts;
  const isHere = computed(() => routing.route.value.page === 'surveys');
  const isOnline = onlineIn(state);
  /** Results are for leads and above; the relay says so too. */
  const isAllowed = computed(() => leads(state.value.me));
  const where = computed(() => parseWhich(isHere.value ? routing.route.value.detail : ''));
  const surveys = signal<readonly SurveyOverview[] | null>(null);
  const problem = signal<string | null>(null);
  const answers = createPagedRows<SurveyAnswerRow>({ keyOf: ({ ask }) => ask, problem });
  let listTurn = 0;

  const period = (days: number) => {
    const until = around.clock.now();
    return { since: until - days * dayMs, until };
  };

  async function load(days: number) {
    const mine = ++listTurn;
    problem.value = null;
    try {
      const found = await agent.surveys.list(period(days));
      if (mine === listTurn) surveys.value = found;
    } catch (error) {
      if (mine === listTurn) problem.value = sentenceOf(error);
    }
  }

  const askFor = (which: Which) => (cursor: string | null) => {
    const { survey, days, ...query } = which;
    return agent.surveys.answers(survey, { ...query, ...period(days), ...(cursor === null ? {} : { cursor }) });
  };
  /** Nobody sees what was loaded for somebody else. */
  const loadRows = (which: Which) => answers.show(`${state.peek().me?.id} ${formatWhich(which)}`, askFor(which));

  const days = computed(() => where.value.days);
  const stopList = effect(() => {
    if (!isHere.value || !isOnline.value || !isAllowed.value) return;
    const of = days.value;
    untracked(() => void load(of));
  });
  const detail = computed(() => (isHere.value ? routing.route.value.detail : ''));
  const stopRows = effect(() => {
    const { which } = parseWhich(detail.value);
    if (which === null) return answers.leave();
    if (isOnline.value && isAllowed.value) untracked(() => void loadRows(which));
  });

  return {
    isAllowed,
    days,
    which: computed(() => where.value.which),
    surveys,
    rows: answers.rows,
    problem,
    isBusy: answers.isBusy,
    hasMore: answers.hasMore,
    loadMore: async () => {
      const { which } = where.value;
      if (which !== null) await answers.loadMore(askFor(which));
    },
    retry() {
      void load(days.value);
      const { which } = where.value;
      if (which !== null) void loadRows(which);
    },
    setDays(next: number) {
      const { which } = where.value;
      routing.go({ page: 'surveys', detail: which === null ? `?days=${next}` : formatWhich({ ...which, days: next }) });
    },
    dispose() {
      stopList();
      stopRows();
    },
  };
}
export type SurveysPageModel = ReturnType<typeof createSurveysPage>;
