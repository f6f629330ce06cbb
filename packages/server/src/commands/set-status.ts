import type { SetStatus } from '@sveiki/protocol';
import { setStatus } from '../domain/waiting.ts';
import { actOnConversation } from './act-on-conversation.ts';
import type { Command } from './command.ts';
import { type Directory, ownerOf } from './directory.ts';

export function setConversationStatus(agent: string, frame: SetStatus, directory: Directory): Command {
  return actOnConversation(agent, frame, directory, (state, self) =>
    setStatus(state, ownerOf(self), frame.ownership, frame.status),
  );
}
