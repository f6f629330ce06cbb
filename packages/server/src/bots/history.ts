import { createHash } from 'node:crypto';
import { plainText } from '@sveiki/protocol';
import type { BotMessage } from '@sveiki/sdk/config';
import type { StoredEvent } from '../ports.ts';

const MAX_HISTORY = 50;

/**
 * What a bot says is named by the visitor's message it answers (`t-<its public number>-…`). So the log itself knows how far the bot is, and a turn that
 * is run again after a crash says nothing twice.
 */
export function turnId(conversation: string, covers: number, count: number): string {
  const rest = createHash('sha256').update(conversation).digest('base64url').slice(0, 22);
  return `t-${covers}-${count}-${rest}`;
}

function coveredBy(event: StoredEvent): number {
  const covers = /^t-(\d+)-/.exec(event.id)?.[1];
  return covers === undefined ? (event.publicSeq ?? 0) : Number(covers);
}

/** What a bot has to answer. */
export interface Pending {
  /** The public number of the newest message of the visitor. */
  covers: number;
  text: string;
  history: BotMessage[];
  /** Nobody said anything to the visitor yet. */
  isFirst: boolean;
}

/** The visitor's newest words that neither this bot (up to `handled`) nor anybody else answered; null when there are none. `events` in their order. */
export function pendingFor(bot: string, events: readonly StoredEvent[], handled: number): Pending | null {
  const messages = events.filter(({ body }) => body.kind === 'message');
  let answered = handled;
  for (const event of messages) {
    const { actor, publicSeq } = event;
    if (actor.kind === 'visitor') continue;
    const covers = actor.kind === 'bot' && actor.id === bot ? coveredBy(event) : (publicSeq ?? 0);
    answered = Math.max(answered, covers);
  }
  const newest = messages.findLast(({ actor }) => actor.kind === 'visitor');
  if (newest?.publicSeq == null || newest.publicSeq <= answered) return null;
  const before = messages.filter((event) => event !== newest);
  return {
    covers: newest.publicSeq,
    text: textOf(newest),
    history: before.slice(-MAX_HISTORY).map((event) => ({ by: event.actor.kind, text: textOf(event), at: event.at })),
    isFirst: before.every(({ actor }) => actor.kind === 'visitor'),
  };
}

function textOf({ body }: StoredEvent): string {
  return body.kind === 'message' ? plainText(body.blocks) : '';
}
