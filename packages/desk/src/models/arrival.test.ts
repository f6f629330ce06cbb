import { describe, expect, it } from 'vitest';
import { agents, conversation, logOf, watched } from '../testing/agent-double.ts';
import { arrivalOf, skillsInWords } from './arrival.ts';

const ada = { id: 'ada', name: 'Ada Ozola' };
const system = { kind: 'system' } as const;
const routing = {
  team: { id: 'sales', name: 'Sales' },
  priority: 5,
  skills: [
    { skill: 'language:lv', level: 3 },
    { skill: 'big-orders', required: false },
  ],
  relax: [],
  sticky: { agent: 'ben', until: 5_000 },
  by: 'fallback',
  reason: 'the CRM did not answer in 300 ms',
} as const;

describe('why a conversation came', () => {
  it('is what routing said when it gave it', () => {
    const events = logOf('c-1', [
      {
        at: 1,
        actor: system,
        body: { kind: 'assigned', owner: ada, team: null, how: 'routed', reason: 'round robin, 2 of 4 busy' },
      },
    ]);
    const one = watched(conversation({ id: 'c-1', owner: ada }), { events });
    expect(arrivalOf(one, { me: 'ada', agents })?.how).toBe('Given to you: round robin, 2 of 4 busy');
    expect(arrivalOf(one, { me: 'ben', agents })?.how).toBe('Given to Ada Ozola: round robin, 2 of 4 busy');
  });

  it('names the fallback, skills, priority and whom it is kept for', () => {
    const one = watched(conversation({ id: 'c-1', routing: { ...routing, skills: [...routing.skills], relax: [] } }));
    expect(arrivalOf(one, { me: 'ada', agents })).toEqual({
      how: null,
      decision: 'the CRM did not answer in 300 ms',
      isFallback: true,
      priority: 5,
      skills: 'Latvian, level 3 or more, big orders (preferred)',
      kept: { agent: 'Ben Kalns', until: 5_000 },
      weight: null,
    });
  });

  it('is not made up where the log does not know it', () => {
    expect(arrivalOf(watched(conversation({ id: 'c-1', owner: ada })), { me: 'ada', agents })).toBe(null);
  });

  it('says skills as people do', () => {
    expect(skillsInWords([{ skill: 'language:ru' }, { skill: 'refunds', level: 2, required: false }])).toBe(
      'Russian, refunds, level 2 or more (preferred)',
    );
  });
});
