import { describe, expect, it } from 'vitest';
import { evaluate, tableOf } from './evaluate.ts';
import { ownTexts, readTexts } from './texts.ts';

describe('the evaluation of the search for canned replies', () => {
  const texts = readTexts([ownTexts]);
  const run = (seed: number) => {
    let ms = 0;
    return evaluate({ texts, replies: 600, queries: 40, seed, time: () => ms++ });
  };
  const evaluation = run(3);

  it('finds what is typed badly in three languages', () => {
    expect(evaluation).toMatchObject({ replies: 600, texts: { en: 22, ru: 22, lv: 22 } });
    for (const { language, typing, recallAt1, recallAt3 } of evaluation.rows) {
      expect(recallAt3, `${language}, ${typing}`).toBeGreaterThanOrEqual(0.9);
      expect(recallAt3).toBeGreaterThanOrEqual(recallAt1);
    }
  });

  it('asks every kind of query as often as it was told to, and times each', () => {
    expect(evaluation.rows.map(({ language, typing, queries }) => [language, typing, queries])).toEqual([
      ['en', 'all', 80],
      ['en', 'as written', 40],
      ['en', 'one mistake', 40],
      ['ru', 'all', 200],
      ['ru', 'as written', 40],
      ['ru', 'one mistake', 40],
      ['ru', 'no diacritics', 40],
      ['ru', 'no diacritics, one mistake', 40],
      ['ru', 'Latin letters', 40],
      ['lv', 'all', 160],
      ['lv', 'as written', 40],
      ['lv', 'one mistake', 40],
      ['lv', 'no diacritics', 40],
      ['lv', 'no diacritics, one mistake', 40],
    ]);
    // The clock of this test goes on by one with each look at it.
    expect(evaluation.rows.every(({ p50Ms, p95Ms, maxMs }) => p50Ms === 1 && p95Ms === 1 && maxMs === 1)).toBe(true);
  });

  it('repeats itself for the same seed and not for another one', () => {
    expect(run(3)).toEqual(evaluation);
    expect(run(4).rows).not.toEqual(evaluation.rows);
  });

  it('prints a table', () => {
    const lines = tableOf(evaluation).split('\n');
    expect(lines[0]).toContain('600 canned replies of 22 texts in en');
    expect(lines).toHaveLength(3 + evaluation.rows.length);
    expect(lines[2]).toMatch(/^language\s+typed\s+queries\s+recall@1\s+recall@3\s+p50 ms\s+p95 ms/);
  });
});
