import { ChatError } from '../chat-error.ts';
import type { Chat, ChatOptions } from './types.ts';

/** Makes a chat for one visitor. Opens nothing and stores nothing until `connect` or `send`. */
export function createChat({ site }: ChatOptions): Chat {
  throw new ChatError('bad-option', `The chat of ${site} cannot begin yet.`);
}
