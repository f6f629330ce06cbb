import type { Draft } from '@sveiki/protocol';
import { refuse } from '../domain/refusal.ts';
import { botDrafts } from '../domain/sending.ts';
import { actOnConversation } from './act-on-conversation.ts';
import type { Command } from './command.ts';
import { type Directory, ownerOf } from './directory.ts';

/** A bot proposes a reply to the person who owns the conversation. Only bots that are configured to. */
export function draftMessage(bot: string, frame: Draft, directory: Directory): Command {
  return actOnConversation(bot, frame, directory, (state, self) =>
    directory.isDrafter(bot) ? botDrafts(state, ownerOf(self), frame.blocks, frame.replyTo) : refuse('forbidden'),
  );
}
