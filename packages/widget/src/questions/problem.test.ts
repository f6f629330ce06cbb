import { checkAnswers, type FormField } from '@sveiki/sdk';
import { describe, expect, it } from 'vitest';
import { more } from '../locales/more/en.ts';
import { exampleOf, problemText } from './problem.ts';

const label = 'L';
const said = (field: FormField, answer: unknown) => {
  const [problem] = checkAnswers({ id: 'f', purpose: 'in-chat', fields: [field] }, { a: answer }).problems;
  return problem && problemText(problem, field, more);
};

describe('what is wrong with an answer', () => {
  it.each<[FormField, unknown, string]>([
    [{ id: 'a', kind: 'text', label, required: true }, '', 'This is needed.'],
    [{ id: 'a', kind: 'consent', label, required: true }, false, 'We need your consent to go on.'],
    [{ id: 'a', kind: 'text', label, minLength: 3 }, 'no', 'Write at least 3 characters.'],
    [{ id: 'a', kind: 'text', label, maxLength: 3 }, 'none', 'Write at most 3 characters.'],
    [{ id: 'a', kind: 'number', label, min: 1 }, '0', 'Give 1 or more.'],
    [{ id: 'a', kind: 'number', label, max: 9 }, '10', 'Give 9 or less.'],
    [{ id: 'a', kind: 'number', label }, 'ten', 'Give a number.'],
    [{ id: 'a', kind: 'number', label, whole: true }, '1,5', 'Give a whole number.'],
    [{ id: 'a', kind: 'date', label, min: '2026-03-01' }, '2026-02-28', 'Choose 2026-03-01 or later.'],
    [{ id: 'a', kind: 'date', label, max: '2026-03-01' }, '2026-03-02', 'Choose 2026-03-01 or earlier.'],
    [{ id: 'a', kind: 'email', label }, 'mia@', 'Give an address such as mia@example.com.'],
    [{ id: 'a', kind: 'text', label, pattern: 'AW-####' }, '1042', 'Write it like AW-1234.'],
    [
      { id: 'a', kind: 'multi-select', label, max: 1, options: ['x', 'y'].map((value) => ({ value, label })) },
      ['x', 'y'],
      'Choose at most 1.',
    ],
    [{ id: 'a', kind: 'select', label, options: [{ value: 'x', label }] }, 'z', 'Choose one of the answers.'],
  ])('%o with %o: %s', (field, answer, words) => {
    expect(said(field, answer)).toBe(words);
  });
});

it('makes an example of a mask that fits the mask', () => {
  for (const mask of ['SV-#####', '#+', '@+ @+', '*+', '\\#\\+\\\\', '@@-###########'])
    expect([mask, said({ id: 'a', kind: 'text', label, pattern: mask }, exampleOf(mask))]).toEqual([mask, undefined]);
});
