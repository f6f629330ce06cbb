import type { ConversationState, EventBody } from '@sveiki/protocol';
import type { Command, Outcome, View } from '../commands/command.ts';
import { filesIn, sendable } from '../domain/attaching.ts';
import { numberDrafts } from '../domain/log.ts';
import { isRefusal } from '../domain/refusal.ts';
import { loadOf } from '../domain/routing/capacity.ts';
import { carriersOf, carriesTheSame, weightIn } from '../domain/routing/carrying.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import {
  AppendConflict,
  type Batch,
  type Bus,
  type Clock,
  type ConversationRow,
  type CursorRow,
  type FileRow,
  type Ids,
  StorageFull,
  type Store,
  type StoredEvent,
} from '../ports.ts';
import { createRegistry, type Registry } from './registry.ts';

/**
 * Batches that may be in the air at once: while one is being committed the next is decided, so that neither the disk nor the processor waits for the
 * other. More would only make them smaller.
 */
const MAX_FLIGHTS = 2;
/**
 * So many commands go without waiting for the end of the turn, and find room in the air a little longer. A busy relay reads hundreds of sockets in
 * one turn, and its writer would stand still all the while; now it commits the first while the others are read (measured: 10 to 20 % more messages
 * a second). Twice as many at once write a tenth less to the disk than 100 did: a page that several messages share is written once.
 */
const FULL_BATCH = 200;
const MAX_FULL_FLIGHTS = 3;
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
 * the next one, which is decided on top of it. The promise resolves when the change is durable (or refused); events go to the bus only after that.
 */
export interface Engine {
  readonly registry: Registry;
  submit(command: Command): Promise<Outcome>;
  /** Stores how far a reader is, some time soon. Cursors only rise; returns what holds now, null when nothing rose. */
  mark(cursor: CursorRow): CursorRow | null;
  cursors(conversation: string): Promise<CursorRow[]>;
  /** What another node committed: kept if it is newer than what is known, and then true. */
  learn(row: ConversationRow): boolean;
  /** How far a reader at another node is. */
  learnCursor(cursor: CursorRow): void;
  /** A conversation's row, from memory or store. */
  row(conversation: string): Promise<ConversationRow | null>;
  /** Resolves when nothing is being decided or committed. */
  idle(): Promise<void>;
  /** The same, and new commands are refused from now on. */
  drain(): Promise<void>;
}

interface Waiting {
  command: Command;
  /** The command's author and id. */
  key: string;
  /** What was decided, as long as nothing fails; null until then. */
  outcome: Outcome | null;
  settle(outcome: Outcome): void;
  /** How often it was decided and lost against another node. */
  conflicts: number;
}

/** What a batch makes of one conversation. */
interface Change {
  row: Batch['conversations'][number];
  events: StoredEvent[];
}

/** A batch that was decided: what it writes, and what became of each of its commands if that is stored. */
interface Flight {
  commands: Waiting[];
  changes: ReadonlyMap<string, Change>;
  events: StoredEvent[];
  visitors: { row: Batch['visitors'][number]; session: Batch['visitorSessions'][number] }[];
  outcomes: ReadonlyMap<string, Outcome>;
  /** The conversation that goes on of each visitor it touched. */
  current: ReadonlyMap<string, string>;
  /** What each agent carries more after it, by weight, and what no more (null). */
  carries: Carries;
  /** Ids of the files it sends. */
  files: ReadonlySet<string>;
  /** Resolves when it is stored, or undone. */
  landing: Promise<void>;
  settle(): void;
  /** The commit failed. */
  refuse(code: 'storage-full' | 'unavailable'): void;
}

/** Files by their ids. */
type Uploads = ReadonlyMap<string, FileRow>;
const NO_UPLOADS: Uploads = new Map();

/** Agent → conversation → its weight, or null. */
type Carries = ReadonlyMap<string, ReadonlyMap<string, number | null>>;

/** The first outcome again, for a repetition; what was refused is decided anew. */
const repetitionOf = (outcome: Outcome | undefined): Outcome | undefined =>
  outcome?.done === true ? { ...outcome, repeated: true } : undefined;

export async function createEngine(parts: {
  store: Store;
  bus: Bus;
  clock: Clock;
  ids: Ids;
  log: Log;
  metrics: Metrics;
  /** Called with what is durable from now on, in the order of the log, before anybody else hears of it. */
  committed?: (events: readonly StoredEvent[]) => void;
  /** How long after it was begun an upload may be sent; it is removed soon after. @default for ever */
  keepUnsentMs?: () => number;
  /** Hides in what is about to be stored what nobody should store. @default nothing */
  mask?: (body: EventBody) => EventBody;
  /** Runs the next batch a little later, so that what arrives in one turn shares it. @default setImmediate */
  soon?: (run: () => void) => void;
}): Promise<Engine> {
  const { store, bus, clock, ids, log, metrics, committed, mask = (body) => body, soon = setImmediate } = parts;
  const { keepUnsentMs = () => Number.POSITIVE_INFINITY } = parts;
  const registry = createRegistry();
  for (const row of await store.unresolved()) registry.set(row);

  let waiting: Waiting[] = [];
  /** Batches that were given to the store and not answered yet, oldest first. What they hold counts as true for those decided after them. */
  const flights: Flight[] = [];
  /** The newest row of each conversation that is in the air. Flights land in order, so there is never an older one to go back to. */
  const air = new Map<string, ConversationRow>();
  /** The last event of each of them. */
  const lastInAir = new Map<string, string>();
  /** The flights that landed while the batch that is being prepared was looked up: it may hold repetitions that were not found. */
  let landed: Pick<Flight, 'outcomes' | 'files'>[] = [];
  /**
   * Commands of flights that lost against another node, and those answered by what is in the air without adding to it; decided again, in their
   * order, when nothing is in the air.
   */
  const grounded: Waiting[] = [];
  let isScheduled = false;
  let isPreparing = false;
  let stopped = false;
  const idlers: (() => void)[] = [];
  const known = new Map<string, Map<string, CursorRow>>();
  const dirty = new Map<string, CursorRow>();
  let cancelFlush: (() => void) | null = null;

  function wake(): void {
    if (isScheduled) return;
    isScheduled = true;
    soon(() => {
      isScheduled = false;
      void prepareAll();
    });
  }

  const isIdle = (): boolean =>
    !isScheduled && !isPreparing && flights.length === 0 && waiting.length === 0 && dirty.size === 0;

  function idle(): Promise<void> {
    // Receipts that wait for their time are no work.
    if (dirty.size > 0) wake();
    return isIdle() ? Promise.resolve() : new Promise((done) => idlers.push(done));
  }

  function tellIdlers(): void {
    if (isIdle()) for (const done of idlers.splice(0)) done();
  }

  const hasRoom = (): boolean => flights.length < (waiting.length >= FULL_BATCH ? MAX_FULL_FLIGHTS : MAX_FLIGHTS);

  /** Decides and sends off batches while there is something to do and room in the air. */
  async function prepareAll(): Promise<void> {
    if (isPreparing) return;
    isPreparing = true;
    while ((waiting.length > 0 || dirty.size > 0) && hasRoom() && grounded.length === 0) {
      const batch = waiting.length <= MAX_BATCH ? waiting : waiting.slice(0, MAX_BATCH);
      waiting = batch === waiting ? [] : waiting.slice(MAX_BATCH);
      landed = [];
      try {
        const [stored, files] = await Promise.all([load(batch), filesFor(batch)]);
        // A flight was lost while it was looked up: what it carried comes before this.
        if (grounded.length > 0) waiting = [...batch, ...waiting];
        else sendOff(batch, stored, files);
      } catch (error) {
        // A bug, or a store that cannot be read: nothing was acknowledged, everybody hears so, the relay goes on.
        log.error({ error }, 'A batch failed');
        // Receipts alone are not worth trying without end.
        if (batch.length === 0) dirty.clear();
        for (const { settle } of batch) settle({ done: false, refused: 'internal', retryAfterMs: RETRY_AFTER_MS });
      }
    }
    isPreparing = false;
    takeUpGrounded();
    tellIdlers();
  }

  /** Decided again when nothing is in the air, and before everything that waits; a batch that is being looked up waits, too. */
  function takeUpGrounded(): void {
    if (flights.length > 0 || grounded.length === 0 || isPreparing) return;
    waiting = [...grounded.splice(0), ...waiting];
    wake();
  }

  function sendOff(batch: Waiting[], stored: Map<string, Outcome>, uploads: Uploads): void {
    const flight = decide(batch, stored, uploads);
    const cursors = [...dirty.values()];
    dirty.clear();
    if (flight.events.length === 0 && cursors.length === 0) return flight.settle();
    const before = flights.at(-1)?.landing;
    const startedAt = performance.now();
    const answered = store
      .append({
        events: flight.events,
        conversations: Array.from(flight.changes.values(), ({ row }) => row),
        visitors: flight.visitors.map(({ row }) => row),
        visitorSessions: flight.visitors.map(({ session }) => session),
        cursors,
      })
      .then(
        () => null,
        (error: unknown) => ({ error }),
      );
    flights.push(flight);
    for (const [id, { row, events }] of flight.changes) {
      air.set(id, row);
      lastInAir.set(id, (events.at(-1) as StoredEvent).id);
    }
    // Flights land in the order they were sent off, whatever the store answers first.
    flight.landing = Promise.all([answered, before]).then(async ([failure]) => {
      if (failure === null) {
        metrics.commitMs(flight.events.length, performance.now() - startedAt);
        land(flight);
      } else await crash(flight, failure.error, cursors);
      takeUpGrounded();
      if (waiting.length > 0 || dirty.size > 0) wake();
      tellIdlers();
    });
  }

  /** Durable: what was decided is true now, is acknowledged, and everybody hears of it. */
  function land(flight: Flight): void {
    for (const { row } of flight.changes.values()) registry.set({ site: row.site, state: row.state });
    leaveTheAir(flight);
    if (isPreparing) landed.push(flight);
    committed?.(flight.events);
    const counts = registry.counts();
    metrics.queueDepth(counts.queue);
    metrics.openConversations(counts.open);
    flight.settle();
    for (const [conversation, { row, events }] of flight.changes) {
      const { site, state } = row;
      bus.publish({ kind: 'events', conversation, site, head: state.head, state, events });
    }
  }

  function leaveTheAir(flight: Flight): void {
    flights.splice(flights.indexOf(flight), 1);
    for (const [id, { row }] of flight.changes) {
      if (air.get(id) !== row) continue;
      air.delete(id);
      lastInAir.delete(id);
    }
  }

  /** Not stored: nothing of it is true. What was decided on top of it conflicts by itself, and is decided again. */
  async function crash(flight: Flight, error: unknown, cursors: CursorRow[]): Promise<void> {
    if (flight.commands.length > 0)
      for (const cursor of cursors) if (!dirty.has(cursorKey(cursor))) dirty.set(cursorKey(cursor), cursor);
    const isConflict = error instanceof AppendConflict;
    metrics.commitFailed(isConflict ? 'conflict' : error instanceof StorageFull ? 'storage-full' : 'other');
    if (!isConflict) log.error({ error }, 'A commit failed');
    try {
      await mend(flight);
    } catch (unreadable) {
      // When the store says nothing, what was known is still the best there is.
      log.error({ error: unreadable }, 'The store could not be read');
    }
    leaveTheAir(flight);
    for (const one of flight.commands) one.conflicts += 1;
    if (isConflict && flight.commands.every(({ conflicts }) => conflicts <= MAX_CONFLICTS)) {
      grounded.push(...flight.commands);
    } else flight.refuse(error instanceof StorageFull ? 'storage-full' : 'unavailable');
  }

  /** What the store says holds. */
  async function mend({ changes }: Flight): Promise<void> {
    const conversations = [...changes.keys()];
    const begun = [...changes.values()].filter(({ row }) => row.expectedHead === 0);
    const [rows, current] = await Promise.all([
      store.conversations(conversations),
      // Another node may have begun one for him.
      Promise.all(begun.map(({ row }) => store.newestConversation(row.state.visitor.id))),
    ]);
    for (const row of current) if (row !== null) keep(row);
    for (const id of conversations) {
      const row = rows.get(id);
      if (row === undefined) registry.drop(id);
      else registry.set(row);
    }
  }

  /** Brings everything the commands look at into memory, and finds those that were stored before. */
  async function load(commands: Waiting[]): Promise<Map<string, Outcome>> {
    const missing = new Set<string>();
    for (const { command } of commands)
      for (const id of command.needs) if (registry.get(id) === undefined) missing.add(id);
    const [stored, rows] = await Promise.all([
      commands.length === 0
        ? new Map<string, never>()
        : store.commands(commands.map(({ command }) => ({ author: command.author, id: command.id }))),
      missing.size > 0 ? store.conversations([...missing]) : new Map<string, ConversationRow>(),
    ]);
    for (const row of rows.values()) keep(row);
    const outcomes = new Map<string, Outcome>();
    for (const [key, { conversation, seq, publicSeq, at }] of stored) {
      outcomes.set(key, { done: true, repeated: true, conversation, seq, publicSeq, at, state: null });
    }
    return outcomes;
  }

  /** The files that commands of the batch name. Nearly always none. */
  async function filesFor(commands: Waiting[]): Promise<Uploads> {
    const named = commands.flatMap(({ command }) => command.files ?? []);
    return named.length === 0 ? NO_UPLOADS : new Map((await store.files(named)).map((row) => [row.id, row]));
  }

  /** What was read may be older than what was committed meanwhile. */
  function keep(row: ConversationRow): boolean {
    const there = registry.get(row.state.id);
    const isNewer = there === undefined || there.state.head < row.state.head;
    if (isNewer) registry.set(row);
    return isNewer;
  }

  /** Decides every command on the committed state, plus what is in the air, plus what was decided before it in this batch. Changes nothing outside. */
  function decide(batch: Waiting[], stored: Map<string, Outcome>, uploads: Uploads): Flight {
    const now = clock.now();
    const changes = new Map<string, Change>();
    const events: StoredEvent[] = [];
    const visitors: Flight['visitors'] = [];
    const outcomes = new Map<string, Outcome>();
    const current = new Map<string, string>();
    const carries = new Map<string, Map<string, number | null>>();
    const files = new Set<string>();
    const commands: Waiting[] = [];
    const carry = (state: ConversationState | undefined, isCarried: boolean): void => {
      for (const agent of carriersOf(state)) {
        const own = carries.get(agent) ?? new Map<string, number | null>();
        carries.set(agent, own);
        if (state !== undefined) own.set(state.id, isCarried ? weightIn(state) : null);
      }
    };
    const rowOf = (id: string): ConversationRow | undefined => changes.get(id)?.row ?? air.get(id) ?? registry.get(id);
    const currentOf = (visitor: string): string | undefined => {
      let id = current.get(visitor);
      for (let i = flights.length - 1; id === undefined && i >= 0; i--) id = flights[i]?.current.get(visitor);
      return id ?? registry.currentOf(visitor)?.id;
    };
    const view: View = {
      now,
      state: (id) => rowOf(id)?.state ?? null,
      siteOf: (id) => rowOf(id)?.site ?? null,
      currentOf(visitor) {
        const id = currentOf(visitor);
        const state = id === undefined ? undefined : rowOf(id)?.state;
        return state === undefined || state.status === 'resolved' ? null : state;
      },
      load(agent, capacity) {
        const carried = new Map(registry.carried(agent));
        for (const layer of [...flights.map((flight) => flight.carries), carries])
          for (const [conversation, weight] of layer.get(agent) ?? [])
            if (weight === null) carried.delete(conversation);
            else carried.set(conversation, weight);
        return loadOf(carried.values(), capacity);
      },
      file(id, author) {
        const row = uploads.get(id);
        const isSent = [...flights, ...landed, { files }].some((one) => one.files.has(id));
        if (row === undefined || isSent || now - row.createdAt >= keepUnsentMs()) return null;
        return sendable(row, author);
      },
      newId: () => ids.next(),
    };

    const decideOne = (command: Command): Outcome => {
      const { author, id } = command;
      const decision = command.decide(view);
      if (isRefusal(decision)) return { done: false, ...decision };
      const { conversation } = decision;
      const before = rowOf(conversation);
      if (decision.drafts.length === 0) {
        const { head: seq, publicHead: publicSeq } = before?.state ?? { head: 0, publicHead: 0 };
        return { done: true, repeated: false, conversation, seq, publicSeq, at: now, state: before?.state ?? null };
      }
      const drafts = decision.drafts.map((draft) => {
        const body = mask(draft.body);
        return body === draft.body ? draft : { ...draft, body };
      });
      const numbered = numberDrafts(before?.state ?? null, drafts, { conversation, author, id, at: now });
      const { state } = numbered;
      const change = changes.get(conversation);
      if (change === undefined) {
        const after = lastInAir.get(conversation);
        const expected = { expectedHead: before?.state.head ?? 0, ...(after === undefined ? {} : { after }) };
        const row = { site: decision.site, state, ...expected };
        changes.set(conversation, { row, events: numbered.events });
      } else {
        change.row = { ...change.row, site: decision.site, state };
        change.events.push(...numbered.events);
      }
      const went = before?.state.status === 'resolved' ? undefined : before?.state;
      const goes = state.status === 'resolved' ? undefined : state;
      if (went === undefined || goes === undefined || !carriesTheSame(went, goes)) {
        carry(went, false);
        carry(goes, true);
      }
      // A note on a resolved one makes that one nobody's current conversation.
      if (went === undefined && goes !== undefined) current.set(state.visitor.id, conversation);
      for (const event of numbered.events) {
        events.push(event);
        if (command.files !== undefined) for (const file of filesIn(event.body)) files.add(file);
      }
      if (decision.visitor !== undefined && !visitors.some(({ row }) => row.id === decision.visitor?.row.id))
        visitors.push(decision.visitor);
      const { seq, publicSeq, at } = numbered.events.find((event) => event.id === id) as StoredEvent;
      return { done: true, repeated: false, conversation, seq, publicSeq, at, state };
    };

    for (const one of batch) {
      const { key, command } = one;
      const twin = flights.find((flight) => flight.outcomes.has(key));
      if (twin !== undefined) {
        // The same command is in the air: both share one fate.
        one.outcome = twin.outcomes.get(key) as Outcome;
        twin.commands.push(one);
        continue;
      }
      let outcome =
        outcomes.get(key) ??
        stored.get(key) ??
        repetitionOf(landed.find(({ outcomes: map }) => map.has(key))?.outcomes.get(key));
      if (outcome === undefined) {
        const written = events.length;
        try {
          outcome = decideOne(command);
          // Nothing to do, or no: said of what is not stored yet, that may turn out wrong. It waits until it is.
          if (events.length === written && command.needs.some((id) => air.has(id))) {
            grounded.push(one);
            continue;
          }
        } catch (error) {
          log.error({ error, author: command.author[0] }, 'A command failed');
          outcome = { done: false, refused: 'internal', retryAfterMs: RETRY_AFTER_MS };
        }
      }
      outcomes.set(key, outcome);
      one.outcome = outcome;
      commands.push(one);
    }
    const settleAll = (change: (outcome: Outcome) => Outcome): void => {
      for (const { outcome, settle } of commands) settle(change(outcome as Outcome));
    };
    return {
      commands,
      changes,
      events,
      visitors,
      outcomes,
      current,
      carries,
      files,
      landing: Promise.resolve(),
      settle: () => settleAll((outcome) => outcome),
      // What would have changed something is refused; what was stored before or refused anyway stands.
      refuse: (refused) =>
        settleAll((outcome) =>
          outcome.done && !outcome.repeated ? { done: false, refused, retryAfterMs: RETRY_AFTER_MS } : outcome,
        ),
    };
  }

  return {
    registry,
    submit(command) {
      if (stopped || waiting.length >= MAX_WAITING) {
        const outcome: Outcome = { done: false, refused: 'unavailable', retryAfterMs: RETRY_AFTER_MS };
        command.settled?.(outcome);
        return Promise.resolve(outcome);
      }
      return new Promise((resolve) => {
        const settle = (outcome: Outcome): void => {
          command.settled?.(outcome);
          resolve(outcome);
        };
        waiting.push({ command, key: `${command.author} ${command.id}`, settle, outcome: null, conflicts: 0 });
        if (!hasRoom()) return;
        if (waiting.length >= FULL_BATCH) void prepareAll();
        else wake();
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
    learn: keep,
    learnCursor(cursor) {
      const next = risen(known.get(cursor.conversation)?.get(cursor.reader), cursor);
      // Nobody asked for the others of this conversation yet: they would be missing.
      if (next !== null && known.has(cursor.conversation)) remember(next);
    },
    async row(conversation) {
      const row = registry.get(conversation);
      if (row !== undefined) return row;
      const loaded = (await store.conversations([conversation])).get(conversation) ?? null;
      if (loaded !== null) keep(loaded);
      return registry.get(conversation) ?? null;
    },
    idle,
    drain() {
      stopped = true;
      cancelFlush?.();
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
