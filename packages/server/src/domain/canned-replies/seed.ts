import type { CannedReplyInput } from '@sveiki/sdk/config';
import { type CannedReplyProblem, checkReply } from './check.ts';
import type { CannedReplyContent } from './reply.ts';

/** A reply of `sveiki.config.ts` as content for the store, or everything that is wrong with it. */
export function fromConfig(
  input: CannedReplyInput,
): { ok: true; reply: CannedReplyContent } | { ok: false; problems: CannedReplyProblem[] } {
  const { scope = 'site', variables = [], attachments = [], tags = [] } = input;
  const { validFrom, validUntil, reviewBy, ...rest } = input;
  const dates = readDates({ validFrom, validUntil, reviewBy });
  const reply: CannedReplyContent = {
    ...rest,
    variables,
    attachments,
    tags,
    scope: scope === 'site' ? { kind: 'site' } : { kind: 'team', team: scope.team },
    ...dates.instants,
  };
  const problems = [...dates.problems, ...checkReply(reply)];
  return problems.length > 0 ? { ok: false, problems } : { ok: true, reply };
}

type Dates = Pick<CannedReplyContent, 'validFrom' | 'validUntil' | 'reviewBy'>;

/** Instants of ISO 8601 texts; an absent or empty one stays absent. */
export function readDates(texts: Readonly<Record<keyof Dates, string | undefined>>): {
  instants: Dates;
  problems: CannedReplyProblem[];
} {
  const instants: Dates = {};
  const problems: CannedReplyProblem[] = [];
  for (const path of ['validFrom', 'validUntil', 'reviewBy'] as const) {
    const text = texts[path]?.trim() ?? '';
    if (text === '') continue;
    const instant = readInstant(text);
    if (instant === null) {
      problems.push({
        path,
        problem: `“${text.slice(0, 40)}” is not a time.`,
        fix: 'Write a day such as 2026-12-01, or an instant with its offset such as 2026-12-01T08:00+02:00.',
      });
    } else instants[path] = instant;
  }
  return { instants, problems };
}

/** A time without an offset would depend on the machine that reads it, so it is none. `2026-02-31` is none either. */
function readInstant(text: string): number | null {
  const match = /^([+-]\d{6}|\d{4})-(\d\d)-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(
    text,
  );
  const instant = match === null ? Number.NaN : Date.parse(text);
  if (match === null || Number.isNaN(instant)) return null;
  const days = new Date(Date.UTC(2000, 0, 1));
  days.setUTCFullYear(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  return days.getUTCDate() === Number(match[3]) ? instant : null;
}
