import { type ConversationEvent, type ConversationState, isKind, type WatchedConversation } from '@sveiki/sdk/agent';
import { texts } from '../texts.ts';
import { cleaned, shortName } from './names.ts';
import { languageName, ownerName } from './people.ts';
import { inWords } from './values.ts';

/** What the one who hands over says to the person who comes. */
export interface Handoff {
  state: 'requested' | 'accepted' | 'failed';
  at: number;
  /** "Helper (bot) asks for a person" */
  heading: string;
  reason: string | null;
  summary: string | null;
  facts: readonly { label: string; value: string }[];
  /** Why nobody came; null while somebody may. */
  failure: string | null;
}

type Known = Pick<ConversationState, 'handoff' | 'lastBot'>;

/** Who asked for a person, in a few words for a row; null when nobody did, or somebody came. */
export function handoffMark({ handoff, lastBot }: Known): string | null {
  if (handoff === undefined || handoff.state === 'accepted') return null;
  return askedBy(handoff.by, lastBot === undefined ? null : ownerName(lastBot));
}

function askedBy(by: NonNullable<Known['handoff']>['by'], bot: string | null): string {
  const words = texts.handoff.by;
  return by === 'bot' ? words.bot(bot ?? texts.handoff.aBot) : words[by];
}

/** The newest handoff of a conversation with everything the log knows of it; null when there was none. */
export function handoffOf({ state, events }: Pick<WatchedConversation, 'state' | 'events'>): Handoff | null {
  const { handoff } = state;
  if (handoff === undefined) return null;
  const isThis = (event: ConversationEvent) => 'handoff' in event.body && event.body.handoff === handoff.id;
  const asked = events.findLast((event) => isKind(event, 'handoff-requested') && isThis(event));
  const failed = events.findLast((event) => isKind(event, 'handoff-failed') && isThis(event));
  const details = asked?.body.kind === 'handoff-requested' ? asked.body.details : undefined;
  const asker = asked?.actor.kind === 'bot' ? ownerName({ ...asked.actor, bot: true }) : null;
  const words = texts.handoff;
  const facts: { label: string; value: string }[] = [];
  if (details?.intent) facts.push({ label: words.intent, value: shortName(details.intent) });
  if (details?.language)
    facts.push({ label: words.language, value: languageName(details.language) ?? shortName(details.language) });
  if (details?.sentiment) facts.push({ label: words.mood, value: words.moods[details.sentiment] });
  for (const [label, value] of Object.entries(details?.collected ?? {}))
    facts.push({ label: labelOf(label), value: inWords(value) });
  return {
    state: handoff.state,
    at: handoff.at,
    heading: askedBy(handoff.by, asker ?? (state.lastBot === undefined ? null : ownerName(state.lastBot))),
    reason: cleaned(details?.reason ?? '') || null,
    summary: details?.summary?.trim() || null,
    facts,
    failure: failed?.body.kind === 'handoff-failed' ? words.failed[failed.body.why] : null,
  };
}

/** "Order number" of `order-number` or `orderNumber`: keys are for programs. */
export function labelOf(key: string): string {
  const words = shortName(key.replace(/[-_.]+/g, ' ').replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2'));
  return words.charAt(0).toLocaleUpperCase() + words.slice(1).toLocaleLowerCase();
}
