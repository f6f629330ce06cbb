import { describe, expect, it } from 'vitest';
import { cleaned, firstLetter, isolated, shortName, shortTitle } from './names.ts';

describe('a name from a stranger', () => {
  it('loses what would turn or hide the words around it', () => {
    expect(cleaned('\u202eaiM\u202c')).toBe('aiM');
    expect(cleaned('Mia\u2066\u2067\u200f\u200b\u00ad\u0007')).toBe('Mia');
    expect(cleaned('Mia\n\tOzola\u00a0\u3000x')).toBe('Mia Ozola x');
    expect(cleaned('a\ud800b')).toBe('ab');
  });

  it('keeps what languages and emoji are made of', () => {
    for (const name of ['Jānis Bērziņš', 'نیم\u200cفاصله', '👩‍👩‍👧 Mia', 'นิ้งน้ำ', 'O’Neil-Smith'])
      expect(cleaned(name)).toBe(name);
  });

  it('is nothing when nothing of it can be seen', () => {
    for (const name of ['', '   ', '\u200b\u200e', '\u3164\u3164', '\u2800', '\u200d', '\u202e \u202c'])
      expect(cleaned(name)).toBe('');
  });

  it('piles no marks over the lines around it', () => {
    expect(cleaned(`M${'\u0301'.repeat(40)}ia`)).toBe('M\u0301\u0301\u0301ia');
  });

  it('is cut between letters as people count them', () => {
    expect(shortName('a'.repeat(60))).toBe('a'.repeat(60));
    expect(shortName('a'.repeat(150))).toBe(`${'a'.repeat(60)}…`);
    expect(shortName('👩‍👩‍👧'.repeat(70))).toBe(`${'👩‍👩‍👧'.repeat(60)}…`);
    expect(shortTitle('b'.repeat(150))).toBe(`${'b'.repeat(80)}…`);
    expect([firstLetter('👩‍👩‍👧x'), firstLetter('')]).toEqual(['👩‍👩‍👧', '']);
  });

  it('stands alone in a sentence when it is written from right to left', () => {
    expect(isolated('Mia')).toBe('Mia');
    expect(isolated('ليلى')).toBe('\u2068ليلى\u2069');
    expect(isolated('דנה 1')).toBe('\u2068דנה 1\u2069');
  });
});
