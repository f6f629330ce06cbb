import { type ConversationEvent, type ConversationState, type EventKind, eraseEvent } from '@sveiki/protocol';
import type { HookContext, HookEvent } from '@sveiki/sdk/config';
import { viewEvent } from '../domain/audience.ts';
import type { Log } from '../log.ts';
import type { Clock, ConversationRow, Store, StoredEvent } from '../ports.ts';
import type { Pipeline } from './pipeline.ts';

/** Somebody who is told what happened, from the log: strangers' event hooks, and the features of ours that follow a commit. */
export interface LogHook {
  name: string;
  stage: string;
  /** The kinds of events it is told; null for all. */
  on: readonly EventKind[] | null;
  run(event: HookEvent, context: HookContext): Promise<void> | void;
  deadlineMs: number;
  isForeign?: boolean;
  /** Waits before it is told again after a failure, in milliseconds; after the last one it goes on. Empty: it goes on at once. */
  retryMs: readonly number[];
  /** Conversations it is told of at the same time. @default 8 */
  parallel?: number;
}

/** Thrown by a hook that knows when it may be asked again (`retry-after`). */
export class TellLater extends Error {
  readonly afterMs: number;
  constructor(message: string, afterMs: number) {
    super(message);
    this.name = 'TellLater';
    this.afterMs = afterMs;
  }
}

/**
 * Follows the log for each of its hooks: every event at least once, in order within a conversation, different conversations side by side. Each hook
 * has a position of its own in the store, so that one that is slow, or waits for its next try, holds up no other, and is not the reason that others
 * are told twice. The position moves only over what is done; what is held in memory is bounded, and the log itself is the rest of the queue. A hook
 * the store has never seen begins at the end: nobody wants to be told of years when he adds an address.
 * @see docs/decisions/0009-hooks-follow-the-log.md
 */
export interface Outbox {
  /** Something was committed. */
  wake(): void;
  /** Calls off what is being told, and remembers how far everybody is. */
  stop(): Promise<void>;
}

/** Events of one hook in memory: more are read when some of these are done. */
const MAX_HELD = 1_000;
const PAGE = 200;
const DEFAULT_PARALLEL = 8;
/** A bus may lose its message: the log is looked at this often anyway. */
const POLL_MS = 5_000;
/** A position is stored this often at most: after a crash so much is told again. Each time is a write of its own, as dear as a message. */
const SAVE_EVERY_MS = 500;
/** When it only passed events that nobody wanted to be told: after a crash they are read again, and that is all. */
const SAVE_PASSED_EVERY_MS = 5_000;

type Entry = { position: number; event: StoredEvent };
type ReadPage = (position: number) => Promise<Entry[]>;

interface Parts {
  store: Pick<Store, 'eventsAfter' | 'consumerPosition' | 'saveConsumerPosition'>;
  rowOf: (conversation: string) => Promise<ConversationRow | null>;
  clock: Clock;
  pipeline: Pipeline;
  log: Log;
}

export async function createOutbox(parts: Parts & { hooks: readonly LogHook[] }): Promise<Outbox> {
  const { store, clock, hooks } = parts;
  const pages = new Map<number, Promise<Entry[]>>();
  /** Hooks that are equally far share what they read. */
  const read: ReadPage = (position) => {
    const known = pages.get(position);
    if (known !== undefined) return known;
    const page = store.eventsAfter(position, PAGE).finally(() => pages.delete(position));
    pages.set(position, page);
    return page;
  };
  let end: Promise<number> | null = null;
  const theEnd = (): Promise<number> => {
    end ??= endOfLog(store);
    return end;
  };
  const followers = await Promise.all(
    hooks.map(async (hook) => {
      const kept = await store.consumerPosition(consumerOf(hook));
      const position = kept > 0 ? kept - 1 : await theEnd();
      if (kept === 0) await store.saveConsumerPosition(consumerOf(hook), position + 1);
      return follow(hook, position, read, parts);
    }),
  );
  let isWaking = false;
  /** Once for all conversations of a commit: reading again right away would only find, on the disk, what the next commit tells of. */
  const wake = (): void => {
    if (isWaking) return;
    isWaking = true;
    queueMicrotask(() => {
      isWaking = false;
      for (const follower of followers) follower.wake();
    });
  };
  const poll = (): void => {
    wake();
    cancelPoll = clock.after(POLL_MS, poll);
  };
  let cancelPoll = (): void => {};
  if (followers.length > 0) poll();
  return {
    wake,
    async stop() {
      cancelPoll();
      await Promise.all(followers.map((follower) => follower.stop()));
    },
  };
}

/** Its place in the store, kept one higher, so that the 0 of a name nobody ever used is no place. */
const consumerOf = ({ stage, name }: LogHook): string => `hook:${stage}:${name}`;

/** The position of the newest event: looked for by halves, for the log answers only what comes after. */
export async function endOfLog(store: Pick<Store, 'eventsAfter'>): Promise<number> {
  const isEnd = async (position: number) => (await store.eventsAfter(position, 1)).length === 0;
  let below = 0;
  let above = 1;
  if (await isEnd(0)) return 0;
  while (!(await isEnd(above))) {
    below = above;
    above *= 2;
  }
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    if (await isEnd(middle)) above = middle;
    else below = middle;
  }
  return above;
}

/** What was read into memory before its visitor was forgotten is told as it is stored now. */
function withoutErased(event: ConversationEvent, { erasedAt, visitor, head }: ConversationState): ConversationEvent {
  if (erasedAt === undefined) return event;
  const body = { kind: 'erased', what: 'person', before: erasedAt + 1, visitor: visitor.id } as const;
  return eraseEvent(event, { seq: head, body });
}

function follow(hook: LogHook, from: number, read: ReadPage, { store, rowOf, clock, pipeline, log }: Parts) {
  const { on, retryMs, parallel = DEFAULT_PARALLEL } = hook;
  const stopping = new AbortController();
  /** Everything up to here is done. */
  let position = from;
  let readTo = from;
  /** What is read and not done, in rising order. */
  const open = new Set<number>();
  /** By conversation, in order; the first is being told, or waits for it. */
  const lanes = new Map<string, { waiting: Entry[]; attempt: number }>();
  /** Conversations whose first event may be told now. */
  const ready: string[] = [];
  const telling = new Set<Promise<void>>();
  const retries = new Map<string, () => void>();
  let isReading = false;
  let again = false;
  let cancelSave: (() => void) | null = null;
  let saveWait = 0;
  /** Something was told since the position was stored. */
  let isDirty = false;
  let saving: Promise<void> = Promise.resolve();

  function wake(): void {
    again = true;
    if (!isReading && !stopping.signal.aborted) void readAll();
  }

  async function readAll(): Promise<void> {
    isReading = true;
    try {
      while (again && open.size < MAX_HELD && !stopping.signal.aborted) {
        again = false;
        const page = await read(readTo);
        for (const entry of page) {
          readTo = entry.position;
          if (on === null || on.includes(entry.event.body.kind)) hold(entry);
        }
        advance();
        tellReady();
        if (page.length < PAGE) continue;
        again = true;
        // Far behind: others want the processor too.
        await new Promise<void>((resolve) => void setImmediate(resolve));
      }
    } catch (error) {
      // The store is away; the next wake or poll tries again.
      log.error({ error, hook: hook.name }, 'The log could not be read for a hook');
    }
    isReading = false;
  }

  function hold(entry: Entry): void {
    const { conversation } = entry.event;
    open.add(entry.position);
    const lane = lanes.get(conversation);
    if (lane !== undefined) return void lane.waiting.push(entry);
    lanes.set(conversation, { waiting: [entry], attempt: 1 });
    ready.push(conversation);
  }

  function tellReady(): void {
    while (telling.size < parallel && ready.length > 0 && !stopping.signal.aborted) {
      const conversation = ready.shift() as string;
      const told = tell(conversation).finally(() => {
        telling.delete(told);
        tellReady();
        // Reading stopped because too much was held.
        if (again) wake();
      });
      telling.add(told);
    }
  }

  async function tell(conversation: string): Promise<void> {
    const lane = lanes.get(conversation);
    const entry = lane?.waiting[0];
    if (lane === undefined || entry === undefined) return;
    const wait = await tellOnce(entry.event, lane.attempt);
    if (wait === 'called-off') return;
    if (wait !== null) {
      lane.attempt += 1;
      const goOn = (): void => {
        retries.delete(conversation);
        ready.push(conversation);
        tellReady();
      };
      retries.set(conversation, clock.after(wait, goOn));
      return;
    }
    lane.waiting.shift();
    lane.attempt = 1;
    open.delete(entry.position);
    if (lane.waiting.length === 0) lanes.delete(conversation);
    else ready.push(conversation);
    advance();
  }

  /** Null when it is done with; else how long to wait until it is told again. */
  async function tellOnce(stored: StoredEvent, attempt: number): Promise<number | null | 'called-off'> {
    const row = await rowOf(stored.conversation).catch((error: unknown) => {
      log.error({ error, hook: hook.name }, 'A conversation could not be read for a hook');
      return 'unreadable' as const;
    });
    if (row === 'unreadable') return POLL_MS;
    const seen = viewEvent(stored, 'agent');
    if (row === null || seen === null) return null;
    const event = withoutErased(seen, row.state);
    const told = {
      id: `${stored.conversation}_${stored.seq}`,
      site: row.site,
      event,
      conversation: row.state,
      attempt,
    };
    isDirty = true;
    const { outcome, error } = await pipeline.decide<HookEvent, void>(hook, told, {
      otherwise: undefined,
      conversation: stored.conversation,
      signal: stopping.signal,
    });
    if (outcome === 'done') return null;
    if (outcome === 'called-off') return 'called-off';
    const wait = retryMs[attempt - 1];
    return wait === undefined ? null : error instanceof TellLater ? Math.max(wait, error.afterMs) : wait;
  }

  function advance(): void {
    const [oldest] = open;
    const next = oldest === undefined ? readTo : oldest - 1;
    if (next <= position) return;
    position = next;
    saveIn(isDirty ? SAVE_EVERY_MS : SAVE_PASSED_EVERY_MS);
  }

  function saveIn(wait: number): void {
    if (cancelSave !== null && saveWait <= wait) return;
    cancelSave?.();
    saveWait = wait;
    cancelSave = clock.after(wait, save);
  }

  function save(): void {
    cancelSave = null;
    isDirty = false;
    const here = position;
    saving = saving
      .then(() => store.saveConsumerPosition(consumerOf(hook), here + 1))
      .catch((error: unknown) => {
        log.error({ error, hook: hook.name }, 'How far a hook is could not be stored');
        if (!stopping.signal.aborted) saveIn(SAVE_PASSED_EVERY_MS);
      });
  }

  return {
    wake,
    async stop(): Promise<void> {
      stopping.abort();
      for (const cancel of retries.values()) cancel();
      await Promise.all(telling);
      if (cancelSave !== null) {
        cancelSave();
        save();
      }
      await saving;
    },
  };
}
