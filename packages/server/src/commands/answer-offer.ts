import type { Accept, Decline } from '@sveiki/protocol';
import { isRefusal, refuse } from '../domain/refusal.ts';
import { hasRoom } from '../domain/routing/capacity.ts';
import { weightIn } from '../domain/routing/carrying.ts';
import { acceptOffer, declineOffer, expireOffer, makeOffer, withdrawOffer } from '../domain/routing/offers.ts';
import { actOnConversation } from './act-on-conversation.ts';
import type { Command } from './command.ts';
import { type Directory, ownerOf } from './directory.ts';
import { bySystem } from './hand-off.ts';

export function acceptConversation(agent: string, frame: Accept, directory: Directory): Command {
  return actOnConversation(agent, frame, directory, (state, self, view) => acceptOffer(state, ownerOf(self), view.now));
}

export function declineConversation(agent: string, frame: Decline, directory: Directory): Command {
  return actOnConversation(agent, frame, directory, (state, self, view) =>
    declineOffer(state, ownerOf(self), frame.reason, view.now),
  );
}

/** Routing asks agents for `offerMs`. Those who are not there any more at commit are not asked; with nobody left nothing is offered. */
export function offerConversation(
  id: string,
  conversation: string,
  agents: readonly string[],
  offerMs: number,
  extra: number,
  reason: string,
  directory: Directory,
): Command {
  return {
    author: 's:routing',
    id,
    needs: [conversation],
    decide(view) {
      const state = view.state(conversation);
      if (state === null) return refuse('not-found');
      const there = agents.flatMap((agent) => {
        const member = directory.agent(agent);
        if (!member?.available) return [];
        const load = view.load(agent, member.capacity);
        return hasRoom({ load, capacity: member.capacity }, weightIn(state), extra) ? [ownerOf(member)] : [];
      });
      if (there.length === 0) return refuse('no-such-agent');
      const drafts = makeOffer(state, there, view.now + offerMs, reason);
      return isRefusal(drafts) ? drafts : { conversation, site: view.siteOf(conversation) ?? '', drafts };
    },
  };
}

/** The time of an offer is over. Nothing happens when it ended meanwhile, or another one runs. */
export function expireOfferOf(id: string, conversation: string): Command {
  return bySystem('s:routing', id, conversation, (state, view) => expireOffer(state, view.now));
}

/** Some of those who are asked are not there any more. */
export function withdrawOfferOf(id: string, conversation: string, agents: readonly string[]): Command {
  return bySystem('s:routing', id, conversation, (state) => withdrawOffer(state, agents));
}
