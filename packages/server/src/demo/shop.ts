import type { ConfigInput } from '../config.ts';
import type { AgentRow } from '../ports.ts';

/** The shop of the demo: who answers there, when, and with which words. */

export const DEMO_SITE = 'pk_amber_and_wool';
/** Everybody's password in the demo. It guards made-up conversations on one's own machine, so it stands in the README. */
export const DEMO_PASSWORD = 'baltic-amber';
const TIME_ZONE = 'Europe/Riga';

export const TEAMS = [
  { id: 'support', name: 'Support', strategy: 'manual' },
  { id: 'orders', name: 'Orders', strategy: 'manual' },
  { id: 'returns', name: 'Returns', strategy: 'round-robin' },
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
    teams: ['support', 'orders', 'returns'],
    capacity: 4,
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

const CANNED_REPLIES = [
  { shortcut: 'hi', title: 'Greeting', text: 'Hello, this is Amber & Wool. How can I help?' },
  {
    shortcut: 'number',
    title: 'Ask for the order number',
    text: 'Could you give me your order number? It begins with AW and is in the confirmation we sent you.',
  },
  { shortcut: 'look', title: 'Looking it up', text: 'Thank you. I am looking it up, this takes about two minutes.' },
  {
    shortcut: 'ship-lv',
    title: 'Delivery in Latvia',
    text: 'In Latvia a parcel takes **1-2 working days**. Pick-up lockers cost 2.90 €, a courier 4.90 €, and from 60 € it is free.',
  },
  {
    shortcut: 'ship-eu',
    title: 'Delivery in the EU',
    text: 'Inside the EU a parcel takes **3-6 working days** and costs 9.90 €. From 120 € it is free.',
  },
  {
    shortcut: 'return',
    title: 'How to return',
    text: 'You can return anything unworn within **30 days**:\n\n1. Put it back into its box with the slip that came with it.\n2. Hand it in at any pick-up locker with the code in your confirmation.\n3. We refund it within five working days after it arrives.',
  },
  {
    shortcut: 'refund',
    title: 'Refund is on its way',
    text: 'Your refund was sent today. Depending on the bank it arrives within 2-5 working days.',
  },
  {
    shortcut: 'size',
    title: 'Finding the size',
    text: 'Our knitwear fits close. Measure a jumper that you like, flat, from armpit to armpit:\n\n- **S** 48 cm\n- **M** 52 cm\n- **L** 56 cm\n- **XL** 61 cm\n\nIf you are between two sizes, take the larger one.',
  },
  {
    shortcut: 'wash',
    title: 'Care of wool',
    text: 'Air it rather than wash it. When it has to be washed: by hand, at most 30 °C, wool soap, no wringing, dried flat on a towel.',
  },
  {
    shortcut: 'amber',
    title: 'Care of amber',
    text: 'Amber is soft. Keep it away from perfume, hairspray and hot water, and wipe it with a soft dry cloth.',
  },
  {
    shortcut: 'gift',
    title: 'Gift wrapping',
    text: 'We wrap it in linen with a handwritten card, for 3.50 €. Write the words for the card into the note field of the order.',
  },
  {
    shortcut: 'bye',
    title: 'Goodbye',
    text: 'You are welcome. If anything else comes up, just write here again: it opens the same conversation.',
  },
];

/** The days around `year` on which the shop keeps other hours. */
function holidays(year: number): Record<string, [string, string][]> {
  return {
    [`${year}-01-01`]: [],
    [`${year}-06-23`]: [],
    [`${year}-06-24`]: [],
    [`${year}-11-18`]: [],
    [`${year}-12-24`]: [['10:00', '14:00']],
    [`${year}-12-25`]: [],
    [`${year}-12-26`]: [],
    [`${year}-12-31`]: [['10:00', '15:00']],
  };
}

export function openingHours(year: number) {
  const weekday: [string, string][] = [['08:00', '20:00']];
  return {
    timeZone: TIME_ZONE,
    week: {
      1: weekday,
      2: weekday,
      3: weekday,
      4: weekday,
      5: weekday,
      6: [['10:00', '18:00']],
      7: [['11:00', '16:00']],
    } as Record<string, [string, string][]>,
    dates: { ...holidays(year), ...holidays(year + 1) },
  };
}

/** What `sveiki demo` runs with, on `port`. */
export function demoConfig({ port, year }: { port: number; year: number }): ConfigInput {
  return {
    port,
    publicUrl: `http://127.0.0.1:${port}`,
    dataDir: '.sveiki',
    logLevel: 'warn',
    sites: [
      {
        key: DEMO_SITE,
        name: 'Amber & Wool',
        origins: [`http://127.0.0.1:${port}`, `http://localhost:${port}`],
        team: 'support',
        schedule: openingHours(year) as NonNullable<ConfigInput['sites'][number]['schedule']>,
        topics: ['Where is my order?', 'Which size fits me?', 'How do I return something?'],
      },
    ],
    teams: [...TEAMS],
    wrapUpCodes: [...WRAP_UP_CODES],
    cannedReplies: CANNED_REPLIES.map(({ text, ...reply }) => ({ id: reply.shortcut, ...reply, body: { en: text } })),
    // Nobody is signed in when the demo starts: those who own conversations keep them while somebody looks around.
    agentGraceMs: 10 * 60_000,
    // Every visitor of the demo comes from one address.
    rateFactor: 10,
  };
}
