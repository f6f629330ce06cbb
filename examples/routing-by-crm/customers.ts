import type { RouteContext, RouteDecision } from '@sveiki/sdk/config';

export interface Customer {
  plan: 'gold' | 'plain';
  /** Unpaid invoices. */
  unpaid: number;
  /** Who looks after this customer, if anybody. */
  manager?: 'ada' | 'ben';
}

/** What the CRM knows, by the number that the shop's own identity token names. */
export const customers: Readonly<Record<string, Customer>> = {
  'c-100': { plan: 'gold', unpaid: 0, manager: 'ben' },
  'c-200': { plan: 'gold', unpaid: 0 },
  'c-201': { plan: 'gold', unpaid: 0 },
  'c-300': { plan: 'plain', unpaid: 2 },
};

/**
 * Where a conversation goes. Pure, and one function for both ways to ask it: inside the relay, and over HTTP in the CRM. Only a verified identity
 * counts; a name anybody can type.
 */
export function decide(
  customer: Customer | undefined,
  { agents }: Pick<RouteContext, 'agents'>,
): RouteDecision<'sales' | 'billing', never, 'ada' | 'ben', never> {
  if (customer === undefined) return { to: 'default' };
  const manager = agents.find(({ id, state }) => id === customer.manager && state === 'online');
  if (manager !== undefined && customer.manager !== undefined)
    return { to: 'agent', id: customer.manager, reason: `${manager.name} looks after this customer` };
  if (customer.unpaid > 0) return { to: 'queue', id: 'billing', reason: `${customer.unpaid} unpaid invoices` };
  return customer.plan === 'gold'
    ? { to: 'queue', id: 'sales', priority: 50, reason: 'Gold customer' }
    : { to: 'default' };
}
