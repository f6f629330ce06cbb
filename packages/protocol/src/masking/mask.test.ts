import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createMask, isMasked, MASKED_KINDS, maskValue } from './mask.ts';
import { patternProblem } from './patterns.ts';

/** A small generator of its own: the same lists in every run. */
function numbers(seed: number) {
  let state = seed;
  const below = (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * bound);
  };
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const digits = (count: number): string => Array.from({ length: count }, () => below(10)).join('');
  const signs = (count: number, alphabet: string): string =>
    Array.from({ length: count }, () => alphabet[below(alphabet.length)]).join('');
  return { below, pick, digits, signs };
}

const plain = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const hex = '0123456789abcdef';

function luhn(body: string): string {
  const sum = [...body].reverse().reduce((total, char, i) => {
    const value = Number(char) * (i % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return body + String((10 - (sum % 10)) % 10);
}

const all = createMask({ kinds: MASKED_KINDS });
const cards = createMask({ kinds: ['card'] });

/** [beginning, length] as the schemes give them out. */
const schemes: [string, number][] = [
  ...['4', '4', '4', '51', '52', '53', '54', '55', '2221', '2500', '2720'].map((from): [string, number] => [from, 16]),
  ...['34', '37'].map((from): [string, number] => [from, 15]),
  ...['6011', '644', '65', '3528', '3589', '62', '2200', '2204', '60', '508'].map((from): [string, number] => [
    from,
    16,
  ]),
  ['36', 14],
  ['300', 14],
  ['38', 16],
  ['4', 13],
  ['4', 19],
  ['62', 19],
  ['5018', 12],
  ['6304', 13],
  ['6759', 16],
  ['6763', 19],
];
const separators = ['', ' ', '-', '.', ',', '/', '_', '\u00a0', '\u2009', ' - ', '\n', '–'];

function grouped(number: string, separator: string): string {
  if (separator === '') return number;
  const sizes = number.length === 15 ? [4, 6, 5] : number.length === 14 ? [4, 6, 4] : [];
  if (sizes.length === 0) return number.match(/.{1,4}/g)?.join(separator) ?? number;
  return sizes.map((size, i) => number.slice(i === 0 ? 0 : i === 1 ? 4 : 10).slice(0, size)).join(separator);
}

describe('card numbers', () => {
  it('are found in 10,000 numbers with each of 12 separators, in sentences', () => {
    const { pick, digits } = numbers(1);
    const around: [string, string][] = [
      ['', ''],
      ['My card is ', ', please charge it'],
      ['карта ', ' срок 12/27'],
      ['(', ')'],
      ['Nr', '.'],
      ['order 45, card: ', '\nThanks'],
    ];
    let missed = 0;
    for (let i = 0; i < 10_000; i++) {
      const [prefix, length] = pick(schemes);
      const number = luhn(prefix + digits(length - 1 - prefix.length));
      for (const separator of separators) {
        const written = grouped(number, separator);
        const [before, after] = pick(around);
        const { text, hidden } = cards(before + written + after);
        const left = [...text].filter((char) => /\d/.test(char)).join('');
        const isHidden = hidden.includes('card') && !text.includes(written) && !left.includes(number);
        if (!isHidden) missed++;
      }
    }
    expect(missed / 120_000).toBeLessThanOrEqual(0.001);
  });

  it('are hardly ever seen in 10,000 telephone numbers, dates and order numbers', () => {
    const { pick, digits, below, signs } = numbers(2);
    const two = (max: number): string => String(1 + below(max)).padStart(2, '0');
    const makers: (() => string)[] = [
      () => `+371 ${digits(8)}`,
      () => `+49 1${digits(2)} ${digits(8)}`,
      () => `8 (9${digits(2)}) ${digits(3)}-${digits(2)}-${digits(2)}`,
      () => `0${digits(3)} ${digits(6)}`,
      () => `+7${digits(10)}`,
      () => `00${pick(['49', '371', '44', '1'])}${digits(10)}`,
      () => `(${digits(3)}) ${digits(3)}-${digits(4)}`,
      () => `20${two(30)}-${two(12)}-${two(28)} ${two(23)}:${two(59)}:${two(59)}`,
      () => `${two(28)}.${two(12)}.20${two(30)}`,
      () => `from ${two(28)}.${two(12)}.2026 to ${two(28)}.${two(12)}.2026, ${two(23)}:${two(59)}`,
      () => `order ${digits(8)}`,
      () => `AW-${digits(6)}`,
      () => `#${digits(10)}, #${digits(10)}`,
      () => `2026-${digits(9)}`,
      () => `1${digits(12)}`,
      () => `tracking LV${digits(9)}LV`,
      () => `${signs(8, hex)}-${signs(4, hex)}-4${signs(3, hex)}-a${signs(3, hex)}-${signs(12, hex)}`,
      () => `1Z${signs(16, capitals)}`,
      () => `${digits(2)}.${digits(2)} EUR, ${digits(4)},${digits(2)} USD, ${digits(3)} 000`,
      () => `https://shop.example/orders/4${digits(15)}?id=${digits(16)}`,
      () => `version ${digits(1)}.${digits(2)}.${digits(3)}, build ${digits(7)}`,
      () => `${digits(3)}.${digits(3)}.${digits(2)}.${digits(3)}`,
    ];
    let wrong = 0;
    for (let i = 0; i < 10_000; i++) if (cards(pick(makers)()).hidden.length > 0) wrong++;
    expect(wrong / 10_000).toBeLessThanOrEqual(0.005);
  });

  it('keep their first six and last four digits, and what stood between them', () => {
    expect(cards('4111 1111 1111 1111 and 4111111111111111').text).toBe('4111 11•• •••• 1111 and 411111••••••1111');
    expect(cards('3782-822463-10005').text).toBe('3782-82••••-•0005');
    expect(cards('٤١١١١١١١١١١١١١١١').text).toBe('٤١١١١١••••••١١١١');
  });

  it('are left alone in addresses of the web and behind a plus', () => {
    for (const text of [
      'https://shop.example/orders/4111111111111111',
      'www.shop.example/4111111111111111',
      'shop.example/orders/4111111111111111',
      '+4111111111111111',
      '+ 4111 1111 1111 1111',
    ])
      expect(cards(text)).toEqual({ text, hidden: [] });
    expect(cards('+371 20000000 4111 1111 1111 1111').text).toBe('+371 20000000 4111 11•• •••• 1111');
    expect(cards('https://shop.example/pay?card=4111111111111111', true).text).toContain('411111••••••1111');
  });

  it('take their check code with them', () => {
    const both = createMask({ kinds: ['card', 'cvv'] });
    const card = '4111 1111 1111 1111';
    const shown = '4111 11•• •••• 1111';
    for (const [after, left] of [
      [' 12/27 123', ' 12/27 •••'],
      [' exp 12/2027, cvv: 123', ' exp 12/2027, cvv: •••'],
      [' 123', ' •••'],
      [', срок 12/27, код 123', ', срок 12/27, код •••'],
      [' CVC is 1234', ' CVC is ••••'],
      [' 12/2027', ' 12/2027'],
      [' for order 123', ' for order 123'],
      [' 1227', ' 1227'],
    ])
      expect(both(card + after).text).toBe(shown + left);
    expect(both('the cvv 123 of it').text).toBe('the cvv ••• of it');
    expect(both('room 123, code 456').hidden).toEqual([]);
  });
});

const countries: [string, number][] = [
  ['DE', 22],
  ['LV', 21],
  ['GB', 22],
  ['FR', 27],
  ['NO', 15],
  ['MT', 31],
  ['ES', 24],
  ['AE', 23],
];
const rest97 = (text: string): number =>
  [...text].reduce((rest, char) => {
    const value = Number.parseInt(char, 36);
    return (rest * (value > 9 ? 100 : 10) + value) % 97;
  }, 0);

function iban({ pick, digits, signs }: ReturnType<typeof numbers>): string {
  const [country, length] = pick(countries);
  const body = country === 'LV' || country === 'MT' || country === 'GB' ? signs(4, capitals.slice(0, 26)) : '';
  const account = body + digits(length - 4 - body.length);
  return country + String(98 - rest97(`${account}${country}00`)).padStart(2, '0') + account;
}

const weigh = (digits: string, weights: readonly number[]): number =>
  (weights.reduce((sum, weight, i) => sum + weight * Number(digits[i]), 0) % 11) % 10;
const ten = [2, 4, 10, 3, 5, 9, 4, 6, 8];
const eleven = [7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
function inn({ below, digits }: ReturnType<typeof numbers>): string {
  if (below(2) === 0) {
    const body = digits(9);
    return body + weigh(body, ten);
  }
  const body = digits(10);
  const first = body + weigh(body, eleven);
  return first + weigh(first, [3, ...eleven]);
}
function snils({ below, digits }: ReturnType<typeof numbers>): string {
  const body = digits(9);
  const sum = [...body].reduce((total, char, i) => total + Number(char) * (9 - i), 0) % 101;
  const check = String(sum === 100 ? 0 : sum).padStart(2, '0');
  return below(2) === 0
    ? `${body.slice(0, 3)}-${body.slice(3, 6)}-${body.slice(6)} ${check}`
    : `СНИЛС: ${body}${check}`;
}

const keyMakers = ({ signs, digits, pick }: ReturnType<typeof numbers>): (() => string)[] => [
  () => `AKIA${signs(16, capitals)}`,
  () => `ghp_${signs(36, plain)}`,
  () => `github_pat_${signs(22, plain)}_${signs(59, plain)}`,
  () => `glpat-${signs(20, `${plain}_-`)}`,
  () => `xoxb-${digits(12)}-${digits(12)}-${signs(24, plain)}`,
  () => `${pick(['sk_live_', 'rk_test_'])}${signs(24, plain)}`,
  () => `AIza${signs(35, `${plain}_-`)}`,
  () => `npm_${signs(36, plain)}`,
  () => `sk-${signs(48, plain)}`,
  () => `sk-proj-${signs(60, `${plain}_-`)}`,
  () => `hf_${signs(34, plain)}`,
  () => `whsec_${signs(32, plain)}`,
  () => `SG.${signs(22, plain)}.${signs(43, plain)}`,
  () => `eyJ${signs(20, plain)}.${signs(40, plain)}.${signs(43, `${plain}_-`)}`,
  () => `${digits(9)}:AA${signs(33, `${plain}_-`)}`,
  () => `Bearer ${signs(40, plain)}`,
  () => `shpat_${signs(32, hex)}`,
];

describe('the other kinds', () => {
  const generator = numbers(3);
  const keys = keyMakers(generator);
  it.each([
    ['iban', () => iban(generator), [' ', '', '-', '\u00a0']],
    ['inn', () => `${generator.pick(['ИНН ', 'инн: ', 'INN=', 'ИНН компании '])}${inn(generator)}`, ['']],
    ['snils', () => snils(generator), ['']],
    ['key', () => generator.pick(keys)(), ['']],
  ] as const)('%s: 10,000 of them are found', (kind, make, between) => {
    const mask = createMask({ kinds: [kind] });
    let missed = 0;
    for (let i = 0; i < 10_000; i++) {
      const one = make();
      const written = kind === 'iban' ? (one.match(/.{1,4}/g) ?? []).join(generator.pick(between)) : one;
      const { text, hidden } = mask(`Here it is: ${written}, thank you`);
      if (!hidden.includes(kind) || text.includes(written)) missed++;
    }
    expect(missed / 10_000).toBeLessThanOrEqual(0.001);
  });

  it('are hardly ever seen where they are not', () => {
    const { pick, digits, signs, below } = numbers(4);
    const makers: (() => string)[] = [
      () => `order ${digits(10)}`,
      () => `${digits(12)}`,
      () => `call 8${digits(10)}`,
      () => `+7 9${digits(2)} ${digits(3)} ${digits(2)} ${digits(2)}`,
      () => `DE${digits(20)}`,
      () => `LV${digits(2)} ${signs(4, capitals)} ${digits(13)}`,
      () => `commit ${signs(40, hex)}`,
      () => `${signs(8, hex)}-${signs(4, hex)}-4${signs(3, hex)}-a${signs(3, hex)}-${signs(12, hex)}`,
      () => `file-${signs(8, hex)}.png, sk-${signs(below(8) + 2, hex)}`,
      () => `a-very-long-name-of-an-article-${digits(4)}-in-green`,
      () => `https://shop.example/a/${signs(24, plain)}?ref=${signs(16, plain)}`,
      () => `the key is under the mat, ask-me-about-sk-and-the-other-one ${digits(3)}`,
      () => `bearer of the card ${digits(6)}`,
      () => `SKU ${signs(10, capitals)}`,
    ];
    const others = createMask({ kinds: ['iban', 'inn', 'snils', 'key', 'private-key'] });
    let wrong = 0;
    for (let i = 0; i < 20_000; i++) {
      const text = pick(makers)();
      // A made-up account number may be right by chance: then it is one.
      if (others(text).hidden.length > 0 && rest97(`${text.slice(4)}${text.slice(0, 4)}`.replaceAll(' ', '')) !== 1)
        wrong++;
    }
    expect(wrong / 20_000).toBeLessThanOrEqual(0.001);
  });

  it('hide the body of a private key and nothing behind it', () => {
    const body = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw\nggSjAgEAAoIBAQ==';
    const text = `Look:\n-----BEGIN RSA PRIVATE KEY-----\n${body}\n-----END RSA PRIVATE KEY-----\nThanks`;
    expect(all(text).text).toBe('Look:\n-----BEGIN RSA PRIVATE KEY-----••••••••-----END RSA PRIVATE KEY-----\nThanks');
    expect(all(`-----BEGIN PRIVATE KEY-----\n${body}`).text).toBe('-----BEGIN PRIVATE KEY-----••••••••');
    expect(all(`-----BEGIN PUBLIC KEY-----\n${body}`).hidden).toEqual([]);
  });

  it('say what kind of key it was', () => {
    expect(all('DE89370400440532013000').text).toBe('DE89••••••••••••••3000');
    expect(all('key=sk_live_abcdefghijklmnop1234').text).toBe('key=sk_live_••••••••');
  });
});

describe("kinds of the site's own", () => {
  const mask = createMask({ kinds: [], own: [{ id: 'contract', patterns: ['KL-######', 'DOC @@#+'] }] });
  it('hide what is not literal, however it is written', () => {
    expect(mask('my contract is kl-123456.')).toEqual({ text: 'my contract is kl-••••••.', hidden: ['contract'] });
    expect(mask('doc AB1234567 here').text).toBe('doc ••••••••• here');
    for (const text of ['KL-12345', 'KL-1234567', 'XKL-123456']) expect(mask(text).hidden).toEqual([]);
  });
  it('are refused when they would hide everything, or say nothing', () => {
    for (const wrong of ['', '##', 'abc', '-####', '#x+###', '####\\', 'x'.repeat(65)])
      expect(patternProblem(wrong)).not.toBeNull();
    for (const right of ['KL-######', '####', '@+-#+', 'A\\+####']) expect(patternProblem(right)).toBeNull();
  });
});

describe('hiding', () => {
  const samples = [
    'Card 4111 1111 1111 1111 12/27 123, cvv 999',
    'ИНН 7707083893, СНИЛС 112-233-445 95',
    'DE89 3704 0044 0532 0130 00 and sk_live_abcdefghijklmnop1234 and eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijkl',
    'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijkl 123456789:AAabcdefghijklmnopqrstuvwxyz1234567',
    '-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY----- after',
  ];
  it('twice is hiding once, and everybody can see that it happened', () => {
    for (const sample of samples) {
      const once = all(sample);
      expect(once.hidden).not.toEqual([]);
      expect(isMasked(once.text)).toBe(true);
      expect(all(once.text)).toEqual({ text: once.text, hidden: [] });
    }
  });

  it('reaches every text of a value, and leaves what needs nothing as it is', () => {
    const clean = { name: 'Mia', list: ['a', 1, null], deep: { yes: true } };
    expect(maskValue(clean, all)).toBe(clean);
    expect(maskValue({ a: ['4111111111111111', { b: 'ok' }], c: 4 }, all)).toEqual({
      a: ['411111••••••1111', { b: 'ok' }],
      c: 4,
    });
  });

  it('has work that grows with the length of a text and not faster', () => {
    const own = [{ id: 'own', patterns: ['*+ *+ *+ *+ #', 'a-#+-#+-#+-#+'] }];
    const mask = createMask({ kinds: MASKED_KINDS, own });
    const hostile = [
      '1',
      '4 ',
      '4111 ',
      '4111-1111-1111-111',
      '+1 ',
      'eyJ-',
      'eyJaaaaaaaaaa.',
      'a.',
      'sk-',
      'sk_live_',
      '-----BEGIN ',
      '-----BEGIN PRIVATE KEY-----',
      '-----BEGIN PRIVATE KEY----- -----END ',
      'DE89 3704 ',
      'LV',
      'cvv ',
      'cvv 123 ',
      'инн 77070838',
      '112-233-445 ',
      'https://',
      'www.',
      'a/',
      '. ',
      'a1',
      'a ',
      '•',
      '12345678:AA',
      'Bearer ',
      'a-1',
      '\u0664',
    ];
    const work = (text: string): number => {
      const spy = vi.spyOn(String.prototype, 'charCodeAt');
      mask(text);
      const { length } = spy.mock.calls;
      spy.mockRestore();
      return length;
    };
    for (const piece of hostile) {
      const size = 2_000;
      const once = work(piece.repeat(Math.ceil(size / piece.length)));
      const twice = work(piece.repeat(Math.ceil((2 * size) / piece.length)));
      expect(twice / once, piece).toBeLessThan(2.2);
      // Not one long look at each character either.
      expect(once / size, piece).toBeLessThan(400);
    }
  });
});

it('finds the same in a text that looks harmless as in one that is looked at whole', () => {
  const kinds = [...MASKED_KINDS];
  const quick = createMask({ kinds });
  // A kind of one's own has every text looked at.
  const whole = createMask({ kinds, own: [{ id: 'none', patterns: ['no text has this'] }] });
  const pieces = [
    'eyJ',
    'SG',
    '.',
    ' ',
    '-',
    '_',
    'sk-',
    'xoxb-',
    'cvv',
    'bearer ',
    '-----BEGIN PRIVATE KEY-----',
    '4111',
    '12',
    'Abcdefghijk',
    'я',
    ':AA',
  ];
  const texts = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8 })), { maxLength: 14 });
  fc.assert(
    fc.property(texts, (parts) => {
      expect(quick(parts.join(''))).toEqual(whole(parts.join('')));
    }),
    { numRuns: 3_000 },
  );
});
