import { type Refusal, refuse } from '../domain/refusal.ts';
import type { Log } from '../log.ts';
import {
  type AuditNote,
  type Clock,
  type ErasureRow,
  type Ids,
  StorageFull,
  type Store,
  type VisitorRow,
} from '../ports.ts';
import { type ErasingParts, erase } from './erase.ts';
import { personKey } from './keys.ts';

/** What was asked for elsewhere (a command beside the relay) is found after this time; what failed is tried again. */
const LOOK_EVERY_MS = 5_000;
/**
 * A larger file is made anew at night: what is to be stored waits meanwhile, 25 to 33 ms for each MB as measured on a busy machine. What was
 * overwritten is zeros by then; what this removes are copies that SQLite left where it moved something from.
 */
const AT_ONCE_BYTES = 16 * 1024 * 1024;
const NIGHT_HOURS_UTC: readonly number[] = [1, 2, 3, 4];
/** A try that came to nothing (no room for the copy, somebody who still reads what was before) held up what is to be stored as long as one that did. */
const CLEAN_AGAIN_MS = 60_000;
const CLEAN_LARGE_AGAIN_MS = 3_600_000;
const PAGE = 1_000;

/** `notes` are stored with it. */
export type ErasureRequest = Pick<ErasureRow, 'visitor' | 'by' | 'reason'> & {
  visitor: string;
  notes?: readonly AuditNote[];
};

/** Forgets people, one after the other, until nothing is left of them. What is to be done is kept in the store: a restart goes on with it. */
export interface Eraser {
  /** Puts somebody on the list; one who is on it already stays there once. */
  request(request: ErasureRequest): Promise<ErasureRow | Refusal>;
  /** There is something to do. */
  wake(): void;
  /** Resolves when all that can be done now is done. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

export function createEraser(
  parts: Omit<ErasingParts, 'now'> & {
    clock: Clock;
    ids: Ids;
    log: Log;
    /** The file may be made anew at any hour, however large: nobody is served meanwhile. @default false */
    isOffline?: boolean;
  },
): Eraser {
  const { store, clock, ids, log, isOffline = false } = parts;
  let running: Promise<void> | null = null;
  let again = false;
  let isStopped = false;
  let cancelLook = (): void => {};
  /** When it was last tried to make the file anew, if that came to nothing. */
  let triedAt = Number.NEGATIVE_INFINITY;
  /** Who is being put on the list. */
  let listing: Promise<unknown> = Promise.resolve();

  function wake(): void {
    again = true;
    if (isStopped || running !== null) return;
    cancelLook();
    running = work().finally(() => {
      running = null;
      if (!isStopped) cancelLook = clock.after(LOOK_EVERY_MS, wake);
    });
  }

  async function work(): Promise<void> {
    while (again && !isStopped) {
      again = false;
      try {
        const open = (await store.erasures({ open: true, isErased: false, limit: PAGE })).toReversed();
        let isOn = false;
        for (const row of open) if (!isStopped) isOn = (await eraseOne(row)) || isOn;
        // There may be more of them.
        again ||= isOn && open.length === PAGE;
        if (!isStopped && !again) await clean().catch(notClean);
      } catch (error) {
        log.error({ error }, 'What is to be erased could not be read');
      }
    }
  }

  async function eraseOne(row: ErasureRow): Promise<boolean> {
    try {
      const done = await erase(row, { ...parts, now: () => clock.now() });
      log.info({ erasure: row.id, ...done.counts }, 'Somebody was forgotten.');
      return true;
    } catch (error) {
      log.error({ error, erasure: row.id }, 'Somebody could not be forgotten yet; it is tried again');
      const problem = error instanceof StorageFull ? 'storage-full' : 'unavailable';
      // On a full disk this fails too; the next try says so again.
      await store.saveErasure({ ...row, state: 'erasing', problem }).catch(() => {});
      return false;
    }
  }

  function notClean(error: unknown): void {
    const said = 'The database could not be made anew; copies of what was erased may lie in its free pages until it is';
    log.error({ error }, said);
  }

  /** Whether so many bytes may be made anew now. */
  function mayClean(bytes: number): boolean {
    const now = clock.now();
    const isLarge = bytes > AT_ONCE_BYTES;
    if (isLarge && !NIGHT_HOURS_UTC.includes(new Date(now).getUTCHours())) return false;
    return Math.abs(now - triedAt) >= (isLarge ? CLEAN_LARGE_AGAIN_MS : CLEAN_AGAIN_MS);
  }

  /** Once for all of them. */
  async function clean(): Promise<void> {
    const cleaning = { open: true, isErased: true } as const;
    if ((await store.erasures({ ...cleaning, limit: 1 })).length === 0) return;
    if (!isOffline && !mayClean(await store.size())) return;
    triedAt = clock.now();
    // Those that another relay adds meanwhile are none of these.
    const gone: ErasureRow[] = [];
    for (let isMore = true; isMore; ) {
      const before = gone.at(-1);
      const page = await store.erasures({ ...cleaning, ...(before === undefined ? {} : { before }), limit: PAGE });
      gone.push(...page);
      isMore = page.length === PAGE;
    }
    if (!(await store.compact())) return;
    triedAt = Number.NEGATIVE_INFINITY;
    for (const row of gone) await store.saveErasure({ ...row, state: 'done', cleanedAt: clock.now() });
  }

  return {
    wake,
    async request({ visitor, by, reason, notes = [] }) {
      const row = await store.visitor(visitor);
      if (row === null) return refuse('not-found');
      // One after the other: of two who ask in the same moment the second finds the first one's.
      const listed = listing.then(() => enlist(row, { store, by, reason, ids, now: clock.now(), notes }));
      listing = listed.catch(() => {});
      const erasure = await listed;
      wake();
      return erasure;
    },
    async settled() {
      while (running !== null) await running;
    },
    async stop() {
      isStopped = true;
      cancelLook();
      await running;
    },
  };
}

/** Puts a visitor on the list, for whoever looks there; one who is on it already stays there once. */
export async function enlist(
  row: Pick<VisitorRow, 'id' | 'site'>,
  {
    store,
    notes,
    ...asked
  }: Parameters<typeof erasureOf>[1] & {
    store: Pick<Store, 'erasures' | 'saveErasure' | 'noteAudit'>;
    notes: readonly AuditNote[];
  },
): Promise<ErasureRow> {
  const [open] = await store.erasures({ visitor: row.id, limit: 1 });
  if (open !== undefined) {
    await store.noteAudit(notes);
    return open;
  }
  const erasure = erasureOf(row, asked);
  await store.saveErasure(erasure, notes);
  return erasure;
}

/** A visitor as one who is to be forgotten. */
export function erasureOf(
  { id: visitor, site }: Pick<VisitorRow, 'id' | 'site'>,
  { by, reason, ids, now }: Pick<ErasureRow, 'by' | 'reason'> & { ids: Ids; now: number },
): ErasureRow {
  return {
    ...{ id: ids.next(), person: personKey(visitor), visitor, as: ids.next(), site, by, reason },
    ...{ state: 'queued', requestedAt: now, erasedAt: null, cleanedAt: null, problem: null },
    counts: { conversations: 0, events: 0, files: 0, sessions: 0 },
  };
}
