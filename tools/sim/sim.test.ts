import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { playApart } from './child.ts';
import { INVARIANTS } from './history.ts';
import { type Plan, planOf } from './plan.ts';
import { PLANTS, type Plant } from './plants.ts';
import { playSeeds, shrink } from './seeds.ts';
import { play } from './world.ts';

/** About a minute of a processor; fifty thousand are played by `npm run test:soak`. */
const WORLDS = 2_000;
/** With two relays on one store. */
const SHARED_WORLDS = 300;
const MINUTES = 60_000;
const docs = readFileSync(resolve(import.meta.dirname, '../../docs/simulator.md'), 'utf8');

describe('the simulator', () => {
  it(
    'finds every promise kept in every world',
    async () => {
      const { played, broken } = await playSeeds({ from: 1, count: WORLDS });
      expect(broken).toEqual([]);
      expect(played).toBe(WORLDS);
    },
    10 * MINUTES,
  );

  it(
    'finds every promise kept where two relays share a store',
    async () => {
      const { played, broken } = await playSeeds({ from: 1, count: SHARED_WORLDS, nodes: 2 });
      expect(broken).toEqual([]);
      expect(played).toBe(SHARED_WORLDS);
    },
    10 * MINUTES,
  );

  it('plays a seed the same every time, and another one differently', async () => {
    const stories = [];
    for (const seed of [12, 12, 13]) stories.push((await play(planOf(seed), { withStory: true })).story.join('\n'));
    expect(stories[0]).toBe(stories[1]);
    expect(stories[0]).not.toBe(stories[2]);
  });

  it('has worlds with everything in them that can happen', () => {
    const plans = Array.from({ length: WORLDS }, (_, seed) => planOf(seed + 1));
    const kinds = new Set(plans.flatMap(({ steps }) => steps.map(({ do: what }) => what)));
    for (const kind of [
      'send',
      'reload',
      'take',
      'transfer',
      'cut',
      'stall',
      'power-cut',
      'disk-full',
      'foreign',
      'deaf',
    ])
      expect(kinds).toContain(kind);
    for (const part of ['bot', 'hostile'] as const)
      expect(new Set(plans.map((plan) => plan[part]))).toEqual(new Set([true, false]));
  });

  it('makes a broken world smaller, down to what breaks it', async () => {
    const plant = { answersBeforeSync: true };
    const plan = planOf(1);
    const [violation] = (await play(plan, { plant })).violations;
    expect(violation?.invariant).toBe('acked-is-synced');
    const smallest = await shrink(plan, 'acked-is-synced', plant);
    expect(smallest.steps.map(({ do: what }) => what)).toEqual(['send']);
    expect((await play(smallest, { plant })).violations[0]?.invariant).toBe('acked-is-synced');
    expect((await play(smallest)).violations).toEqual([]);
  });

  const folder = resolve(import.meta.dirname, 'kept');
  it.each(readdirSync(folder))('keeps the promises that were once broken in %s', async (file) => {
    const plan = JSON.parse(readFileSync(resolve(folder, file), 'utf8')) as Plan;
    expect((await play(plan)).violations).toEqual([]);
  });
});

describe('a planted mistake', () => {
  /** Few worlds are enough for any of them, so that many are enough for one that nobody planted. */
  const ENOUGH = 150;

  it.each(Object.entries<Plant>(PLANTS))(
    'is noticed: %s',
    async (name, { caughtBy }) => {
      const { broken } = await playApart(['--plant', name, '--seeds', `${ENOUGH}`, '--first']);
      expect(broken).toHaveLength(1);
      expect(caughtBy).toContain(broken[0]?.invariant);
    },
    2 * MINUTES,
  );

  it('stands in the docs, with what caught it', () => {
    for (const [name, { title, caughtBy }] of Object.entries<Plant>(PLANTS)) {
      const row = docs.split('\n').find((line) => line.startsWith(`| \`${name}\` |`)) ?? '';
      expect(row).toContain(title);
      expect(caughtBy.some((invariant) => row.includes(`\`${invariant}\``))).toBe(true);
    }
    for (const [invariant, promise] of Object.entries(INVARIANTS))
      expect(docs).toContain(`| \`${invariant}\` | ${promise} |`);
  });
});
