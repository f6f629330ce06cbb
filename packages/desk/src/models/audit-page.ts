import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import type { Agent, AgentState, AuditLogPage, AuditLogRow } from '@sveiki/sdk/agent';
import type { Surroundings } from '../surroundings/surroundings.ts';
import { onlineIn } from './online.ts';
import { createPagedRows } from './paged-rows.ts';
import { manages } from './roles.ts';
import type { RouteModel } from './route.ts';

const dayMs = 24 * 60 * 60_000;
export const auditPeriods = [1, 7, 30, 365] as const;

/** What of the log is shown. It stands in the address. */
export interface AuditFilter {
  days: number;
  agent: string;
  action: string;
  /** Id of a visitor. */
  person: string;
}
const nothing: AuditFilter = { days: 7, agent: '', action: '', person: '' };

export function formatAuditFilter(filter: AuditFilter): string {
  const query = new URLSearchParams();
  for (const name of ['agent', 'action', 'person'] as const) if (filter[name] !== '') query.set(name, filter[name]);
  if (filter.days !== nothing.days) query.set('days', String(filter.days));
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

export function parseAuditFilter(detail: string): AuditFilter {
  const query = new URLSearchParams(detail.replace(/^\?/, ''));
  const asked = Number(query.get('days'));
  return {
    days: auditPeriods.find((one) => one === asked) ?? nothing.days,
    agent: query.get('agent') ?? '',
    action: query.get('action') ?? '',
    person: query.get('person') ?? '',
  };
}

/** What staff did and read, for managers and admins. */
export function createAuditPage(parts: {
  agent: Agent;
  state: ReadonlySignal<AgentState>;
  around: Surroundings;
  routing: RouteModel;
}) {
  const { agent, state, around, routing } = parts;
  const isHere = computed(() => routing.route.value.page === 'audit');
  const isOnline = onlineIn(state);
  const isAllowed = computed(() => manages(state.value.me));
  const filter = computed(() => parseAuditFilter(isHere.value ? routing.route.value.detail : ''));
  const actions = signal<AuditLogPage['actions']>([]);
  const problem = signal<string | null>(null);
  const list = createPagedRows<AuditLogRow>({ keyOf: ({ position }) => position, problem });

  async function ask(cursor: string | null): Promise<AuditLogPage> {
    const { days, agent: who, action, person } = filter.peek();
    const page = await agent.audit.list({
      since: around.clock.now() - days * dayMs,
      ...(who === '' ? {} : { agent: who }),
      ...(action === '' ? {} : { action }),
      ...(person === '' ? {} : { person }),
      ...(cursor === null ? {} : { cursor }),
    });
    actions.value = page.actions;
    return page;
  }
  /** Nobody sees what was loaded for somebody else. */
  const load = () => list.show(`${state.peek().me?.id} ${formatAuditFilter(filter.peek())}`, ask);

  const detail = computed(() => (isHere.value ? routing.route.value.detail : null));
  const stop = effect(() => {
    if (detail.value === null) return list.leave();
    if (isOnline.value && isAllowed.value) untracked(() => void load());
  });

  return {
    isAllowed,
    filter,
    rows: list.rows,
    actions,
    problem,
    isBusy: list.isBusy,
    hasMore: list.hasMore,
    isFiltered: computed(() => formatAuditFilter({ ...filter.value, days: nothing.days }) !== ''),
    loadMore: () => list.loadMore(ask),
    retry: load,
    show(part: Partial<AuditFilter>) {
      routing.go({ page: 'audit', detail: formatAuditFilter({ ...filter.peek(), ...part }) });
    },
    showAll() {
      routing.go({ page: 'audit', detail: formatAuditFilter({ ...nothing, days: filter.peek().days }) });
    },
    dispose: stop,
  };
}
export type AuditPageModel = ReturnType<typeof createAuditPage>;
