import type { BotCannedReply } from '../config/bot.ts';

/** Words as they are compared: lower case, without marks above and below letters, ё as е. */
const wordsOf = (text: string): string[] =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .match(/[\p{L}\p{N}]{2,}/gu) ?? [];

/** The same word, or another form of it: languages differ at the end of their words. */
function isLike(one: string, other: string): boolean {
  if (one === other) return true;
  const least = Math.max(4, Math.ceil(Math.max(one.length, other.length) * 0.6));
  return one.slice(0, least) === other.slice(0, least) && Math.min(one.length, other.length) >= least;
}

/** A word that no reply has says little: mostly it is how one asks, not what. Such words of three letters and fewer say nothing. */
const unknownWeighs = 0.35;
const shortWord = 3;

/**
 * Finds canned replies by the words of a question, without a server: `score` is the share of the question's words that stand in a reply. A word weighs
 * ln(1 + replies / replies that have it), one that none has 0.35 ln(1 + replies), and nothing when it is short.
 * Replies with something to fill in are left out.
 */
export function findReplies(
  replies: readonly { id: string; title: string; text: string }[],
  query: string,
  limit: number,
): BotCannedReply[] {
  const ready = replies
    .filter(({ text }) => !text.includes('{{'))
    .map((reply) => ({ reply, words: new Set(wordsOf(`${reply.title} ${reply.text}`)) }));
  const asked = [...new Set(wordsOf(query))].slice(0, 40).map((word) => {
    const having = ready.filter(({ words }) => [...words].some((known) => isLike(known, word)));
    if (having.length > 0) return { having, weight: Math.log(1 + ready.length / having.length) };
    return { having, weight: word.length > shortWord ? unknownWeighs * Math.log(1 + ready.length) : 0 };
  });
  const total = asked.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return [];
  return ready
    .map((one) => {
      const found = asked.reduce((sum, { having, weight }) => (having.includes(one) ? sum + weight : sum), 0);
      const { id, title, text } = one.reply;
      return { id, title, text, score: found / total };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, limit);
}
