import { expect, it } from 'vitest';
import { overviewOf } from './config-overview.ts';

const at = (text: string) => Date.parse(`${text}:00Z`);
const config = {
  version: 'abc',
  sites: [{ key: 'pk_shop_test', name: 'Shop', origins: [], team: 'sales' }],
  teams: [
    { id: 'sales', name: 'Sales', strategy: 'manual' as const, schedule: 'day' },
    { id: 'billing', name: 'Billing', strategy: 'round-robin' as const },
  ],
  schedules: {
    day: { timeZone: 'UTC', week: { '1': [['09:00', '17:00'] as [string, string]] } },
    never: { timeZone: 'Europe/Riga', week: {} },
  },
  forms: [
    { id: 'order', purpose: 'in-chat' as const, title: 'Order details', fields: [] },
    { id: 'before', purpose: 'pre-chat' as const, fields: [] },
  ],
  surveys: [
    {
      ...{
        id: 'after-chat',
        kind: 'csat' as const,
        on: 'resolve' as const,
        sample: 1,
        quietMs: 0,
        teams: null,
        sites: null,
      },
      ...{ editWindowMs: 0, expiresMs: 0 },
      form: {
        id: 'csat',
        purpose: 'post-chat' as const,
        fields: [{ id: 'rating', kind: 'rating' as const, scale: 'csat' as const, label: 'How was it?' }],
      },
    },
  ],
};
const loaded = { loadedAt: 5, source: 'sveiki.config.ts' };
const cleo = { from: 'desk', changedAt: 4, changedBy: 'cleo' } as const;
const stored = (id: string, state: 'used' | 'unfit') => ({
  ...{ id, ...cleo, state, revision: 'r-1', problems: [], mayEdit: true, hours: config.schedules.day, file: null },
});
const setup = { schedules: [stored('day', 'used'), stored('never', 'unfit')], surveys: [] };

it('says which teams are open now, and when that changes', () => {
  const during = overviewOf(config, loaded, setup, at('2026-11-16T10:00'));
  expect(during).toEqual({
    ...{ version: 'abc', ...loaded },
    teams: [
      {
        ...{ id: 'sales', name: 'Sales', strategy: 'manual' },
        schedule: { id: 'day', open: true, nextChange: at('2026-11-16T17:00') },
      },
      { id: 'billing', name: 'Billing', strategy: 'round-robin', schedule: null },
    ],
    schedules: [
      { id: 'day', timeZone: 'UTC', open: true, nextChange: at('2026-11-16T17:00'), ...cleo },
      // What has no effect leaves it as the file has it.
      {
        ...{ id: 'never', timeZone: 'Europe/Riga', open: false, nextChange: null },
        ...{ from: 'file', changedAt: null, changedBy: null },
      },
    ],
    surveys: [],
    sites: [{ key: 'pk_shop_test', name: 'Shop' }],
    asks: [
      { id: 'order', title: 'Order details', survey: false },
      { id: 'after-chat', title: 'How was it?', survey: true },
    ],
  });
  const after = overviewOf(config, loaded, setup, at('2026-11-16T17:00'));
  expect(after.teams[0]?.schedule).toEqual({ id: 'day', open: false, nextChange: at('2026-11-23T09:00') });
});
