import type { KeyValue } from '../surroundings/surroundings.ts';

export type Mode = 'reply' | 'note';

/** Drafts nobody came back to are dropped after this: they hold people's words. */
const keptMs = 14 * 24 * 60 * 60_000;
const prefix = 'sveiki.desk.draft.';

/**
 * Unsent texts, one per agent, conversation and mode. They survive a reload and the end of a session; another agent at the same browser does
 * not see them.
 */
export function createDrafts(storage: KeyValue, now: () => number) {
  const keyOf = (agent: string, conversation: string, mode: Mode) => `${prefix}${agent}.${conversation}.${mode}`;
  for (const key of storage.keys()) {
    if (key.startsWith(prefix) && now() - parse(storage.get(key)).at > keptMs) storage.remove(key);
  }
  return {
    read: (agent: string, conversation: string, mode: Mode) =>
      parse(storage.get(keyOf(agent, conversation, mode))).text,
    write(agent: string, conversation: string, mode: Mode, text: string) {
      const key = keyOf(agent, conversation, mode);
      if (text === '') storage.remove(key);
      else storage.set(key, JSON.stringify({ text, at: now() }));
    },
  };
}
export type Drafts = ReturnType<typeof createDrafts>;

function parse(stored: string | null): { text: string; at: number } {
  try {
    const found: unknown = JSON.parse(stored ?? 'null');
    if (typeof found === 'object' && found !== null && 'text' in found && 'at' in found) {
      if (typeof found.text === 'string' && typeof found.at === 'number') return { text: found.text, at: found.at };
    }
  } catch {
    // A broken draft is an empty one.
  }
  return { text: '', at: 0 };
}
