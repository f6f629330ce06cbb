import { digitOf, HIDDEN, isLatin, isWordCode } from './span.ts';

/** Digits that stand together, with nothing between them. */
export interface Group {
  from: number;
  to: number;
  /** The index of its first digit among those of the run. */
  first: number;
}

/** Groups with short separators between them: whatever is no letter. A number as people type it is one run, or several groups of one. */
export interface Run {
  groups: Group[];
  digits: number[];
  /** What stands between a group and the next one. */
  separators: string[];
  /** It follows a `+`: a telephone number, at least in its beginning. */
  isPhone: boolean;
}

/** Characters that may stand between two groups. */
const MAX_SEPARATOR = 3;

const isSeparator = (code: number): boolean =>
  !isWordCode(code) && code !== 0x2b && code !== HIDDEN.charCodeAt(0) && !(code >= 0xd800 && code < 0xe000);

/** Every run of digits outside of addresses of the web, in one look at each character (and three more behind each group). */
export function runsOf(text: string, addresses: readonly (readonly [from: number, to: number])[]): Run[] {
  const runs: Run[] = [];
  let address = 0;
  /** The end of the address that `at` is in, else `at`. */
  const afterAddress = (at: number): number => {
    while (address < addresses.length && (addresses[address]?.[1] ?? 0) <= at) address++;
    const [from, to] = addresses[address] ?? [text.length, text.length];
    return at >= from ? to : at;
  };
  let at = 0;
  while (at < text.length) {
    if (digitOf(text.charCodeAt(at)) < 0) {
      at++;
      continue;
    }
    const after = afterAddress(at);
    if (after > at) {
      at = after;
      continue;
    }
    const run: Run = { groups: [], digits: [], separators: [], isPhone: followsPlus(text, at) };
    for (;;) {
      const from = at;
      const first = run.digits.length;
      for (let digit = digitOf(text.charCodeAt(at)); digit >= 0; digit = digitOf(text.charCodeAt(at))) {
        run.digits.push(digit);
        at++;
      }
      run.groups.push({ from, to: at, first });
      let next = at;
      while (next < text.length && next - at < MAX_SEPARATOR && isSeparator(text.charCodeAt(next))) next++;
      if (next === at || next >= text.length || digitOf(text.charCodeAt(next)) < 0 || afterAddress(next) > next) break;
      run.separators.push(text.slice(at, next));
      at = next;
    }
    runs.push(run);
  }
  return runs;
}

function followsPlus(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  // "+ 371" and "(+371)" are typed, too.
  return before === 0x2b || ((before === 0x20 || before === 0x28) && text.charCodeAt(at - 2) === 0x2b);
}

/**
 * Whether a run begins and ends as a word of its own does: not in the middle of an order number, a hash or a UUID. A plain word may lead up to it
 * ("card4111…"), nothing may follow.
 */
export function standsAlone(text: string, from: number, to: number): boolean {
  if (isLatin(text.charCodeAt(to)) || text.charCodeAt(to) === 0x5f) return false;
  let at = from;
  while (at > 0 && from - at < 24 && isLatin(text.charCodeAt(at - 1))) at--;
  const before = text.charCodeAt(at - 1);
  return at === from || !(digitOf(before) >= 0 || before === 0x2d || before === 0x5f);
}

/** Where addresses of the web are: from their scheme, their `www.`, or a host with a path, to the next white space. */
export function addressesIn(text: string): [from: number, to: number][] {
  const found: [number, number][] = [];
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = text.charCodeAt(at);
    const isEnd = at === text.length || code <= 0x20 || code === 0xa0 || (code >= 0x2000 && code < 0x2010);
    if (!isEnd) continue;
    if (at - from > 4) {
      const begin = addressFrom(text.slice(from, at));
      if (begin >= 0) found.push([from + begin, at]);
    }
    from = at + 1;
  }
  return found;
}

/** Where an address begins in a word; -1 when it is none. */
function addressFrom(word: string): number {
  const scheme = word.indexOf('://');
  if (scheme > 0) return scheme;
  const www = word.toLowerCase().indexOf('www.');
  if (www >= 0) return www;
  // "shop.example/orders/…": letters, a dot and letters again before the first slash.
  const slash = word.indexOf('/');
  const dot = word.lastIndexOf('.', slash);
  return dot > 0 && slash - dot > 2 && isLatin(word.charCodeAt(dot - 1)) && isLatin(word.charCodeAt(dot + 1)) ? 0 : -1;
}
