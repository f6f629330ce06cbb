import { isLatin, type Span } from './span.ts';

/** What keys of well-known services begin with, and how many signs follow at least. Longer beginnings stand before shorter ones. */
const SHAPES: readonly (readonly [prefix: string, least: number, signs?: 'plain' | 'capital'])[] = [
  ['AKIA', 16, 'capital'],
  ['ASIA', 16, 'capital'],
  ['github_pat_', 22],
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((prefix) => [prefix, 36, 'plain'] as const),
  ['glpat-', 20],
  ['gldt-', 20],
  ['glptt-', 20],
  ...['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxe-', 'xapp-'].map((prefix) => [prefix, 10] as const),
  ...['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'].map((prefix) => [prefix, 16] as const),
  ['whsec_', 20],
  ['AIza', 35],
  ['npm_', 36, 'plain'],
  ['pypi-', 50],
  ['sk-ant-', 20],
  ['sk-proj-', 20],
  ['sk-svcacct-', 20],
  ['sk-or-', 20],
  ['sk-', 20, 'plain'],
  ['hf_', 30, 'plain'],
  ['gsk_', 40, 'plain'],
  ['xai-', 40, 'plain'],
  ['r8_', 37, 'plain'],
  ['nvapi-', 40],
  ...['dop_v1_', 'doo_v1_', 'dor_v1_'].map((prefix) => [prefix, 64, 'plain'] as const),
  ...['shpat_', 'shpss_', 'shpca_', 'shppa_'].map((prefix) => [prefix, 32, 'plain'] as const),
  ['sq0atp-', 22],
  ['sq0csp-', 40],
  ['key-', 32, 'plain'],
  ['SK', 32, 'plain'],
  ['lin_api_', 32, 'plain'],
  ['figd_', 30],
  ['dckr_pat_', 20],
  ['ATATT3', 50],
  ['PMAK-', 50],
  ['AGE-SECRET-KEY-1', 50, 'plain'],
];
/** A word of fewer signs is no key. */
export const SHORTEST_KEY = 15;
const TOGETHER = '-----BEGIN ';
/** What the others begin with: those of several words. */
export const PARTED: readonly string[] = ['eyJ', 'SG.', TOGETHER];

const isPlain = (code: number): boolean => isLatin(code) || (code >= 48 && code <= 57);
/** A sign that keys are made of. */
export const isSign = (code: number): boolean => isPlain(code) || code === 0x2d || code === 0x5f;

/** Keys and tokens of well-known shapes. What says whose key it is stays. */
export function keysIn(text: string): Span[] {
  const spans: Span[] = [];
  const hide = (from: number, to: number) => spans.push({ from, to, kind: 'key', how: 'whole' });
  let isAfterBearer = false;
  for (let at = 0; at < text.length; ) {
    const from = startOfToken(text, at);
    const to = endOfToken(text, from);
    const size = to - from;
    if (size >= SHORTEST_KEY) {
      const head = headOfKey(text, from, to);
      if (head > 0) hide(from + head, to);
      else if (isAfterBearer && size >= 20) hide(from, to);
    }
    at = Math.max(to, from + 1);
    // Three parts with dots between them: a JSON Web Token; two long ones after "SG": SendGrid.
    const isToken = text.startsWith('eyJ', from) && size >= 10;
    if (isToken || (size === 2 && text.startsWith('SG.', from))) {
      const second = endOfToken(text, to + 1);
      const third = endOfToken(text, second + 1);
      if (isDot(text, to) && isDot(text, second) && second - to > 10 && third - second > 10) {
        hide(from + 2, third);
        at = third;
      }
    }
    // Telegram: the bot's number, a colon, and 35 signs that begin with AA.
    const isBot = size >= 8 && size <= 10 && text.startsWith(':AA', to);
    if (isBot && endOfToken(text, to + 1) - to === 36) {
      hide(to + 1, to + 36);
      at = to + 36;
    }
    isAfterBearer = size === 6 && text.slice(from, to).toLowerCase() === 'bearer';
  }
  return spans;
}

const isDot = (text: string, at: number): boolean => text.charCodeAt(at) === 0x2e;

function startOfToken(text: string, at: number): number {
  while (at < text.length && !isPlain(text.charCodeAt(at))) at++;
  return at;
}

function endOfToken(text: string, at: number): number {
  while (at < text.length && isSign(text.charCodeAt(at))) at++;
  return at;
}

/** How much of the key says only what it is; 0 when it is none. */
function headOfKey(text: string, from: number, to: number): number {
  for (const [prefix, least, signs] of SHAPES) {
    const rest = from + prefix.length;
    if (to - rest < least || !text.startsWith(prefix, from)) continue;
    if (signs === undefined) return prefix.length;
    let at = rest;
    while (at < to && isPlain(text.charCodeAt(at)) && !(signs === 'capital' && text.charCodeAt(at) >= 97)) at++;
    if (at - rest >= least && (at === to || signs === 'plain')) return prefix.length;
  }
  return 0;
}

/** PEM blocks of private keys, between their first line and their last; without a last one to the end of the text. */
export function privateKeysIn(text: string): Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf(TOGETHER); at >= 0; at = text.indexOf(TOGETHER, at)) {
    const head = text.slice(at, at + 80);
    const end = head.indexOf('PRIVATE KEY');
    const close = head.indexOf('-----', TOGETHER.length);
    at += TOGETHER.length;
    if (end < 0 || close < end) continue;
    const from = at - TOGETHER.length + close + 5;
    const last = text.indexOf('-----END ', from);
    at = last < 0 ? text.length : last;
    if (at > from) spans.push({ from, to: at, kind: 'private-key', how: 'whole' });
  }
  return spans;
}
