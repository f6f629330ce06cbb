/** Marks that stack on one character: more of them than any writing needs only cover the lines around it. */
const MAX_MARKS_IN_A_ROW = 6;

/** Line and paragraph separators, tabs and other control characters: white space, at best. */
const BREAKS = /[\p{Cc}\u2028\u2029]/gu;
/**
 * What cannot be seen and changes how the rest is seen: marks and overrides of direction, byte order marks, invisible operators, annotations, tags,
 * soft hyphens. The joiners U+200C and U+200D stay: Persian and many emoji need them.
 */
const INVISIBLE =
  /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
/** Letters that are blank by design. */
const FILLERS = /[\u115f\u1160\u3164\uffa0\u2800]/gu;

/**
 * A name, a title, an e-mail address that came from outside, as one line that can stand among others: without control characters and marks of
 * direction, white space run together, at most `maxChars` UTF-16 units, no character cut in two. Empty when nothing of it can be seen.
 */
export function plainLine(text: string, maxChars: number): string {
  const line = text
    // What follows should not take long, whatever it is given.
    .slice(0, maxChars * 8)
    .replace(/\p{Cs}/gu, '\ufffd')
    .normalize('NFC')
    .replace(BREAKS, ' ')
    .replace(INVISIBLE, '')
    .replace(FILLERS, ' ')
    .replace(new RegExp(`(\\p{M}{${MAX_MARKS_IN_A_ROW}})\\p{M}+`, 'gu'), '$1')
    .replace(/\s+/g, ' ')
    .trim();
  // A lone half at the end is what cutting left of a pair.
  const cut = line
    .slice(0, maxChars)
    .replace(/[\ud800-\udbff]$/, '')
    .trim();
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(cut) ? cut : '';
}

/** The same for an address, which has no white space. */
export function plainAddress(text: string, maxChars: number): string {
  return plainLine(text.replace(/\s+/g, ''), maxChars).replaceAll(' ', '');
}
