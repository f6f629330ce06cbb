import { describe, expect, it } from 'vitest';
import { chooseBody, isReviewDue, isVisibleTo, validityAt } from './availability.ts';
import { countOutcome, countUse, UNUSED } from './reply.ts';

describe('a canned reply', () => {
  it.each([
    [{ kind: 'site' }, 'ben', true],
    [{ kind: 'team', team: 'sales' }, 'ada', true],
    [{ kind: 'team', team: 'billing' }, 'ada', false],
    [{ kind: 'me', agent: 'ada' }, 'ada', true],
    [{ kind: 'me', agent: 'ada' }, 'cleo', false],
  ] as const)('of scope %o is visible to %s of Sales: %s', (scope, agent, expected) => {
    expect(isVisibleTo(scope, { agent, teams: ['sales'] })).toBe(expected);
  });

  it('is valid from its first instant on and until before its last', () => {
    const dates = { validFrom: 100, validUntil: 200 };
    expect([99, 100, 199, 200].map((now) => validityAt(dates, now))).toEqual(['planned', 'valid', 'valid', 'ended']);
    expect(validityAt({}, 0)).toBe('valid');
  });

  it('is due for review from that instant on, unless it has ended', () => {
    expect([99, 100].map((now) => isReviewDue({ reviewBy: 100 }, now))).toEqual([false, true]);
    expect(isReviewDue({ reviewBy: 100, validUntil: 150 }, 160)).toBe(false);
    expect(isReviewDue({}, 160)).toBe(false);
  });

  it.each([
    ['lv', ['en', 'ru', 'lv'], 'lv'],
    ['lv-LV', ['en', 'lv'], 'lv'],
    ['PT_br', ['pt', 'pt-BR', 'en'], 'pt-BR'],
    ['pt', ['en', 'pt-BR'], 'pt-BR'],
    ['de', ['ru', 'en'], 'en'],
    ['de', ['ru', 'en-GB'], 'en-GB'],
    ['de', ['ru', 'lv'], 'ru'],
    [null, ['ru', 'en'], 'en'],
  ])('for %s takes of %j the body in %s', (wanted, locales, expected) => {
    const body = Object.fromEntries(locales.map((locale) => [locale, `text in ${locale}`]));
    expect(chooseBody(body, wanted, 'en')).toEqual({ locale: expected, text: `text in ${expected}` });
  });

  it('counts uses and what came of them', () => {
    const used = countUse(countUse(UNUSED, 500), 400);
    expect(used).toEqual({ uses: 2, lastUsedAt: 500, resolved: 0, csat: { sum: 0, n: 0 } });
    expect(countOutcome(countOutcome(used, { resolved: true, csat: 4 }), { csat: 2 })).toEqual({
      uses: 2,
      lastUsedAt: 500,
      resolved: 1,
      csat: { sum: 6, n: 2 },
    });
  });
});
