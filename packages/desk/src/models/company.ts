import type { WatchedConversation } from '@sveiki/sdk/agent';

type Viewer = WatchedConversation['viewers'][number];

/** What a colleague does in a conversation. Only a reply is a reason to hold one's own back. */
export type Doing = 'replying' | 'noting' | 'looking';

export function doingOf({ typing, note }: Viewer): Doing {
  if (!typing) return 'looking';
  return note ? 'noting' : 'replying';
}

/** Who else is in a conversation, by what they do; only what somebody does, the most pressing first. */
export function companyOf(viewers: readonly Viewer[]): { doing: Doing; names: string[] }[] {
  return (['replying', 'noting', 'looking'] as const)
    .map((doing) => ({
      doing,
      names: viewers.filter((viewer) => doingOf(viewer) === doing).map(({ name }) => name),
    }))
    .filter(({ names }) => names.length > 0);
}
