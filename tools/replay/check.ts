import type { Role, Script } from './scripts.ts';
import type { Acked, Shown } from './visitor.ts';

/** What became of one script. */
export interface Played {
  script: Script;
  /** Where it was stored; null when not even its first message was. */
  conversation: string | null;
  acked: readonly Acked[];
  /** What both screens showed at the end; null when the conversation did not get there. */
  screens: { visitor: readonly Shown[]; agent: readonly Shown[] } | null;
}

/** A public message as the store has it, in the order of the log. */
export interface StoredMessage {
  conversation: string;
  id: string;
  role: Role;
  text: string;
}

export interface Verdict {
  conversations: number;
  /** Stored transcript and both screens equal the script: same words, same order, same roles. */
  identical: number;
  acked: number;
  /** Acknowledged, and not in its conversation. */
  lost: number;
  /** Stored more often than it was said, or in a conversation that nobody began. */
  doubled: number;
  differences: string[];
}

/** Holds what is stored against what was said and what was acknowledged. */
export function check(played: readonly Played[], stored: readonly StoredMessage[]): Verdict {
  const verdict: Verdict = {
    conversations: played.length,
    identical: 0,
    acked: 0,
    lost: 0,
    doubled: 0,
    differences: [],
  };
  const transcripts = new Map<string, StoredMessage[]>();
  for (const message of stored) {
    const transcript = transcripts.get(message.conversation);
    if (transcript === undefined) transcripts.set(message.conversation, [message]);
    else transcript.push(message);
  }
  const known = new Set<string>();
  for (const { script, conversation, acked, screens } of played) {
    const transcript = (conversation === null ? undefined : transcripts.get(conversation)) ?? [];
    if (conversation !== null) known.add(conversation);
    const times = new Map<string, number>();
    for (const { id } of transcript) times.set(id, (times.get(id) ?? 0) + 1);
    const lost = acked.filter((ack) => ack.conversation !== conversation || !times.has(ack.id)).length;
    const extra = countExtra(script.turns, transcript);
    verdict.acked += acked.length;
    verdict.lost += lost;
    verdict.doubled += extra;
    const difference =
      firstDifference('stored', script.turns, transcript) ??
      (screens === null ? 'it was not finished' : null) ??
      firstDifference('on the visitor’s screen', script.turns, screens?.visitor ?? []) ??
      firstDifference('on the agent’s screen', script.turns, screens?.agent ?? []);
    if (difference === null && lost === 0) verdict.identical++;
    else
      verdict.differences.push(
        `${script.id} (${conversation}): ${difference ?? `${lost} acknowledged messages are lost`}`,
      );
  }
  for (const [conversation, messages] of transcripts) {
    if (known.has(conversation)) continue;
    verdict.doubled += messages.length;
    verdict.differences.push(`${conversation}: ${messages.length} messages in a conversation that no script began`);
  }
  return verdict;
}

/** Messages beyond those of the script, by role and words. */
function countExtra(turns: readonly Shown[], messages: readonly Shown[]): number {
  const said = new Map<string, number>();
  for (const turn of turns) said.set(keyOf(turn), (said.get(keyOf(turn)) ?? 0) + 1);
  return messages.filter((message) => {
    const left = said.get(keyOf(message)) ?? 0;
    said.set(keyOf(message), left - 1);
    return left <= 0;
  }).length;
}

function firstDifference(where: string, turns: readonly Shown[], messages: readonly Shown[]): string | null {
  for (let i = 0; i < Math.max(turns.length, messages.length); i++) {
    const [turn, message] = [turns[i], messages[i]];
    if (turn !== undefined && message !== undefined && keyOf(turn) === keyOf(message)) continue;
    return `turn ${i + 1} of ${turns.length} is ${lineOf(message)} ${where}, and ${lineOf(turn)} in the script`;
  }
  return null;
}

const lineOf = (shown: Shown | undefined): string =>
  shown === undefined ? 'missing' : `${shown.role}: ${JSON.stringify(shown.text).slice(0, 120)}`;
const keyOf = ({ role, text }: Shown): string => `${role} ${text}`;
