import MiniSearch from 'minisearch';
import { chooseBody, isVisibleTo, type Reader, validityAt } from './availability.ts';
import type { CannedReply } from './reply.ts';
import { asCyrillic, fold, swapped, type Word, wordsOf } from './words.ts';

export interface SearchOptions extends Reader {
  /** Of the conversation; null when unknown. */
  locale: string | null;
  siteLocale: string;
  now: number;
  /** Hits at most. @default 20 */
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
  /** How much of what was typed it has, 0 to 1, words that nearly all replies have left out; 1 for a shortcut. How sure a bot may be. */
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
/** A word in more than this share of the replies, and in more than so many, tells them apart no longer; it is left out when there are others. */
const COMMON_SHARE = 0.2;
const COMMON_LEAST = 50;

interface Entry {
  reply: CannedReply;
  shortcut: string;
  document: { id: string; shortcut: string; title: string; body: string; tags: string };
  terms: ReadonlySet<string>;
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
      entries.set(id, { ...before, reply });
      return;
    }
    remove(id);
    const terms = new Set(wordsOf(Object.values(document).slice(1).join('\n')).map(({ term }) => term));
    entries.set(id, { reply, shortcut: fold(shortcut), document, terms });
    engine.add(document);
    for (const term of terms) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  }

  function termsOf(query: string): string[] {
    const terms = [...new Set(wordsOf(query).map(({ term }) => term))];
    const count = (term: string): number => frequency.get(term) ?? 0;
    const common = Math.max(COMMON_LEAST, entries.size * COMMON_SHARE);
    const telling = terms.filter((term) => count(term) <= common);
    const kept = telling.length > 0 ? telling : terms;
    return kept.length <= MAX_TERMS ? kept : kept.toSorted((a, b) => count(a) - count(b)).slice(0, MAX_TERMS);
  }

  function findWords(query: string, isOffered: (entry: Entry) => boolean): Found[] {
    const terms = termsOf(query);
    if (terms.length === 0) return [];
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
      filter: ({ id }) => isOffered(entries.get(id) as Entry),
    });
    return found
      .map(({ id, score, terms: matched, queryTerms }) => {
        const entry = entries.get(id) as Entry;
        // A reply that answers all words comes before one that answers one of them loudly.
        const share = Math.min(1, queryTerms.length / terms.length);
        return { entry, terms: matched, share, score: score * share * share * worth(entry.reply) };
      })
      .sort((a, b) => b.score - a.score);
  }

  function search(query: string, options: SearchOptions): Hit[] {
    const { limit = DEFAULT_LIMIT } = options;
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
      const usual = [...entries.values()].filter(isOffered).sort(byUse);
      for (const entry of usual.slice(0, limit)) add({ entry, terms: [], share: 0 }, 'usual');
      return [...hits.values()];
    }
    const called = [...entries.values()].filter((entry) => entry.shortcut.startsWith(start) && isOffered(entry));
    called.sort((a, b) => a.shortcut.length - b.shortcut.length || byUse(a, b));
    for (const entry of called) {
      add({ entry, terms: [start], share: 1 }, entry.shortcut === start ? 'shortcut' : 'shortcut-start');
    }
    if (hits.size < limit) {
      for (const found of findWords(typed, isOffered)) {
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
function worth({ usage }: CannedReply): number {
  return 1 + 0.03 * Math.log2(1 + usage.uses + 2 * usage.resolved);
}

function byUse(a: Entry, b: Entry): number {
  return (
    worth(b.reply) - worth(a.reply) || (a.reply.title < b.reply.title ? -1 : a.reply.title > b.reply.title ? 1 : 0)
  );
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
