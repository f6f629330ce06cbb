import { type Run, standsAlone } from './runs.ts';
import { digitOf, isLatin, isWordCode, type Span, wordsBefore } from './span.ts';

/** How long account numbers are in each country. @see ISO 13616, IBAN registry */
const LENGTHS: ReadonlyMap<string, number> = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 ' +
    'FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 ' +
    'MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 ' +
    'SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((one) => [one.slice(0, 2), Number(one.slice(2))]),
);
/** Between two groups of four. */
const MAX_SEPARATOR = 2;

/** The value of a letter or digit in an account number; -1 for everything else. */
function signValue(code: number): number {
  const digit = digitOf(code);
  if (digit >= 0) return digit;
  return isLatin(code) ? (code & 0xdf) - 55 : -1;
}

/** International account numbers whose check digits are right; the country with them and the last four stay readable. */
export function accountsIn(text: string): Span[] {
  const spans: Span[] = [];
  for (let from = 0; from + 15 <= text.length; from++) {
    const isBegin =
      isLatin(text.charCodeAt(from)) &&
      isLatin(text.charCodeAt(from + 1)) &&
      !isWordCode(text.charCodeAt(from - 1)) &&
      // In the middle of a UUID or of a name of ours nothing begins.
      !isJoint(text.charCodeAt(from - 1));
    if (!isBegin) continue;
    const length = LENGTHS.get(text.slice(from, from + 2).toUpperCase());
    const at = length === undefined ? null : signsOf(text, from, length);
    if (at === null || !isAccount(at.map((i) => signValue(text.charCodeAt(i))))) continue;
    spans.push({ from: at[4] as number, to: at.at(-4) as number, kind: 'iban', how: 'each' });
    from = at.at(-1) as number;
  }
  return spans;
}

const isJoint = (code: number): boolean => code === 0x2d || code === 0x5f;

/** Where the `length` letters and digits from here on stand; null when they are fewer, more, or too far from each other. */
function signsOf(text: string, from: number, length: number): number[] | null {
  const at: number[] = [];
  for (let i = from, gap = 0; at.length < length; i++) {
    if (i >= text.length || gap > MAX_SEPARATOR) return null;
    if (signValue(text.charCodeAt(i)) >= 0) {
      at.push(i);
      gap = 0;
    } else if (isWordCode(text.charCodeAt(i)) || text.charCodeAt(i) === 0x2022) return null;
    else gap++;
  }
  return isWordCode(text.charCodeAt((at.at(-1) ?? 0) + 1)) ? null : at;
}

/** ISO 7064, MOD 97-10: country and check digits go to the end, and the rest is 1. */
function isAccount(values: readonly number[]): boolean {
  if ((values[2] ?? 10) > 9 || (values[3] ?? 10) > 9) return false;
  let rest = 0;
  for (const value of [...values.slice(4), ...values.slice(0, 4)]) rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  return rest === 1;
}

const TAX_NAMES = new Set(['инн', 'inn', 'тин', 'tin', 'кпп', 'налогоплательщика', 'taxpayer']);
const INSURANCE_NAMES = new Set(['снилс', 'snils', 'страховой', 'страховое', 'пфр']);
/** A name this far before a number names it. */
const NAME_WITHIN = 32;

const isNamed = (text: string, at: number, names: ReadonlySet<string>): boolean =>
  wordsBefore(text, at, NAME_WITHIN).some((word) => names.has(word));

/**
 * Russian tax numbers (10 or 12 digits). One number of ten in ten has the right check digit, so only what is called one is taken for it.
 */
export function taxNumbersIn(text: string, runs: readonly Run[]): Span[] {
  return runs.flatMap(({ groups, digits }) =>
    groups.flatMap(({ from, to, first }): Span[] => {
      const number = digits.slice(first, first + to - from);
      const isOne = number.length === 12 || number.length === 10;
      if (!isOne || !isTaxNumber(number) || !standsAlone(text, from, to) || !isNamed(text, from, TAX_NAMES)) return [];
      return [{ from: from + 2, to: to - 2, kind: 'inn', how: 'each' }];
    }),
  );
}

const TEN = [2, 4, 10, 3, 5, 9, 4, 6, 8];
const TWELVE = [7, 2, 4, 10, 3, 5, 9, 4, 6, 8];

function isTaxNumber(digits: readonly number[]): boolean {
  const check = (weights: readonly number[]): number =>
    (weights.reduce((sum, weight, i) => sum + weight * (digits[i] ?? 0), 0) % 11) % 10;
  return digits.length === 10
    ? check(TEN) === digits[9]
    : check(TWELVE) === digits[10] && check([3, ...TWELVE]) === digits[11];
}

/** Russian insurance numbers: as they are written (`112-233-445 95`), or eleven digits that are called one. */
export function insuranceNumbersIn(text: string, runs: readonly Run[]): Span[] {
  const spans: Span[] = [];
  for (const { groups, digits } of runs) {
    for (const [i, group] of groups.entries()) {
      const end = groups[i + 3];
      const isWritten =
        end !== undefined &&
        groups.slice(i, i + 4).every(({ from, to }, k) => to - from === (k === 3 ? 2 : 3)) &&
        end.to - group.from === 14;
      const isWhole = group.to - group.from === 11 && isNamed(text, group.from, INSURANCE_NAMES);
      if ((!isWritten && !isWhole) || !isInsuranceNumber(digits.slice(group.first, group.first + 11))) continue;
      const to = isWhole ? group.to : end?.to;
      if (to !== undefined && standsAlone(text, group.from, to))
        spans.push({ from: group.from + 3, to: to - 2, kind: 'snils', how: 'each' });
    }
  }
  return spans;
}

/** The last two digits: the sum of the others by their place, counted down from nine, modulo 101, where 100 is written 00. */
function isInsuranceNumber(digits: readonly number[]): boolean {
  const sum = digits.slice(0, 9).reduce((total, digit, i) => total + digit * (9 - i), 0) % 101;
  return (sum === 100 ? 0 : sum) === (digits[9] ?? 0) * 10 + (digits[10] ?? 0);
}
