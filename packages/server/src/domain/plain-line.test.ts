import { describe, expect, it } from 'vitest';
import { plainAddress, plainLine } from './plain-line.ts';

describe('plainLine', () => {
  it.each([
    ['stays as it is', 'Mia Ozola', 'Mia Ozola'],
    ['keeps other scripts, joiners and emoji', 'می‌خواهم 👩‍💻 Žanna Ñ 王', 'می‌خواهم 👩‍💻 Žanna Ñ 王'],
    ['runs white space and line breaks together', ' \tMia\r\n\n  Ozola\u00a0\u2028x\u2003', 'Mia Ozola x'],
    ['drops what turns the direction', 'Mia \u202eadmin\u202c\u2066\u2069\u200f\u061c!', 'Mia admin!'],
    ['takes control characters for white space', 'Mia\u0000\u001b[31m\u0007Ozola\u009b', 'Mia [31m Ozola'],
    ['drops what nobody sees', '\ufeffM\u200bi\u00ada\u2060\u{e0041}\u{e007f}', 'Mia'],
    ['is empty when nothing is left to see', '\u200b\u3164\u2800 \u202e\u200d', ''],
    ['mends half characters', 'Mia \ud83d', 'Mia \ufffd'],
    ['composes', 'Jo\u0301zsef', 'József'],
  ])('%s', (_, given, expected) => {
    expect(plainLine(given, 200)).toBe(expected);
  });

  it('is at most as long as told, and cuts no character in two', () => {
    expect(plainLine('x'.repeat(10_000), 200)).toHaveLength(200);
    expect(plainLine(`${'x'.repeat(199)}👩`, 200)).toBe('x'.repeat(199));
    expect(plainLine(`${' '.repeat(500)}Mia`, 200)).toBe('Mia');
  });

  it('lets nobody pile marks over the lines around', () => {
    expect(plainLine(`M${'\u0336\u030d'.repeat(100)}ia`, 200)).toHaveLength(9);
  });

  it('says of what it made that nothing is left to do', () => {
    for (let code = 0; code < 0x3000; code++) {
      const once = plainLine(`a${String.fromCharCode(code)}b`, 50);
      expect(plainLine(once, 50)).toBe(once);
      expect(once).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    }
  });
});

it('an address has no white space at all', () => {
  expect(plainAddress(' https://shop.example/a\n b?\u202ec=1\t', 2_048)).toBe('https://shop.example/ab?c=1');
});
