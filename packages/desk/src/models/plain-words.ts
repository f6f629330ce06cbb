import { type ConversationState, LIMITS } from '@sveiki/sdk/agent';
import { cleaned } from './names.ts';

/** Nobody reads more than this in a list, a notification or from a screen reader's announcement. */
const mostChars = 500;

const fence = /^[ \t]*(`{3,}|~{3,})([\s\S]*?)(?:^[ \t]*\1[`~]*[ \t]*$|(?![\s\S]))/gm;
const literal = /\\([!-/:-@[-`{-~])|(`+)(?!`)([\s\S]*?[^`])\2(?!`)/g;
const link = /\[([^\][]*)\]\(<?[^()\s<>]*(?:\([^()\s]*\)[^()\s<>]*)?>?(?:\s+"[^"]*")?\)/g;
const address = /<?\b(?:https?:\/\/|mailto:|tel:)[^\s<>]+>?/gi;
const lineStart = /^[ \t]*(?:>[ \t]?)*(?:[-+*][ \t]+)?(?:>[ \t]?)*/gm;
const stars = /(\*{1,3})(?=[^\s*])([^*]*[^\s*])\1/g;
const lowLines = /(?<![\p{L}\p{N}_])(_{1,3})(?=[^\s_])([\s\S]*?[^\s_])\1(?![\p{L}\p{N}_])/gu;
/** What the end of a preview cut in two. */
const cutLink = /\[([^\][]*)\](?:\([^)]*)?$/;
const cutMark = /(?<=^|[\s\p{P}])(?:\*{1,3}|_{1,3}|`{1,3})(?=[^\s*_`])/gu;

/**
 * The words of a text without its Markdown marks, as one line: what lists, notifications and screen readers get. A list knows the source of the
 * last message only, up to `LIMITS.maxPreviewChars`, so marks whose other half was cut off go too.
 */
export function plainWords(source: string): string {
  const isCut = source.length === LIMITS.maxPreviewChars;
  const kept: string[] = [];
  // What is meant literally steps aside, behind characters that nothing else uses here.
  const keep = (text: string) => String.fromCharCode(0xe000 + kept.push(text) - 1);
  let text = source.slice(0, mostChars).replace(/\p{Co}/gu, '');
  text = text
    .replace(fence, (_whole, _marks, code: string) => keep(code))
    .replace(literal, (_whole, sign: string | undefined, _marks, code: string | undefined) => keep(sign ?? code ?? ''))
    .replace(link, '$1')
    .replace(address, (found) => keep(found.replace(/^<|>$/g, '')))
    .replace(lineStart, '');
  if (isCut) text = text.replace(cutLink, '$1');
  // From the outside to the inside: `**a *b* c**`.
  for (let depth = 0; depth < 3; depth += 1) text = text.replace(stars, '$2').replace(lowLines, '$2');
  text = text.replace(/\*\*(?=[^\s*])([\s\S]*?[^\s*])\*\*/g, '$1');
  if (isCut) text = text.replace(cutMark, '');
  return cleaned(text.replace(/[\ue000-\uf8ff]/g, (mark) => kept[mark.charCodeAt(0) - 0xe000] ?? ''));
}

type Last = NonNullable<ConversationState['last']>;
const known = new WeakMap<Last, string>();

/** The last words of a conversation for a list; empty when nothing was said. Lists are made anew often, these only when something is said. */
export function lastWords({ last }: Pick<ConversationState, 'last'>): string {
  if (last === null) return '';
  const words = known.get(last) ?? plainWords(last.text);
  known.set(last, words);
  return words;
}
