import { accountsIn, insuranceNumbersIn, taxNumbersIn } from './accounts.ts';
import { cardsIn, codesIn } from './cards.ts';
import { isSign, keysIn, PARTED, privateKeysIn, SHORTEST_KEY } from './keys.ts';
import { type OwnKind, ownKindsIn, readOwnKinds } from './patterns.ts';
import { addressesIn, runsOf } from './runs.ts';
import { digitOf, HIDDEN, isWordCode, type Span } from './span.ts';

/** What can be hidden, besides kinds of one's own. */
export const MASKED_KINDS = ['card', 'cvv', 'key', 'private-key', 'iban', 'inn', 'snils'] as const;

/** What is hidden: kinds of {@link MASKED_KINDS}, and the site's own. */
export interface MaskSettings {
  kinds: readonly string[];
  own?: readonly OwnKind[] | undefined;
}

/** What a text is without what is not for anybody to read. */
export interface Masked {
  text: string;
  /** The kinds that were hidden, each once. Empty: the text is as it was. */
  hidden: string[];
}

/** Hides in a text. `isAddress`: the text is an address of the web, which in other texts is left alone but for keys. */
export type Mask = (text: string, isAddress?: boolean) => Masked;

const WHOLE = HIDDEN.repeat(8);
/** Shorter texts have none of it in them. */
const SHORTEST = 3;

/**
 * Makes the function that hides. Its work grows with the length of the text and nothing else: no regular expression runs over what people write.
 * Hiding twice is hiding once.
 */
export function createMask({ kinds, own = [] }: MaskSettings): Mask {
  const wants = new Set(kinds);
  const patterns = readOwnKinds(own);
  const needsRuns = ['card', 'cvv', 'inn', 'snils'].some((kind) => wants.has(kind));
  return (text, isAddress = false) => {
    if (text.length < SHORTEST || (patterns.length === 0 && hasNothing(text))) return { text, hidden: [] };
    const spans: Span[] = [];
    if (wants.has('private-key')) spans.push(...privateKeysIn(text));
    if (wants.has('key')) spans.push(...keysIn(text));
    if (wants.has('iban')) spans.push(...accountsIn(text));
    if (needsRuns) {
      const runs = runsOf(text, isAddress ? [] : addressesIn(text));
      const cards = cardsIn(text, runs);
      if (wants.has('card')) spans.push(...cards.spans);
      if (wants.has('cvv')) spans.push(...codesIn(text, runs, cards.ends));
      if (wants.has('inn')) spans.push(...taxNumbersIn(text, runs));
      if (wants.has('snils')) spans.push(...insuranceNumbersIn(text, runs));
    }
    spans.push(...ownKindsIn(text, patterns));
    return spans.length === 0 ? { text, hidden: [] } : hide(text, spans);
  };
}

/**
 * Whether a text cannot have anything of our kinds in it: fewer digits than the shortest code, no word as long as a key, and none of what keys in parts begin
 * with. So it is with most of what people say, and this one look costs a tenth of the others.
 */
function hasNothing(text: string): boolean {
  let digits = 0;
  let word = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (digitOf(code) >= 0 && ++digits >= SHORTEST) return false;
    word = isSign(code) ? word + 1 : 0;
    if (word >= SHORTEST_KEY) return false;
  }
  return !PARTED.some((beginning) => text.includes(beginning));
}

function hide(text: string, spans: Span[]): Masked {
  spans.sort((a, b) => a.from - b.from || b.to - a.to);
  const hidden = new Set<string>();
  let result = '';
  let at = 0;
  for (const { from, to, kind, how } of spans) {
    // What begins inside of another one is hidden with it, as far as that goes.
    const begin = Math.max(at, from);
    if (begin >= to) continue;
    const piece = how === 'whole' ? WHOLE : covered(text, begin, to);
    if (piece !== text.slice(begin, to)) hidden.add(kind);
    result += text.slice(at, begin) + piece;
    at = to;
  }
  return { text: result + text.slice(at), hidden: [...hidden] };
}

function covered(text: string, from: number, to: number): string {
  let piece = '';
  for (let i = from; i < to; i++) piece += isWordCode(text.charCodeAt(i)) ? HIDDEN : text[i];
  return piece;
}

/** Hides in every text of a value: answers, attributes, what a tool was given. The same value when there was nothing to hide. */
export function maskValue<T>(value: T, mask: Mask): T {
  if (typeof value === 'string') return mask(value).text as T;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const next = value.map((one: unknown) => maskValue(one, mask));
    return next.some((one, i) => one !== value[i]) ? (next as T) : value;
  }
  const before = Object.entries(value);
  // A key is a text, too, where somebody else's code named it.
  const after = before.map(([key, one]) => [mask(key).text, maskValue(one as unknown, mask)] as const);
  if (after.every(([key, one], i) => key === before[i]?.[0] && one === before[i]?.[1])) return value;
  return Object.fromEntries(after) as T;
}

/** Whether something was hidden in this text, by anybody. */
export const isMasked = (text: string): boolean => text.includes(HIDDEN + HIDDEN);
