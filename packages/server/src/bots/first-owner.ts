import type { ConversationState } from '@sveiki/protocol';
import type { Directory } from '../commands/directory.ts';
import type { SiteConfig } from '../config-types.ts';

/** The bot that new conversations of a site come to before people are asked; null without one, or while it is not there. */
export function firstOwner(
  sites: readonly Pick<SiteConfig, 'key' | 'bot'>[],
  site: string,
  directory: Pick<Directory, 'agent'>,
): string | null {
  const bot = sites.find(({ key }) => key === site)?.bot;
  return bot !== undefined && directory.agent(bot)?.available === true ? bot : null;
}

/** Nobody had it yet, and nobody was asked for: it may still come to its site's bot. */
export function isNew(state: ConversationState): boolean {
  return state.owner === null && state.ownership === 1 && state.status !== 'resolved' && state.handoff === undefined;
}
