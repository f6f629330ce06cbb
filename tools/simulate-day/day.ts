import type { AgentInput, Level, RoutingRule, ScheduleInput, TeamInput } from '../../packages/sdk/src/config.ts';
import type { SimulatedConfig } from '../../packages/server/src/simulate.ts';

/** A Tuesday in Riga, from midnight to midnight. */
export const DAY = { from: Date.parse('2026-11-24T00:00+02:00'), to: Date.parse('2026-11-25T00:00+02:00') };

const daily = (...span: [open: string, close: string]): ScheduleInput => ({
  timeZone: 'Europe/Riga',
  week: { 1: [span], 2: [span], 3: [span], 4: [span], 5: [span], 6: [span], 7: [span] },
});
const schedules = { early: daily('06:00', '14:30'), late: daily('14:00', '22:30'), night: daily('22:00', '06:30') };

type Team = 'sales' | 'billing' | 'support';
type Skill = 'orders' | 'travel' | 'refunds' | 'cards' | 'claims' | 'accounts' | 'devices';
type Agent = AgentInput<Skill, keyof typeof schedules, Team>;

const agent = (
  id: string,
  shift: keyof typeof schedules,
  teams: readonly Team[],
  capacity: number,
  skills: NonNullable<Agent['skills']>,
): Agent => ({ id, teams, capacity, skills: { 'language:en': 4, ...skills }, shifts: [shift] });
const russian = (level: Level) => ({ 'language:ru': level });
const latvian = (level: Level) => ({ 'language:lv': level });

const agents: Agent[] = [
  agent('ada', 'early', ['sales'], 4, { orders: 5, travel: 3, ...latvian(5) }),
  agent('ben', 'early', ['billing'], 3, { refunds: 4, cards: 5, ...russian(4) }),
  agent('cleo', 'early', ['support'], 4, { accounts: 5, devices: 4, ...russian(5), ...latvian(4) }),
  agent('dana', 'early', ['sales', 'support'], 3, { orders: 3, travel: 4, devices: 2, ...russian(3) }),
  agent('edgars', 'early', ['billing', 'support'], 3, { refunds: 3, claims: 5, accounts: 2, ...latvian(5) }),
  agent('fedor', 'late', ['sales'], 4, { orders: 4, travel: 4, ...russian(5) }),
  agent('gita', 'late', ['billing'], 3, { refunds: 5, cards: 4, claims: 2, ...latvian(5) }),
  agent('hugo', 'late', ['support'], 4, { accounts: 4, devices: 5, ...latvian(3) }),
  agent('ieva', 'late', ['sales', 'support'], 3, { orders: 4, accounts: 3, ...latvian(5), ...russian(3) }),
  agent('jonas', 'late', ['billing'], 3, { refunds: 3, claims: 4, cards: 3, ...russian(4) }),
  agent('kira', 'night', ['sales', 'billing', 'support'], 3, { orders: 3, refunds: 3, accounts: 4, ...russian(5) }),
  agent('laima', 'night', ['sales', 'billing', 'support'], 3, {
    travel: 3,
    cards: 3,
    claims: 3,
    devices: 3,
    ...latvian(5),
  }),
];

const common = {
  strategy: 'round-robin',
  language: 'required',
  ageingMs: 60_000,
  shiftGuardMs: 600_000,
  relax: [
    { afterMs: 90_000, drop: ['orders', 'travel', 'refunds', 'cards', 'claims', 'accounts', 'devices'] },
    { afterMs: 180_000, drop: ['language'] },
  ],
  shares: { ada: 2, cleo: 2, fedor: 2, hugo: 2 },
  order: ['dana', 'ieva', 'jonas', 'edgars', 'ben', 'gita', 'ada', 'fedor', 'cleo', 'hugo'],
} satisfies Partial<TeamInput<Skill>>;
const teams: TeamInput<Skill, keyof typeof schedules, Team>[] = [
  { ...common, id: 'sales', name: 'Sales', overflow: { team: 'support', afterMs: 240_000 } },
  { ...common, id: 'billing', name: 'Billing' },
  { ...common, id: 'support', name: 'Support' },
];

/** A rule for topics, and one for those whose topic nobody knows but whose words say it. */
const about = (
  id: Team,
  skill: Skill,
  topic: readonly string[],
  words: readonly string[],
): RoutingRule<Team, Skill>[] => [
  { when: { topic }, decide: { to: 'queue', id, skills: [{ skill }], reason: `about ${skill}` } },
  { when: { topic: 'unknown', words }, decide: { to: 'queue', id, skills: [{ skill }], reason: `speaks of ${skill}` } },
];

const rules: RoutingRule<Team, Skill>[] = [
  {
    when: { topic: ['reportlostcard', 'replacecard', 'disputecharge'] },
    decide: { to: 'queue', id: 'billing', priority: 3, skills: [{ skill: 'cards' }], reason: 'a card in danger' },
  },
  ...about(
    'billing',
    'refunds',
    [
      'get_refund',
      'track_refund',
      'check_refund_policy',
      'check_cancellation_fee',
      'payment_issue',
      'check_invoice',
      'get_invoice',
      'check_payment_methods',
      'viewbillsintent',
      'expensereport',
    ],
    ['refund', 'invoice', 'bill', 'charged', 'money back'],
  ),
  ...about(
    'billing',
    'cards',
    ['checkbalance', 'transfermoney', 'checkoffereligibility', 'updateaddress'],
    ['card', 'account balance', 'transfer'],
  ),
  ...about(
    'billing',
    'claims',
    ['checkclaimstatus', 'getproofofinsurance', 'reportbrokenphone'],
    ['insurance', 'claim', 'policy'],
  ),
  ...about(
    'sales',
    'travel',
    ['bookflight', 'changeseatassignment', 'getseatinfo', 'getboardingpass'],
    ['flight', 'seat', 'boarding'],
  ),
  ...about(
    'sales',
    'orders',
    [
      'place_order',
      'change_order',
      'cancel_order',
      'track_order',
      'delivery_options',
      'delivery_period',
      'set_up_shipping_address',
      'change_shipping_address',
      'orderpizzaintent',
      'orderdrinkintent',
      'orderburgerintent',
      'ordersaladintent',
      'orderdessertintent',
      'ordersideintent',
      'orderbreakfastintent',
      'startorder',
      'changeorder',
    ],
    ['order', 'pizza', 'delivery', 'parcel'],
  ),
  ...about(
    'support',
    'devices',
    [
      'reportbrokensoftware',
      'softwareupdate',
      'checkserverstatus',
      'startserviceintent',
      'cancelserviceintent',
      'transferserviceintent',
      'upgradeserviceintent',
    ],
    ['software', 'update', 'server', 'internet', 'phone'],
  ),
  ...about(
    'support',
    'accounts',
    [
      'create_account',
      'edit_account',
      'delete_account',
      'switch_account',
      'recover_password',
      'registration_problems',
      'newsletter_subscription',
    ],
    ['account', 'password', 'register'],
  ),
  { when: { topic: 'complaint' }, decide: { to: 'queue', id: 'support', priority: 1, reason: 'a complaint' } },
];

/** Three teams on two shifts and a night shift, twelve agents with skills and languages. */
export const dayConfig = {
  teams,
  agents,
  schedules,
  routing: {
    skills: ['orders', 'travel', 'refunds', 'cards', 'claims', 'accounts', 'devices'] satisfies Skill[],
    rules,
    weights: [{ when: { topic: ['checkclaimstatus', 'disputecharge'] }, weight: 1.5 }],
  },
} satisfies SimulatedConfig;
