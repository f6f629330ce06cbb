import { type CannedReply, UNUSED } from '../../packages/server/src/domain/canned-replies/reply.ts';
import { createCannedReplyIndex } from '../../packages/server/src/domain/canned-replies/search.ts';
import { createRandom, type Random } from '../replay/random.ts';
import { LANGUAGES, type LabelledText, type Language, type Texts } from './texts.ts';

/** How a query was typed. */
type Typing = 'as written' | 'one mistake' | 'no diacritics' | 'no diacritics, one mistake' | 'Latin letters';

const TYPINGS: Readonly<Record<Language, readonly Typing[]>> = {
  en: ['as written', 'one mistake'],
  ru: ['as written', 'one mistake', 'no diacritics', 'no diacritics, one mistake', 'Latin letters'],
  lv: ['as written', 'one mistake', 'no diacritics', 'no diacritics, one mistake'],
};

export interface Row {
  language: Language;
  typing: Typing;
  queries: number;
  /** Shares of queries whose reply came first, or among the first three. */
  recallAt1: number;
  recallAt3: number;
  /** Milliseconds of one search. */
  p50Ms: number;
  p95Ms: number;
  maxMs: number;
}

export interface Evaluation {
  replies: number;
  texts: Record<Language, number>;
  indexMs: number;
  /** All of a language, then each typing of it. */
  rows: (Omit<Row, 'typing'> & { typing: Typing | 'all' })[];
}

interface Options {
  texts: Texts;
  /** Replies to make; fewer when the texts do not give so many. */
  replies: number;
  /** Queries for each language and typing. */
  queries: number;
  seed: number;
  /** Milliseconds that pass; for the table only. */
  time: () => number;
}

/**
 * Makes replies out of labelled texts, a third in each language and all in one index: a sentence as title, another one as body. A query is made of a reply's own
 * words, in their order: some of the title and of the body, as many as it takes until no other reply has all of them. Then it is typed badly.
 */
export function evaluate({ texts, replies: wanted, queries, seed, time }: Options): Evaluation {
  const random = createRandom(seed);
  const replies = LANGUAGES.flatMap((language, i) =>
    makeReplies(language, texts[language], Math.floor((wanted + i) / LANGUAGES.length), random),
  );
  const index = createCannedReplyIndex();
  const startedAt = time();
  for (const reply of replies) index.put(reply);
  const indexMs = time() - startedAt;
  const holders = holdersOf(replies);
  const rows: Evaluation['rows'] = [];
  for (const language of LANGUAGES) {
    const own = replies.filter(({ body }) => Object.hasOwn(body, language));
    const seen: { row: Row; times: number[] }[] = [];
    for (const typing of TYPINGS[language]) {
      const times: number[] = [];
      const found = { first: 0, third: 0 };
      for (let asked = 0, tries = 0; asked < queries && tries < queries * 20; tries++) {
        const reply = random.pick(own);
        const words = chooseWords(reply, language, holders, random);
        const query = words === null ? null : typed(words, typing, random);
        if (query === null) continue;
        asked++;
        const before = time();
        const hits = index.search(query, { agent: 'ada', teams: [], locale: language, siteLocale: 'en', now: 0 });
        times.push(time() - before);
        const place = hits.findIndex(({ id }) => id === reply.id);
        if (place === 0) found.first++;
        if (place >= 0 && place < 3) found.third++;
      }
      seen.push({ row: rowOf(language, typing, times, found.first, found.third), times });
    }
    const all = seen.flatMap(({ times }) => times);
    const sum = (key: 'recallAt1' | 'recallAt3'): number => seen.reduce((n, { row }) => n + row[key] * row.queries, 0);
    rows.push({ ...rowOf(language, 'as written', all, sum('recallAt1'), sum('recallAt3')), typing: 'all' });
    rows.push(...seen.map(({ row }) => row));
  }
  return {
    replies: replies.length,
    texts: { en: texts.en.length, ru: texts.ru.length, lv: texts.lv.length },
    indexMs,
    rows,
  };
}

function rowOf(language: Language, typing: Typing, times: readonly number[], first: number, third: number): Row {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const n = Math.max(1, times.length);
  return {
    language,
    typing,
    queries: times.length,
    recallAt1: first / n,
    recallAt3: third / n,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    maxMs: sorted.at(-1) ?? 0,
  };
}

function makeReplies(
  language: Language,
  texts: readonly LabelledText[],
  wanted: number,
  random: Random,
): CannedReply[] {
  // Every two texts stand together once: with their places exchanged they would be told apart by no query.
  const count = Math.min(wanted, (texts.length * (texts.length - 1)) / 2);
  const order = shuffled(texts, random);
  const replies: CannedReply[] = [];
  for (let i = 0; i < count; i++) {
    const title = order[i % order.length] as LabelledText;
    const body = order[(i + 1 + Math.floor(i / order.length)) % order.length] as LabelledText;
    const label = title.label.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    replies.push({
      id: `${language}-${i}`,
      shortcut: `${language}-${label}-${i}`.slice(0, 40),
      title: title.text,
      body: { [language]: body.text },
      variables: [],
      scope: { kind: 'site' },
      attachments: [],
      tags: [],
      usage: UNUSED,
    });
  }
  return replies;
}

/** The words a person would type: small ones say nothing. */
const wordsIn = (text: string): string[] => [...new Set(text.toLowerCase().match(/[\p{L}\p{M}]{3,}/gu) ?? [])];

function holdersOf(replies: readonly CannedReply[]): Map<string, Set<string>> {
  const holders = new Map<string, Set<string>>();
  for (const { id, title, body } of replies) {
    for (const word of wordsIn([title, ...Object.values(body)].join(' '))) {
      const set = holders.get(word);
      if (set === undefined) holders.set(word, new Set([id]));
      else set.add(id);
    }
  }
  return holders;
}

/** Two words of the title and one of the body, then one more of either until they name this reply only; null when seven do not. */
function chooseWords(
  reply: CannedReply,
  language: Language,
  holders: ReadonlyMap<string, ReadonlySet<string>>,
  random: Random,
): string[] | null {
  const ofTitle = shuffled(wordsIn(reply.title), random);
  const ofBody = shuffled(wordsIn(reply.body[language] ?? ''), random).filter((word) => !ofTitle.includes(word));
  const order: string[] = [];
  for (let i = 0; i < 7; i++) {
    const word = (i % 3 === 2 ? ofBody : ofTitle).shift() ?? ofTitle.shift() ?? ofBody.shift();
    if (word === undefined) break;
    order.push(word);
    if (i < 2) continue;
    const [fewest, ...others] = order
      .map((one) => holders.get(one) ?? new Set<string>())
      .toSorted((a, b) => a.size - b.size);
    const left = [...(fewest ?? [])].filter((id) => others.every((set) => set.has(id)));
    if (left.length === 1) return order;
  }
  return null;
}

/** The query as it is typed, or null when there is nothing in it to type so. */
function typed(words: readonly string[], typing: Typing, random: Random): string | null {
  const query = words.join(' ');
  if (typing === 'as written') return query;
  if (typing === 'one mistake') return mistyped(words, random);
  if (typing === 'Latin letters') return words.map(inLatin).join(' ');
  const bare = words.map((word) => word.normalize('NFD').replace(/\p{M}/gu, ''));
  if (bare.join(' ') === query) return null;
  return typing === 'no diacritics' ? bare.join(' ') : mistyped(bare, random);
}

/** One letter is left out, doubled, exchanged with its neighbour or another one, in a word of at least four; never the first, which people get right. */
function mistyped(words: readonly string[], random: Random): string | null {
  const long = words.flatMap((word, i) => (word.length >= 4 ? [i] : []));
  if (long.length === 0) return null;
  const at = random.pick(long);
  const word = words[at] as string;
  const letters = [...word];
  const i = 1 + random.whole(letters.length - 2);
  const kind = random.whole(4);
  const [here = '', next = ''] = letters.slice(i, i + 2);
  if (kind === 0) letters.splice(i, 1);
  else if (kind === 1) letters.splice(i, 0, here);
  else if (kind === 2) letters.splice(i, 2, next, here);
  else letters.splice(i, 1, random.pick(letters));
  return words.with(at, letters.join('')).join(' ');
}

const LATIN: Readonly<Record<string, string>> = Object.fromEntries(
  [...'абвгдеёжзийклмнопрстуфхцчшщъыьэюя'].map((letter, i) => [
    letter,
    'a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya'.split(' ')[i] ?? '',
  ]),
);
const inLatin = (word: string): string => [...word].map((letter) => LATIN[letter] ?? letter).join('');

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = random.whole(i + 1);
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

/** The evaluation as a table for people. */
export function tableOf({ replies, texts, indexMs, rows }: Evaluation): string {
  const head = ['language', 'typed', 'queries', 'recall@1', 'recall@3', 'p50 ms', 'p95 ms', 'max ms'];
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const body = rows.map((row) => [
    row.typing === 'all' ? row.language : '',
    row.typing,
    String(row.queries),
    percent(row.recallAt1),
    percent(row.recallAt3),
    row.p50Ms.toFixed(2),
    row.p95Ms.toFixed(2),
    row.maxMs.toFixed(2),
  ]);
  const widths = head.map((_, i) => Math.max(...[head, ...body].map((cells) => (cells[i] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  const made = `${replies} canned replies of ${LANGUAGES.map((l) => `${texts[l]} texts in ${l}`).join(', ')}; indexed in ${indexMs.toFixed(0)} ms`;
  return [made, '', line(head), ...body.map(line)].join('\n');
}
