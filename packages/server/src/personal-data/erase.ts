import type { Command, Outcome } from '../commands/command.ts';
import { eraseWords } from '../commands/erase-words.ts';
import { removeAll } from '../files/remove.ts';
import { type AuditNote, type ErasureRow, type FileStore, StorageFull, type Store } from '../ports.ts';
import { personKey, sessionKey } from './keys.ts';
import { overwrite } from './overwrite.ts';

const PAGE = 50;

export interface ErasingParts {
  store: Store;
  files: FileStore;
  now: () => number;
  submit: (command: Command) => Promise<Outcome>;
  /** Whoever is there as this visitor is to be sent away. */
  sendAway: (visitor: string) => void;
  /**
   * Keeps elsewhere that he is gone, and resolves with what is noted of it. Asked before the list forgets who it was: whoever is killed in between
   * begins again, and may ask twice.
   */
  proof: (erased: ErasureRow) => Promise<readonly AuditNote[]>;
}

/**
 * Takes one person out of everything that is read, step by step. Every step may be done again, so that whoever was killed at any point begins at
 * the first: what is done already is found done.
 *
 * @throws when a step could not be done; begin again later
 */
export async function erase(row: ErasureRow, parts: ErasingParts): Promise<ErasureRow> {
  const { store, now } = parts;
  const { visitor, as } = row;
  if (visitor === null) return row;
  await store.saveErasure({ ...row, state: 'erasing', problem: null });
  let counts = { ...row.counts };
  do {
    const sessions = await store.visitorSessions(visitor);
    counts = { ...counts, sessions: Math.max(counts.sessions, sessions.length) };
    await store.shutOut(visitor, [personKey(visitor), ...sessions.map((one) => sessionKey(one.tokenHash))], now());
    parts.sendAway(visitor);
    await closeConversations(row, visitor, parts);
    const files = await removeFiles([visitor, as], parts);
    const words = await overwriteAll(as, store);
    counts = {
      ...counts,
      conversations: words.conversations,
      events: counts.events + words.events,
      files: counts.files + files,
    };
    await store.forgetVisitor(visitor, as);
    // What was on its way when the doors were shut has arrived by now.
  } while (await isThere(visitor, store));
  const erased: ErasureRow = { ...row, state: 'cleaning', visitor: null, erasedAt: now(), counts, problem: null };
  await store.saveErasure(erased, await parts.proof(erased));
  return erased;
}

async function isThere(visitor: string, store: Store): Promise<boolean> {
  if ((await store.newestConversation(visitor)) !== null || (await store.visitor(visitor)) !== null) return true;
  return (await store.filesOf({ visitor })).length > 0;
}

/** Each of his conversations becomes nobody's; with its name it leaves the list of his. */
async function closeConversations(row: ErasureRow, visitor: string, { store, submit }: ErasingParts): Promise<void> {
  for (;;) {
    const { conversations } = await store.list({ view: 'visitor', agent: '', visitor, limit: PAGE });
    if (conversations.length === 0) return;
    for (const { state } of conversations) {
      const command = eraseWords(`${row.id}-${state.id}`, state.id, { what: 'person', visitor: row.as });
      const outcome = await submit(command);
      if (outcome.done) continue;
      if (outcome.refused === 'storage-full') throw new StorageFull('There is no room to erase anything.');
      throw new Error(`A conversation could not be closed: ${outcome.refused}.`);
    }
  }
}

async function overwriteAll(as: string, store: Store): Promise<{ conversations: number; events: number }> {
  const counts = { conversations: 0, events: 0 };
  for (let before: number | null = Number.MAX_SAFE_INTEGER; before !== null; ) {
    const page: Awaited<ReturnType<Store['list']>> = await store.list({
      ...{ view: 'visitor', agent: '', visitor: as, limit: PAGE, before },
    });
    for (const { state } of page.conversations) {
      const erased = (await store.eventsOfKinds(state.id, ['erased'])).findLast(
        ({ body }) => body.kind === 'erased' && body.what === 'person',
      );
      if (erased?.body.kind !== 'erased') continue;
      counts.conversations += 1;
      counts.events += await overwrite(store, state.id, { seq: erased.seq, body: erased.body });
    }
    before = page.cursor;
  }
  return counts;
}

async function removeFiles(visitors: readonly string[], parts: ErasingParts): Promise<number> {
  let count = 0;
  for (const visitor of visitors) count += await removeAll(await parts.store.filesOf({ visitor }), parts);
  return count;
}
