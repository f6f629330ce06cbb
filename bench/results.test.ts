import { describe, expect, it } from 'vitest';
import { median, type Result, rounded, tableOf, verdictOf } from './results.ts';

const result: Result = {
  id: 'messages.vs-ws',
  what: 'durable messages',
  value: 10_000,
  unit: 'msg/s',
  baseline: 20_000,
  ratio: 0.5,
  goal: 0.5,
  floor: 0.4,
  compares: 'ratio',
  better: 'higher',
};

describe('a result', () => {
  it('reaches a goal that it equals', () => expect(verdictOf(result)).toBe('reached'));

  it('is under its goal, and only fails under its floor', () => {
    expect(verdictOf({ ...result, ratio: 0.45 })).toBe('under goal');
    expect(verdictOf({ ...result, ratio: 0.39 })).toBe('UNDER FLOOR');
  });

  it('is compared by its value where the promise is about that', () => {
    const bytes: Result = { ...result, value: 2_000, goal: 2_048, floor: 2_048, compares: 'value', better: 'lower' };
    expect(verdictOf(bytes)).toBe('reached');
    expect(verdictOf({ ...bytes, value: 2_049 })).toBe('UNDER FLOOR');
  });

  it('does not hold when it could not be compared', () => {
    expect(verdictOf({ ...result, baseline: null, ratio: null })).toBe('UNDER FLOOR');
  });

  it('says nothing where nothing was promised', () => {
    expect(verdictOf({ ...result, goal: null, floor: null })).toBe('');
  });

  it('stands in a table with everything it is compared with', () => {
    const line = tableOf([result]).split('\n')[1];
    for (const part of ['messages.vs-ws', '10000 msg/s', '20000 msg/s', '0.50', '≥ 0.5', '≥ 0.4', 'reached']) {
      expect(line).toContain(part);
    }
  });
});

it('takes the middle of several rounds', () => {
  expect(median([9, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 9])).toBe(3);
});

it('rounds to what can be meant', () => {
  expect([12_345.6, 99.87, 1.2345, 0.01234].map(rounded)).toEqual([12_346, 99.9, 1.23, 0.0123]);
});
