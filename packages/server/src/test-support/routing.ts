import type { AgentView, RouteContext, TeamInput } from '@sveiki/sdk/config';
import type { Waiting } from '../domain/routing/assign.ts';

/** An agent who is there, in Sales, with nothing to do and room for two. */
export function agentView(id: string, changes: Partial<AgentView> = {}): AgentView {
  return {
    id,
    name: id,
    teams: ['sales'],
    state: 'online',
    load: 0,
    capacity: 2,
    skills: {},
    shiftEndsAt: null,
    lastAssignedAt: null,
    lastOffer: null,
    ...changes,
  };
}

export function team(id: string, strategy: TeamInput['strategy'], changes: Partial<TeamInput> = {}): TeamInput {
  return { id, name: id === 'sales' ? 'Sales' : 'Billing', strategy, ...changes };
}

/** A conversation that waits in Sales and needs nothing in particular. */
export function waiting(id: string, queuedAt: number, changes: Partial<Waiting> = {}): Waiting {
  return {
    id,
    team: 'sales',
    queuedAt,
    priority: 0,
    skills: [],
    relax: [],
    sticky: null,
    weight: 1,
    offered: false,
    passedBy: [],
    passedAt: null,
    ...changes,
  };
}

/** Mia, new and unknown, on a page of the shop. */
export function routeContext(changes: Partial<RouteContext> = {}): RouteContext {
  return {
    conversation: { id: 'c1', channel: 'chat', startedAt: 0, team: 'sales', text: 'Where is my parcel?' },
    visitor: { id: 'mia', name: null, email: null, externalId: null, verified: false },
    page: { url: 'https://shop.example/help/parcels?from=mail', title: 'Parcels' },
    site: 'shop',
    language: 'lv-LV',
    tags: [],
    waitedMs: 0,
    attempt: 1,
    queues: [],
    agents: [],
    history: { contactsInDays: [] },
    now: 0,
    ...changes,
  };
}
