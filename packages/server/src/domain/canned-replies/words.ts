/** A word of a text: as it is searched, and where it stands (UTF-16 units, end not included). */
export interface Word {
  term: string;
  start: number;
  end: number;
}

/** The words of a text, in order. */
export function wordsOf(text: string): Word[] {
  return Array.from(text.matchAll(/[\p{L}\p{M}\p{N}]+/gu), ({ 0: word, index }) => ({
    term: fold(word),
    start: index,
    end: index + word.length,
  }));
}

const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  đ: 'd',
  ł: 'l',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
  þ: 'th',
};

/** Without case and diacritics: ā is a, š is s, ё is е, й is и. What is typed without them finds what is written with them, and the other way round. */
export function fold(text: string): string {
  const plain = text.toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '');
  return plain.replace(/[ßøđłæœıþ]/g, (letter) => LETTERS[letter] as string);
}

/** A word with two neighbours exchanged, for each pair of them. */
export function swapped(term: string): string[] {
  return Array.from(
    { length: Math.max(0, term.length - 1) },
    (_, i) => term.slice(0, i) + (term[i + 1] ?? '') + (term[i] ?? '') + term.slice(i + 2),
  );
}

const CYRILLIC: readonly (readonly [string, string])[] = [
  ['shch', 'щ'],
  ['sch', 'щ'],
  ['zh', 'ж'],
  ['kh', 'х'],
  ['ts', 'ц'],
  ['ch', 'ч'],
  ['sh', 'ш'],
  ['yu', 'ю'],
  ['ju', 'ю'],
  ['ya', 'я'],
  ['ja', 'я'],
  ['yo', 'е'],
  ['ye', 'е'],
  ['a', 'а'],
  ['b', 'б'],
  ['v', 'в'],
  ['w', 'в'],
  ['g', 'г'],
  ['d', 'д'],
  ['e', 'е'],
  ['z', 'з'],
  ['i', 'и'],
  ['j', 'и'],
  ['k', 'к'],
  ['l', 'л'],
  ['m', 'м'],
  ['n', 'н'],
  ['o', 'о'],
  ['p', 'п'],
  ['r', 'р'],
  ['s', 'с'],
  ['t', 'т'],
  ['u', 'у'],
  ['f', 'ф'],
  ['h', 'х'],
  ['c', 'ц'],
  ['y', 'ы'],
];

/** A folded Latin word as a Russian might have meant it (`vozvrat` is возврат), or null when it is none. Near enough for a fuzzy search. */
export function asCyrillic(term: string): string | null {
  if (!/^[a-z]+$/.test(term)) return null;
  let out = '';
  for (let i = 0; i < term.length; ) {
    const pair = CYRILLIC.find(([latin]) => term.startsWith(latin, i));
    if (pair === undefined) return null;
    // `y` ends a diphthong behind a vowel, and is one elsewhere.
    out += pair[0] === 'y' && /[аеиоуыюя]$/.test(out) ? 'и' : pair[1];
    i += pair[0].length;
  }
  return out;
}
