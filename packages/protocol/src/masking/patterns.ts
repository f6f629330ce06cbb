import { type MaskPart, maskParts } from '../forms/mask.ts';
import { isWordCode, type Span } from './span.ts';

/** A kind of the site's own: masks as forms have them. */
export interface OwnKind {
  id: string;
  patterns: readonly string[];
}

/** What repeats takes at most so many signs: with the length of a pattern it bounds the work at each place. */
const MAX_REPEATS = 64;

/** What the site's own patterns find. Each is tried where a word begins; what repeats gives nothing back, so there is nothing to go wrong in. */
export function ownKindsIn(text: string, kinds: readonly { id: string; parts: readonly MaskPart[] }[]): Span[] {
  const spans: Span[] = [];
  if (kinds.length === 0) return spans;
  for (let at = 0; at < text.length; at++) {
    if (!isWordCode(text.charCodeAt(at)) || (at > 0 && isWordCode(text.charCodeAt(at - 1)))) continue;
    for (const { id, parts } of kinds) {
      const hidden = match(text, at, parts);
      if (hidden === null) continue;
      for (const [from, to] of hidden) spans.push({ from, to, kind: id, how: 'each' });
      break;
    }
  }
  return spans;
}

/** A kind with its patterns read. */
export const readOwnKinds = (kinds: readonly OwnKind[]): { id: string; parts: MaskPart[] }[] =>
  kinds.flatMap(({ id, patterns }) => patterns.map((pattern) => ({ id, parts: maskParts(pattern) })));

const isClass = ({ sign, escaped }: MaskPart): boolean => !escaped && '#@*'.includes(sign);

/** What is to be hidden of the match that begins here; null when there is none. */
function match(text: string, from: number, parts: readonly MaskPart[]): [number, number][] | null {
  const hidden: [number, number][] = [];
  let at = from;
  for (const part of parts) {
    const begin = at;
    const most = part.many ? MAX_REPEATS : 1;
    for (let code = text.charCodeAt(at); at - begin < most && at < text.length; code = text.charCodeAt(at)) {
      const char = String.fromCharCode(code);
      if (!part.fits(char) && (isClass(part) || char.toLowerCase() !== part.sign.toLowerCase())) break;
      at++;
    }
    if (at === begin) return null;
    if (isClass(part)) hidden.push([begin, at]);
  }
  return isWordCode(text.charCodeAt(at)) ? null : hidden;
}

const MAX_PATTERN_CHARS = 64;
/** A pattern needs so many signs that are not meant literally: fewer would hide what everybody types. */
const FEWEST_SIGNS = 4;

/** What is wrong with a pattern; null when nothing is. */
export function patternProblem(pattern: string): string | null {
  if (pattern === '' || pattern.length > MAX_PATTERN_CHARS) return `has not 1 to ${MAX_PATTERN_CHARS} signs.`;
  const parts = maskParts(pattern);
  if (parts.some((part) => part.many && !isClass(part)))
    return 'repeats what is meant literally. "+" stands behind "#", "@" or "*".';
  if (parts.some(({ sign, escaped }) => !escaped && (sign === '+' || sign === '\\')))
    return 'has a "+" or "\\" that says nothing. Write "\\" before a sign that means itself.';
  if (parts.filter(isClass).length < FEWEST_SIGNS && !parts.some(({ many }) => many))
    return `has fewer than ${FEWEST_SIGNS} of "#", "@" and "*", and would hide what everybody types.`;
  const [first] = parts;
  return first === undefined || !(isClass(first) || isWordCode(first.sign.charCodeAt(0)))
    ? 'begins with neither a letter nor a digit. Leave out what stands before them.'
    : null;
}
