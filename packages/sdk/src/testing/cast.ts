import type { Role } from '@sveiki/protocol';

export interface CastAgent {
  id: string;
  name: string;
  role: Role;
  teams: string[];
  capacity: number;
  email: string;
  password: string;
}

/** The people of every example and test. Mia and Noah ask, Ada and Ben answer, Cleo leads; Sales and Billing have the queues. */
export const cast = {
  visitors: { mia: 'Mia', noah: 'Noah' },
  agents: {
    ada: {
      id: 'ada',
      name: 'Ada',
      role: 'agent',
      teams: ['sales'],
      capacity: 5,
      email: 'ada@example.com',
      password: 'ada-ada-ada',
    },
    ben: {
      id: 'ben',
      name: 'Ben',
      role: 'agent',
      teams: ['sales', 'billing'],
      capacity: 5,
      email: 'ben@example.com',
      password: 'ben-ben-ben',
    },
    cleo: {
      id: 'cleo',
      name: 'Cleo',
      role: 'lead',
      teams: ['sales', 'billing'],
      capacity: 2,
      email: 'cleo@example.com',
      password: 'cleo-cleo-cleo',
    },
  },
  teams: { sales: { id: 'sales', name: 'Sales' }, billing: { id: 'billing', name: 'Billing' } },
} as const satisfies {
  visitors: Record<string, string>;
  agents: Record<string, CastAgent>;
  teams: Record<string, { id: string; name: string }>;
};
