import type { CancelHandoff, ConversationState, Handoff, RequestHuman } from '@sveiki/protocol';
import { failHandoff, type HandoffFailure, handOff, requestPerson, takeFromBot } from '../domain/handing-off.ts';
import type { Draft } from '../domain/log.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import type { Author } from '../ports.ts';
import { actOnConversation } from './act-on-conversation.ts';
import type { Command, View } from './command.ts';
import { type Directory, ownerOf } from './directory.ts';

/** The bot gives its conversation to people. A team it names must exist. */
export function handOffConversation(bot: string, frame: Handoff, directory: Directory): Command {
  return actOnConversation(bot, frame, directory, (state, self) => {
    const { team: named, ...details } = frame.details;
    const team = named === undefined ? directory.handoffTeam : directory.team(named);
    if (named !== undefined && team === null) return refuse('no-such-team');
    return handOff(state, ownerOf(self), frame.ownership, frame.id, details, team);
  });
}

export function requestHuman(visitor: string, frame: RequestHuman, directory: Directory): Command {
  return asVisitor(visitor, frame, (state) => requestPerson(state, frame.id, directory.handoffTeam));
}

/** The visitor does not want to wait: back to the bot that had it, if there is one. */
export function cancelHandoff(visitor: string, frame: CancelHandoff, directory: Directory): Command {
  return asVisitor(visitor, frame, (state) => {
    if (state.handoff?.state !== 'requested') return [];
    return failHandoff(state, state.handoff.id, 'cancelled-by-visitor', botOf(state, directory));
  });
}

/** The relay says that nobody came. `back`: the bot goes on. */
export function endHandoff(
  id: string,
  conversation: string,
  handoff: string,
  why: HandoffFailure,
  back: boolean,
  directory: Directory,
): Command {
  return bySystem('s:handoff', id, conversation, (state) =>
    failHandoff(state, handoff, why, back ? botOf(state, directory) : null),
  );
}

/** The relay takes a conversation from its bot: the bot failed, or a rule of the site says so. */
export function takeConversationFromBot(
  id: string,
  conversation: string,
  reason: string,
  directory: Directory,
): Command {
  return bySystem('s:handoff', id, conversation, (state) => takeFromBot(state, id, reason, directory.handoffTeam));
}

function botOf(state: ConversationState, directory: Directory) {
  const bot = state.lastBot === undefined ? null : directory.agent(state.lastBot.id);
  return bot?.available ? ownerOf(bot) : null;
}

/** A command of a visitor on a conversation of his. */
export function asVisitor(
  visitor: string,
  frame: { id: string; conversation: string },
  decide: (state: ConversationState, view: View) => Draft[] | Refusal,
): Command {
  return {
    author: `v:${visitor}`,
    id: frame.id,
    needs: [frame.conversation],
    decide(view) {
      const state = view.state(frame.conversation);
      if (state === null || state.visitor.id !== visitor) return refuse('not-found');
      const drafts = decide(state, view);
      return isRefusal(drafts) ? drafts : { conversation: state.id, site: view.siteOf(state.id) ?? '', drafts };
    },
  };
}

/** A command of the relay itself. */
export function bySystem(
  author: Author,
  id: string,
  conversation: string,
  decide: (state: ConversationState, view: View) => Draft[] | Refusal,
): Command {
  return {
    author,
    id,
    needs: [conversation],
    decide(view) {
      const state = view.state(conversation);
      if (state === null) return refuse('not-found');
      const drafts = decide(state, view);
      return isRefusal(drafts) ? drafts : { conversation, site: view.siteOf(conversation) ?? '', drafts };
    },
  };
}
