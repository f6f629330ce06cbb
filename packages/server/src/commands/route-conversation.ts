import { requeue, route } from '../domain/assignment.ts';
import { isRefusal, refuse } from '../domain/refusal.ts';
import type { Command } from './command.ts';
import type { Directory } from './directory.ts';

/** The relay gives a waiting conversation to an agent. Asked again at commit: he may have no room left, or somebody took it. */
export function routeConversation(
  id: string,
  conversation: string,
  agent: string,
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
      const candidate = directory.agent(agent);
      if (state === null || candidate === null) return refuse('not-found');
      const drafts = route(state, { ...candidate, load: view.load(agent, candidate.capacity) }, extra, reason);
      return isRefusal(drafts) ? drafts : { conversation, site: view.siteOf(conversation) ?? '', drafts };
    },
  };
}

/** The relay takes a conversation from an agent who is gone, and queues it again. */
export function requeueConversation(
  id: string,
  conversation: string,
  agent: string,
  why: 'agent-lost' | 'agent-left',
): Command {
  return {
    author: 's:routing',
    id,
    needs: [conversation],
    decide(view) {
      const state = view.state(conversation);
      if (state === null) return refuse('not-found');
      const drafts = requeue(state, agent, why);
      return isRefusal(drafts) ? drafts : { conversation, site: view.siteOf(conversation) ?? '', drafts };
    },
  };
}
