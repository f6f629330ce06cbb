import type { CommandFrame, ConversationState } from '@sveiki/protocol';
import type { Draft } from '../domain/log.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import type { Command, View } from './command.ts';
import type { Directory, StaffMember } from './directory.ts';

/** What all commands of an agent on a conversation share: it must exist, he must be active, and the decision is the domain's. */
export function actOnConversation(
  agent: string,
  frame: Extract<CommandFrame, { conversation: string }>,
  directory: Directory,
  decide: (state: ConversationState, self: StaffMember, view: View) => Draft[] | Refusal,
  files: readonly string[] = [],
): Command {
  return {
    author: `a:${agent}`,
    id: frame.id,
    needs: [frame.conversation],
    files,
    decide(view) {
      const state = view.state(frame.conversation);
      const self = directory.agent(agent);
      if (self === null || !self.active) return refuse('forbidden');
      if (state === null) return refuse('not-found');
      const drafts = decide(state, self, view);
      return isRefusal(drafts) ? drafts : { conversation: state.id, site: view.siteOf(state.id) ?? '', drafts };
    },
  };
}
