import type { StoredMessage } from '../replay/check.ts';
import type { Acked, Shown } from '../replay/visitor.ts';

/** One hand that writes. Nobody else says these words, and it says none twice. */
export interface Author {
  readonly name: string;
  /** In the order they were written. */
  readonly said: string[];
  readonly acked: (Acked & { text: string })[];
  /** Of those written, how many wait for their answer, and how many do not any more. */
  open: number;
  answered: number;
}

/** What somebody has on screen when all is quiet. */
export interface View {
  whose: string;
  conversation: string;
  shown: readonly Shown[];
}

export interface Verdict {
  acked: number;
  /** Acknowledged, and not in its conversation; or said, never refused, and not stored when all was quiet. */
  lost: number;
  /** Stored more often than it was said. */
  doubled: number;
  /** Stored in another order than their author wrote them in. */
  disordered: number;
  /** Screens that show something else than the log. */
  strayViews: number;
  differences: string[];
}

/** Holds the log against what was said, what was acknowledged, and what everybody sees. */
export function judge({
  authors,
  views,
  stored,
}: {
  authors: readonly Author[];
  views: readonly View[];
  stored: readonly StoredMessage[];
}): Verdict {
  const differences: string[] = [];
  const logs = new Map<string, StoredMessage[]>();
  const places = new Map<string, number[]>();
  for (const [index, message] of stored.entries()) {
    const log = logs.get(message.conversation) ?? [];
    logs.set(message.conversation, log);
    log.push(message);
    places.set(message.text, [...(places.get(message.text) ?? []), index]);
  }
  const ids = new Set(stored.map(({ conversation, id, text }) => `${conversation} ${id} ${text}`));
  let [acked, lost, doubled, disordered, strayViews] = [0, 0, 0, 0, 0];
  const known = new Set<string>();

  for (const author of authors) {
    acked += author.acked.length;
    const gone = new Set<string>();
    for (const { conversation, id, text } of author.acked)
      if (!ids.has(`${conversation} ${id} ${text}`)) gone.add(text);
    let last = -1;
    for (const text of author.said) {
      known.add(text);
      const [first, ...more] = places.get(text) ?? [];
      if (first === undefined) {
        gone.add(text);
        continue;
      }
      doubled += more.length;
      if (more.length > 0) differences.push(`"${text}" is stored ${more.length + 1} times`);
      if (first < last) {
        disordered++;
        differences.push(`"${text}" is stored before what was said before it`);
      }
      last = Math.max(last, first);
    }
    lost += gone.size;
    for (const text of gone) differences.push(`"${text}" is lost`);
  }
  for (const text of places.keys()) {
    if (known.has(text)) continue;
    doubled++;
    differences.push(`"${text}" is stored, and nobody said it`);
  }
  for (const { whose, conversation, shown } of views) {
    const log = logs.get(conversation) ?? [];
    const isSame = log.length === shown.length && log.every((message, i) => isShownAs(message, shown[i]));
    if (isSame) continue;
    strayViews++;
    differences.push(`${whose} sees ${shown.length} messages that are not the ${log.length} of the log`);
  }
  return { acked, lost, doubled, disordered, strayViews, differences };
}

const isShownAs = ({ role, text }: StoredMessage, shown: Shown | undefined): boolean =>
  role === shown?.role && text === shown.text;
