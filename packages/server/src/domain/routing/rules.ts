import type { RouteContext, RouteDecision, RoutingRule, RuleCondition, WeightRule } from '@sveiki/sdk/config';
import { fitsGlob } from './glob.ts';

/** The decision of the first rule that holds, and which one it was; null when none does. */
export function decideByRules(
  rules: readonly RoutingRule[],
  context: RouteContext,
): { decision: RouteDecision; rule: number } | null {
  for (const [rule, { when, decide }] of rules.entries()) if (holds(when, context)) return { decision: decide, rule };
  return null;
}

/** What a conversation weighs: the first rule that holds, else 1. */
export function weightOf(rules: readonly WeightRule[], context: RouteContext): number {
  return rules.find(({ when }) => holds(when, context))?.weight ?? 1;
}

function holds(when: RuleCondition, context: RouteContext): boolean {
  const queue = (team: string) => context.queues.find((view) => view.team === team);
  return (
    isOneOf(when.site, (site) => site === context.site) &&
    isOneOf(when.language, (tag) => isLanguage(context.language, tag)) &&
    isOneOf(when.page, (pattern) => isPage(context.page?.url, pattern)) &&
    isOneOf(when.topic, (topic) => topic === context.intent) &&
    (when.tags ?? []).every((tag) => context.tags.includes(tag)) &&
    isOneOf(when.words, (words) => hasWords(context.conversation.text, words)) &&
    isOneOf(when.channel, (channel) => channel === context.conversation.channel) &&
    (when.verified === undefined || when.verified === context.visitor.verified) &&
    (when.open === undefined || queue(when.open)?.open === true) &&
    (when.closed === undefined || queue(when.closed)?.open === false) &&
    (when.waiting === undefined || (queue(when.waiting.team)?.waiting ?? 0) >= when.waiting.atLeast) &&
    (when.contacts === undefined || contactsWithin(context, when.contacts.days) >= when.contacts.atLeast) &&
    (when.waitedMs === undefined || context.waitedMs >= when.waitedMs.atLeast)
  );
}

/** A condition that is not given holds. */
function isOneOf<T>(wanted: T | readonly T[] | undefined, is: (value: T) => boolean): boolean {
  if (wanted === undefined) return true;
  return Array.isArray(wanted) ? wanted.some(is) : is(wanted as T);
}

function isLanguage(spoken: string | null, tag: string): boolean {
  const [a, b] = [spoken?.toLowerCase() ?? '', tag.toLowerCase()];
  return a === b || a.startsWith(`${b}-`);
}

function isPage(address: string | undefined, pattern: string): boolean {
  const url = address !== undefined && URL.canParse(address) ? new URL(address) : null;
  if (url === null) return false;
  const trim = (text: string): string => (text.length > 1 ? text.replace(/\/$/, '') : text);
  return pattern.includes('://')
    ? fitsGlob(trim(pattern), trim(url.origin + url.pathname))
    : fitsGlob(trim(pattern), trim(url.pathname));
}

/** Whether the words stand in the text, whole: "ham" is not in "shame". Case and kind of white space do not count. */
function hasWords(text: string, words: string): boolean {
  const [plain, wanted] = [text, words].map(
    (value) =>
      ` ${
        value
          .toLowerCase()
          .match(/[\p{L}\p{N}]+/gu)
          ?.join(' ') ?? ''
      } `,
  );
  return wanted !== undefined && wanted.trim() !== '' && plain?.includes(wanted) === true;
}

function contactsWithin(context: RouteContext, days: number): number {
  return context.history.contactsInDays.filter((age) => age <= days).length;
}
