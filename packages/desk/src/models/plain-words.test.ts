import { LIMITS } from '@sveiki/sdk/agent';
import { describe, expect, it } from 'vitest';
import { plainWords } from './plain-words.ts';

describe('the words of a text', () => {
  it.each([
    ['Where is my parcel?', 'Where is my parcel?'],
    ['**Thank you**, it *really* fits', 'Thank you, it really fits'],
    ['__Thank you__, it _really_ fits', 'Thank you, it really fits'],
    ['***all*** and **a *b* c**', 'all and a b c'],
    ['Read [our page](https://shop.example.com/a_(b)) first', 'Read our page first'],
    ['See <https://shop.example.com/a_b_c>', 'See https://shop.example.com/a_b_c'],
    ['Type `npm *start*` here', 'Type npm *start* here'],
    ['- one\n- two\n\n1. three', 'one two 1. three'],
    ['> You wrote\n> this\n\nYes', 'You wrote this Yes'],
    ['Look:\n```\na *b* c\n```\nFine?', 'Look: a *b* c Fine?'],
    ['Two\nlines', 'Two lines'],
  ])('of %j are without marks', (source, words) => expect(plainWords(source)).toBe(words));

  it.each(['2 * 3 * 4 = 24', 'snake_case_name', 'a ** b', '5* hotel', '#1 | 2', 'I [think] so', '\\o/ ** \\o/'])(
    'of %j stay as they were typed',
    (source) => expect(plainWords(source)).toBe(source),
  );

  it('hold what was escaped', () => expect(plainWords('\\*not\\* strong')).toBe('*not* strong'));

  it('are whole where the preview was cut in the middle of a mark', () => {
    const cut = (end: string) => `${'word '.repeat(40)}`.slice(0, LIMITS.maxPreviewChars - end.length) + end;
    expect(plainWords(cut(' **bold wor'))).toMatch(/ bold wor$/);
    expect(plainWords(cut(' [our page](https://sho'))).toMatch(/ our page$/);
  });

  it('turn nothing around them and end soon, whatever comes', () => {
    expect(plainWords('\u202e**evil**\u202c')).toBe('evil');
    expect(plainWords('*'.repeat(16_000))).toHaveLength(500);
    expect(plainWords('[('.repeat(8_000)).length).toBeLessThanOrEqual(500);
    expect(plainWords('_a '.repeat(5_000)).length).toBeLessThanOrEqual(500);
  });
});
