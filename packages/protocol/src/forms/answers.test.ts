import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAnswers, startAnswers, visibleFields } from './answers.ts';
import { checkForm } from './check-form.ts';
import { FORM_LIMITS, type FormAnswers, type FormDefinition, type FormField } from './form.ts';

const form = (...fields: FormField[]): FormDefinition => ({ id: 'f', purpose: 'in-chat', fields });
const one = (field: FormField, answer: unknown) => {
  const { answers, problems } = checkAnswers(form(field), { [field.id]: answer });
  return problems[0] === undefined ? answers[field.id] : problems[0].code;
};
const label = 'L';

/** Every kind once, with conditions of every sort. */
const everything = form(
  { id: 'head', kind: 'header', label },
  {
    id: 'topic',
    kind: 'radio',
    label,
    options: ['order', 'refund', 'other'].map((value) => ({ value, label: value })),
  },
  { id: 'order', kind: 'text', label, pattern: 'SV-#+', when: { field: 'topic', op: 'is-not', value: 'other' } },
  {
    id: 'why',
    kind: 'textarea',
    label,
    minLength: 3,
    maxLength: 50,
    when: { field: 'topic', op: 'one-of', value: ['refund'] },
  },
  { id: 'name', kind: 'name', label, required: true, prefill: 'visitor.name' },
  { id: 'email', kind: 'email', label, prefill: 'visitor.email' },
  { id: 'phone', kind: 'phone', label, when: { not: { field: 'email', op: 'answered' } } },
  { id: 'count', kind: 'number', label, min: 1, max: 9, whole: true },
  { id: 'day', kind: 'date', label, min: '2026-01-01', max: '2026-12-31' },
  { id: 'page', kind: 'link', label },
  { id: 'news', kind: 'checkbox', label, score: 2 },
  { id: 'agreed', kind: 'consent', label, required: true, policy: 'https://example.com/privacy' },
  { id: 'team', kind: 'department', label, options: [{ value: 'sales', label: 'Sales' }] },
  {
    id: 'colours',
    kind: 'multi-select',
    label,
    options: ['red', 'green', 'blue'].map((value) => ({ value, label: value })),
    min: 1,
    max: 2,
  },
  { id: 'score', kind: 'rating', scale: 'csat', label, weight: 1 },
  {
    id: 'more',
    kind: 'text',
    label,
    when: {
      and: [
        { field: 'score', op: 'at-most', value: 2 },
        {
          or: [
            { field: 'colours', op: 'has', value: 'red' },
            { field: 'day', op: 'at-least', value: '2026-06-01' },
          ],
        },
      ],
    },
  },
  { id: 'from', kind: 'hidden', label, default: 'shop' },
);

describe('answers', () => {
  it('are put into their normal form', () => {
    expect(
      checkAnswers(everything, {
        topic: 'refund',
        order: ' SV-1042 ',
        why: 'too\r\nsmall\u0000',
        name: ' Mia\u202E \n Ozola ',
        email: 'mia@example.com',
        count: '3',
        day: '2026-03-04',
        page: 'example.com/shoes',
        agreed: true,
        team: 'sales',
        colours: ['blue', 'red', 'blue'],
        score: '2',
        more: 'e\u0301',
        from: 'mail',
        unasked: 'x',
      }),
    ).toEqual({
      ok: true,
      problems: [],
      answers: {
        topic: 'refund',
        order: 'SV-1042',
        why: 'too\nsmall',
        name: 'Mia Ozola',
        email: 'mia@example.com',
        count: 3,
        day: '2026-03-04',
        page: 'https://example.com/shoes',
        news: false,
        agreed: true,
        team: 'sales',
        colours: ['red', 'blue'],
        score: 2,
        more: '\u00e9',
        from: 'mail',
      },
    });
  });

  it('name each field that is wrong, and what it wants', () => {
    expect(
      checkAnswers(everything, {
        topic: 'refund',
        order: '1042',
        why: 'no',
        count: 10,
        colours: ['red', 'green', 'blue'],
      }).problems,
    ).toEqual([
      { field: 'order', code: 'pattern', params: { pattern: 'SV-#+' } },
      { field: 'why', code: 'too-short', params: { min: 3 } },
      { field: 'name', code: 'required', params: {} },
      { field: 'count', code: 'too-high', params: { max: 9 } },
      { field: 'agreed', code: 'required', params: {} },
      { field: 'colours', code: 'too-high', params: { max: 2 } },
    ]);
  });

  it('may lack what is required while they are partial, and keep what is right beside what is wrong', () => {
    expect(checkAnswers(everything, { topic: 'other' }, { partial: true })).toMatchObject({ ok: true });
    expect(checkAnswers(everything, { topic: 'order', order: 'no', score: 5 }, { partial: true })).toMatchObject({
      ok: false,
      answers: { topic: 'order', score: 5 },
      problems: [{ field: 'order', code: 'pattern' }],
    });
  });

  it.each<[string, FormField, unknown, unknown]>([
    ['a point below the scale', { id: 'a', kind: 'rating', scale: 'csat', label }, 0, 'no-such-option'],
    [
      'the lowest point of NPS, which is nought',
      { id: 'a', kind: 'rating', scale: 'nps', label, required: true },
      '0',
      0,
    ],
    ['a point above the scale', { id: 'a', kind: 'rating', scale: 'nps', label }, 11, 'no-such-option'],
    ['half a point', { id: 'a', kind: 'rating', scale: 'ces', label }, 3.5, 'no-such-option'],
    ['a point that is no number', { id: 'a', kind: 'rating', scale: 'ces', label }, Number.NaN, 'no-such-option'],
    ['a thumb down', { id: 'a', kind: 'rating', scale: 'thumbs', label, required: true }, 0, 0],
    ['a decimal comma', { id: 'a', kind: 'number', label }, '12,5', 12.5],
    ['a number in Arabic digits', { id: 'a', kind: 'number', label }, '١٢', 12],
    ['nothing instead of a number', { id: 'a', kind: 'number', label, required: true }, ' ', 'required'],
    ['a number without end', { id: 'a', kind: 'number', label }, Number.POSITIVE_INFINITY, 'not-number'],
    ['a number in words', { id: 'a', kind: 'number', label }, 'ten', 'not-number'],
    ['a broken number where whole ones are asked', { id: 'a', kind: 'number', label, whole: true }, 1.5, 'not-whole'],
    ['a list instead of a number', { id: 'a', kind: 'number', label }, [1], 'not-number'],
    ['a day that is not in the calendar', { id: 'a', kind: 'date', label }, '2026-02-30', 'not-date'],
    ['the day computers count from', { id: 'a', kind: 'date', label }, '1970-01-01', '1970-01-01'],
    ['a leap day', { id: 'a', kind: 'date', label }, '2028-02-29', '2028-02-29'],
    ['a day before the first', { id: 'a', kind: 'date', label, min: '2026-03-01' }, '2026-02-28', 'too-low'],
    ['a phone number with signs', { id: 'a', kind: 'phone', label }, '+371 (20) 000-000', '+37120000000'],
    ['a phone number that is too short', { id: 'a', kind: 'phone', label }, '112', 'not-phone'],
    ['a mail address without a dot', { id: 'a', kind: 'email', label }, 'mia@example', 'not-email'],
    ['a script as a link', { id: 'a', kind: 'link', label }, 'javascript:alert(1)', 'not-link'],
    [
      'a script that looks like an address',
      { id: 'a', kind: 'link', label },
      'javascript://example.com/%0aalert(1)',
      'not-link',
    ],
    ['a link with a password', { id: 'a', kind: 'link', label }, 'https://mia:secret@example.com', 'not-link'],
    [
      'a choice that is none',
      { id: 'a', kind: 'select', label, options: [{ value: 'x', label }] },
      'constructor',
      'no-such-option',
    ],
    ['a team where none are listed', { id: 'a', kind: 'department', label }, 'sales', 'no-such-option'],
    ['one choice twice', { id: 'a', kind: 'multi-select', label, options: [{ value: 'x', label }] }, ['x', 'x'], ['x']],
    [
      'no choice at all',
      { id: 'a', kind: 'multi-select', label, required: true, options: [{ value: 'x', label }] },
      [],
      'required',
    ],
    [
      'a text instead of choices',
      { id: 'a', kind: 'multi-select', label, options: [{ value: 'x', label }] },
      'x',
      'wrong-type',
    ],
    ['a number instead of a text', { id: 'a', kind: 'text', label }, 5, 'wrong-type'],
    ['an object instead of a text', { id: 'a', kind: 'text', label }, { toString: 'x' }, 'wrong-type'],
    ['blanks instead of a text', { id: 'a', kind: 'text', label, required: true }, ' \u0000\n', 'required'],
    ['a text of a million characters', { id: 'a', kind: 'textarea', label }, 'x'.repeat(1_000_000), 'too-long'],
    ['a tick that was taken back', { id: 'a', kind: 'consent', label, required: true }, false, 'required'],
    ['a word instead of a tick', { id: 'a', kind: 'consent', label }, 'true', 'wrong-type'],
    ['half a character', { id: 'a', kind: 'text', label }, 'a\uD800b', 'ab'],
  ])('say what becomes of %s', (_what, field, answer, becomes) => {
    expect(one(field, answer)).toEqual(becomes);
  });

  it('come out right or named, whatever is sent: only known and shown fields, within their bounds, and the same a second time', () => {
    const ids = everything.fields.map(({ id }) => id);
    const hostile = fc.oneof(
      fc.dictionary(
        fc.oneof(fc.constantFrom(...ids), fc.constantFrom('__proto__', 'constructor', 'toString'), fc.string()),
        fc.oneof(
          fc.anything({ maxDepth: 2, withNullPrototype: true }),
          fc.constantFrom<unknown>(
            'order',
            'refund',
            'SV-1',
            'red',
            ['red'],
            true,
            0,
            1,
            5,
            Number.NaN,
            '2026-06-01',
            'x'.repeat(9_000),
          ),
        ),
        { noNullPrototype: false },
      ),
      fc.anything(),
    );
    fc.assert(
      fc.property(hostile, fc.boolean(), (answers, partial) => {
        const checked = checkAnswers(everything, answers, { partial });
        const shown = visibleFields(everything, answers).map(({ id }) => id);
        expect(Object.getPrototypeOf(checked.answers)).toBe(Object.prototype);
        for (const id of Object.keys(checked.answers)) expect([...shown, 'from']).toContain(id);
        for (const { field, code } of checked.problems)
          expect(code === 'required' || !Object.hasOwn(checked.answers, field)).toBe(true);
        expect(checked.ok).toBe(checked.problems.length === 0);
        expect(JSON.stringify(checked.answers).length).toBeLessThan(20_000);
        // What is stored passes again and stays as it is.
        expect(checkAnswers(everything, JSON.parse(JSON.stringify(checked.answers)), { partial: true })).toEqual({
          ok: true,
          // A tick that was no tick is left out the first time, and untouched the second.
          answers: { news: false, agreed: false, ...checked.answers },
          problems: [],
        });
      }),
      { numRuns: 500 },
    );
  });

  it('cannot reach a prototype, even by a form that was never checked', () => {
    const { answers } = checkAnswers(form({ id: '__proto__', kind: 'text', label }), JSON.parse('{"__proto__":"x"}'));
    expect(Object.getPrototypeOf(answers)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(answers, '__proto__')?.value).toBe('x');
  });
});

describe('visibleFields', () => {
  const shown = (answers: unknown): string[] => visibleFields(everything, answers).map(({ id }) => id);

  it('shows what the conditions allow, and never a hidden field', () => {
    expect(checkForm(everything)).toEqual([]);
    expect(shown({})).toContain('order');
    expect(shown({ topic: 'other' })).not.toContain('order');
    expect(shown({ topic: 'refund' })).toContain('why');
    expect(shown({ email: 'mia@example.com' })).not.toContain('phone');
    expect(shown({ email: 'mia@' })).toContain('phone');
    expect(shown({ score: 2, colours: ['red'] })).toContain('more');
    expect(shown({ score: 2, day: '2026-06-01' })).toContain('more');
    expect(shown({ score: 3, colours: ['red'] })).not.toContain('more');
    expect(shown(null)).not.toContain('from');
  });

  it('forgets the answer of a field that is not shown any more, and all that hung on it', () => {
    const chain = form(
      { id: 'a', kind: 'checkbox', label },
      { id: 'b', kind: 'text', label, when: { field: 'a', op: 'is', value: true } },
      { id: 'c', kind: 'text', label, when: { field: 'b', op: 'is', value: 'yes' } },
    );
    expect(checkAnswers(chain, { a: true, b: 'yes', c: 'kept' }).answers).toEqual({ a: true, b: 'yes', c: 'kept' });
    expect(checkAnswers(chain, { a: false, b: 'yes', c: 'kept' }).answers).toEqual({ a: false });
  });
});

describe('startAnswers', () => {
  it('takes what is known before the default, and neither when it would not pass', () => {
    expect(startAnswers(everything, { 'visitor.name': 'Noah', 'visitor.email': 'nobody' })).toEqual({
      name: 'Noah',
      from: 'shop',
    } satisfies FormAnswers);
  });
});

describe('masks', () => {
  const fits = (pattern: string, text: string): boolean =>
    one({ id: 'a', kind: 'text', label, pattern }, text) === text;

  it.each([
    ['SV-#####', 'SV-10422', 'SV-1042'],
    ['#+', '0', '12a'],
    ['@+ @+', 'Mia Ozola', 'Mia'],
    ['*+', 'ab1', 'a-1'],
    ['\\#\\+\\\\', '#+\\', '1+\\'],
    ['LV-####', 'LV-1010', 'lv-1010'],
  ])('%s lets %s pass and not %s', (mask, right, wrong) => {
    expect(fits(mask, right)).toBe(true);
    expect(fits(mask, wrong)).toBe(false);
  });

  it('look at each character once, also with the worst mask', () => {
    const mask = '#+-'.repeat(21);
    const text = '1'.repeat(FORM_LIMITS.maxLineChars);
    expect(fits(mask, text)).toBe(false);
  });
});
