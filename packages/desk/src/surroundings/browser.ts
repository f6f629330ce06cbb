import type { KeyValue, Notifications, Surroundings } from './surroundings.ts';
import { createTone } from './tone.ts';

const pageEvents = ['focus', 'blur', 'online', 'offline'];

/** The real browser. */
export function browserSurroundings(): Surroundings {
  const wide = matchMedia('(min-width: 80em)');
  // As in panes.css.
  const narrow = matchMedia('(max-width: 47.99em)');
  return {
    clock: {
      now: () => Date.now(),
      after(ms, run) {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    },
    storage: storage(),
    address: {
      read: () => location.hash,
      write(fragment, how) {
        const url = `${location.pathname}${location.search}${fragment}`;
        if (how === 'push') history.pushState(null, '', url);
        else history.replaceState(null, '', url);
      },
      onChange(run) {
        addEventListener('popstate', run);
        addEventListener('hashchange', run);
        return () => {
          removeEventListener('popstate', run);
          removeEventListener('hashchange', run);
        };
      },
    },
    page: {
      isVisible: () => document.visibilityState === 'visible' && document.hasFocus(),
      isWide: () => wide.matches,
      isNarrow: () => narrow.matches,
      isOffline: () => !navigator.onLine,
      onChange(run) {
        wide.addEventListener('change', run);
        narrow.addEventListener('change', run);
        document.addEventListener('visibilitychange', run);
        for (const type of pageEvents) addEventListener(type, run);
        return () => {
          wide.removeEventListener('change', run);
          narrow.removeEventListener('change', run);
          document.removeEventListener('visibilitychange', run);
          for (const type of pageEvents) removeEventListener(type, run);
        };
      },
      setTitle(title) {
        document.title = title;
      },
      reload: () => location.reload(),
    },
    playTone: createTone(),
    notifications: notifications(),
    saveFile,
    saveBlob,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    isMac: /mac|iphone|ipad/i.test(navigator.platform),
  };
}

/** What the browser does not want to keep is remembered until the page is closed. */
function storage(): KeyValue {
  const memory = new Map<string, string>();
  const attempt = <T>(run: () => T, otherwise: T): T => {
    try {
      return run();
    } catch {
      return otherwise;
    }
  };
  return {
    get: (key) => memory.get(key) ?? attempt(() => localStorage.getItem(key), null),
    set(key, value) {
      memory.set(key, value);
      attempt(() => localStorage.setItem(key, value), undefined);
    },
    remove(key) {
      memory.delete(key);
      attempt(() => localStorage.removeItem(key), undefined);
    },
    keys: () => attempt(() => Object.keys(localStorage), []),
  };
}

function saveFile({ name, text, type }: { name: string; text: string; type: string }): void {
  saveBlob({ name, blob: new Blob([text], { type: `${type};charset=utf-8` }) });
}

function saveBlob({ name, blob }: { name: string; blob: Blob }): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The download has its own hold on the blob by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function notifications(): Notifications {
  const isThere = typeof Notification !== 'undefined';
  const shown = new Map<string, Notification>();
  return {
    permission: () => (isThere ? Notification.permission : 'missing'),
    ask: async () => (isThere ? Notification.requestPermission() : 'missing'),
    show({ title, text, tag, open }) {
      if (!isThere || Notification.permission !== 'granted') return;
      try {
        const notification = new Notification(title, { body: text, tag });
        shown.set(tag, notification);
        notification.onclose = () => shown.get(tag) === notification && shown.delete(tag);
        notification.onclick = () => {
          focus();
          notification.close();
          open();
        };
      } catch {
        // Some browsers only show them from a service worker; tone and title remain.
      }
    },
    close: (tag) => shown.get(tag)?.close(),
  };
}
