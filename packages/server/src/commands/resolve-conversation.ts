import type { Resolve } from '@sveiki/protocol';
import { resolve } from '../domain/closing.ts';
import { actOnConversation } from './act-on-conversation.ts';
import type { Command } from './command.ts';
import type { Directory } from './directory.ts';

export function resolveConversation(agent: string, frame: Resolve, directory: Directory): Command {
  return actOnConversation(agent, frame, directory, (state, self) =>
    resolve(state, self, frame.ownership, { code: frame.wrapUp, known: directory.isWrapUpCode(frame.wrapUp) }),
  );
}
