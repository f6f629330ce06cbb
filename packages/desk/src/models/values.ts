import { cleaned } from './names.ts';

/** More of a value than this is not read by anybody here. */
const mostChars = 400;

/** A value of unknown shape as people read it: lists with commas, the rest of JSON as it is. Bounded, and on one line. */
export function inWords(value: unknown): string {
  const text =
    typeof value === 'string'
      ? value
      : Array.isArray(value) && value.every((one) => typeof one !== 'object')
        ? value.join(', ')
        : (JSON.stringify(value) ?? '');
  const line = cleaned(text.slice(0, mostChars));
  return text.length > mostChars ? `${line}…` : line;
}

/** A value of unknown shape over several lines, bounded. */
export function asJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2) ?? '';
  return text.length > 2_000 ? `${text.slice(0, 2_000)}…` : text;
}
