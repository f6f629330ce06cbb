import type { Actor, Owner } from '@sveiki/protocol';

/** Whoever acts, as the log has it: what a bot does is always marked as a bot's. */
export function actorOf({ id, name, bot }: Owner): Extract<Actor, { kind: 'agent' | 'bot' }> {
  return { kind: bot === true ? 'bot' : 'agent', id, name };
}
