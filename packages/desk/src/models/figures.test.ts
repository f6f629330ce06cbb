import { describe, expect, it } from 'vitest';
import { distribution, figuresInWords, percent } from './figures.ts';

const csat = {
  kind: 'csat',
  n: 40,
  csat: 82.5,
  mean: 4.256,
  interval: { low: 68.1, high: 91.3 },
  counts: [1, 2, 4, 10, 23],
  few: false,
} as const;

describe('figures in words', () => {
  it('say the share, how sure it is, and the mean', () => {
    expect(figuresInWords(csat)).toEqual({
      headline: '83 % satisfied',
      range: 'between 68 % and 91 %',
      more: 'Mean 4.26',
    });
  });

  it('say an NPS with its sign and what it is made of', () => {
    const nps = {
      kind: 'nps',
      n: 10,
      promoters: 2,
      passives: 3,
      detractors: 5,
      nps: -30,
      shown: -30,
      margin: 47.6,
      counts: [],
      few: true,
    } as const;
    expect(figuresInWords(nps)).toEqual({
      headline: 'NPS −30',
      range: 'give or take 48 points',
      more: '2 promoters, 3 passives, 5 detractors',
    });
  });

  it('say nothing where nobody answered', () => {
    const none = { ...csat, n: 0, csat: null, mean: null, interval: null, counts: [0, 0, 0, 0, 0] };
    expect(figuresInWords(none)).toEqual({ headline: null, range: null, more: null });
    expect(distribution({ scale: 'csat' }, none).map(({ share }) => share)).toEqual([0, 0, 0, 0, 0]);
  });

  it('do not round a few away', () => {
    expect([99.6, 100, 0.2, 0, 50.4].map(percent)).toEqual(['> 99 %', '100 %', '< 1 %', '0 %', '50 %']);
  });
});

it('lists points from the highest, by their scale', () => {
  expect(distribution({ scale: 'csat' }, csat)[0]).toEqual({ point: 5, name: '5', count: 23, share: 57.5 });
  expect(
    distribution({ scale: 'thumbs' }, { ...csat, n: 4, counts: [1, 3] }).map(({ point, name }) => [point, name]),
  ).toEqual([
    [1, 'Thumb up'],
    [0, 'Thumb down'],
  ]);
});
