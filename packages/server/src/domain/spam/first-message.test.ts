import type { SpamRules } from '@sveiki/sdk/config';
import { describe, expect, it } from 'vitest';
import { firstMessage, linksIn } from './first-message.ts';
import { bitsFor, NO_PRESSURE, oneMore, pressureAt } from './pressure.ts';

const rules = (more: Partial<SpamRules> = {}): SpamRules => ({
  ...{ proofOfWork: 'suspicious', firstMessageMs: 2_000, calm: 10, flood: 60, maxLinks: 3, bits: 15, ...more },
});
const said = { links: 0, sinceMs: 5_000, level: 0, factor: 1, hasProved: false };

describe('a first message', () => {
  it('is taken at once while the site is calm, however soon it comes', () => {
    expect(firstMessage(rules(), { ...said, sinceMs: 0, level: 9.9 })).toEqual({ do: 'take' });
  });

  it('shows work on a busy site when it comes too soon, or comes again when it is not soon any more', () => {
    expect(firstMessage(rules(), { ...said, sinceMs: 500, level: 10 })).toEqual({ do: 'prove', ms: 1_500 });
    expect(firstMessage(rules(), { ...said, sinceMs: 500, level: 10, hasProved: true })).toEqual({ do: 'take' });
    expect(firstMessage(rules(), { ...said, sinceMs: 2_000, level: 10 })).toEqual({ do: 'take' });
  });

  it('shows work in a flood, whoever sends it', () => {
    expect(firstMessage(rules(), { ...said, level: 60 })).toEqual({ do: 'prove', ms: 30_000 });
    expect(firstMessage(rules(), { ...said, level: 60, hasProved: true })).toEqual({ do: 'take' });
  });

  it('only waits where no work is asked for, and always works where it always is', () => {
    expect(firstMessage(rules({ proofOfWork: 'off' }), { ...said, sinceMs: 500, level: 99 })).toEqual({
      do: 'wait',
      ms: 1_500,
    });
    expect(firstMessage(rules({ proofOfWork: 'off' }), { ...said, level: 99 })).toEqual({ do: 'take' });
    expect(firstMessage(rules({ proofOfWork: 'always' }), said)).toEqual({ do: 'prove', ms: 30_000 });
  });

  it('holds no more links than the site allows, whatever it shows', () => {
    expect(firstMessage(rules(), { ...said, links: 4, hasProved: true })).toEqual({ do: 'refuse' });
    expect(firstMessage(rules(), { ...said, links: 3 })).toEqual({ do: 'take' });
  });

  it('counts as many as the limits are raised before it is suspicious', () => {
    expect(firstMessage(rules(), { ...said, sinceMs: 0, level: 99, factor: 10 })).toEqual({ do: 'take' });
    expect(firstMessage(rules(), { ...said, sinceMs: 0, level: 100, factor: 10 })).toMatchObject({ do: 'prove' });
  });

  it.each([
    ['Where is my order?', 0],
    ['See https://a.example and HTTP://b.example/www.c', 2],
    ['www.shop.example, [here](https://www.shop.example), awww.sweet', 2],
  ])('has in %j %d links', (text, count) => {
    expect(linksIn([{ kind: 'text', text }])).toBe(count);
  });
});

describe('pressure', () => {
  it('halves in five minutes and loses nothing when the clock steps back', () => {
    let pressure = NO_PRESSURE;
    for (let i = 0; i < 8; i++) pressure = oneMore(pressure, 1_000_000);
    expect(pressureAt(pressure, 1_000_000)).toBe(8);
    expect(pressureAt(pressure, 1_300_000)).toBeCloseTo(4);
    expect(pressureAt(pressure, 0)).toBe(8);
    expect(pressureAt(oneMore(pressure, 0), 1_000_000)).toBe(9);
  });

  it('makes the work twice as hard each time it doubles beyond a flood, and at most 32 times', () => {
    const bits = (level: number) => bitsFor(level, { bits: 15, flood: 60 });
    expect([0, 59, 119, 120, 240, 60 * 32, 1e9].map(bits)).toEqual([15, 15, 15, 16, 17, 20, 20]);
  });
});
