import { type EventBody, unreachable } from '@sveiki/protocol';
import type { HookEvent } from '@sveiki/sdk/config';

/** What a webhook calls an event; null for those that are never posted (answers that are not final). */
export function webhookType(body: EventBody): string | null {
  switch (body.kind) {
    case 'started':
      return 'conversation.created';
    case 'message':
      return 'message.created';
    case 'note':
      return 'note.created';
    case 'assigned':
      return body.how === 'transferred' ? 'conversation.transferred' : 'conversation.assigned';
    case 'queued':
      return 'conversation.queued';
    case 'status':
      return 'conversation.status';
    case 'resolved':
      return 'conversation.closed';
    case 'reopened':
      return 'conversation.reopened';
    case 'identified':
      return 'visitor.identified';
    case 'consent':
      return body.given ? 'consent.given' : 'consent.withdrawn';
    case 'routed':
      return 'conversation.routed';
    case 'offered':
      return 'offer.made';
    case 'offer-ended':
      return { declined: 'offer.declined', expired: 'offer.missed', withdrawn: 'offer.withdrawn' }[body.how];
    case 'handoff-requested':
      return 'handoff.requested';
    case 'handoff-failed':
      return 'handoff.failed';
    case 'asked':
      return body.survey === undefined ? 'form.sent' : 'survey.sent';
    case 'answered':
      if (!body.final) return null;
      return body.survey === undefined ? 'form.submitted' : 'survey.answered';
    case 'drafted':
      return 'draft.created';
    case 'tool-called':
      return 'tool.called';
    case 'erased':
      return 'conversation.erased';
    default:
      return unreachable(body);
  }
}

const TYPES = [
  ...['created', 'assigned', 'transferred', 'queued', 'status', 'routed', 'closed', 'reopened', 'erased'].map(
    (name) => `conversation.${name}`,
  ),
  ...['message.created', 'note.created', 'visitor.identified', 'draft.created', 'tool.called'],
  ...['made', 'declined', 'missed', 'withdrawn'].map((name) => `offer.${name}`),
  ...['handoff.requested', 'handoff.failed', 'survey.sent', 'survey.answered', 'form.sent', 'form.submitted'],
  ...['consent.given', 'consent.withdrawn'],
];

/** Whether a webhook that asks for this name would ever be posted anything. */
export function isWebhookName(name: string): boolean {
  return TYPES.some((type) => wants([name], type));
}

/** Whether somebody who asked for these names wants this one: `conversation.*` is all that begins so, null is everything. */
export function wants(names: readonly string[] | null, type: string): boolean {
  if (names === null) return true;
  return names.some(
    (name) => name === type || name === '*' || (name.endsWith('.*') && type.startsWith(name.slice(0, -1))),
  );
}

/**
 * `{ type, timestamp, data }` of Standard Webhooks. `data` has the event as staff sees it, without the syntax trees of texts (`text` is the source),
 * the site, and the conversation as it is now.
 */
export function webhookBody({ site, event, conversation }: HookEvent, type: string): string {
  const body: EventBody = event.body;
  const plain = 'blocks' in body ? { ...body, blocks: body.blocks.map(withoutTree) } : body;
  return JSON.stringify({
    type,
    timestamp: new Date(event.at).toISOString(),
    data: { site, conversation, event: { ...event, body: plain } },
  });
}

function withoutTree<T extends object>(block: T): Omit<T, 'tree'> {
  const { tree: _, ...rest } = block as T & { tree?: unknown };
  return rest;
}
