/**
 * What the SDK touches of the page it runs in; everything may be missing (Node, workers, old browsers). One place, so that nothing is touched at
 * import and tests can be several tabs in one process.
 */
export interface Surroundings {
  addEventListener?: (type: string, listener: (event: LifeEvent) => void) => void;
  removeEventListener?: (type: string, listener: (event: LifeEvent) => void) => void;
  document?: { visibilityState: string; title: string; documentElement?: { lang: string } };
  location?: { origin: string; href: string };
  navigator?: { onLine?: boolean; locks?: Pick<LockManager, 'request'>; language?: string };
  localStorage?: Storage;
  BroadcastChannel?: new (name: string) => ChannelLike;
  WebSocket?: unknown;
  fetch?: typeof fetch;
  requestIdleCallback?: (run: () => void, options: { timeout: number }) => unknown;
}

export type LifeEvent = { type: string; persisted?: boolean };

export interface ChannelLike {
  onmessage: ((event: { data: unknown } & never) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** What happens to a page, as far as its line cares. No `unload`: that would keep the page out of the back/forward cache. */
const lifeEvents = ['online', 'offline', 'visibilitychange', 'pagehide', 'pageshow'];

/**
 * Tells when the page goes into the background for good or into the back/forward cache (`hide`), comes back from it (`show`), and when something
 * happened after which a line may be dead without knowing (`check`). Returns what ends it.
 */
export function followLife(page: Surroundings, on: { _hide(): void; _show(): void; _check(): void }): () => void {
  const listener = ({ type, persisted }: LifeEvent) => {
    if (type === 'pagehide') on._hide();
    else if (type === 'pageshow') {
      if (persisted) on._show();
    } else if (type === 'offline' || page.document?.visibilityState !== 'hidden') on._check();
  };
  for (const type of lifeEvents) page.addEventListener?.(type, listener);
  return () => {
    for (const type of lifeEvents) page.removeEventListener?.(type, listener);
  };
}
