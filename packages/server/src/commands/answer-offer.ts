import type { Accept, Decline } from '@sveiki/protocol';
import { accept, decline, endOffer, offer } from '../domain/offering.ts';
import { isRefusal, refuse } from '../domain/refusal.ts';
import { actOnConversation } from './act-on-conversation.ts';
import type { Command } from './command.ts';
import { type Directory, ownerOf } from './directory.ts';

export function acceptOffer(agent: string, frame: Accept, directory: Directory): Command {
  return actOnConversation(agent, frame, directory, (state, self, view) => accept(state, ownerOf(self), view.now));
}

export function declineOffer(agent: string, frame: Decline, directory: Directory): Command {
  return actOnConversation(agent, frame, directory, (state, self, view) =>
    decline(state, ownerOf(self), view.now, frame.reason),
  );
}

/** Routing asks agents for `offerMs`. Those who are not there any more at commit are not asked; with nobody left nothing is offered. */
export function offerConversation(
  id: string,
  conversation: string,
  agents: readonly string[],
  offerMs: number,
  reason: string,
  directory: Directory,
): Command {
  return {
    author: 's:routing',
    id,
    needs: [conversation],
    decide(view) {
      const state = view.state(conversation);
      const there = agents.flatMap((agent) => {
        const member = directory.agent(agent);
        return member?.available && view.load(agent) < member.capacity ? [ownerOf(member)] : [];
      });
      if (state === null) return refuse('not-found');
      if (there.length === 0) return refuse('no-such-agent');
      const drafts = offer(state, there, view.now + offerMs, reason);
      return isRefusal(drafts) ? drafts : { conversation, site: view.siteOf(conversation) ?? '', drafts };
    },
  };
}

/** The relay ends an offer, whole or for some: time is over, or they left. `until` says which offer is meant. */
export function endOfferOf(
  id: string,
  conversation: string,
  agents: readonly string[],
  how: 'expired' | 'withdrawn',
  until: number,
): Command {
  return {
    author: 's:routing',
    id,
    needs: [conversation],
    decide(view) {
      const state = view.state(conversation);
      if (state === null) return refuse('not-found');
      const drafts = endOffer(state, agents, how, until);
      return isRefusal(drafts) ? drafts : { conversation, site: view.siteOf(conversation) ?? '', drafts };
    },
  };
}
