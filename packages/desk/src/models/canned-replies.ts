import type { AgentState } from '@sveiki/sdk/agent';

export type CannedReply = AgentState['cannedReplies'][number];

const shownAtMost = 8;
const nameOf = (reply: CannedReply) => reply.shortcut.replace(/^\//, '');

/** The `/word` right before the caret, at the beginning or after a space. */
export function cannedQuery(text: string, caret: number): { word: string; start: number } | null {
  const found = /(?:^|\s)\/([^\s/]*)$/u.exec(text.slice(0, caret));
  if (found === null) return null;
  const word = found[1] ?? '';
  return { word, start: caret - word.length - 1 };
}

/** Those whose shortcut begins with the word, then those that hold it in title or text. */
export function findCanned(replies: readonly CannedReply[], word: string): CannedReply[] {
  const wanted = word.toLocaleLowerCase();
  const begins = replies.filter((reply) => nameOf(reply).toLocaleLowerCase().startsWith(wanted));
  const holds = replies.filter(
    (reply) => !begins.includes(reply) && `${reply.title}\n${reply.text}`.toLocaleLowerCase().includes(wanted),
  );
  return [...begins, ...holds].slice(0, shownAtMost);
}

const placeholder = /\{\{\s*([\w.-]+)\s*\}\}/g;

/** Fills in the names that are known. The others stay as they are, so that nobody sends a sentence with a hole. */
export function expand(text: string, known: { visitor: string | null; agent: string | null }): string {
  return text.replace(placeholder, (whole, name: string) => {
    if (/^visitor(\.name)?$/.test(name)) return known.visitor ?? whole;
    if (/^agent(\.name)?$/.test(name)) return known.agent ?? whole;
    return whole;
  });
}

export const openPlaceholders = (text: string): string[] => [...text.matchAll(placeholder)].map(([whole]) => whole);
