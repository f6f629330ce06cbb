/**
 * What the desk needs from the browser, as small interfaces: models are given these and never touch a global, so they run in Node and in tests.
 */
export interface Surroundings {
  clock: { now(): number; after(ms: number, run: () => void): () => void };
  /** Survives a reload. Writing may fail silently (private windows, full disks): the desk then remembers until it is closed. */
  storage: KeyValue;
  /** The part of the page's address after `#`. */
  address: {
    read(): string;
    write(fragment: string, how: 'push' | 'replace'): void;
    onChange(run: () => void): () => void;
  };
  page: {
    isVisible(): boolean;
    /** Wide enough for three panes. */
    isWide(): boolean;
    /** So narrow that one pane at a time is there. */
    isNarrow(): boolean;
    /** The device itself says that it has no network. */
    isOffline(): boolean;
    onChange(run: () => void): () => void;
    setTitle(title: string): void;
    reload(): void;
  };
  /** Plays the soft tone; silent until the agent has touched the page once, as browsers want it. */
  playTone(): void;
  notifications: Notifications;
  /** Gives the agent a file to keep. */
  saveFile(file: { name: string; text: string; type: string }): void;
  saveBlob(file: { name: string; blob: Blob }): void;
  /** The zone and the modifier key of the agent's machine. */
  timeZone: string;
  isMac: boolean;
}

export interface KeyValue {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  keys(): string[];
}

export type NotificationPermission = 'granted' | 'denied' | 'default' | 'missing';

export interface Notifications {
  permission(): NotificationPermission;
  ask(): Promise<NotificationPermission>;
  /** Shows one; a later one with the same tag takes its place. */
  show(notice: { title: string; text: string; tag: string; open: () => void }): void;
  /** Takes the one with this tag away, if it is still there. */
  close(tag: string): void;
}
