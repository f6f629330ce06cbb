import { describe, expect, it } from 'vitest';
import { team } from '../../test-support/routing.ts';
import { checkRouting, type RoutingParts } from './check-routing.ts';

const day = { timeZone: 'Europe/Riga', week: { 1: [['09:00', '18:00']] } } as const;
const sound: RoutingParts = {
  teams: [
    team('sales', 'round-robin', { schedule: 'day', overflow: { team: 'billing', afterMs: 60_000 } }),
    team('billing', 'skill-match', { skills: [{ skill: 'refunds', level: 2 }], language: 'required' }),
  ],
  agents: [
    { id: 'ada', teams: ['sales'], capacity: 3, shifts: ['day'] },
    { id: 'ben', teams: ['billing'], capacity: 3, skills: { refunds: 3, 'language:lv': 5 } },
  ],
  schedules: { day },
  bots: ['faq'],
  sites: ['shop'],
  routing: {
    skills: ['refunds'],
    rules: [
      { when: { closed: 'sales' }, decide: { to: 'bot', id: 'faq', reason: 'closed' } },
      { when: { topic: ['refund'], site: 'shop' }, decide: { to: 'queue', id: 'billing', reason: 'a refund' } },
      { when: { topic: ['refund', 'return'] }, decide: { to: 'default' } },
    ],
    weights: [{ when: { channel: 'mail' }, weight: 0.5 }],
  },
};
const found = (changes: Partial<RoutingParts>): string[] =>
  checkRouting({ ...sound, ...changes }).map(({ code, path }) => `${code} ${path}`);

describe('checkRouting', () => {
  it('finds nothing wrong with a sound configuration', () => {
    expect(checkRouting(sound)).toEqual([]);
  });

  it('names a circle of overflow with its whole way', () => {
    const teams = [
      team('sales', 'manual', { overflow: { team: 'billing', afterMs: 1 } }),
      team('billing', 'manual', { overflow: { team: 'sales', afterMs: 1 } }),
    ];
    expect(checkRouting({ ...sound, teams })[0]).toEqual({
      code: 'overflow-cycle',
      path: 'teams[0].overflow.team',
      message: 'The overflow goes in a circle: sales → billing → sales. Let one of them help nobody.',
    });
  });

  it('names names that nothing has', () => {
    const teams = [
      team('sales', 'guess' as 'manual', {
        schedule: 'night',
        overflow: { team: 'support', afterMs: 1 },
        skills: [{ skill: 'flying' }],
        shares: { eve: 1 },
        order: ['eve'],
      }),
      ...sound.teams.slice(1),
      team('sales', 'manual'),
    ];
    expect(found({ teams })).toEqual([
      'duplicate-name teams[2].id',
      'unknown-strategy teams[0].strategy',
      'unknown-schedule teams[0].schedule',
      'unknown-skill teams[0].skills[0].skill',
      'unknown-agent teams[0].shares.eve',
      'unknown-agent teams[0].order[0]',
      'unknown-team teams[0].overflow.team',
      'nobody-has-skill teams[0].skills[0]',
    ]);
    const agents = [
      ...(sound.agents ?? []),
      { id: 'ada', teams: ['support'], capacity: -1, shifts: ['night'], skills: { flying: 9 as 5 } },
    ];
    expect(found({ agents })).toEqual([
      'duplicate-name agents[2].id',
      'unknown-team agents[2].teams[0]',
      'unknown-schedule agents[2].shifts[0]',
      'bad-capacity agents[2].capacity',
      'unknown-skill agents[2].skills.flying',
      'bad-skill agents[2].skills.flying',
    ]);
  });

  it('names numbers that make no sense', () => {
    const teams = [
      team('sales', 'weighted', {
        offerMs: 0,
        ageingMs: 0.5,
        shiftGuardMs: -1,
        shares: { ada: 0 },
        peak: { waiting: 0, extra: 1 },
      }),
      ...sound.teams.slice(1),
    ];
    expect(found({ teams })).toEqual([
      'bad-duration teams[0].offerMs',
      'bad-duration teams[0].ageingMs',
      'bad-duration teams[0].shiftGuardMs',
      'bad-share teams[0].shares.ada',
      'bad-capacity teams[0].peak',
    ]);
    expect(found({ routing: { ...sound.routing, deadlineMs: 0, weights: [{ when: {}, weight: 0.3 }] } })).toEqual([
      'bad-duration routing.deadlineMs',
      'bad-weight routing.weights[0].weight',
    ]);
  });

  it('names rules that never hold, or never get their turn', () => {
    const decide = { to: 'default' } as const;
    const rules = [
      { when: { topic: ['refund', 'return'], site: 'blog' }, decide },
      { when: { page: 'help', words: ['…'], open: 'support', waiting: { team: 'support', atLeast: 1 } }, decide },
      { when: { topic: 'refund', site: 'blog', verified: true }, decide: { to: 'bot', id: 'x', reason: 'y' } as const },
      { when: { tags: ['a'] }, decide },
      { when: { tags: ['a', 'b'] }, decide },
    ];
    expect(found({ routing: { ...sound.routing, rules } })).toEqual([
      'unknown-site routing.rules[0].when.site',
      'unknown-team routing.rules[1].when.open',
      'unknown-team routing.rules[1].when.waiting.team',
      'bad-condition routing.rules[1].when.page',
      'bad-condition routing.rules[1].when.words',
      'unknown-site routing.rules[2].when.site',
      'unknown-bot routing.rules[2].decide.id',
      'rule-never-reached routing.rules[2]',
      'rule-never-reached routing.rules[4]',
    ]);
  });

  it('names teams that nobody serves, and overlapping schedules', () => {
    expect(found({ agents: (sound.agents ?? []).slice(0, 1) })).toEqual(['nobody-in-team teams[1]']);
    expect(
      found({
        schedules: {
          day: {
            ...day,
            week: {
              1: [
                ['09:00', '18:00'],
                ['17:00', '19:00'],
              ],
            },
          },
        },
      }),
    ).toEqual(['overlapping-spans schedules.day.week.1[1]']);
  });

  it('believes in agents that only the store knows', () => {
    const { agents: _, ...parts } = sound;
    const teams = [team('sales', 'priority-list', { order: ['eve'] }), ...sound.teams.slice(1)];
    expect(checkRouting({ ...parts, teams })).toEqual([]);
  });
});
