import { expect, it } from 'vitest';
import { companyOf } from './company.ts';

it('tells who replies, who writes a note and who looks, the most pressing first', () => {
  const viewers = [
    { id: 'cleo', name: 'Cleo', typing: false },
    { id: 'ben', name: 'Ben', typing: true, note: true as const },
    { id: 'dana', name: 'Dana', typing: true },
    { id: 'egon', name: 'Egon', typing: false },
  ];
  expect(companyOf(viewers)).toEqual([
    { doing: 'replying', names: ['Dana'] },
    { doing: 'noting', names: ['Ben'] },
    { doing: 'looking', names: ['Cleo', 'Egon'] },
  ]);
  expect(companyOf([])).toEqual([]);
});
