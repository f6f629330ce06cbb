import type { Actor, ConversationEvent, EventBody } from '@sveiki/protocol';

const PEOPLE: { readonly [who: string]: Actor } = {
  mia: { kind: 'visitor', id: 'mia' },
  ada: { kind: 'agent', id: 'ada', name: 'Ada' },
  ben: { kind: 'agent', id: 'ben', name: 'Ben' },
  bot: { kind: 'bot', id: 'bot', name: 'Helper' },
  relay: { kind: 'system' },
};

/**
 * The log of a conversation as staff reads it, for tests of what is computed from logs. A line is `[at, who, what]`: `what` is a text that somebody
 * says, or the body of an event. An event may be referred to by its id, `e1`, `e2` … in order.
 */
export function logOf(
  ...lines: [at: number, who: 'mia' | 'ada' | 'ben' | 'bot' | 'relay', what: string | EventBody][]
): ConversationEvent[] {
  return lines.map(([at, who, what], i) => ({
    conversation: 'conversation-0001',
    seq: i + 1,
    publicSeq: i + 1,
    id: `e${i + 1}`,
    at,
    actor: PEOPLE[who] as Actor,
    audience: typeof what === 'object' && what.kind === 'note' ? 'staff' : 'public',
    body: typeof what === 'string' ? { kind: 'message', blocks: [{ kind: 'text', text: what }] } : what,
  }));
}
