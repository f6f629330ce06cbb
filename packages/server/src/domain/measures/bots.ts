import { type ConversationEvent, isKind, plainText } from '@sveiki/protocol';
import { type Interval, percent, wilson } from './statistics.ts';

/** After this long without a new contact a conversation counts as contained. */
const RETURN_WINDOW_MS = 86_400_000;

/** What M23 and M24 need of one conversation. */
export interface BotRow {
  conversation: string;
  /** At least one message of a bot, and one of the visitor after it. */
  isBots: boolean;
  humanReplied: boolean;
  requestedAt: number | null;
  /** When a person had it after the request. */
  acceptedAt: number | null;
  /** The last word is a question of the bot: the visitor left in the middle. */
  midFlow: boolean;
  endedAt: number;
  /** When the same person came again; null: not yet. */
  nextContactAt: number | null;
  /** The visitor said that it helped, or rated it 4 or 5 (CSAT). */
  positive: boolean;
}

/** Reads one conversation, from its log in order. The two others are known elsewhere: the person's next contact, and a sign that it helped. */
export function botRow(
  conversation: string,
  events: readonly ConversationEvent[],
  { nextContactAt, positive }: { nextContactAt: number | null; positive: boolean },
): BotRow {
  const row: BotRow = {
    conversation,
    isBots: false,
    humanReplied: false,
    requestedAt: null,
    acceptedAt: null,
    midFlow: false,
    endedAt: events.at(-1)?.at ?? 0,
    nextContactAt,
    positive,
  };
  let botSpoke = false;
  for (const event of events) {
    const { actor, at } = event;
    if (isKind(event, 'handoff-requested')) row.requestedAt ??= at;
    if (isKind(event, 'assigned') && row.requestedAt !== null && !event.body.owner.bot) row.acceptedAt ??= at;
    if (isKind(event, 'asked')) row.midFlow = actor.kind === 'bot';
    if (isKind(event, 'answered')) row.midFlow = false;
    if (!isKind(event, 'message')) continue;
    row.midFlow = actor.kind === 'bot' && /[?؟？]\s*$/.test(plainText(event.body.blocks));
    if (actor.kind === 'bot') botSpoke = true;
    if (actor.kind === 'agent') row.humanReplied = true;
    if (actor.kind === 'visitor' && botSpoke) row.isBots = true;
  }
  return row;
}

/** A share with its count and 95 % Wilson interval, in percent. */
export interface Share {
  count: number;
  percent: number | null;
  interval: Interval | null;
}

/** M23 and M24, side by side: the words are mixed up elsewhere, so the three are always shown together, with the gaps between them. */
export interface BotRates {
  /** Bot conversations old enough that a return would be known. All shares but `acceptance` are of these. */
  n: number;
  /** Younger ones, not counted yet. */
  pending: number;
  /** A person was asked for. */
  handoff: Share;
  /** Requests that a person took, of all requests. */
  acceptance: Share;
  /** From request to a person having it, one for each accepted one. */
  acceptMs: number[];
  /** No human reply and no request. */
  deflected: Share;
  /** Deflected, not left in the middle, and the person did not come again in the window. */
  contained: Share;
  /** Contained, with a sign that it helped. */
  resolved: Share;
  /** In percentage points: deflected but not contained, contained but not resolved. */
  gaps: { deflectedNotContained: number | null; containedNotResolved: number | null };
}

/** @param now only conversations that ended `returnWindowMs` before it are counted */
export function botRates(rows: readonly BotRow[], now: number, returnWindowMs: number = RETURN_WINDOW_MS): BotRates {
  const all = rows.filter((row) => row.isBots);
  const matured = all.filter((row) => row.endedAt + returnWindowMs <= now);
  const requested = matured.filter((row) => row.requestedAt !== null);
  const accepted = requested.filter((row) => row.acceptedAt !== null);
  const deflected = matured.filter((row) => !row.humanReplied && row.requestedAt === null);
  const contained = deflected.filter(
    (row) => !row.midFlow && (row.nextContactAt === null || row.nextContactAt >= row.endedAt + returnWindowMs),
  );
  const resolved = contained.filter((row) => row.positive);
  const of = (some: readonly BotRow[], whole: readonly BotRow[]): Share => ({
    count: some.length,
    percent: percent(some.length, whole.length),
    interval: wilson(some.length, whole.length),
  });
  return {
    n: matured.length,
    pending: all.length - matured.length,
    handoff: of(requested, matured),
    acceptance: of(accepted, requested),
    acceptMs: accepted.map((row) => Math.max(0, (row.acceptedAt ?? 0) - (row.requestedAt ?? 0))),
    deflected: of(deflected, matured),
    contained: of(contained, matured),
    resolved: of(resolved, matured),
    gaps: {
      deflectedNotContained: percent(deflected.length - contained.length, matured.length),
      containedNotResolved: percent(contained.length - resolved.length, matured.length),
    },
  };
}
