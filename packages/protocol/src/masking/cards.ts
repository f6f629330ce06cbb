import { type Run, standsAlone } from './runs.ts';
import { digitOf, isWordCode, type Span, wordsBefore, wordsOf } from './span.ts';

const MIN_DIGITS = 12;
const MAX_DIGITS = 19;
/** Of a card number its first six digits (whose card it is) and its last four stay readable. */
const KEPT_FIRST = 6;
const KEPT_LAST = 4;
/** How the numbers of a known scheme begin, from the first to the last of a range, and how long they are. */
const SCHEMES: readonly (readonly [first: number, last: number, ...lengths: number[]])[] = [
  // Visa (13 in its first years), and what else begins with 4
  [4, 4, 13, 16, 18, 19],
  // Mastercard
  [51, 55, 16],
  [2221, 2720, 16],
  // American Express
  [34, 34, 15],
  [37, 37, 15],
  // Diners
  [300, 305, 14, 15, 16, 17, 18, 19],
  [309, 309, 14, 15, 16, 17, 18, 19],
  [36, 36, 14, 15, 16, 17, 18, 19],
  [38, 39, 14, 15, 16, 17, 18, 19],
  // JCB
  [3528, 3589, 16, 17, 18, 19],
  // Discover, RuPay, Elo and others of their range
  [60, 60, 16, 17, 18, 19],
  [644, 649, 16, 17, 18, 19],
  [65, 65, 16, 17, 18, 19],
  // UnionPay
  [62, 62, 16, 17, 18, 19],
  [81, 82, 16, 17, 18, 19],
  // Mir
  [2200, 2204, 16, 17, 18, 19],
  // Maestro and the debit cards beside it
  [50, 50, 16, 17, 18, 19],
  [56, 58, 16, 17, 18, 19],
  [63, 63, 16, 17, 18, 19],
  [67, 69, 16, 17, 18, 19],
  ...[5018, 5020, 5038, 5893, 6304, 6759, 6761, 6762, 6763].map(
    (prefix) => [prefix, prefix, 12, 13, 14, 15, 16, 17, 18, 19] as const,
  ),
  // Uzcard, Humo, Troy
  [8600, 8600, 16],
  [9860, 9860, 16],
  [9792, 9792, 16],
];

/** Groups as they stand on cards that are not read in fours. */
const PRINTED = new Set(['4-6-5', '4-6-4', '4-3-3-3', '6-13', '6-10', '4-4-4-4', '4-4-4-4-3']);

/** The digits of `count` from `first` on end as Luhn's sum says, and begin like those of a scheme. @see ISO/IEC 7812-1 */
function isCard(digits: readonly number[], first: number, count: number): boolean {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const digit = digits[first + i] ?? 0;
    const doubled = (count - i) % 2 === 0 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  if (sum % 10 !== 0) return false;
  const head = [0, 1, 2, 3].reduce((number, i) => number * 10 + (digits[first + i] ?? 0), 0);
  return SCHEMES.some(([from, to, ...lengths]) => {
    const begin = Math.floor(head / 10 ** (4 - `${from}`.length));
    return begin >= from && begin <= to && lengths.includes(count);
  });
}

/** Whether the groups from `a` to `b` are one number: nothing between them, groups of one size with the same between all, or as they are printed. */
function isTyped(run: Run, a: number, b: number): boolean {
  if (a === b) return true;
  const sizes = run.groups.slice(a, b + 1).map(({ from, to }) => to - from);
  if (PRINTED.has(sizes.join('-'))) return true;
  const [size = 0] = sizes;
  return (
    size <= 6 &&
    sizes.every((one, i) => one === size || (i === sizes.length - 1 && one < size)) &&
    run.separators.slice(a, b).every((one) => one === run.separators[a])
  );
}

/** The last group of a card number that begins with group `a`; -1 when none does. */
function endOfCard(run: Run, a: number): number {
  const { groups, digits } = run;
  const { first } = groups[a] as Run['groups'][number];
  let end = -1;
  for (let b = a; b < groups.length; b++) {
    const group = groups[b] as Run['groups'][number];
    const count = group.first + group.to - group.from - first;
    if (count > MAX_DIGITS) break;
    if (count < MIN_DIGITS || !isTyped(run, a, b) || !isCard(digits, first, count)) continue;
    end = b;
    // Three digits after sixteen are a check code far more often than they belong to a number of nineteen.
    if (count === 16) break;
  }
  return end;
}

export function cardsIn(text: string, runs: readonly Run[]): { spans: Span[]; ends: number[] } {
  const spans: Span[] = [];
  const ends: number[] = [];
  for (const run of runs) {
    const { groups } = run;
    for (let a = 0; a < groups.length; a++) {
      const begin = groups[a] as Run['groups'][number];
      // A telephone number has seven digits at least; what comes after them may be something else.
      if (run.isPhone && begin.first < 7) continue;
      const b = endOfCard(run, a);
      const end = groups[b];
      if (end === undefined || !standsAlone(text, begin.from, end.to)) continue;
      const at = positions(groups.slice(a, b + 1));
      const hidden = at.slice(KEPT_FIRST, -KEPT_LAST);
      spans.push({ from: hidden[0] ?? 0, to: (hidden.at(-1) ?? 0) + 1, kind: 'card', how: 'each' });
      ends.push(end.to);
      a = b;
    }
  }
  return { spans, ends };
}

const positions = (groups: Run['groups']): number[] =>
  groups.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));

/** How people call the check code. */
const CODE_WORDS = new Set(
  'cvv cvc cvv2 cvc2 cvn csc cid код code kods prüfziffer prüfnummer kartenprüfnummer código codigo رمز'.split(' '),
);
/** The ones that mean nothing else: beside them three digits are a check code, card or not. */
const PLAIN_CODE_WORDS = new Set(['cvv', 'cvc', 'cvv2', 'cvc2']);
/** What else is said between a card number and its code. */
const CARD_WORDS = new Set(
  (
    'exp expiry expires expiring expiration date valid thru through till until to good and with is the my security no ' +
    'срок действия действует до годен и мой безопасности derīga līdz termiņš un gültig bis ablaufdatum und vence caduca ' +
    'fecha válida hasta y mes año صالحة حتى تاريخ الانتهاء'
  ).split(' '),
);
/** So far behind a card number its code is looked for. */
const CODE_WITHIN = 60;

/** Check codes: beside their name, or behind a card number and its date. `ends` are the ends of card numbers. */
export function codesIn(text: string, runs: readonly Run[], ends: readonly number[]): Span[] {
  const spans: Span[] = [];
  let card = 0;
  for (const { groups, digits } of runs) {
    for (const [i, group] of groups.entries()) {
      const size = group.to - group.from;
      while ((ends[card + 1] ?? Number.POSITIVE_INFINITY) <= group.from) card++;
      const end = ends[card] ?? Number.POSITIVE_INFINITY;
      if (size < 3 || size > 4 || isWordCode(text.charCodeAt(group.from - 1)) || isWordCode(text.charCodeAt(group.to)))
        continue;
      const named = wordsBefore(text, group.from, 24).filter((word) => word !== 'is' && word !== ':');
      const name = named.at(-1) ?? '';
      const isBehindCard = end <= group.from && group.from - end <= CODE_WITHIN;
      const isCode =
        PLAIN_CODE_WORDS.has(name) ||
        (isBehindCard && (CODE_WORDS.has(name) || isReached(text.slice(end, group.from), size)));
      // 12/2027: the year of the date.
      const before = groups[i - 1];
      const isYear =
        before !== undefined &&
        before.to - before.from <= 2 &&
        text.slice(before.to, group.from).trim().length === 1 &&
        (digits[group.first] ?? 0) === 2 &&
        size === 4;
      if (isCode && !isYear) spans.push({ from: group.from, to: group.to, kind: 'cvv', how: 'each' });
    }
  }
  return spans;
}

/** Whether nothing stands between a card number and three digits but its date and words about it. Four digits without a name are a date. */
function isReached(between: string, size: number): boolean {
  if (size !== 3) return false;
  const words = wordsOf(between);
  const numbers = words.filter((word) => digitOf(word.charCodeAt(0)) >= 0);
  return (
    numbers.length <= 2 &&
    numbers.every(({ length }) => length === 2 || length === 4) &&
    words.every((word) => numbers.includes(word) || CARD_WORDS.has(word) || CODE_WORDS.has(word))
  );
}
