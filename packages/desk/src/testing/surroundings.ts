import type { NotificationPermission, Surroundings } from '../surroundings/surroundings.ts';

export interface FakeSurroundings extends Surroundings {
  /** The address after `#`, as it is now. */
  readonly fragment: string;
  readonly title: string;
  readonly tones: number;
  readonly files: { name: string; text: string; type: string }[];
  readonly notices: { title: string; text: string; tag: string; open: () => void }[];
  goBack(): void;
  /** Moves the clock on and runs what is due. */
  pass(ms: number): void;
  show(visible: boolean): void;
  resize(width: 'wide' | 'middle' | 'narrow'): void;
  /** The device loses its network, or has it back. */
  cutNetwork(offline: boolean): void;
  allowNotifications(answer: NotificationPermission): void;
}

/** A browser without a browser: the clock stands still until `pass`. */
export function fakeSurroundings(options: { fragment?: string; now?: number } = {}): FakeSurroundings {
  let now = options.now ?? Date.UTC(2025, 2, 4, 12, 5);
  let timers: { at: number; run: () => void }[] = [];
  const history = [options.fragment ?? ''];
  const addressListeners = new Set<() => void>();
  const pageListeners = new Set<() => void>();
  const stored = new Map<string, string>();
  let visible = true;
  let width: 'wide' | 'middle' | 'narrow' = 'wide';
  let offline = false;
  let title = '';
  let tones = 0;
  let permission: NotificationPermission = 'default';
  let answer: NotificationPermission = 'granted';
  const files: FakeSurroundings['files'] = [];
  const notices: FakeSurroundings['notices'] = [];
  const listen = (listeners: Set<() => void>, run: () => void) => {
    listeners.add(run);
    return () => {
      listeners.delete(run);
    };
  };
  const tell = (listeners: Set<() => void>) => {
    for (const run of [...listeners]) run();
  };

  return {
    clock: {
      now: () => now,
      after(ms, run) {
        const timer = { at: now + ms, run };
        timers.push(timer);
        return () => {
          timers = timers.filter((other) => other !== timer);
        };
      },
    },
    storage: {
      get: (key) => stored.get(key) ?? null,
      set: (key, value) => {
        stored.set(key, value);
      },
      remove: (key) => {
        stored.delete(key);
      },
      keys: () => [...stored.keys()],
    },
    address: {
      read: () => history.at(-1) ?? '',
      write(fragment, how) {
        if (how === 'replace') history.pop();
        history.push(fragment);
      },
      onChange: (run) => listen(addressListeners, run),
    },
    page: {
      isVisible: () => visible,
      isWide: () => width === 'wide',
      isNarrow: () => width === 'narrow',
      isOffline: () => offline,
      onChange: (run) => listen(pageListeners, run),
      setTitle: (text) => {
        title = text;
      },
      reload: () => undefined,
    },
    playTone: () => {
      tones += 1;
    },
    notifications: {
      permission: () => permission,
      ask: async () => {
        permission = answer;
        return permission;
      },
      show: (notice) => {
        notices.push(notice);
      },
      close: (tag) => {
        notices.splice(0, notices.length, ...notices.filter((notice) => notice.tag !== tag));
      },
    },
    saveFile: (file) => {
      files.push(file);
    },
    saveBlob: ({ name, blob }) => {
      files.push({ name, text: `${blob.size} bytes`, type: blob.type });
    },
    timeZone: 'Europe/Riga',
    isMac: false,
    get fragment() {
      return history.at(-1) ?? '';
    },
    get title() {
      return title;
    },
    get tones() {
      return tones;
    },
    notices,
    files,
    goBack() {
      history.pop();
      tell(addressListeners);
    },
    pass(ms) {
      const until = now + ms;
      for (;;) {
        const due = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        timers = timers.filter((other) => other !== due);
        now = due.at;
        due.run();
      }
      now = until;
    },
    show(next) {
      visible = next;
      tell(pageListeners);
    },
    resize(next) {
      width = next;
      tell(pageListeners);
    },
    cutNetwork(next) {
      offline = next;
      tell(pageListeners);
    },
    allowNotifications(next) {
      answer = next;
    },
  };
}
