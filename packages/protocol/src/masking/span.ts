/** Stands where something was hidden. No mark of any markup, so a hidden text reads the same in every view. */
export const HIDDEN = '•';

/** A stretch of a text that is not for anybody to read. */
export interface Span {
  from: number;
  to: number;
  /** What it is: `card`, or the id of a kind of one's own. */
  kind: string;
  /** Hides each letter and digit for itself, or all of it together; then nobody learns how long it was. */
  how: 'each' | 'whole';
}

/** The value of a decimal digit of any script that cards are typed in (Latin, full-width, Arabic, Persian); -1 for everything else. */
export function digitOf(code: number): number {
  if (code < 0x30) return -1;
  for (const zero of [0x30, 0x660, 0x6f0, 0xff10]) if (code >= zero && code < zero + 10) return code - zero;
  return -1;
}

export const isLatin = (code: number): boolean => (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

/** A letter or digit of any script, roughly: what is no punctuation and no space. */
export function isWordCode(code: number): boolean {
  if (code < 0x80) return isLatin(code) || (code >= 48 && code <= 57);
  // Also where the text has no character any more.
  if (!(code >= 0xc0)) return false;
  // Punctuation, symbols and spaces of all scripts; halves of pairs are mostly emoji.
  return !((code >= 0x2000 && code < 0x2c00) || (code >= 0x3000 && code < 0x3041) || (code >= 0xd800 && code < 0xf900));
}

/** The letters of Latin and Cyrillic words before `at`, at most `chars` of them, small and apart. */
export function wordsBefore(text: string, at: number, chars: number): string[] {
  return wordsOf(text.slice(Math.max(0, at - chars), at));
}

export function wordsOf(text: string): string[] {
  const words: string[] = [];
  let word = '';
  for (let i = 0; i <= text.length; i++) {
    if (i < text.length && isWordCode(text.charCodeAt(i))) word += text[i];
    else if (word !== '') {
      words.push(word.toLowerCase());
      word = '';
    }
  }
  return words;
}
