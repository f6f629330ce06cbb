import type { Clock } from '../clock.ts';
import type { ChannelLike, LifeEvent, Surroundings } from '../connection/surroundings.ts';
import type { WebSocketClass, WebSocketLike } from '../connection/types.ts';

/** One tab of the browser: what a page finds around it, and what can happen to it. */
export interface FakeTab extends Surroundings {
  /** The clock and the sockets of this tab: they are as dead or frozen as it is. */
  clock(clock: Clock): Clock;
  sockets(WebSocket: WebSocketClass): WebSocketClass;
  /** Fires an event of the page's life. */
  fire(event: LifeEvent): void;
  /** Hidden tabs live on; their timers go on here, too. */
  show(visible: boolean): void;
  /** The tab is gone without a word: its locks are free, its channels silent. */
  kill(): void;
  /** The tab runs nothing any more, and keeps what it holds: what browsers do to tabs in the background. */
  freeze(): void;
  thaw(): void;
  /** Listeners that are still there. */
  readonly listeners: number;
}

interface Request {
  tab: object;
  name: string;
  run(): Promise<unknown> | undefined;
  reject(error: unknown): void;
}

/** Tabs of one origin in one browser: they share disk, locks and channels, as far as the SDK uses them. */
export function fakeBrowser() {
  const disk = new Map<string, string>();
  const localStorage = new Proxy({} as Storage, {
    ownKeys: () => [...disk.keys()],
    getOwnPropertyDescriptor: (_target, key) =>
      disk.has(String(key)) ? { enumerable: true, configurable: true, value: disk.get(String(key)) } : undefined,
    get(_target, key) {
      if (key === 'getItem') return (name: string) => disk.get(name) ?? null;
      if (key === 'setItem') return (name: string, value: string) => disk.set(name, value);
      return (name: string) => disk.delete(name);
    },
  });
  const held = new Map<string, Request>();
  let waiting: Request[] = [];
  const channels = new Set<{ tab: object; name: string; channel: ChannelLike }>();
  const frozen = new Map<object, (() => void)[]>();
  const dead = new Set<object>();
  const state = { isOnline: true };

  /** Runs something of a tab: later if it is frozen, never if it is dead. */
  const inTab = (tab: object, run: () => void) => {
    if (dead.has(tab)) return;
    const later = frozen.get(tab);
    if (later) later.push(run);
    else run();
  };

  function grant(request: Request): void {
    held.set(request.name, request);
    queueMicrotask(() =>
      inTab(request.tab, () => {
        Promise.resolve(request.run()).then(
          () => free(request),
          () => free(request),
        );
      }),
    );
  }

  function free(request: Request): void {
    if (held.get(request.name) !== request) return;
    held.delete(request.name);
    const next = waiting.find(({ name }) => name === request.name);
    if (!next) return;
    waiting = waiting.filter((other) => other !== next);
    grant(next);
  }

  function newTab({ hasLocks = true } = {}): FakeTab {
    const listeners = new Map<string, Set<(event: LifeEvent) => void>>();
    const sockets = new Set<WebSocketLike>();
    const tab: FakeTab = {
      addEventListener: (type, listener) => listeners.set(type, (listeners.get(type) ?? new Set()).add(listener)),
      removeEventListener: (type, listener) => listeners.get(type)?.delete(listener),
      document: { visibilityState: 'visible', title: 'Scarves', documentElement: { lang: 'en' } },
      location: { origin: 'https://shop.example.com', href: 'https://shop.example.com/scarves' },
      navigator: {
        get onLine() {
          return state.isOnline;
        },
        language: 'lv',
        ...(hasLocks ? { locks: { request: requestLock as LockManager['request'] } } : {}),
      },
      localStorage,
      BroadcastChannel: class implements ChannelLike {
        onmessage: ChannelLike['onmessage'] = null;
        readonly #entry: { tab: object; name: string; channel: ChannelLike };
        constructor(name: string) {
          this.#entry = { tab, name, channel: this };
          channels.add(this.#entry);
        }
        postMessage(message: unknown) {
          if (dead.has(tab)) return;
          if (!channels.has(this.#entry)) throw new DOMException('Channel is closed', 'InvalidStateError');
          structuredClone(message);
          for (const other of channels) {
            if (other === this.#entry || other.name !== this.#entry.name) continue;
            const data: unknown = structuredClone(message);
            queueMicrotask(() => inTab(other.tab, () => other.channel.onmessage?.({ data } as never)));
          }
        }
        close() {
          channels.delete(this.#entry);
        }
      },
      clock: (clock) => ({ now: () => clock.now(), after: (ms, run) => clock.after(ms, () => inTab(tab, run)) }),
      sockets(WebSocket) {
        function TabSocket(url: string): WebSocketLike {
          const socket = new WebSocket(url);
          sockets.add(socket);
          return new Proxy(socket, {
            get: (target, key) => {
              const value: unknown = Reflect.get(target, key);
              return typeof value === 'function' ? value.bind(target) : value;
            },
            set: (target, key, value: unknown) =>
              Reflect.set(
                target,
                key,
                typeof value === 'function' ? (event: unknown) => inTab(tab, () => value(event)) : value,
              ),
          });
        }
        return TabSocket as unknown as WebSocketClass;
      },
      fire: (event) =>
        inTab(tab, () => {
          for (const listener of listeners.get(event.type) ?? []) listener(event);
        }),
      show(visible) {
        if (tab.document) tab.document.visibilityState = visible ? 'visible' : 'hidden';
        tab.fire({ type: 'visibilitychange' });
      },
      kill() {
        dead.add(tab);
        for (const socket of sockets) socket.close();
        for (const entry of channels) if (entry.tab === tab) channels.delete(entry);
        waiting = waiting.filter((request) => request.tab !== tab);
        for (const request of held.values()) if (request.tab === tab) free(request);
      },
      freeze: () => frozen.set(tab, []),
      thaw() {
        const later = frozen.get(tab) ?? [];
        frozen.delete(tab);
        for (const run of later) run();
      },
      get listeners() {
        return [...listeners.values()].reduce((sum, set) => sum + set.size, 0);
      },
    };

    function requestLock(name: string, options: LockOptions, run: () => Promise<unknown>): Promise<unknown> {
      return new Promise((resolve, reject) => {
        const request: Request = {
          tab,
          name,
          reject: (error) => inTab(tab, () => reject(error)),
          run() {
            const done = run();
            Promise.resolve(done).then(resolve, reject);
            return done;
          },
        };
        if (options.signal?.aborted) return request.reject(options.signal.reason);
        options.signal?.addEventListener('abort', () => {
          if (!waiting.includes(request)) return;
          waiting = waiting.filter((other) => other !== request);
          request.reject(options.signal?.reason);
        });
        const holder = held.get(name);
        if (options.steal) {
          held.delete(name);
          holder?.reject(new DOMException('Stolen', 'AbortError'));
          grant(request);
        } else if (holder) waiting.push(request);
        else grant(request);
      });
    }
    return tab;
  }

  return {
    newTab,
    disk,
    /** The network of the whole browser, as it knows itself. */
    setOnline(isOnline: boolean, ...tabs: FakeTab[]) {
      state.isOnline = isOnline;
      for (const tab of tabs) tab.fire({ type: isOnline ? 'online' : 'offline' });
    },
    /** Locks and channels that are still held or waited for. */
    get left() {
      return held.size + waiting.length + channels.size;
    },
  };
}
