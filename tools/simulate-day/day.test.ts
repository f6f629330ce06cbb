import { describe, expect, it } from 'vitest';
import { checkRouting } from '../../packages/server/src/domain/routing/check-routing.ts';
import { EVERY_STRATEGY, simulate } from '../../packages/server/src/simulate.ts';
import { arrivalsOf } from './arrivals.ts';
import { DAY, dayConfig } from './day.ts';
import { ownRhythm, readRhythm } from './rhythm.ts';

describe('the day', () => {
  it('is served by a configuration that has nothing wrong with it', () => {
    expect(checkRouting({ ...dayConfig, sites: ['shop'] })).toEqual([]);
    expect(dayConfig.agents).toHaveLength(12);
  });

  it('is the same for the same seed, and within its day', () => {
    const options = { count: 300, seed: 5, from: DAY.from };
    const day = arrivalsOf(ownRhythm, options);
    expect(arrivalsOf(ownRhythm, options)).toEqual(day);
    expect(arrivalsOf(ownRhythm, { ...options, seed: 6 })).not.toEqual(day);
    for (const { at } of day) expect(DAY.from <= at && at < DAY.to).toBe(true);
    const inTheNight = day.filter(({ at }) => at < DAY.from + 6 * 3_600_000).length;
    expect(inTheNight).toBeLessThan(40);
  });

  it('loses nobody, whatever the strategy', async () => {
    const history = arrivalsOf(ownRhythm, { count: 250, seed: 3, from: DAY.from });
    const { variants } = await simulate(dayConfig, history, { seed: 3, compare: EVERY_STRATEGY, ...DAY });
    expect(variants.map(({ name }) => name)).toEqual(EVERY_STRATEGY.map(({ name }) => name));
    for (const { queued, answered, abandoned, decidedBy } of variants) {
      expect([queued, answered + abandoned]).toEqual([250, 250]);
      expect(decidedBy.rule).toBe(250);
    }
  });

  it('reads the recordings where they are, else a rhythm of our own', () => {
    const { rhythm } = readRhythm();
    for (const list of [rhythm.gaps, rhythm.answers, rhythm.visitorChars, rhythm.agentChars]) {
      expect(list.length).toBeGreaterThan(0);
      expect(list.every((value) => value > 0)).toBe(true);
    }
    expect(rhythm.openings.every(({ text, topic, messages }) => text !== '' && topic !== '' && messages > 0)).toBe(
      true,
    );
  });
});
