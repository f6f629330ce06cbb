import { ChatError } from '../chat-error.ts';
import type { Agent, AgentOptions } from './types.ts';

/** Makes a client for one agent: what the desk and bots are built on. Opens nothing until `connect`. */
export function createAgent({ client }: AgentOptions = {}): Agent {
  throw new ChatError('bad-option', `The agent of ${client} cannot begin yet.`);
}
