import type { ConversationState } from '@sveiki/sdk/agent';
import { texts } from '../texts.ts';

/** A visitor's name, or a mark that tells nameless ones apart. */
export function visitorName(visitor: { id: string; name: string | null }): string {
  return (
    visitor.name?.trim() ||
    texts.someVisitor(
      visitor.id
        .replace(/[^a-z0-9]/gi, '')
        .slice(-4)
        .toUpperCase(),
    )
  );
}

/** At most two letters that stand for a name; empty for the nameless. */
export function initials(name: string | null): string {
  const words = (name ?? '').trim().split(/\s+/u).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '');
  return letters.join('').toLocaleUpperCase();
}

/** One of six calm tints, always the same for the same id. */
export function tintOf(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return sum % 6;
}

export const isQueued = (state: ConversationState) => state.status !== 'resolved' && state.owner === null;

/** Names in a row: "Ben", "Ben and Cleo", "Ben, Cleo and Dana". */
export function listNames(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')}${texts.conversation.and}${last}`;
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
