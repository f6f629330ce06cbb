import MiniSearch from 'minisearch';
import { chooseBody, isVisibleTo, type Reader, validityAt } from './availability.ts';
import type { CannedReply } from './reply.ts';
import { asCyrillic, fold, swapped, type Word, wordsOf } from './words.ts';

export interface SearchOptions extends Reader {
  /** Of the conversation; null when unknown. */
  locale: string | null;
  siteLocale: string;
  now: number;
  /** Hits at most, one or more. @default 20 */
  limit?: number;
}

/** A place in a field of a hit that answers the query; UTF-16 units, end not included. Places in `body` are in the body of `locale`. */
export interface Mark {
  field: 'shortcut' | 'title' | 'body';
  start: number;
  end: number;
}

export interface Hit {
  id: string;
  /** Which body to show and to send here. */
  locale: string;
  /** `shortcut`: it was typed whole; `shortcut-start`: its beginning; `words`: something in it; `usual`: nothing was typed, and it is often used. */
  why: 'shortcut' | 'shortcut-start' | 'words' | 'usual';
  /** How much of what was typed it has: 0 to 1, by words; 1 for a shortcut, 0 for nothing typed. How sure a bot may be. */
  share: number;
  marks: Mark[];
}

/** All canned replies of an installation, found as they are at this moment. Changes are incremental. */
export interface CannedReplyIndex {
  /** Adds it, or takes the place of the one with its id. */
  put(reply: CannedReply): void;
  remove(id: string): void;
  /** Best first: whole shortcut, beginning of a shortcut, then words, mistyped ones too. Only what `options` may see and is valid now. */
  search(query: string, options: SearchOptions): Hit[];
}

/** Of a query: more words than these make it slower and no better. The rarest are kept. */
const MAX_TERMS = 8;
const MAX_QUERY_CHARS = 200;
const DEFAULT_LIMIT = 20;
/** A word in more than this share of the replies, and in more than so many, costs the most to look up: it only orders what rarer ones have found. */
const COMMON_SHARE = 0.05;
const COMMON_LEAST = 50;
const RARE_ENOUGH = 2;

interface Entry {
  reply: CannedReply;
  shortcut: string;
  document: { id: string; shortcut: string; title: string; body: string; tags: string };
  terms: ReadonlySet<string>;
  worth: number;
}

interface Found {
  entry: Entry;
  /** Of the reply, that answer what was typed. */
  terms: readonly string[];
  share: number;
}

export function createCannedReplyIndex(): CannedReplyIndex {
  const entries = new Map<string, Entry>();
  /** In how many replies a term stands. */
  const frequency = new Map<string, number>();
  const engine = new MiniSearch<Entry['document']>({
    fields: ['shortcut', 'title', 'body', 'tags'],
    tokenize: (text) => wordsOf(text).map(({ term }) => term),
    processTerm: (term) => term,
    autoVacuum: false,
  });

  function remove(id: string): void {
    const entry = entries.get(id);
    if (entry === undefined) return;
    entries.delete(id);
    engine.remove(entry.document);
    for (const term of entry.terms) {
      const left = (frequency.get(term) ?? 1) - 1;
      if (left === 0) frequency.delete(term);
      else frequency.set(term, left);
    }
  }

  function put(reply: CannedReply): void {
    const before = entries.get(reply.id);
    const { id, shortcut, title } = reply;
    const document = { id, shortcut, title, body: Object.values(reply.body).join('\n'), tags: reply.tags.join('\n') };
    if (before !== undefined && isSame(before.document, document)) {
      // Usage, scope and dates are looked at when it is found.
      entries.set(id, { ...before, reply, worth: worthOf(reply) });
      return;
    }
    remove(id);
    const terms = new Set(wordsOf(Object.values(document).slice(1).join('\n')).map(({ term }) => term));
    entries.set(id, { reply, shortcut: fold(shortcut), document, terms, worth: worthOf(reply) });
    engine.add(document);
    for (const term of terms) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  }

  /** The words of a query: those to look up, in order, because the last one may still be typed; and those that only order what is found. */
  function termsOf(query: string): { rare: string[]; common: string[] } {
    const terms = [...new Set(wordsOf(query).map(({ term }) => term))].slice(0, MAX_TERMS * 4);
    const count = (term: string): number => frequency.get(term) ?? 0;
    const most = Math.max(COMMON_LEAST, entries.size * COMMON_SHARE);
    const kept = new Set(
      terms
        .toSorted((a, b) => count(a) - count(b))
        .filter((term, i) => i < RARE_ENOUGH || (i < MAX_TERMS && count(term) <= most)),
    );
    return { rare: terms.filter((term) => kept.has(term)), common: terms.filter((term) => !kept.has(term)) };
  }

  function findWords(query: string, count: number, isOffered: (entry: Entry) => boolean): Found[] {
    const { rare: terms, common } = termsOf(query);
    if (terms.length === 0) return [];
    const weights = common.map((term) => Math.log(1 + entries.size / (frequency.get(term) ?? 1)));
    const isKnown = (term: string): boolean => frequency.has(term);
    const asked = new Set(terms);
    const guesses = new Set<string>();
    for (const term of terms) {
      if (isKnown(term)) continue;
      // Two letters the wrong way round are two mistakes for the engine, and one for people.
      for (const other of swapped(term)) if (isKnown(other)) asked.add(other);
      const russian = asCyrillic(term);
      if (russian !== null) guesses.add(russian);
    }
    const mistakesIn = (term: string): number => {
      if (isKnown(term) || term.length < 3 || /^\d+$/.test(term)) return 0;
      return term.length < (guesses.has(term) ? 6 : 8) ? 1 : 2;
    };
    const found = engine.search([...asked, ...guesses].join(' '), {
      boost: { shortcut: 3, title: 2, tags: 1.5 },
      // The word being typed has no end yet; the others are whole words, unless nobody has written them so.
      prefix: (term) => term.length > 1 && (!isKnown(term) || term === terms.at(-1)),
      fuzzy: mistakesIn,
    });
    const asks = terms.length + common.length;
    const ranked: (Found & { score: number })[] = [];
    for (const { id, score, terms: matched, queryTerms } of found) {
      const entry = entries.get(id) as Entry;
      if (!isOffered(entry)) continue;
      let sum = score;
      let answered = Math.min(terms.length, queryTerms.length);
      for (const [i, term] of common.entries()) {
        if (!entry.terms.has(term)) continue;
        sum += weights[i] as number;
        answered++;
      }
      // A reply that answers all words comes before one that answers one of them loudly.
      const share = answered / asks;
      ranked.push({ entry, terms: matched, share, score: sum * share * share * entry.worth });
    }
    return best(ranked, count, (a, b) => b.score - a.score).map((one) => ({
      ...one,
      terms: [...one.terms, ...common],
    }));
  }

  function search(query: string, options: SearchOptions): Hit[] {
    const limit = Math.max(1, options.limit ?? DEFAULT_LIMIT);
    const isOffered = ({ reply }: Entry): boolean =>
      isVisibleTo(reply.scope, options) && validityAt(reply, options.now) === 'valid';
    const hits = new Map<string, Hit>();
    const add = (found: Found, why: Hit['why']): void => {
      const { id } = found.entry.reply;
      if (hits.size < limit && !hits.has(id)) hits.set(id, toHit(found, why, options));
    };
    const typed = query.trim().replace(/^\//, '').slice(0, MAX_QUERY_CHARS);
    const start = fold(typed);
    if (start === '') {
      for (const entry of best([...entries.values()].filter(isOffered), limit, byUse))
        add({ entry, terms: [], share: 0 }, 'usual');
      return [...hits.values()];
    }
    const called = [...entries.values()].filter((entry) => entry.shortcut.startsWith(start) && isOffered(entry));
    const byLength = (a: Entry, b: Entry): number => a.shortcut.length - b.shortcut.length || byUse(a, b);
    for (const entry of best(called, limit, byLength)) {
      add({ entry, terms: [start], share: 1 }, entry.shortcut === start ? 'shortcut' : 'shortcut-start');
    }
    if (hits.size < limit) {
      for (const found of findWords(typed, limit + hits.size, isOffered)) {
        add(found, 'words');
        if (hits.size >= limit) break;
      }
    }
    return [...hits.values()];
  }

  return { put, remove, search };
}

function isSame(a: Entry['document'], b: Entry['document']): boolean {
  return a.shortcut === b.shortcut && a.title === b.title && a.body === b.body && a.tags === b.tags;
}

/** A little more for what is used, and most for what ended well: it decides between hits that answer equally. */
function worthOf({ usage }: CannedReply): number {
  return 1 + 0.03 * Math.log2(1 + usage.uses + 2 * usage.resolved);
}

function byUse(a: Entry, b: Entry): number {
  if (a.worth !== b.worth) return b.worth - a.worth;
  return a.reply.title < b.reply.title ? -1 : a.reply.title > b.reply.title ? 1 : 0;
}

/** The first `count` in order, without sorting thousands for twenty. */
function best<T>(list: readonly T[], count: number, compare: (a: T, b: T) => number): T[] {
  const top: T[] = [];
  for (const one of list) {
    if (top.length === count && compare(one, top[count - 1] as T) >= 0) continue;
    let at = top.length;
    while (at > 0 && compare(one, top[at - 1] as T) < 0) at--;
    top.splice(at, 0, one);
    if (top.length > count) top.pop();
  }
  return top;
}

function toHit({ entry: { reply }, terms, share }: Found, why: Hit['why'], options: SearchOptions): Hit {
  const body = chooseBody(reply.body, options.locale, options.siteLocale);
  const hit = { id: reply.id, locale: body.locale, why, share };
  if (why === 'usual') return { ...hit, marks: [] };
  if (why !== 'words') {
    const end = why === 'shortcut' ? reply.shortcut.length : Math.min(reply.shortcut.length, (terms[0] ?? '').length);
    return { ...hit, marks: [{ field: 'shortcut', start: 0, end }] };
  }
  const matched = new Set(terms);
  const fields = { shortcut: reply.shortcut, title: reply.title, body: body.text };
  const marks = Object.entries(fields).flatMap(([field, text]) =>
    wordsOf(text)
      .filter((word: Word) => matched.has(word.term))
      .map(({ start, end }): Mark => ({ field: field as Mark['field'], start, end })),
  );
  return { ...hit, marks };
}
