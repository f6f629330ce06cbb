import type { CannedReplyContent, CannedReplyScope } from './reply.ts';

/** An agent as far as canned replies go: ids. */
export interface Reader {
  agent: string;
  teams: readonly string[];
}

export function isVisibleTo(scope: CannedReplyScope, { agent, teams }: Reader): boolean {
  if (scope.kind === 'site') return true;
  return scope.kind === 'team' ? teams.includes(scope.team) : scope.agent === agent;
}

type Dates = Pick<CannedReplyContent, 'validFrom' | 'validUntil' | 'reviewBy'>;

/** `valid` from `validFrom` on, and until before `validUntil`. */
export function validityAt({ validFrom, validUntil }: Dates, now: number): 'planned' | 'valid' | 'ended' {
  if (validUntil !== undefined && now >= validUntil) return 'ended';
  return validFrom !== undefined && now < validFrom ? 'planned' : 'valid';
}

/** Due from the instant `reviewBy` on. What has ended needs no reading. */
export function isReviewDue(reply: Dates, now: number): boolean {
  return reply.reviewBy !== undefined && now >= reply.reviewBy && validityAt(reply, now) !== 'ended';
}

/**
 * The body to send in a conversation held in `wanted`: that very locale, else its language (`lv-LV` finds `lv`, and `pt` finds `pt-BR`), else the
 * same for the site's own locale, else the first one. Letter case and `_` for `-` do not matter.
 */
export function chooseBody(
  body: CannedReplyContent['body'],
  wanted: string | null,
  siteLocale: string,
): { locale: string; text: string } {
  const locales = Object.keys(body);
  const locale = closest(locales, wanted) ?? closest(locales, siteLocale) ?? locales[0];
  if (locale === undefined) throw new Error('A canned reply has no body. Check it before it is stored.');
  return { locale, text: body[locale] as string };
}

function closest(locales: readonly string[], wanted: string | null): string | undefined {
  if (wanted === null) return undefined;
  const tag = plainTag(wanted);
  const language = languageOf(tag);
  return (
    locales.find((locale) => plainTag(locale) === tag) ??
    locales.find((locale) => plainTag(locale) === language) ??
    locales.find((locale) => languageOf(plainTag(locale)) === language)
  );
}

const plainTag = (locale: string): string => locale.trim().toLowerCase().replaceAll('_', '-');
const languageOf = (tag: string): string => tag.split('-', 1)[0] as string;
