import type { AgentInput, TeamInput } from '@sveiki/sdk/config';
import { describe, expect, it } from 'vitest';
import { team } from '../test-support/routing.ts';
import { createAgenda } from './agenda.ts';
import { simulationPicture } from './picture.ts';
import { chance, delay } from './random.ts';
import { type Arrival, EVERY_STRATEGY, type SimulatedConfig, simulate } from './simulate.ts';
import { jain, percentile, variation } from './statistics.ts';
import { shownDuration, simulationTable } from './table.ts';

const MINUTE = 60_000;
const arrival = (id: string, at: number, changes: Partial<Arrival> = {}): Arrival => ({
  id,
  at,
  visitor: id,
  team: 'sales',
  patienceMs: 10 * MINUTE,
  handleMs: 5 * MINUTE,
  ...changes,
});
const agent = (id: string, changes: Partial<AgentInput> = {}): AgentInput => ({
  id,
  teams: ['sales'],
  capacity: 1,
  ...changes,
});
const config = (changes: Partial<SimulatedConfig> & { strategy?: TeamInput['strategy'] } = {}): SimulatedConfig => ({
  teams: [team('sales', changes.strategy ?? 'round-robin')],
  agents: [agent('ada'), agent('ben')],
  schedules: {},
  behaviour: { declines: 0, misses: 0 },
  ...changes,
});
async function only(given: SimulatedConfig, arrivals: readonly Arrival[], times: { from?: number; to?: number } = {}) {
  const { variants } = await simulate(given, arrivals, { seed: 1, ...times });
  const [variant] = variants;
  if (variant === undefined) throw new Error('no variant');
  return variant;
}

describe('simulate', () => {
  it('knows what a small day comes to', async () => {
    // Ada has c1 until 5:00, Ben c2 until 6:00. c3 waits from 2:00 to 5:00; c4 leaves at 4:00; c5 waits from 4:00 to 6:00.
    const day = [
      arrival('c1', 0),
      arrival('c2', 1 * MINUTE),
      arrival('c3', 2 * MINUTE),
      arrival('c4', 3 * MINUTE, { patienceMs: MINUTE }),
      arrival('c5', 4 * MINUTE),
    ];
    const report = await only(config(), day, { from: 0, to: 20 * MINUTE });
    expect(report).toMatchObject({
      queued: 5,
      answered: 4,
      abandoned: 1,
      abandonment: 0.2,
      abandonmentNet: 0.2,
      serviceLevel: 0.4,
      waits: { n: 4, p50Ms: MINUTE, p90Ms: 2.7 * MINUTE, maxMs: 3 * MINUTE, meanMs: 1.25 * MINUTE },
      fairness: { variation: 0, jain: 1 },
      offers: { made: 0 },
      decidedBy: { default: 5 },
    });
    expect(report.agents).toMatchObject([
      { id: 'ada', handled: 2, busyMs: 10 * MINUTE, availableMs: 20 * MINUTE, occupancy: 0.5, load: 0.5, peak: 1 },
      { id: 'ben', handled: 2, busyMs: 10 * MINUTE, occupancy: 0.5, load: 0.5, peak: 1 },
    ]);
  });

  it('measures occupancy, load and concurrency as the reports do', async () => {
    // Accepting 0:00-60:00 with room for three; chats 5-25, 15-40, 50-55.
    const day = [
      arrival('c1', 5 * MINUTE, { handleMs: 20 * MINUTE }),
      arrival('c2', 15 * MINUTE, { handleMs: 25 * MINUTE }),
      arrival('c3', 50 * MINUTE),
    ];
    const report = await only(config({ agents: [agent('ada', { capacity: 3 })] }), day, { from: 0, to: 60 * MINUTE });
    expect(report.agents[0]).toMatchObject({ busyMs: 2_400_000, occupancy: 2 / 3, peak: 2 });
    expect(report.agents[0]?.load).toBeCloseTo(3000 / 10_800, 12);
  });

  it('gives the same day for the same seed, in whatever order it is told, and another for another', async () => {
    const day = Array.from({ length: 60 }, (_, index) => arrival(`c${index}`, index * 20_000));
    const offering = config({ strategy: 'ring-all', behaviour: { declines: 0.2, misses: 0.2 } });
    const run = (seed: number, arrivals: readonly Arrival[]) =>
      simulate(offering, arrivals, { seed, compare: EVERY_STRATEGY });
    const first = await run(7, day);
    expect(await run(7, day.toReversed())).toEqual(first);
    expect(await run(8, day)).not.toEqual(first);
    for (const { queued, answered, abandoned } of first.variants)
      expect([queued, answered + abandoned]).toEqual([60, 60]);
  });

  it('keeps to shifts, and lets people finish what they began', async () => {
    const schedules = { late: { timeZone: 'UTC', week: { 4: [['00:30', '01:00']] } } } as const;
    const teams = [team('sales', 'least-loaded', { shiftGuardMs: 0 })];
    const day = [arrival('c1', 0, { patienceMs: 60 * MINUTE }), arrival('c2', 58 * MINUTE), arrival('c3', 61 * MINUTE)];
    const report = await only(
      config({ teams, schedules, agents: [agent('ada', { capacity: 2, shifts: ['late'] })] }),
      day,
      { from: 0, to: 120 * MINUTE },
    );
    expect(report).toMatchObject({ answered: 2, abandoned: 1, waits: { maxMs: 30 * MINUTE } });
    // 00:30 to 01:00, and until 01:03 for what began at 00:58.
    expect(report.agents[0]).toMatchObject({ availableMs: 33 * MINUTE, busyMs: 10 * MINUTE });
  });

  it('counts offers that were declined, missed, and accepted too late', async () => {
    const day = Array.from({ length: 200 }, (_, index) => arrival(`c${index}`, index * 10 * MINUTE));
    const { offers } = await only(config({ strategy: 'ring-all', behaviour: { declines: 0.2, misses: 0.1 } }), day);
    expect(offers.accepted).toBe(200);
    expect(offers.declined).toBeGreaterThan(10);
    expect(offers.missed).toBeGreaterThan(0);
    expect(offers.beaten).toBeGreaterThan(50);
    expect(offers.accepted + offers.beaten + offers.declined + offers.missed).toBeLessThanOrEqual(offers.made);
  });

  it('lets agents take where a team is manual, oldest first', async () => {
    const day = Array.from({ length: 20 }, (_, index) =>
      arrival(`c${index}`, index * 1000, { patienceMs: 600 * MINUTE }),
    );
    const report = await only(config({ strategy: 'manual' }), day);
    expect(report).toMatchObject({ answered: 20, offers: { made: 0 } });
    expect(report.waits.p50Ms).toBeGreaterThan(20 * MINUTE);
  });

  it('asks rules, then the hook, and survives a hook that throws or answers nonsense', async () => {
    const teams = [team('sales', 'round-robin'), team('billing', 'round-robin')];
    const agents = [agent('ada'), agent('ben', { teams: ['billing'] })];
    const routing: NonNullable<SimulatedConfig['routing']> = {
      rules: [{ when: { topic: 'refund' }, decide: { to: 'queue', id: 'billing', reason: 'a refund' } }],
      route: ({ tags, conversation: { text } }) => {
        if (tags.includes('bug')) throw new Error('no');
        if (tags.includes('nonsense')) return { to: 'queue', id: 'nowhere', reason: 'x' };
        return text === 'night' ? { to: 'channel', kind: 'email', reason: 'closed' } : { to: 'default' };
      },
      fallback: { to: 'queue', id: 'billing', reason: 'no answer' },
    };
    const day = [
      arrival('c1', 0, { topic: 'refund' }),
      arrival('c2', 10 * MINUTE, { text: 'night' }),
      arrival('c3', 20 * MINUTE, { tags: ['bug'] }),
      arrival('c4', 30 * MINUTE, { tags: ['nonsense'] }),
      arrival('c5', 40 * MINUTE),
    ];
    const report = await only(config({ teams, agents, routing }), day);
    expect(report.decidedBy).toEqual({ rule: 1, hook: 1, fallback: 2, default: 1 });
    expect(report.elsewhere).toBe(1);
    expect(report.teams.map(({ queued }) => queued)).toEqual([1, 3]);
  });

  it('brings people back to whom they know', async () => {
    const teams = [team('sales', 'least-loaded', { sticky: { maxWaitMs: 5 * MINUTE } })];
    const day = [
      arrival('c1', 0),
      arrival('c2', 1),
      ...[2, 3, 4].map((n) => arrival(`m${n}`, n * 10 * MINUTE, { visitor: 'c2' })),
    ];
    expect((await only(config({ teams }), day)).sameAgent).toEqual({ n: 3, of: 3 });
  });

  it('refuses an arrival for a team that does not exist', async () => {
    await expect(simulate(config(), [arrival('c1', 0, { team: 'support' })], { seed: 1 })).rejects.toThrow(
      'Arrival "c1" waits in team "support", which the configuration does not have.',
    );
  });

  it('says nothing where nothing happened', async () => {
    const report = await simulate(config(), [], { seed: 1 });
    expect(report.variants[0]).toMatchObject({
      queued: 0,
      abandonment: null,
      waits: { n: 0, p50Ms: null },
      fairness: { jain: null },
    });
    expect(simulationTable(report)).toContain('–');
    expect(simulationPicture(report)).toContain('</svg>');
  });
});

describe('what people see', () => {
  it('is a table with a line for each way, and a picture that escapes names', async () => {
    const compare = [{ name: 'plain & <simple>', team: {} }, ...EVERY_STRATEGY.slice(0, 2)];
    const report = await simulate(config(), [arrival('c1', 0), arrival('c2', 5)], { seed: 1, compare });
    const lines = simulationTable(report).split('\n');
    expect(lines[0]).toMatch(/^served by +wait p50 +p90 +longest/);
    expect(lines[1]).toMatch(/^plain & <simple> +0\.0 s/);
    expect(lines).toHaveLength(1 + 3 + 2 + 1 + 3);
    const picture = simulationPicture(report);
    expect(picture).toContain('plain &#38; &#60;simple&#62;');
    expect(picture).toContain('prefers-color-scheme: dark');
    expect(picture.match(/<circle/g)).toHaveLength(6);
  });

  it.each([
    [null, '–'],
    [0, '0.0 s'],
    [9_960, '10 s'],
    [59_400, '59 s'],
    [185_000, '3:05 min'],
    [3_723_000, '1:02:03 h'],
  ])('shows %s ms as %s', (ms, text) => {
    expect(shownDuration(ms)).toBe(text);
  });
});

describe('statistics', () => {
  it('interpolates percentiles like SQL', () => {
    expect([percentile([10, 1, 2], 0.9), percentile([1, 2, 10], 0.5)]).toEqual([8.4, 2]);
    expect(percentile([...Array(14).keys()], 0.25)).toBe(3.25);
    expect(percentile([], 0.9)).toBeNull();
  });

  it('measures evenness', () => {
    expect([jain([1, 1, 1]), jain([3, 0, 0]), jain([0]), jain([])]).toEqual([1, 1 / 3, null, null]);
    expect([variation([2, 2]), variation([1, 3]), variation([0, 0]), variation([])]).toEqual([0, 0.5, null, null]);
  });
});

describe('chance and agenda', () => {
  it('is even, and the same for the same words', () => {
    const draws = Array.from({ length: 4000 }, (_, index) => chance(1, 'answer', index));
    expect(Math.abs(draws.reduce((sum, draw) => sum + draw, 0) / draws.length - 0.5)).toBeLessThan(0.02);
    expect(draws.filter((draw) => draw < 0.1).length).toBeGreaterThan(330);
    expect(chance(1, 'answer', 5)).toBe(draws[5]);
    expect(delay(1000, 0)).toBe(1);
    expect(delay(1000, 1 - Math.exp(-2))).toBe(2000);
  });

  it('gives things out by time, then in the order they came', () => {
    const agenda = createAgenda<number>();
    const times = Array.from({ length: 300 }, (_, index) => Math.floor(chance(3, index) * 40));
    times.forEach((at, index) => void agenda.put(at, index));
    expect(agenda.due()).toBe(Math.min(...times));
    const given: { at: number; what: number }[] = [];
    for (let next = agenda.next(); next !== null; next = agenda.next()) given.push({ at: next.at, what: next.what });
    expect(given).toEqual(times.map((at, what) => ({ at, what })).toSorted((a, b) => a.at - b.at || a.what - b.what));
    expect(agenda.due()).toBeNull();
  });
});
