import { fileURLToPath } from 'node:url';
import type { AgentRow } from '../ports.ts';

/** The shop of the demo: who answers there. Everything else stands in its configuration, `examples/script-tag/sveiki.config.ts`. */

/** The configuration of the demo: beside the built files, or as it was written. */
export const demoConfigFile = (): string =>
  fileURLToPath(
    import.meta.url.includes('/src/demo/')
      ? new URL('../../../../examples/script-tag/sveiki.config.ts', import.meta.url)
      : new URL('./demo.config.js', import.meta.url),
  );

export const DEMO_SITE = 'pk_amber_and_wool';
/** Everybody's password in the demo. It guards made-up conversations on one's own machine, so the demo prints it. */
export const DEMO_PASSWORD = 'baltic-amber';

export const TEAMS = [
  { id: 'support', name: 'Support' },
  { id: 'orders', name: 'Orders' },
  { id: 'returns', name: 'Returns' },
  { id: 'workshop', name: 'Workshop' },
] as const;
export type TeamId = (typeof TEAMS)[number]['id'];

type Person = Pick<AgentRow, 'id' | 'name' | 'email' | 'role' | 'capacity'> & { teams: TeamId[] };
export const STAFF = {
  ada: {
    id: 'ada',
    name: 'Ada Ozola',
    email: 'ada@amberandwool.example',
    role: 'agent',
    teams: ['support', 'orders'],
    capacity: 6,
  },
  ben: {
    id: 'ben',
    name: 'Ben Vītols',
    email: 'ben@amberandwool.example',
    role: 'agent',
    teams: ['support', 'returns'],
    capacity: 6,
  },
  cleo: {
    id: 'cleo',
    name: 'Cleo Liepa',
    email: 'cleo@amberandwool.example',
    role: 'lead',
    teams: ['support', 'orders', 'returns', 'workshop'],
    capacity: 4,
  },
  // Belongs to no team: she looks after the shop's data.
  dace: {
    id: 'dace',
    name: 'Dace Krūmiņa',
    email: 'dace@amberandwool.example',
    role: 'manager',
    teams: [],
    capacity: 1,
  },
} as const satisfies Record<string, Person>;
export type StaffId = keyof typeof STAFF;

export const WRAP_UP_CODES = [
  { id: 'answered', name: 'Question answered' },
  { id: 'advice', name: 'Product advice' },
  { id: 'order-status', name: 'Order status' },
  { id: 'order-changed', name: 'Order changed' },
  { id: 'delivery', name: 'Delivery problem' },
  { id: 'return', name: 'Return or exchange' },
  { id: 'refund', name: 'Refund' },
  { id: 'complaint', name: 'Complaint' },
  { id: 'no-customer', name: 'Not a customer' },
] as const;
export type WrapUpId = (typeof WRAP_UP_CODES)[number]['id'];
