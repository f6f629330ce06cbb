import type { ConversationState } from '@sveiki/protocol';
import type { Command, Outcome, View } from '../commands/command.ts';
import { numberDrafts } from '../domain/log.ts';
import { isRefusal } from '../domain/refusal.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import {
  AppendConflict,
  type Batch,
  type Bus,
  type Clock,
  type ConversationRow,
  type CursorRow,
  type Ids,
  StorageFull,
  type Store,
  type StoredEvent,
} from '../ports.ts';
import { createRegistry, type Registry } from './registry.ts';

/** Commands decided and committed together at most. */
const MAX_BATCH = 1_000;
/** Commands that may wait; one more is refused with `unavailable`. */
const MAX_WAITING = 20_000;
/** How often a batch is decided again after another node moved a head. */
const MAX_CONFLICTS = 5;
/** Receipts are stored with the next batch, or after this time when there is none. */
const CURSOR_FLUSH_MS = 500;
const RETRY_AFTER_MS = 1_000;

/**
 * decide, append, ack, publish: everything that changes a conversation goes through `submit`. Commands that arrive while a commit is running share
 * the next one. The promise resolves when the change is durable (or refused); events go to the bus only after that.
 */
export interface Engine {
  readonly registry: Registry;
  submit(command: Command): Promise<Outcome>;
  /** Stores how far a reader is, some time soon. Cursors only rise; returns what holds now, null when nothing rose. */
  mark(cursor: CursorRow): CursorRow | null;
  cursors(conversation: string): Promise<CursorRow[]>;
  /** A conversation's row, from memory or store. */
  row(conversation: string): Promise<ConversationRow | null>;
  /** Resolves when nothing is being decided or committed. */
  idle(): Promise<void>;
  /** The same, and new commands are refused from now on. */
  drain(): Promise<void>;
}

interface Waiting {
  command: Command;
  settle(outcome: Outcome): void;
}

export async function createEngine(parts: {
  store: Store;
  bus: Bus;
  clock: Clock;
  ids: Ids;
  log: Log;
  metrics: Metrics;
  /** Runs the next batch a little later, so that what arrives in one turn shares it. @default setImmediate */
  soon?: (run: () => void) => void;
}): Promise<Engine> {
  const { store, bus, clock, ids, log, metrics, soon = setImmediate } = parts;
  const registry = createRegistry();
  for (const row of await store.unresolved()) registry.set(row);

  const waiting: Waiting[] = [];
  let busy = false;
  let stopped = false;
  const idlers: (() => void)[] = [];
  const known = new Map<string, Map<string, CursorRow>>();
  const dirty = new Map<string, CursorRow>();
  let cancelFlush: (() => void) | null = null;

  function wake(): void {
    if (busy) return;
    busy = true;
    soon(() => void run());
  }

  async function run(): Promise<void> {
    while (waiting.length > 0 || dirty.size > 0) {
      const batch = waiting.splice(0, MAX_BATCH);
      try {
        await commit(batch);
      } catch (error) {
        // A bug, not a refusal: nothing was acknowledged, everybody hears so, the relay goes on.
        log.error({ error }, 'A batch failed');
        // Receipts alone are not worth trying without end.
        if (batch.length === 0) dirty.clear();
        for (const { settle } of batch) settle({ done: false, refused: 'internal', retryAfterMs: RETRY_AFTER_MS });
      }
    }
    busy = false;
    for (const done of idlers.splice(0)) done();
  }

  function idle(): Promise<void> {
    return busy ? new Promise((done) => idlers.push(done)) : Promise.resolve();
  }

  async function commit(commands: Waiting[]): Promise<void> {
    const stored = await load(commands);
    for (let attempt = 0; ; attempt++) {
      const decided = decide(commands, stored);
      const cursors = [...dirty.values()];
      dirty.clear();
      if (decided.events.length === 0 && cursors.length === 0) return decided.settle();
      const startedAt = performance.now();
      const batch: Batch = {
        events: decided.events,
        conversations: [...decided.rows.values()],
        visitors: decided.visitors.map(({ row }) => row),
        visitorSessions: decided.visitors.map(({ session }) => session),
        cursors,
        outbox: decided.events.map(({ conversation, seq, body, at }) => ({ conversation, seq, topic: body.kind, at })),
      };
      try {
        await store.append(batch);
      } catch (error) {
        for (const cursor of cursors) if (!dirty.has(cursorKey(cursor))) dirty.set(cursorKey(cursor), cursor);
        await reload([...decided.rows.keys()]);
        if (error instanceof AppendConflict && attempt < MAX_CONFLICTS) {
          metrics.commitFailed('conflict');
          continue;
        }
        const full = error instanceof StorageFull;
        metrics.commitFailed(full ? 'storage-full' : 'other');
        log.error({ error }, 'A commit failed');
        if (commands.length === 0) dirty.clear();
        decided.refuse(full ? 'storage-full' : 'unavailable');
        return;
      }
      metrics.commitMs(decided.events.length, performance.now() - startedAt);
      for (const row of decided.rows.values()) registry.set({ site: row.site, state: row.state });
      const counts = registry.counts();
      metrics.queueDepth(counts.queue);
      metrics.openConversations(counts.open);
      decided.settle();
      publish(decided.events, decided.rows);
      return;
    }
  }

  /** Brings everything the commands look at into memory, and finds those that were stored before. */
  async function load(commands: Waiting[]): Promise<Map<string, Outcome>> {
    const missing = new Set<string>();
    for (const { command } of commands)
      for (const id of command.needs) if (registry.get(id) === undefined) missing.add(id);
    const [stored] = await Promise.all([
      commands.length === 0
        ? new Map<string, never>()
        : store.commands(commands.map(({ command }) => ({ author: command.author, id: command.id }))),
      missing.size > 0 ? reload([...missing]) : undefined,
    ]);
    const outcomes = new Map<string, Outcome>();
    for (const [key, { conversation, seq, publicSeq, at }] of stored) {
      outcomes.set(key, { done: true, repeated: true, conversation, seq, publicSeq, at, state: null });
    }
    return outcomes;
  }

  /** What the store says holds. When it says nothing, what was known is still the best there is. */
  async function reload(conversations: string[]): Promise<void> {
    const rows = await store.conversations(conversations);
    for (const id of conversations) {
      const row = rows.get(id);
      if (row === undefined) registry.drop(id);
      else registry.set(row);
    }
  }

  /** Decides every command on the committed state plus what was decided before it in this batch. Changes nothing outside. */
  function decide(commands: Waiting[], stored: Map<string, Outcome>) {
    const now = clock.now();
    const rows = new Map<string, ConversationRow & { expectedHead: number }>();
    const events: StoredEvent[] = [];
    const visitors: { row: Batch['visitors'][number]; session: Batch['visitorSessions'][number] }[] = [];
    const outcomes = new Map<string, Outcome>();
    const began = new Map<string, string>();
    const loads = new Map<string, number>();
    const addLoad = (state: ConversationState | null | undefined, delta: number): void => {
      if (state?.owner != null && state.status !== 'resolved')
        loads.set(state.owner.id, (loads.get(state.owner.id) ?? 0) + delta);
    };
    const rowOf = (id: string): ConversationRow | undefined => rows.get(id) ?? registry.get(id);
    const view: View = {
      now,
      state: (id) => rowOf(id)?.state ?? null,
      siteOf: (id) => rowOf(id)?.site ?? null,
      currentOf(visitor) {
        const id = began.get(visitor) ?? registry.currentOf(visitor)?.id;
        const state = id === undefined ? undefined : rowOf(id)?.state;
        return state === undefined || state.status === 'resolved' ? null : state;
      },
      load: (agent) => registry.load(agent) + (loads.get(agent) ?? 0),
      newId: () => ids.next(),
    };

    const decideOne = ({ author, id, decide: decideCommand }: Command): Outcome => {
      const decision = decideCommand(view);
      if (isRefusal(decision)) return { done: false, ...decision };
      const before = rowOf(decision.conversation);
      if (decision.drafts.length === 0) {
        const { head: seq, publicHead: publicSeq } = before?.state ?? { head: 0, publicHead: 0 };
        return {
          done: true,
          repeated: false,
          conversation: decision.conversation,
          seq,
          publicSeq,
          at: now,
          state: before?.state ?? null,
        };
      }
      const numbered = numberDrafts(before?.state ?? null, decision.drafts, {
        conversation: decision.conversation,
        author,
        id,
        at: now,
      });
      const expectedHead = rows.get(decision.conversation)?.expectedHead ?? before?.state.head ?? 0;
      rows.set(decision.conversation, { site: decision.site, state: numbered.state, expectedHead });
      addLoad(before?.state, -1);
      addLoad(numbered.state, 1);
      // A note on a resolved one makes that one nobody's current conversation.
      if (numbered.state.status !== 'resolved') began.set(numbered.state.visitor.id, decision.conversation);
      events.push(...numbered.events);
      if (decision.visitor !== undefined && !visitors.some(({ row }) => row.id === decision.visitor?.row.id))
        visitors.push(decision.visitor);
      const primary = numbered.events.find((event) => event.id === id) as StoredEvent;
      return {
        done: true,
        repeated: false,
        conversation: decision.conversation,
        seq: primary.seq,
        publicSeq: primary.publicSeq,
        at: primary.at,
        state: numbered.state,
      };
    };

    for (const { command } of commands) {
      const key = `${command.author} ${command.id}`;
      if (outcomes.has(key)) continue;
      const before = stored.get(key);
      if (before !== undefined) {
        outcomes.set(key, before);
        continue;
      }
      try {
        outcomes.set(key, decideOne(command));
      } catch (error) {
        log.error({ error, author: command.author[0] }, 'A command failed');
        outcomes.set(key, { done: false, refused: 'internal', retryAfterMs: RETRY_AFTER_MS });
      }
    }
    return {
      rows,
      events,
      visitors,
      settle() {
        for (const { command, settle } of commands) settle(outcomes.get(`${command.author} ${command.id}`) as Outcome);
      },
      /** The commit failed: what would have changed something is refused; what was stored before or refused anyway stands. */
      refuse(code: 'storage-full' | 'unavailable') {
        for (const { command, settle } of commands) {
          const outcome = outcomes.get(`${command.author} ${command.id}`) as Outcome;
          settle(
            outcome.done && !outcome.repeated ? { done: false, refused: code, retryAfterMs: RETRY_AFTER_MS } : outcome,
          );
        }
      },
    };
  }

  function publish(events: readonly StoredEvent[], rows: ReadonlyMap<string, ConversationRow>): void {
    const byConversation = new Map<string, StoredEvent[]>();
    for (const event of events) {
      const list = byConversation.get(event.conversation);
      if (list === undefined) byConversation.set(event.conversation, [event]);
      else list.push(event);
    }
    for (const [conversation, list] of byConversation) {
      const { site, state } = rows.get(conversation) as ConversationRow;
      bus.publish({ kind: 'events', conversation, site, head: state.head, state, events: list });
    }
  }

  return {
    registry,
    submit(command) {
      if (stopped || waiting.length >= MAX_WAITING) {
        return Promise.resolve({ done: false, refused: 'unavailable', retryAfterMs: RETRY_AFTER_MS });
      }
      return new Promise((settle) => {
        waiting.push({ command, settle });
        wake();
      });
    },
    mark(cursor) {
      const before = known.get(cursor.conversation)?.get(cursor.reader);
      const next = risen(before, cursor);
      if (next === null) return null;
      remember(next);
      dirty.set(cursorKey(next), next);
      cancelFlush ??= clock.after(CURSOR_FLUSH_MS, () => {
        cancelFlush = null;
        wake();
      });
      return next;
    },
    async cursors(conversation) {
      if (!known.has(conversation)) {
        const rows = (await store.cursors([conversation])).get(conversation) ?? [];
        for (const row of rows)
          remember(
            risen(known.get(conversation)?.get(row.reader), row) ??
              (known.get(conversation)?.get(row.reader) as CursorRow),
          );
      }
      return [...(known.get(conversation)?.values() ?? [])];
    },
    async row(conversation) {
      const row = registry.get(conversation);
      if (row !== undefined) return row;
      const loaded = (await store.conversations([conversation])).get(conversation) ?? null;
      if (loaded !== null && registry.get(conversation) === undefined) registry.set(loaded);
      return registry.get(conversation) ?? null;
    },
    idle,
    drain() {
      stopped = true;
      cancelFlush?.();
      if (dirty.size > 0) wake();
      return idle();
    },
  };

  function remember(cursor: CursorRow): void {
    const rows = known.get(cursor.conversation) ?? new Map<string, CursorRow>();
    rows.set(cursor.reader, cursor);
    known.delete(cursor.conversation);
    known.set(cursor.conversation, rows);
    for (const oldest of known.keys()) {
      if (known.size <= MAX_CURSORS_KEPT) break;
      known.delete(oldest);
    }
  }
}

/** Conversations whose cursors are kept in memory. */
const MAX_CURSORS_KEPT = 20_000;

function cursorKey({ conversation, reader }: CursorRow): string {
  return `${conversation} ${reader}`;
}

/** The higher of both cursors, or null when nothing rose. What is read was delivered. */
function risen(before: CursorRow | undefined, next: CursorRow): CursorRow | null {
  const read = Math.max(before?.read ?? 0, next.read);
  const delivered = Math.max(before?.delivered ?? 0, next.delivered, read);
  if (before !== undefined && read === before.read && delivered === before.delivered) return null;
  return { ...next, delivered, read };
}
