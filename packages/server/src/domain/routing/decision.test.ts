import type { RouteDecision } from '@sveiki/sdk/config';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { team } from '../../test-support/routing.ts';
import { checkDecision, queueEntry } from './decision.ts';

const names = {
  teams: new Set(['sales', 'billing']),
  agents: new Set(['ada']),
  bots: new Set(['faq']),
  skills: new Set(['refunds']),
};
const found = (value: unknown): string[] => checkDecision(value, names, 'd').map(({ code, path }) => `${code} ${path}`);

describe('checkDecision', () => {
  it.each<RouteDecision>([
    { to: 'default' },
    { to: 'agent', id: 'ada', offerMs: 20_000, reason: 'owns the account' },
    {
      to: 'queue',
      id: 'billing',
      priority: -100,
      skills: [
        { skill: 'refunds', level: 5 },
        { skill: 'language:lv', required: false },
      ],
      relax: [{ afterMs: 0, drop: ['language'] }],
      sticky: { agent: 'ada', maxWaitMs: 0 },
      reason: 'a refund',
    },
    { to: 'bot', id: 'faq', reason: 'at night' },
    { to: 'channel', kind: 'callback', reason: 'too many wait' },
  ])('finds nothing wrong with %o', (decision) => {
    expect(found(decision)).toEqual([]);
  });

  it.each<[unknown, string[]]>([
    [undefined, ['not-a-decision d']],
    ['queue', ['not-a-decision d']],
    [{ to: 'moon' }, ['not-a-decision d']],
    [
      { to: 'agent', id: 'eve', offerMs: 0, reason: ' ' },
      ['bad-reason d.reason', 'unknown-agent d.id', 'bad-duration d.offerMs'],
    ],
    [
      {
        to: 'queue',
        id: 'sale',
        priority: 1.5,
        skills: [{ skill: 'flying' }, { skill: 'refunds', level: 6 }, { skill: 'refunds', required: 1 }, null],
        relax: [
          { afterMs: -1, drop: [] },
          { afterMs: 1, drop: ['flying'] },
        ],
        sticky: { agent: 'eve', maxWaitMs: 1e12 },
        reason: 'x',
      },
      [
        'unknown-team d.id',
        'bad-priority d.priority',
        'unknown-skill d.skills[0].skill',
        'bad-skill d.skills[1].level',
        'bad-skill d.skills[2].required',
        'unknown-skill d.skills[3].skill',
        'bad-duration d.relax[0].afterMs',
        'bad-relax d.relax[0].drop',
        'unknown-skill d.relax[1].drop[0]',
        'unknown-agent d.sticky.agent',
        'bad-duration d.sticky.maxWaitMs',
      ],
    ],
    [
      { to: 'queue', id: 'sales', skills: 'refunds', relax: 5, sticky: 'ada', reason: 'x' },
      ['bad-skill d.skills', 'bad-relax d.relax', 'unknown-agent d.sticky.agent', 'bad-duration d.sticky.maxWaitMs'],
    ],
    [{ to: 'bot', id: 7, reason: 'x' }, ['unknown-bot d.id']],
    [{ to: 'channel', kind: 'pigeon', reason: 'x' }, ['not-a-decision d.kind']],
  ])('names what is wrong with %o', (value, expected) => {
    expect(found(value)).toEqual(expected);
  });

  it('survives whatever a hook may answer', () => {
    const anything = fc.oneof(
      fc.anything(),
      fc.record({
        to: fc.constantFrom('agent', 'queue', 'bot', 'channel'),
        id: fc.anything(),
        skills: fc.anything(),
        relax: fc.anything(),
        sticky: fc.anything(),
        reason: fc.anything(),
      }),
    );
    fc.assert(
      fc.property(anything, (value) => void checkDecision(value, names, 'd').map(({ message }) => message.length)),
    );
  });
});

describe('queueEntry', () => {
  it('puts together what the team and the decision need', () => {
    const billing = team('billing', 'skill-match', {
      skills: [{ skill: 'refunds', level: 2 }],
      relax: [{ afterMs: 5, drop: ['refunds'] }],
      language: 'required',
      sticky: { maxWaitMs: 100 },
    });
    const decision: RouteDecision = {
      to: 'queue',
      id: 'billing',
      priority: 3,
      skills: [
        { skill: 'refunds', level: 4, required: false },
        { skill: 'legal', required: false },
      ],
      reason: 'x',
    };
    expect(queueEntry(decision, billing, { language: 'lv-LV', lastAgent: 'ada' }, 1000)).toEqual({
      team: 'billing',
      priority: 3,
      skills: [
        { skill: 'refunds', level: 4, required: true },
        { skill: 'legal', level: 1, required: false },
        { skill: 'language:lv', level: 1, required: true },
      ],
      relax: [{ afterMs: 5, drop: ['refunds'] }],
      sticky: { agent: 'ada', until: 1100 },
    });
  });

  it('keeps it for the agent whom a decision names', () => {
    const sales = team('sales', 'manual', { sticky: { maxWaitMs: 100 }, offerMs: 50 });
    const mia = { language: null, lastAgent: 'ada' };
    expect(queueEntry({ to: 'agent', id: 'ben', reason: 'x' }, sales, mia, 0).sticky).toEqual({
      agent: 'ben',
      until: 50,
    });
    expect(
      queueEntry({ to: 'queue', id: 'sales', sticky: { agent: 'cleo', maxWaitMs: 7 }, reason: 'x' }, sales, mia, 0)
        .sticky,
    ).toEqual({ agent: 'cleo', until: 7 });
    expect(queueEntry({ to: 'default' }, team('sales', 'manual'), mia, 0)).toMatchObject({ sticky: null, skills: [] });
  });
});
