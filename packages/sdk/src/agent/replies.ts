import type {
  ImportedReplyFile,
  RenderedReply,
  ReplyContent,
  ReplyHit,
  SavedReply,
  StoredReply,
} from '@sveiki/protocol';
import type { Ask } from './desk-api.ts';

/**
 * The canned replies an agent may use. Everything rejects with {@link ChatError}: `signed-out`, `offline`, `forbidden` (what others use is changed by
 * leads), `not-found` (it is gone, or not his).
 */
export interface Replies {
  /** Best first, at most `limit` (20 by default, up to 50). An empty query gives those used most. A leading `/` does not matter. */
  search(
    query: string,
    options: { conversation: string; limit?: number; signal?: AbortSignal },
  ): Promise<readonly ReplyHit[]>;
  /** The text for the message, with what the agent typed. A missing required value never becomes a text. */
  render(
    id: string,
    options: { conversation: string; values: Readonly<Record<string, string>> },
  ): Promise<RenderedReply>;
  /** A page of all he may see, by title; leads see those of every team. `cursor` of the page before. */
  list(query?: {
    cursor?: string;
    tag?: string;
    scope?: 'me' | 'site' | { team: string };
  }): Promise<{ replies: readonly StoredReply[]; cursor: string | null }>;
  /** Stores a new one, or (with `id`) changes one. Problems come back, each with its way out. */
  save(reply: ReplyContent & { id?: string }): Promise<SavedReply>;
  remove(id: string): Promise<void>;
  /** Stores all that are right, and names what is wrong with the others. Replies with an id that is there are changed. At most 20 MB. */
  importFile(text: string, kind: 'csv' | 'json'): Promise<ImportedReplyFile>;
  /** All he may see, as a file. */
  exportFile(kind: 'csv' | 'json'): Promise<string>;
  /** Call it once for each reply in a message, after the message is sent: usage is counted, and later what became of the conversation. */
  used(id: string, conversation: string): Promise<void>;
}

export function createReplies(ask: Ask): Replies {
  return {
    async search(query, { conversation, limit, signal }) {
      const body = { query, conversation, ...(limit === undefined ? {} : { limit }) };
      return (await ask<{ hits: ReplyHit[] }>('replies/search', body, signal)).hits;
    },
    render: (id, { conversation, values }) => ask('replies/render', { id, conversation, values }),
    list: (query = {}) => ask('replies/list', query),
    save: (reply) => ask('replies/save', { reply }),
    async remove(id) {
      await ask('replies/remove', { id });
    },
    importFile: (text, kind) => ask('replies/import', { text, kind }),
    async exportFile(kind) {
      return (await ask<{ text: string }>('replies/export', { kind })).text;
    },
    async used(id, conversation) {
      await ask('replies/used', { id, conversation });
    },
  };
}
