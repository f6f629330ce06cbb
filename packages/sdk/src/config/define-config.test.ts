import { describe, expect, expectTypeOf, it } from 'vitest';
import { defineConfig, defineHook, type RouteDecision } from '../config.ts';

const sites = [{ key: 'pk_shop_key', name: 'Shop', origins: ['https://shop.example'], team: 'sales' }] as const;

describe('defineConfig', () => {
  it('returns what it was given', () => {
    const input = { sites, teams: [{ id: 'sales', name: 'Sales', strategy: 'manual' }] } as const;
    expect(defineConfig(input)).toBe(input);
  });

  it('takes names that were declared wherever they are used', () => {
    const config = defineConfig({
      skills: ['returns', 'wholesale'],
      schedules: { day: { timeZone: 'Europe/Riga', week: { 1: [['09:00', '17:00']] } } },
      teams: [
        {
          id: 'sales',
          name: 'Sales',
          strategy: 'round-robin',
          schedule: 'day',
          overflow: { team: 'billing', afterMs: 60_000 },
        },
        {
          id: 'billing',
          name: 'Billing',
          strategy: 'skill-match',
          skills: [{ skill: 'returns' }, { skill: 'language:lv' }],
        },
      ],
      agents: [{ id: 'ada', teams: ['sales'], capacity: 4, skills: { returns: 3, 'language:lv': 5 }, shifts: ['day'] }],
      forms: [{ id: 'who', purpose: 'pre-chat', fields: [{ kind: 'email', id: 'email', label: 'E-mail' }] }],
      surveys: [{ id: 'after', kind: 'csat', when: { on: 'resolve', teams: ['sales'], sites: ['pk_shop_key'] } }],
      bots: [{ id: 'faq', name: 'Helper', onMessage: async (turn) => turn.unsure() }],
      sites: [
        {
          key: 'pk_shop_key',
          name: 'Shop',
          origins: ['https://shop.example'],
          team: 'sales',
          schedule: 'day',
          bot: 'faq',
          preChat: 'who',
        },
      ],
      routing: {
        rules: [
          { when: { site: 'pk_shop_key', language: 'lv' }, decide: { to: 'agent', id: 'ada', reason: 'Latvian' } },
        ],
        route: ({ waitedMs }) =>
          waitedMs > 60_000 ? { to: 'queue', id: 'billing', reason: 'Waited long' } : { to: 'default' },
        fallback: { to: 'queue', id: 'sales', reason: 'The CRM did not answer' },
      },
      cannedReplies: [
        { id: 'hi', shortcut: 'hi', title: 'Hi', body: { en: 'Hi {{visitor.name|there}}' }, scope: { team: 'sales' } },
      ],
      handoff: { team: 'billing', onFailure: 'queue' },
      hooks: { events: [defineHook({ name: 'crm', on: ['resolved'], run: ({ event }) => void event.body.wrapUp })] },
    });
    expect(config.teams.map(({ id }) => id)).toEqual(['sales', 'billing']);
  });

  it('does not compile with a name that nobody declared', () => {
    const teams = [{ id: 'sales', name: 'Sales', strategy: 'manual' }] as const;
    const wrong = () => [
      // @ts-expect-error There is no team "support".
      defineConfig({ teams, sites: [{ ...sites[0], team: 'support' }] }),
      // @ts-expect-error There is no schedule "nights".
      defineConfig({ sites, teams: [{ ...teams[0], schedule: 'nights' }] }),
      // @ts-expect-error There is no team to help.
      defineConfig({ sites, teams: [{ ...teams[0], overflow: { team: 'billing', afterMs: 1 } }] }),
      // @ts-expect-error There is no skill "returns".
      defineConfig({ sites, teams: [{ ...teams[0], skills: [{ skill: 'returns' }] }] }),
      // @ts-expect-error There is no strategy "random".
      defineConfig({ sites, teams: [{ ...teams[0], strategy: 'random' }] }),
      // @ts-expect-error There is no bot "faq".
      defineConfig({ teams, sites: [{ ...sites[0], bot: 'faq' }] }),
      // @ts-expect-error There is no form "who".
      defineConfig({ teams, sites: [{ ...sites[0], preChat: 'who' }] }),
      // @ts-expect-error There is no form "own".
      defineConfig({ sites, teams, surveys: [{ id: 's', kind: 'custom', form: 'own', when: { on: 'resolve' } }] }),
      // @ts-expect-error A custom survey needs a form.
      defineConfig({ sites, teams, surveys: [{ id: 's', kind: 'custom', when: { on: 'resolve' } }] }),
      // @ts-expect-error There is no team "billing".
      defineConfig({ sites, teams, routing: { fallback: { to: 'queue', id: 'billing', reason: '' } } }),
      // @ts-expect-error There is no team "billing".
      defineConfig({ sites, teams, routing: { route: () => ({ to: 'queue', id: 'billing', reason: '' }) } }),
      // @ts-expect-error There is no team "billing".
      defineConfig({ sites, teams, handoff: { team: 'billing' } }),
      // @ts-expect-error A condition that does not exist.
      defineConfig({ sites, teams, routing: { rules: [{ when: { moon: 'full' }, decide: { to: 'default' } }] } }),
      // @ts-expect-error A setting that does not exist.
      defineConfig({ sites, teams, prot: 4310 }),
    ];
    expectTypeOf(wrong).toBeFunction();
  });

  it('lets a decision be written apart, and its names be checked there', () => {
    expectTypeOf<{ to: 'bot'; id: 'faq'; reason: string }>().toExtend<RouteDecision<'sales', never, never, 'faq'>>();
    expectTypeOf<{ to: 'queue'; id: 'x'; reason: string }>().not.toExtend<RouteDecision<'sales'>>();
  });
});

describe('defineHook', () => {
  it('tells the body of the kinds that it names', () => {
    const hook = defineHook({
      name: 'crm',
      on: ['resolved', 'answered'],
      run({ event }) {
        expectTypeOf(event.body.kind).toEqualTypeOf<'resolved' | 'answered'>();
      },
    });
    expect(hook.on).toEqual(['resolved', 'answered']);
    // @ts-expect-error A kind of event that does not exist.
    const wrong = () => defineHook({ name: 'x', on: ['shouted'], run() {} });
    expectTypeOf(wrong).toBeFunction();
  });
});
