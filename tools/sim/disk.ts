import { type Batch, StorageFull, type Store } from '../../packages/server/src/ports.ts';
import { createMemoryStore } from '../../packages/server/src/store/memory/memory-store.ts';
import type { Random } from '../replay/random.ts';
import type { Timeline } from './timeline.ts';

/** How a disk is: what a write and a sync take at most, and whether reads take time too. */
export interface DiskSpeed {
  writeMs: number;
  syncMs: number;
  readMs: number;
}

type Method = (...args: unknown[]) => Promise<unknown>;
/** Methods of a store that change it, and those that read. A new one must be one of both. */
const WRITES =
  /^(append|save|end|note|count|keep|set[A-Z]|redeem|purge|receive|finish|remove|shutOut|overwrite|forget|mark|compact)/;
const READS =
  /^(conversations|unresolved|commands|events|consumer|list|resolved|cursors|visitor|newest|recent|survey|canned|reply|file|unsent|blocks|setting|overrides|agent|find|isShutOut|erasures|aged|size|audit|writable|backup|close)/;

/** What of the writes that were not synced a crash leaves: all that was written, or any beginning of it. */
export type CrashKind = 'process' | 'power';

/**
 * A store with a disk below it that can be looked at: what was asked for, what was written, what was synced. Answers come after the sync, as the
 * contract of `Store` says; `answersBeforeSync` is what SQLite does with `synchronous=NORMAL`.
 */
export interface Disk {
  /** The store as one life of a relay has it: after its end nothing answers, and nothing more is written. */
  open(isAlive: () => boolean): Store;
  crash(kind: CrashKind): Promise<void>;
  /** What a relay would find now. */
  readonly store: Store;
  /** Whether everything in the store would survive any crash. */
  readonly isSynced: boolean;
  /** Whether the event with this id would survive any crash. */
  isDurable(event: string): boolean;
  fault: 'none' | 'full' | 'broken';
}

export function createDisk(parts: {
  timeline: Timeline;
  random: Random;
  speed: DiskSpeed;
  answersBeforeSync: boolean;
  /**
   * Several processes write: one transaction after the other, each seen by the others when it is synced and not before, as databases do it. One
   * process alone may have several in the air.
   */
  isShared: boolean;
}): Disk {
  const { timeline, random, speed, answersBeforeSync, isShared } = parts;
  let store = createMemoryStore();
  /** Everything written since the beginning, in order: after a crash it is done again as far as it survived. */
  const written: { name: keyof Store; args: unknown[] }[] = [];
  let synced = 0;
  let durable = new Set<string>();
  const eventsOf = (from: number, to: number): string[] =>
    written
      .slice(from, to)
      .flatMap(({ name, args }) => (name === 'append' ? (args[0] as Batch).events.map(({ id }) => id) : []));
  /** Names the present disk: what an earlier one was about to do does not happen. */
  let age = 0;
  let queue: { isAlive: () => boolean; run: () => Promise<void> }[] = [];
  let isBusy = false;
  /** Shared only: written, and on its way to the disk. */
  let inSync: { name: keyof Store; args: unknown[] } | null = null;
  const some = (ms: number): number => Math.floor(random.next() * (ms + 1));
  const never = new Promise<never>(() => {});

  function pump(): void {
    const next = queue.shift();
    if (isBusy || next === undefined) {
      if (next !== undefined) queue.unshift(next);
      return;
    }
    isBusy = true;
    const mine = age;
    timeline.after(some(speed.writeMs), () => {
      if (mine !== age) return;
      void (next.isAlive() ? next.run() : Promise.resolve()).then(() => {
        if (mine !== age) return;
        isBusy = false;
        pump();
      });
    });
  }

  function sync(upTo: number, mine: number, ms: number, done: () => void): void {
    timeline.after(ms, () => {
      if (mine !== age) return;
      for (const id of eventsOf(synced, upTo)) durable.add(id);
      synced = Math.max(synced, upTo);
      done();
    });
  }

  function write(name: keyof Store, args: unknown[], isAlive: () => boolean): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const answer = (settle: () => void): void => {
        if (isAlive()) settle();
      };
      const run = async (): Promise<void> => {
        const mine = age;
        if (disk.fault !== 'none') {
          const error = disk.fault === 'full' ? new StorageFull('No room.') : new Error('The disk answers no more.');
          return answer(() => reject(error));
        }
        if (isShared && !answersBeforeSync) {
          inSync = { name, args };
          await new Promise<void>((done) => void timeline.after(some(speed.syncMs), done));
          if (mine !== age) return;
          inSync = null;
        }
        try {
          const value = await (store[name] as Method)(...args);
          if (mine !== age) return;
          const upTo = written.push({ name, args });
          if (answersBeforeSync) {
            answer(() => resolve(value));
            sync(upTo, mine, 1_000, () => {});
          } else sync(upTo, mine, isShared ? 0 : some(speed.syncMs), () => answer(() => resolve(value)));
        } catch (error) {
          answer(() => reject(error));
        }
      };
      queue.push({ isAlive, run });
      pump();
    });
  }

  function read(name: keyof Store, args: unknown[], isAlive: () => boolean): Promise<unknown> {
    if (!isAlive()) return never;
    const run = (): Promise<unknown> =>
      disk.fault === 'broken'
        ? Promise.reject(new Error('The disk answers no more.'))
        : (store[name] as Method)(...args);
    if (speed.readMs === 0) return run();
    return new Promise((resolve, reject) => {
      // Read at once, heard of later: what is committed in between is what makes it old.
      const found = run();
      timeline.after(some(speed.readMs), () => {
        found.then(
          (value) => isAlive() && resolve(value),
          (error: unknown) => isAlive() && reject(error),
        );
      });
      found.catch(() => {});
    });
  }

  const disk: Disk = {
    fault: 'none',
    isDurable: (event) => durable.has(event),
    get store() {
      return store;
    },
    get isSynced() {
      return synced === written.length && queue.length === 0 && !isBusy;
    },
    open(isAlive) {
      const names = Object.keys(store) as (keyof Store)[];
      const methods = names.map((name) => {
        if (WRITES.test(name) === READS.test(name)) throw new Error(`Say in disk.ts whether Store.${name} writes.`);
        const method = WRITES.test(name) ? write : read;
        return [name, (...args: unknown[]) => method(name, args, isAlive)];
      });
      return Object.fromEntries(methods) as Store;
    },
    async crash(kind) {
      age += 1;
      queue = [];
      isBusy = false;
      const left = inSync;
      inSync = null;
      if (left !== null && (kind === 'process' || random.chance(0.5))) {
        const isStored = await (store[left.name] as Method)(...left.args).then(
          () => true,
          () => false,
        );
        if (isStored) written.push(left);
      }
      const lost = kind === 'power' ? random.whole(written.length - synced + 1) : 0;
      synced = written.length - lost;
      durable = new Set(eventsOf(0, synced));
      if (lost === 0) return;
      written.length = synced;
      store = createMemoryStore();
      for (const { name, args } of written) await (store[name] as Method)(...args);
    },
  };
  return disk;
}
