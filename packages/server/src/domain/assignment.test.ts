import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, nextInTurn } from './assignment.ts';
import { expectedWaitMs } from './queue.ts';

const agent = (id: string, more: Partial<Candidate> = {}): Candidate => ({
  id,
  name: id,
  teams: ['sales'],
  available: true,
  load: 0,
  capacity: 2,
  ...more,
});

describe('nextInTurn', () => {
  it('goes round in the order of ids', () => {
    const agents = ['ben', 'ada', 'cleo'].map((id) => agent(id));
    const turns: string[] = [];
    for (let i = 0; i < 4; i++) turns.push(nextInTurn(agents, 'sales', turns.at(-1) ?? null)?.id ?? '');
    expect(turns).toEqual(['ada', 'ben', 'cleo', 'ada']);
  });

  it('goes on after one who has left', () => {
    expect(nextInTurn([agent('ada'), agent('cleo')], 'sales', 'ben')?.id).toBe('cleo');
    expect(nextInTurn([agent('ada'), agent('ben')], 'sales', 'cleo')?.id).toBe('ada');
  });

  it('never chooses who is away, full, or of another team, and finds everybody else', () => {
    const candidate = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      name: fc.constant('x'),
      teams: fc.constantFrom<string[]>(['sales'], ['billing'], ['sales', 'billing']),
      available: fc.boolean(),
      load: fc.nat(3),
      capacity: fc.nat(3),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(candidate, { selector: ({ id }) => id }),
        fc.option(fc.constantFrom('a', 'c', 'z')),
        (agents, last) => {
          const can = agents.filter((one) => one.teams.includes('sales') && one.available && one.load < one.capacity);
          const next = nextInTurn(agents, 'sales', last);
          expect(next === null).toBe(can.length === 0);
          if (next !== null) expect(can).toContain(next);
        },
      ),
    );
  });
});

describe('expectedWaitMs', () => {
  const now = 10_000_000;
  const takes = (count: number) => Array.from({ length: count }, (_, i) => now - i * 1_000);

  it('is (ahead + 1) over the rate of the last 30 minutes, rounded up to a step', () => {
    expect(expectedWaitMs(0, takes(30), now)).toBe(60_000);
    expect(expectedWaitMs(1, takes(30), now)).toBe(120_000);
    expect(expectedWaitMs(2, takes(30), now)).toBe(300_000);
  });

  it('says nothing with fewer than five takes, with old ones, or beyond the longest step', () => {
    expect(expectedWaitMs(0, takes(4), now)).toBeNull();
    expect(
      expectedWaitMs(
        0,
        takes(9).map((at) => at - 1_800_000),
        now,
      ),
    ).toBeNull();
    expect(expectedWaitMs(30, takes(5), now)).toBeNull();
  });
});
