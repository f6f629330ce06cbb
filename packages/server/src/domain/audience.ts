import type { ConversationEvent, ConversationState, EventBody } from '@sveiki/protocol';
import { type StoredEvent, staffView } from './log.ts';

/**
 * Who reads. This file is the one place that decides what a reader may see: every path out of the relay (socket, history, lists, export) goes
 * through `viewEvent` and `viewState`.
 */
export type Reader = { kind: 'visitor'; id: string } | { kind: 'agent'; id: string };

/** The event as this reader may see it, in his own count; null when it is not for him. */
export function viewEvent(event: StoredEvent, reader: Reader['kind']): ConversationEvent | null {
  if (reader === 'agent') return staffView(event);
  if (event.audience !== 'public' || event.publicSeq === null) return null;
  const { conversation, publicSeq, id, at, actor, audience } = event;
  return { conversation, seq: publicSeq, publicSeq, id, at, actor, audience, body: publicBody(event.body) };
}

/** What visitors never get, even of public events: the reason of a routing decision, the wrap-up code, what a bot told people about them. */
function publicBody(body: EventBody): EventBody {
  switch (body.kind) {
    case 'assigned':
      return { kind: body.kind, owner: body.owner, team: body.team, how: body.how };
    case 'resolved':
      return { kind: body.kind };
    case 'handoff-requested':
      return { kind: body.kind, handoff: body.handoff, by: body.by };
    case 'asked': {
      const { about: _, ...rest } = body;
      return rest;
    }
    default:
      return body;
  }
}

/** The state as this reader may see it: exactly what `applyEvent` over his view of the log gives. */
export function viewState(state: ConversationState, reader: Reader['kind']): ConversationState {
  if (reader === 'agent') return state;
  const { routing: _routing, offer: _offer, passedBy: _passedBy, passedAt: _passedAt, ...rest } = state;
  return { ...rest, head: state.publicHead, wrapUp: null };
}

/** Whether a reader may see a conversation at all. Of staff, people may see all; what is a bot's business says `mayRead` (access.ts). */
export function maySee(state: ConversationState, reader: Reader): boolean {
  return reader.kind === 'agent' || state.visitor.id === reader.id;
}
