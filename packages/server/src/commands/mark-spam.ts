import type { ConversationState } from '@sveiki/protocol';
import type { Draft } from '../domain/log.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import { markSpam, unmarkSpam } from '../domain/spam/marking.ts';
import type { Command, View } from './command.ts';
import type { Directory, StaffMember } from './directory.ts';

/** A command that comes with a request, not with a frame. */
interface Deed {
  id: string;
  conversation: string;
}

export function markConversationAsSpam(
  agent: string,
  deed: Deed & { ownership: number },
  directory: Directory,
): Command {
  return onConversation(agent, deed, directory, (state, self) => markSpam(state, self, deed.ownership));
}

export function unmarkConversation(agent: string, deed: Deed, directory: Directory): Command {
  return onConversation(agent, deed, directory, (state, self, view) =>
    unmarkSpam(state, self, view.currentOf(state.visitor.id)),
  );
}

function onConversation(
  agent: string,
  { id, conversation }: Deed,
  directory: Directory,
  decide: (state: ConversationState, self: StaffMember, view: View) => Draft[] | Refusal,
): Command {
  return {
    author: `a:${agent}`,
    id,
    needs: [conversation],
    decide(view) {
      const state = view.state(conversation);
      const self = directory.agent(agent);
      if (self === null || !self.active || self.role === 'bot') return refuse('forbidden');
      if (state === null) return refuse('not-found');
      const drafts = decide(state, self, view);
      return isRefusal(drafts) ? drafts : { conversation, site: view.siteOf(conversation) ?? '', drafts };
    },
  };
}
