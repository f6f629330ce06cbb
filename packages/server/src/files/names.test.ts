import { expect, it } from 'vitest';
import { endingOf, fileName } from './names.ts';

it.each([
  ['README', [''], 'README'],
  ['README', ['txt', 'log'], 'README.txt'],
  ['заметка', [''], 'заметка'],
  ['order.LOG', ['txt', 'log'], 'order.log'],
  ['cat.jpg', ['png'], 'cat.jpg.png'],
  ['../../etc/passwd', [''], 'passwd'],
])('%j with one of the endings %j is kept as %j', (given, endings, kept) => {
  expect(fileName(given, endings)).toBe(kept);
});

it('stays as it is when it was made plain before', () => {
  for (const given of ['README', 'a.b.c', '.hidden', 'con.txt', 'x'.repeat(500), `${'y'.repeat(500)}.pdf`, '']) {
    const kept = fileName(given, [endingOf(given)]);
    expect(fileName(kept, [endingOf(kept)])).toBe(kept);
  }
});
