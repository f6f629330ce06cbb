import {
  type Actor,
  type Audience,
  applyEvent,
  type ConversationEvent,
  type ConversationState,
  type EventBody,
  LIMITS,
  type Receipt,
  type SnapshotBody,
} from '@sveiki/protocol';

export type ReaderKind = 'visitor' | 'agent';

/** A conversation as the fake server keeps it: staff's log, and how far each reader is (`visitor` or an agent's id). */
export interface Conversation {
  site: string;
  state: ConversationState;
  events: ConversationEvent[];
  cursors: Map<string, { delivered: number; read: number }>;
}

/** An event that was decided and has no number yet. `primary` is the one the ack speaks of. */
export interface Draft {
  actor: Actor;
  body: EventBody;
  audience?: Audience;
  primary?: boolean;
}

/** Appends drafts of the command `id`; begins the log when there is none. Returns the numbered events, the primary one first. */
export function append(
  before: Conversation | null,
  drafts: readonly Draft[],
  { conversation, site, id, at }: { conversation: string; site: string; id: string; at: number },
): { conversation: Conversation; events: ConversationEvent[]; primary: ConversationEvent } {
  const kept: Conversation = before ?? {
    site,
    state: null as unknown as ConversationState,
    events: [],
    cursors: new Map(),
  };
  const primary = Math.max(
    0,
    drafts.findIndex((draft) => draft.primary === true),
  );
  const events = drafts.map(({ actor, body, audience = 'public' }, i): ConversationEvent => {
    const state = kept.state as ConversationState | null;
    const event: ConversationEvent = {
      conversation,
      seq: (state?.head ?? 0) + 1,
      publicSeq: audience === 'public' ? (state?.publicHead ?? 0) + 1 : null,
      id: i === primary ? id : `${id}~${i}`,
      at,
      actor,
      audience,
      body,
    };
    kept.state = applyEvent(state, event);
    kept.events.push(event);
    return event;
  });
  return { conversation: kept, events, primary: events[primary] as ConversationEvent };
}

/** The event as a reader may see it, in his own count; null when it is not for him. */
export function viewEvent(event: ConversationEvent, reader: ReaderKind): ConversationEvent | null {
  if (reader === 'agent') return event;
  if (event.publicSeq === null) return null;
  const { body } = event;
  const seen: ConversationEvent = { ...event, seq: event.publicSeq };
  if (body.kind === 'resolved') seen.body = { kind: 'resolved' };
  if (body.kind === 'assigned') {
    const { reason: _reason, ...rest } = body;
    seen.body = rest;
  }
  if (body.kind === 'asked') {
    const { about: _about, ...rest } = body;
    seen.body = rest;
  }
  if (body.kind === 'handoff-requested') seen.body = { kind: body.kind, handoff: body.handoff, by: body.by };
  return seen;
}

export function viewState(state: ConversationState, reader: ReaderKind): ConversationState {
  if (reader === 'agent') return state;
  const { routing: _routing, offer: _offer, passedBy: _passedBy, passedAt: _passedAt, ...rest } = state;
  return { ...rest, head: state.publicHead, wrapUp: null };
}

export const viewEvents = (events: readonly ConversationEvent[], reader: ReaderKind): ConversationEvent[] =>
  events.flatMap((event) => viewEvent(event, reader) ?? []);

/** [P1] */
export const STAFF = 'staff';

/** Whose cursors a reader gets: a visitor his own and one for all who own or owned it, staff everybody's. */
export function receiptsOf({ cursors }: Pick<Conversation, 'cursors'>, kind: ReaderKind): Receipt[] {
  return [...cursors].flatMap(([reader, cursor]) => {
    if (reader === 'visitor') return { reader: { kind: 'visitor' }, ...cursor };
    return (reader === STAFF) === (kind === 'visitor') ? { reader: { kind: 'agent', id: reader }, ...cursor } : [];
  });
}

/** [R1] [R2] */
export function snapshotOf(
  conversation: Conversation,
  reader: ReaderKind,
  have = 0,
  pageEvents: number = LIMITS.defaultPageEvents,
): SnapshotBody {
  const state = viewState(conversation.state, reader);
  const events = viewEvents(conversation.events, reader);
  const receipts = receiptsOf(conversation, reader);
  const missing = state.head - have;
  if (have > 0 && missing >= 0 && missing <= LIMITS.maxResumeEvents) {
    return { conversation: state, from: 'have', events: events.slice(have), more: false, receipts };
  }
  const page = events.slice(-pageEvents);
  return { conversation: state, from: 'newest', events: page, more: page.length < events.length, receipts };
}
