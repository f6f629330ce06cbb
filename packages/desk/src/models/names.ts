/*
 * Names and titles come from strangers. Before they are shown they lose what would turn, hide or pile up the words around them, and whatever is
 * left stays inside a sentence as one thing.
 */

/** Longest name in a row, a heading or a sentence, in letters as people count them; the details show all of it. */
const nameLetters = 60;
/** Longest title of a page inside a sentence. */
const titleLetters = 80;

const spaces = /[\s\p{Z}\u2800]+/gu;
/** Controls, direction marks and overrides, soft hyphens, fillers, tags, halves of letters. Joiners stay: Persian words and emoji need them. */
const unseen =
  /[\p{Cc}\p{Cs}\p{Co}\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;
/** More marks on one letter than any language has climb over the lines around it. */
const piled = /(\p{M}{3})\p{M}+/gu;
const something = /[\p{L}\p{N}\p{P}\p{S}]/u;
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** One line of what can be seen; empty when nothing can. */
export function cleaned(text: string): string {
  const line = text.replace(spaces, ' ').replace(unseen, '').replace(piled, '$1').replace(spaces, ' ').trim();
  return something.test(line) ? line : '';
}

/** At most so many letters as people count them; an ellipsis says that there is more. */
function bounded(text: string, most: number): string {
  if (text.length <= most) return text;
  let count = 0;
  for (const { index } of letters.segment(text)) {
    if (count === most) return `${text.slice(0, index).trimEnd()}…`;
    count += 1;
  }
  return text;
}

export const shortName = (name: string): string => bounded(cleaned(name), nameLetters);
export const shortTitle = (title: string): string => bounded(cleaned(title), titleLetters);

/** The first letter as people count it: an emoji of several parts is one. */
export function firstLetter(text: string): string {
  for (const { segment } of letters.segment(text)) return segment;
  return '';
}

/** A text for the middle of a sentence: one that is written from right to left does not turn the words beside it. `<bdi>` for plain strings. */
export const isolated = (text: string): string => (rightToLeft.test(text) ? `\u2068${text}\u2069` : text);
