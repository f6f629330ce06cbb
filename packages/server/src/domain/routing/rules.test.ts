import type { RouteContext, RuleCondition } from '@sveiki/sdk/config';
import { describe, expect, it } from 'vitest';
import { routeContext } from '../../test-support/routing.ts';
import { fitsGlob } from './glob.ts';
import { queueViews } from './queue-views.ts';
import { decideByRules, weightOf } from './rules.ts';

const holds = (when: RuleCondition, changes: Partial<RouteContext> = {}): boolean =>
  decideByRules([{ when, decide: { to: 'default' } }], routeContext(changes)) !== null;

describe('decideByRules', () => {
  it('takes the first rule that holds', () => {
    const rules = [
      { when: { site: 'other' }, decide: { to: 'bot', id: 'faq', reason: 'other' } as const },
      { when: { language: ['ru', 'lv'] }, decide: { to: 'queue', id: 'billing', reason: 'baltic' } as const },
      { when: {}, decide: { to: 'default' } as const },
    ];
    expect(decideByRules(rules, routeContext())).toEqual({ decision: rules[1]?.decide, rule: 1 });
    expect(decideByRules(rules.slice(0, 1), routeContext())).toBeNull();
  });

  it.each<[RuleCondition, Partial<RouteContext>, boolean]>([
    [{}, {}, true],
    [{ site: ['shop', 'blog'] }, {}, true],
    [{ language: 'lv' }, {}, true],
    [{ language: 'l' }, {}, false],
    [{ language: 'lv' }, { language: null }, false],
    [{ page: '/help/**' }, {}, true],
    [{ page: 'https://shop.example/**' }, {}, true],
    [{ page: '/help/*' }, { page: null }, false],
    [{ page: '/help/*' }, { page: { url: 'nonsense', title: '' } }, false],
    [{ topic: 'refund' }, { intent: 'refund' }, true],
    [{ topic: 'refund' }, {}, false],
    [{ tags: ['vip', 'new'] }, { tags: ['new', 'vip', 'x'] }, true],
    [{ tags: ['vip', 'new'] }, { tags: ['vip'] }, false],
    [{ words: ['MY  parcel'] }, {}, true],
    [{ words: ['cel'] }, {}, false],
    [{ words: ['счёт'] }, { conversation: { ...routeContext().conversation, text: 'Где мой СЧЁТ?' } }, true],
    [{ channel: 'chat', verified: false }, {}, true],
    [{ verified: true }, {}, false],
    [{ contacts: { atLeast: 2, days: 7 } }, { history: { contactsInDays: [0.5, 7, 9] } }, true],
    [{ contacts: { atLeast: 3, days: 7 } }, { history: { contactsInDays: [0.5, 7, 9] } }, false],
    [{ waitedMs: { atLeast: 10 } }, { waitedMs: 9 }, false],
    [{ site: 'shop', verified: true }, {}, false],
  ])('%o with %o: %s', (when, changes, expected) => {
    expect(holds(when, changes)).toBe(expected);
  });

  it('looks at the queues of the moment', () => {
    const queues = queueViews(
      [{ id: 'sales' }, { id: 'billing' }],
      [
        { team: 'sales', queuedAt: 40 },
        { team: 'sales', queuedAt: 10 },
      ],
      [],
      (id) => id === 'sales',
      100,
    );
    expect(queues[0]).toEqual({ team: 'sales', waiting: 2, longestWaitMs: 90, online: 0, withRoom: 0, open: true });
    expect(holds({ open: 'sales', closed: 'billing' }, { queues })).toBe(true);
    expect(holds({ open: 'billing' }, { queues })).toBe(false);
    expect(holds({ closed: 'nowhere' }, { queues })).toBe(false);
    expect(holds({ waiting: { team: 'sales', atLeast: 2 } }, { queues })).toBe(true);
    expect(holds({ waiting: { team: 'billing', atLeast: 1 } }, { queues })).toBe(false);
  });
});

describe('weightOf', () => {
  it('is the weight of the first rule that holds, else one', () => {
    const rules = [{ when: { language: 'lv' }, weight: 1.5 }];
    expect(weightOf(rules, routeContext())).toBe(1.5);
    expect(weightOf(rules, routeContext({ language: 'en' }))).toBe(1);
  });
});

describe('fitsGlob', () => {
  it.each([
    ['/a/*', '/a/b', true],
    ['/a/*', '/a/b/c', false],
    ['/a/**', '/a/b/c', true],
    ['/a/**', '/a', true],
    ['/a/**', '/ab', false],
    ['/**/c', '/a/b/c', true],
    ['/a?c', '/abc', true],
    ['/a?c', '/a/c', false],
    ['/a.c', '/abc', false],
    ['*://*/x', 'https://shop.example/x', true],
    ['', '', true],
    ['', 'a', false],
  ])('%s on %s: %s', (pattern, text, expected) => {
    expect(fitsGlob(pattern, text)).toBe(expected);
  });

  it('answers a hostile pattern in time', () => {
    expect(fitsGlob(`${'**a'.repeat(60)}b`, 'a'.repeat(2000))).toBe(false);
  });
});
