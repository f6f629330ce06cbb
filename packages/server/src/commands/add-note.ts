import type { Note } from '@sveiki/protocol';
import { mayRead } from '../domain/access.ts';
import { filesIn } from '../domain/attaching.ts';
import { refuse } from '../domain/refusal.ts';
import { agentNotes } from '../domain/sending.ts';
import { actOnConversation } from './act-on-conversation.ts';
import type { Command } from './command.ts';
import { type Directory, ownerOf } from './directory.ts';

export function addNote(agent: string, frame: Note, directory: Directory): Command {
  return actOnConversation(
    agent,
    frame,
    directory,
    (state, self, view) =>
      mayRead(state, self, directory.isDrafter(self.id))
        ? agentNotes(ownerOf(self), frame.blocks, (id) => view.file(id, `a:${agent}`))
        : // As if it were not there: a bot learns nothing of what is none of its business.
          refuse('not-found'),
    filesIn(frame),
  );
}
