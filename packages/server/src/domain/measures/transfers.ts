import { type ConversationEvent, isKind } from '@sveiki/protocol';
import { type Interval, percent, wilson } from './statistics.ts';

/** What M22 needs of one conversation. */
export interface TransferRow {
  conversation: string;
  humanReplied: boolean;
  /** From an agent to an agent or a team, after the first human reply. Routing before it is none. */
  transfers: number;
  /** How often a transfer led back to somebody who had owned it before. */
  bounced: number;
}

/** Counts the transfers of one conversation, from its log in order. */
export function transfersOf(conversation: string, events: readonly ConversationEvent[]): TransferRow {
  const row: TransferRow = { conversation, humanReplied: false, transfers: 0, bounced: 0 };
  const owners = new Set<string>();
  let onItsWay = false;
  for (const event of events) {
    if (isKind(event, 'message') && event.actor.kind === 'agent') row.humanReplied = true;
    const byHand =
      (isKind(event, 'assigned') && event.body.how === 'transferred') ||
      (isKind(event, 'queued') && event.body.why === 'transferred');
    if (byHand && row.humanReplied) {
      row.transfers++;
      onItsWay = true;
    }
    if (isKind(event, 'assigned')) {
      if (onItsWay && owners.has(event.body.owner.id)) row.bounced++;
      owners.add(event.body.owner.id);
      onItsWay = false;
    }
  }
  return row;
}

/** M22 over conversations that began in the period (G7). */
export interface TransferRate {
  /** Conversations with a human reply. */
  n: number;
  transferred: number;
  /** In percent. */
  rate: number | null;
  interval: Interval | null;
  perConversation: number | null;
  bounced: number;
}

export function transferRate(rows: readonly TransferRow[]): TransferRate {
  const counted = rows.filter((row) => row.humanReplied);
  const transferred = counted.filter((row) => row.transfers > 0).length;
  const all = counted.reduce((sum, row) => sum + row.transfers, 0);
  return {
    n: counted.length,
    transferred,
    rate: percent(transferred, counted.length),
    interval: wilson(transferred, counted.length),
    perConversation: counted.length === 0 ? null : all / counted.length,
    bounced: counted.reduce((sum, row) => sum + row.bounced, 0),
  };
}
