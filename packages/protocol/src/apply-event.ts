import { plainText } from './entities/block.ts';
import type { ConversationState } from './entities/conversation.ts';
import type { ConversationEvent } from './entities/event.ts';
import { LIMITS } from './limits.ts';

/**
 * The one reducer of both ends: the state after `event`. Pure; returns a new object. The state before the first event is null.
 *
 * Events must come in order and without a hole (`event.seq === (state?.head ?? 0) + 1`); what to do about a hole is the caller's question
 * (`gapBefore`), so a wrong order throws. Event kinds this code does not know only move the head.
 */
export function applyEvent(state: ConversationState | null, event: ConversationEvent): ConversationState {
  const expected = (state?.head ?? 0) + 1;
  if (event.seq !== expected)
    throw new Error(`Event ${event.seq} of ${event.conversation} cannot follow ${expected - 1}.`);
  if (state === null) {
    if (event.body.kind !== 'started') throw new Error(`A log begins with "started", not with "${event.body.kind}".`);
    return {
      id: event.conversation,
      channel: event.body.channel,
      visitor: event.body.visitor,
      head: event.seq,
      publicHead: event.publicSeq ?? 0,
      status: 'open',
      team: event.body.team,
      owner: null,
      ownership: 1,
      locale: event.body.locale,
      startedAt: event.at,
      queuedAt: event.at,
      resolvedAt: null,
      wrapUp: null,
      reopenedCount: 0,
      unansweredSince: null,
      last: null,
    };
  }
  const next: Changes = {
    ...state,
    head: event.seq,
    publicHead: event.publicSeq ?? state.publicHead,
    ...changes(state, event),
  };
  for (const part of PASSING) if (part in next && next[part] === undefined) delete next[part];
  return next as ConversationState;
}

/** Parts of a state that come and go; a state never carries what does not hold. */
const PASSING = ['routing', 'offer', 'passedBy', 'passedAt', 'asked'] as const;

/** What an event changes; `undefined` takes a passing part away. */
type Changes = { [K in keyof ConversationState]?: ConversationState[K] | undefined };

/** What ends with the wait for somebody: he has it now, or it waits anew, or it is done. */
const settled = { offer: undefined, passedBy: undefined, passedAt: undefined } satisfies Changes;

function changes(state: ConversationState, { id, at, actor, body, publicSeq }: ConversationEvent): Changes {
  switch (body.kind) {
    case 'started':
      throw new Error('A log has one beginning.');
    case 'message': {
      const text = plainText(body.blocks).slice(0, LIMITS.maxPreviewChars);
      const last = { at, by: actor.kind, text, publicSeq: publicSeq ?? state.publicHead };
      if (actor.kind === 'agent' && state.repliedBy?.id !== actor.id)
        return { last, unansweredSince: null, repliedBy: { id: actor.id, name: actor.name } };
      if (actor.kind !== 'visitor') return { last, unansweredSince: null };
      return {
        last,
        unansweredSince: state.unansweredSince ?? at,
        status: state.status === 'waiting' ? 'open' : state.status,
      };
    }
    case 'note':
      return {};
    case 'assigned':
      return {
        ...settled,
        owner: body.owner,
        team: body.team,
        ownership: state.ownership + 1,
        queuedAt: null,
        ...(body.owner.bot === true ? { lastBot: body.owner } : {}),
        ...(state.handoff?.state === 'requested' && body.owner.bot !== true
          ? { handoff: { ...state.handoff, state: 'accepted' } }
          : {}),
      };
    case 'queued':
      return {
        ...settled,
        // Whoever moved it here meant this queue: what was decided for another one does not hold.
        ...(body.why === 'transferred' || body.why === 'handoff' ? { routing: undefined } : {}),
        owner: null,
        team: body.team,
        ownership: state.ownership + 1,
        queuedAt: at,
      };
    case 'status':
      return { status: body.status };
    case 'resolved':
      return {
        ...settled,
        status: 'resolved',
        resolvedAt: at,
        queuedAt: null,
        wrapUp: body.wrapUp ?? null,
        ownership: state.ownership + 1,
        unansweredSince: null,
      };
    case 'reopened':
      return {
        ...settled,
        routing: undefined,
        status: 'open',
        owner: null,
        ownership: state.ownership + 1,
        queuedAt: at,
        resolvedAt: null,
        wrapUp: null,
        reopenedCount: state.reopenedCount + 1,
      };
    case 'identified':
      return { visitor: { ...state.visitor, name: body.name ?? state.visitor.name } };
    case 'consent': {
      const { kind: _, ...consent } = body;
      return { consent: { ...consent, at } };
    }
    case 'routed': {
      const { kind: _, ...routing } = body;
      return { routing };
    }
    case 'offered':
      return { offer: { agents: body.agents.map(({ id }) => id), until: body.until } };
    case 'offer-ended': {
      const left = state.offer?.agents.filter((agent) => !body.agents.includes(agent)) ?? [];
      const passedBy = body.how === 'withdrawn' ? [] : body.agents;
      return {
        offer: state.offer === undefined || left.length === 0 ? undefined : { ...state.offer, agents: left },
        ...(passedBy.length === 0
          ? {}
          : {
              passedBy: [...(state.passedBy ?? []).filter((agent) => !passedBy.includes(agent)), ...passedBy],
              passedAt: at,
            }),
      };
    }
    case 'handoff-requested':
      return { handoff: { id: body.handoff, by: body.by, at, state: 'requested' } };
    case 'handoff-failed':
      return state.handoff?.id === body.handoff ? { handoff: { ...state.handoff, state: 'failed' } } : {};
    case 'asked':
      return { asked: id };
    case 'answered':
      return body.final && state.asked === body.ask ? { asked: undefined } : {};
    case 'drafted':
    case 'tool-called':
      return {};
    case 'erased': {
      const isCovered = body.before === undefined || (state.last?.at ?? 0) < body.before;
      const last =
        state.last !== null && body.what !== 'answers' && isCovered ? { ...state.last, text: '' } : state.last;
      if (body.visitor === undefined) return { last };
      return {
        last,
        visitor: { id: body.visitor, name: null },
        locale: null,
        routing: state.routing && { ...state.routing, reason: '' },
        erasedAt: at,
      };
    }
    default:
      return unknownKind(body);
  }
}

/** A newer relay may know more kinds: they move the head and change nothing we know of. The parameter keeps the switch exhaustive. */
function unknownKind(_body: never): Changes {
  return {};
}

/** Where an event stands against what a reader has: the next one, one he has already, or one with a hole before it. @see SPEC [E3] */
export function gapBefore(head: number, event: Pick<ConversationEvent, 'seq'>): 'next' | 'seen' | 'gap' {
  if (event.seq <= head) return 'seen';
  return event.seq === head + 1 ? 'next' : 'gap';
}
