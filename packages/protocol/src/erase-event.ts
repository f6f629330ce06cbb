import type { ConversationEvent, EventBody } from './entities/event.ts';
import type { Answers } from './entities/exchange.ts';

type Erased = Extract<EventBody, { kind: 'erased' }>;

/** Points of a scale. A larger number may be a customer's, and is no score. */
const MAX_POINTS = 10;

/**
 * What is left of an event after an `erased` one: its kind, number, time and, of answers, the points that were given. The relay overwrites what it
 * has stored with this; whoever holds events in memory does the same, so that both have the same log. Applying it twice changes nothing more.
 */
export function eraseEvent<E extends Pick<ConversationEvent, 'seq' | 'at' | 'actor' | 'body'>>(
  event: E,
  erased: { seq: number; body: Erased },
): E {
  const { before, visitor, what } = erased.body;
  if (before === undefined ? event.seq >= erased.seq : event.at >= before) return event;
  const body = what === 'person' ? withoutPerson(event.body, visitor ?? '') : withoutWords(event.body, what);
  if (visitor === undefined || event.actor.kind !== 'visitor') return body === event.body ? event : { ...event, body };
  return { ...event, body, actor: { kind: 'visitor', id: visitor } };
}

function withoutWords(body: EventBody, what: 'messages' | 'answers'): EventBody {
  if (body.kind === 'answered') return what === 'answers' ? { ...body, answers: points(body.answers) } : body;
  if (what === 'answers') return body;
  switch (body.kind) {
    case 'message':
    case 'note':
    case 'drafted':
      return { ...body, blocks: [] };
    case 'started':
      return { ...body, visit: null };
    case 'handoff-requested':
      return { kind: body.kind, handoff: body.handoff, by: body.by };
    case 'tool-called':
      return { kind: body.kind, tool: body.tool, input: {}, outcome: body.outcome };
    default:
      return body;
  }
}

/** Every kind is named: a new one has to say what of it is about the visitor. */
function withoutPerson(body: EventBody, visitor: string): EventBody {
  switch (body.kind) {
    case 'message':
    case 'note':
    case 'drafted':
    case 'handoff-requested':
    case 'tool-called':
      return withoutWords(body, 'messages');
    case 'started':
      return { ...body, visitor: { id: visitor, name: null }, locale: null, visit: null };
    case 'identified':
      return { kind: body.kind, name: null, email: null, externalId: '' };
    case 'answered':
      return { ...body, answers: points(body.answers) };
    case 'asked':
      // Surveys are the configuration's, and results are counted by their fields; any other form may have been written for this one person.
      return body.survey === undefined
        ? { ...body, form: { id: body.form.id, purpose: body.form.purpose, fields: [] } }
        : body;
    case 'routed':
      return { ...body, reason: '' };
    case 'offered':
      return { ...body, reason: '' };
    case 'assigned':
    case 'offer-ended': {
      const { reason: _, ...rest } = body;
      return rest;
    }
    case 'queued':
    case 'consent':
    case 'status':
    case 'resolved':
    case 'reopened':
    case 'handoff-failed':
    case 'erased':
      return body;
    default:
      return unknownKind(body);
  }
}

/** A client of an older build knows nothing of it, so it does not show it either. The parameter keeps the switch exhaustive. */
function unknownKind(body: never): EventBody {
  return body;
}

function points(answers: Answers): Answers {
  return Object.fromEntries(
    Object.entries(answers).filter(
      ([, value]) => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_POINTS,
    ),
  );
}
