import { beforeEach, expect, it } from 'vitest';
import { createTitle } from './title.ts';

beforeEach(() => {
  document.title = 'Shop';
});

it('puts the number before the title and takes exactly that away', () => {
  const show = createTitle();
  show(2);
  expect(document.title).toBe('(2) Shop');
  show(3);
  expect(document.title).toBe('(3) Shop');
  show(0);
  expect(document.title).toBe('Shop');
});

it('does not undo a title that the page has set meanwhile', () => {
  const show = createTitle();
  show(1);
  document.title = 'Cart';
  show(2);
  expect(document.title).toBe('(2) Cart');
  document.title = 'Paid';
  show(0);
  expect(document.title).toBe('Paid');
});
