import type { ConversationState, Owner } from '@sveiki/sdk/agent';
import { texts } from '../texts.ts';
import { cleaned, firstLetter, isolated, shortName } from './names.ts';

/** What a visitor is called by the site; null when that is nothing that could be shown. */
export const givenName = ({ name }: { name: string | null }): string | null => shortName(name ?? '') || null;

/** A visitor's name, or a mark that tells nameless ones apart. Names come from the page, so they are cleaned and bounded. */
export function visitorName(visitor: { id: string; name: string | null }): string {
  return (
    givenName(visitor) ??
    texts.someVisitor(
      visitor.id
        .replace(/[^a-z0-9]/gi, '')
        .slice(-4)
        .toUpperCase(),
    )
  );
}

/** Who answers, for people. A bot is called one wherever it is named. */
export const ownerName = ({ name, bot }: Pick<Owner, 'name' | 'bot'>): string =>
  bot === true ? texts.bot(shortName(name)) : shortName(name);

/** Between letters that would join to another shape, as Arabic ones do. */
const apart = '\u200c';

/** At most two letters that stand for a name; empty for the nameless. */
export function initials(name: string | null): string {
  const words = cleaned(name ?? '').split(' ');
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => firstLetter(word ?? ''));
  const joins = letters.every((letter) => /\p{Script=Arabic}/u.test(letter));
  return letters.join(joins ? apart : '').toLocaleUpperCase();
}

/** One of six calm tints, always the same for the same id. */
export function tintOf(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return sum % 6;
}

/** Resolved as what nobody wanted; the code is the relay's own. */
export const isSpam = ({ status, wrapUp }: Pick<ConversationState, 'status' | 'wrapUp'>): boolean =>
  status === 'resolved' && wrapUp === 'spam';

export const isQueued = (state: ConversationState) => state.status !== 'resolved' && state.owner === null;

/** Names in a row: "Ben", "Ben and Cleo", "Ben, Cleo and Dana". */
export function listNames(names: readonly string[]): string {
  const all = names.map((name) => isolated(shortName(name)));
  const last = all.at(-1) ?? '';
  return all.length < 2 ? last : `${all.slice(0, -1).join(', ')}${texts.conversation.and}${last}`;
}

/** "LV" of "lv-LV": what a row shows. Null when it is not a language. */
export function languageTag(locale: string | null): string | null {
  const tag = locale?.split(/[-_]/)[0] ?? '';
  return /^[a-z]{2,3}$/i.test(tag) ? tag.toUpperCase() : null;
}

/** "Latvian" of "lv-LV". */
export function languageName(locale: string | null): string | null {
  if (languageTag(locale) === null || locale === null) return null;
  try {
    return new Intl.DisplayNames('en', { type: 'language' }).of(locale.replaceAll('_', '-')) ?? null;
  } catch {
    return languageTag(locale);
  }
}
