import { FORM_LIMITS, type FormAnswer, type FormField, type FormOption, RATING_SCALES } from './form.ts';
import { fitsMask } from './mask.ts';

/**
 * What can be wrong with an answer. Screens have a sentence for each; `params` fill it:
 * `too-short`, `too-low` carry `min`, `too-long`, `too-high` carry `max` (numbers, days, or how many may be chosen), `pattern` carries `pattern`.
 */
export type AnswerProblemCode =
  | 'required'
  | 'wrong-type'
  | 'too-short'
  | 'too-long'
  | 'too-low'
  | 'too-high'
  | 'not-number'
  | 'not-whole'
  | 'not-email'
  | 'not-phone'
  | 'not-link'
  | 'not-date'
  | 'no-such-option'
  | 'pattern';

export interface AnswerProblem {
  field: string;
  code: AnswerProblemCode;
  params: { readonly [name: string]: string | number };
}

/** A value (undefined: not answered), or what is wrong with it. */
export type Read = [value: FormAnswer | undefined, code?: AnswerProblemCode, params?: AnswerProblem['params']];

const bad = (code: AnswerProblemCode, params: AnswerProblem['params'] = {}): Read => [undefined, code, params];

/** Gives back what is outside of the bounds, or nothing. */
function outside<T extends string | number>(
  size: T,
  min: T | undefined,
  max: T | undefined,
  low: AnswerProblemCode,
  high: AnswerProblemCode,
): Read | undefined {
  if (min !== undefined && size < min) return bad(low, { min });
  if (max !== undefined && size > max) return bad(high, { max });
  return undefined;
}

/** Arabic and Persian digits are digits. */
const latinDigits = (text: string): string => text.replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 15));

/** Without control characters, halves of characters, and the marks that turn the direction of what follows. */
function clean(text: string, manyLines: boolean): string {
  const lines = manyLines ? text.replace(/\r\n?/g, '\n') : text.replace(/\s+/g, ' ');
  return lines
    .replace(/[\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/gu, (char) => (char === '\n' || char === '\t' ? char : ''))
    .normalize()
    .trim();
}

/** The normal form of a text of its kind, or undefined when it is none. */
function normal(kind: FormField['kind'], text: string): string | undefined {
  switch (kind) {
    case 'email':
      return text.length <= 254 && /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(text) ? text : undefined;
    case 'phone': {
      const digits = latinDigits(text).replace(/[\s().\-/]/g, '');
      return /^\+?\d{5,15}$/.test(digits) ? digits : undefined;
    }
    case 'date': {
      const day = new Date(text);
      // Written out again: some engines roll 30 February over into March.
      return !Number.isNaN(+day) && day.toISOString().slice(0, 10) === text ? text : undefined;
    }
    case 'link':
      try {
        const url = new URL(/^\w+:\/\//.test(text) ? text : `https://${text}`);
        return /^https?:$/.test(url.protocol) && url.hostname.includes('.') && !url.username && !url.password
          ? url.href
          : undefined;
      } catch {
        return undefined;
      }
  }
  return text;
}

function readNumber(field: FormField & { kind: 'number' }, raw: unknown): Read {
  const text = typeof raw === 'string' ? latinDigits(raw.slice(0, 40)).trim() : raw;
  if (text === '') return [undefined];
  const value = typeof text === 'string' && /^[+-]?\d+([.,]\d+)?$/.test(text) ? Number(text.replace(',', '.')) : text;
  if (typeof value !== 'number' || !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) return bad('not-number');
  if (field.whole && !Number.isInteger(value)) return bad('not-whole');
  // No minus zero.
  return outside(value, field.min, field.max, 'too-low', 'too-high') ?? [value + 0];
}

const has = (options: readonly FormOption[], value: unknown): boolean =>
  options.some((option) => option.value === value);

/** Reads what came for one field, whatever it is. Text may come for numbers and points, as inputs give it. Never throws on JSON. */
export function readAnswer(field: FormField, raw: unknown): Read {
  if (raw === undefined || raw === null) raw = '';
  switch (field.kind) {
    case 'header':
      return [undefined];
    case 'checkbox':
    case 'consent':
      return raw === '' ? [false] : typeof raw === 'boolean' ? [raw] : bad('wrong-type');
    case 'number':
      return readNumber(field, raw);
    case 'rating': {
      if (raw === '') return [undefined];
      const value = typeof raw === 'string' && /^\d\d?$/.test(raw) ? Number(raw) : raw;
      const [low, high] = RATING_SCALES[field.scale];
      return Number.isInteger(value) && (value as number) >= low && (value as number) <= high
        ? [(value as number) + 0]
        : bad('no-such-option');
    }
    case 'multi-select': {
      if (raw === '') return [undefined];
      if (!Array.isArray(raw)) return bad('wrong-type');
      if (raw.length > FORM_LIMITS.maxOptions || !raw.every((one) => has(field.options, one)))
        return bad('no-such-option');
      const chosen = field.options.map(({ value }) => value).filter((value) => raw.includes(value));
      if (!chosen.length) return [undefined];
      return outside(chosen.length, field.min, field.max, 'too-low', 'too-high') ?? [chosen];
    }
  }
  if (typeof raw !== 'string') return bad('wrong-type');
  if ('options' in field || field.kind === 'department')
    return raw === '' ? [undefined] : has(field.options ?? [], raw) ? [raw] : bad('no-such-option');
  const manyLines = field.kind === 'textarea';
  const room = manyLines ? FORM_LIMITS.maxTextChars : FORM_LIMITS.maxLineChars;
  const own = field as { minLength?: number; maxLength?: number; pattern?: string };
  const max = Math.min(own.maxLength ?? room, room);
  // What is far too long is not worth cleaning first.
  if (raw.length > 2 * max + 1_000) return bad('too-long', { max });
  const text = clean(raw, manyLines);
  if (!text) return [undefined];
  const wrong = outside(text.length, own.minLength, max, 'too-short', 'too-long');
  if (wrong) return wrong;
  if (own.pattern && !fitsMask(own.pattern, text)) return bad('pattern', { pattern: own.pattern });
  const value = normal(field.kind, text);
  if (value === undefined) return bad(`not-${field.kind as 'email' | 'phone' | 'link' | 'date'}`);
  return (field.kind === 'date' && outside(value, field.min, field.max, 'too-low', 'too-high')) || [value];
}
