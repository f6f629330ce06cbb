import type { Log } from './log.ts';
import type { Clock, Store } from './ports.ts';

/** The setting by which a command of another process asks the relays on this database to read their configuration again. */
const RELOAD_ORDER = 'order-reload';
const LOOK_EVERY_MS = 2_500;

/**
 * Looks every few seconds for what other processes have asked for or changed in the store: they reach every relay on it that way, on this machine and
 * on others, without a port, a signal or a bus. Returns what ends it.
 */
export async function followOrders(parts: {
  store: Pick<Store, 'setting'>;
  clock: Clock;
  log: Log;
  /** Kept secrets may have been rotated. */
  refresh: () => Promise<void>;
  reload: () => Promise<void>;
}): Promise<() => void> {
  const { store, clock, log, refresh, reload } = parts;
  let known = await store.setting(RELOAD_ORDER);
  let isOver = false;
  let callOff = () => {};

  async function look(): Promise<void> {
    await refresh();
    const order = await store.setting(RELOAD_ORDER);
    if (order === known) return;
    known = order;
    await reload();
  }
  function again(): void {
    if (isOver) return;
    callOff = clock.after(LOOK_EVERY_MS, () => {
      look()
        .catch((error: unknown) => {
          if (!isOver) log.error({ error }, 'What another process asked for could not be done.');
        })
        .finally(again);
    });
  }
  again();
  return () => {
    isOver = true;
    callOff();
  };
}

/** Asks every relay on this store to read its configuration again. */
export async function orderReload(store: Store, order: string): Promise<void> {
  while (!(await store.saveSetting(RELOAD_ORDER, order, await store.setting(RELOAD_ORDER)))) {
    // Somebody else asked in the same moment: theirs counts, and ours after it.
  }
}
