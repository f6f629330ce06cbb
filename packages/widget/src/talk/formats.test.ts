import { describe, expect, it } from 'vitest';
import { createFormats, fill, isSameDay, plainFormats } from './formats.ts';

const noon = new Date(2026, 10, 23, 12, 5).getTime();
const minute = 60_000;
const plain = (text: string) => text.replace(/\s/g, ' ');

it('fills in places by number', () => {
  expect(fill('{1} and {0} and {2}', 'a', 'b')).toBe('b and a and ');
});

it('keeps a value of another direction, or one that would turn directions, to itself', () => {
  expect(fill('{0} is typing', '\u202eAda')).toBe('Ada is typing');
  expect(fill('{0} is typing', '\u05de\u05e9\u05d4')).toBe('\u2068\u05de\u05e9\u05d4\u2069 is typing');
  expect(fill('{0} \u0627\u0646\u0636\u0645', 'Ada\u2069')).toBe('\u2068Ada\u2069 \u0627\u0646\u0636\u0645');
});

it('knows the days of the visitor, not of Greenwich', () => {
  const night = new Date(2026, 10, 23, 23, 59).getTime();
  expect(isSameDay(noon, night)).toBe(true);
  expect(isSameDay(night, night + 2 * minute)).toBe(false);
});

describe('before Intl is there', () => {
  it('writes times and days plainly', () => {
    expect(plainFormats.clock(noon)).toBe('12:05');
    expect(plainFormats.day(noon)).toBe('23.11.');
    expect(plainFormats.ago(noon, noon)).toBe('12:05');
    expect(plainFormats.duration(minute)).toBe('');
    expect(plainFormats.plural(3, { one: '{0} a', other: '{0} b' })).toBe('3 b');
  });
});

describe('with Intl', () => {
  it.each([
    ['en-GB', '12:05'],
    ['en-US', '12:05 PM'],
    ['de', '12:05'],
  ])('writes a time of day in %s', (tag, text) => {
    expect(plain(createFormats(tag).clock(noon))).toBe(text);
  });

  it.each([
    [0, 'now'],
    [29_000, 'now'],
    [minute, '1 min. ago'],
    [59 * minute, '59 min. ago'],
    [60 * minute, '12:05 PM'],
  ])('tells that %d ms have passed', (ms, text) => {
    expect(plain(createFormats('en').ago(noon, noon + ms))).toBe(text);
  });

  it.each([
    ['en', 10_000, '1 minute'],
    ['en', 4 * minute, '4 minutes'],
    ['en', 90 * minute, '2 hours'],
    ['en', 3 * 24 * 60 * minute, '3 days'],
    ['ru', 21 * minute, '21 минута'],
    ['ru', 3 * minute, '3 минуты'],
    ['ru', 5 * minute, '5 минут'],
    ['lv', 21 * minute, '21 minūte'],
    ['de', minute, '1 Minute'],
  ])('names a duration in %s: %d ms', (tag, ms, text) => {
    expect(plain(createFormats(tag).duration(ms))).toBe(text);
  });

  it('chooses the form of the number', () => {
    const forms = { one: '{0} one', few: '{0} few', many: '{0} many', other: '{0} other' };
    const { plural } = createFormats('ru');
    expect([1, 2, 5, 11, 21, 22].map((count) => plural(count, forms))).toEqual([
      '1 one',
      '2 few',
      '5 many',
      '11 many',
      '21 one',
      '22 few',
    ]);
  });
});
