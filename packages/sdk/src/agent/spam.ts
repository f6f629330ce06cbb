import type { BlockEntry, SpamOverview } from '@sveiki/protocol';
import type { Ask } from './desk-api.ts';

/** What nobody wanted, and who may not write. Agents mark and take back; leads and above see and change all blocks. Times in milliseconds. */
export interface Spam {
  /**
   * Resolves a conversation as spam: no list shows it and no number counts it. With `block` its visitor cannot write for a time (at most 30 days), with
   * `address` nobody can from where he wrote last, if the relay still knows that. Resolves with what was blocked.
   * @throws {ChatError} not-owner (somebody else has it, or it has moved on), already-resolved, not-found
   */
  mark(
    conversation: string,
    options: { ownership: number; block?: { forMs: number; address: boolean } },
  ): Promise<{ visitor: boolean; address: boolean }>;
  /** Opens it again and takes out what was blocked with it. @throws {ChatError} changed-meanwhile, already-taken (the visitor has another open one) */
  undo(conversation: string): Promise<void>;
  /** Who is blocked now, and the newest spam. @throws {ChatError} forbidden */
  list(): Promise<SpamOverview>;
  /** Blocks an address or a range, for a time or (null) until it is taken out. @throws {ChatError} bad-frame (it is none, or too wide), forbidden */
  block(network: string, options: { reason: string; forMs: number | null }): Promise<BlockEntry>;
  /** @throws {ChatError} not-found, forbidden */
  unblock(id: string): Promise<void>;
}

export function createSpam(ask: Ask): Spam {
  return {
    mark: async (conversation, options) =>
      (await ask<{ blocked: { visitor: boolean; address: boolean } }>('spam/mark', { conversation, ...options }))
        .blocked,
    async undo(conversation) {
      await ask('spam/undo', { conversation });
    },
    list: () => ask('spam/list', {}),
    block: async (network, options) => (await ask<{ block: BlockEntry }>('spam/block', { network, ...options })).block,
    async unblock(id) {
      await ask('spam/unblock', { id });
    },
  };
}
