import type { Take } from '@sveiki/protocol';
import { take } from '../domain/assignment.ts';
import { actOnConversation } from './act-on-conversation.ts';
import type { Command } from './command.ts';
import type { Directory } from './directory.ts';

export function takeConversation(agent: string, frame: Take, directory: Directory): Command {
  return actOnConversation(agent, frame, directory, (state, self) => take(state, self, frame.ownership));
}
