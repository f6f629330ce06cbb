import type { Note } from '@sveiki/protocol';
import { agentNotes } from '../domain/sending.ts';
import { actOnConversation } from './act-on-conversation.ts';
import type { Command } from './command.ts';
import { type Directory, ownerOf } from './directory.ts';

export function addNote(agent: string, frame: Note, directory: Directory): Command {
  return actOnConversation(agent, frame, directory, (_state, self) => agentNotes(ownerOf(self), frame.blocks));
}
