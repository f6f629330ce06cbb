import type { Consent } from '@sveiki/sdk';

/** What visitors of a site agree to before they write. */
export interface Asked {
  version: string;
  /** By language tag; the first is for everybody else. */
  text: Readonly<Record<string, string>>;
  /** By language tag; `''` is for everybody else. */
  link: Readonly<Record<string, string>>;
  /** Nothing but the question for this leaves the page before. */
  strict: boolean;
}

/** A door that has not answered by then is closed. */
const patienceMs = 5_000;

/** What a site says before there is a line; `signed` is for when it cannot be asked. */
export interface SiteAnswer {
  /** Null: the site asks for nothing. */
  consent: Asked | null;
  /** Nobody can write here now. */
  paused?: unknown;
  signed?: unknown;
}

/**
 * Asks the door of the site, with nothing of the visitor in the question. Its answer may be a minute old where the browser has one; `no-cache` asks the relay.
 * Rejects when the relay does not answer.
 */
export async function askSite(server: string, site: string, cache: RequestCache): Promise<SiteAnswer> {
  const answer = await fetch(`${server}/v1/site?key=${encodeURIComponent(site)}`, {
    ...{ cache, credentials: 'omit' },
    referrerPolicy: 'no-referrer',
    signal: AbortSignal.timeout(patienceMs),
  });
  // A key that is not known is told in words when the chat connects; a relay that has no such door asks for nothing.
  if (answer.status === 404) return { consent: null };
  const found = (await answer.json()) as SiteAnswer;
  if (!answer.ok || found.consent === undefined) throw Error('No answer');
  return found;
}

/** What was agreed to here, on disk; in memory for a page that keeps nothing. */
export function consentStore(site: string, isKept: boolean) {
  const key = `sveiki:${site}:consent`;
  let memory: string | null = null;
  let hasDisk = isKept;
  const onDisk = (run: (disk: Storage) => void) => {
    try {
      if (hasDisk) run(localStorage);
    } catch {
      // A browser that does not let it, or a full disk.
      hasDisk = false;
    }
  };
  return {
    _key: key,
    _read(): Consent | null {
      // What is not on disk any more was taken back, perhaps in another tab.
      onDisk((disk) => {
        memory = disk.getItem(key);
      });
      try {
        return JSON.parse(memory ?? 'null');
      } catch {
        return null;
      }
    },
    _write(consent: Consent | null) {
      memory = consent && JSON.stringify(consent);
      onDisk((disk) => (memory ? disk.setItem(key, memory) : disk.removeItem(key)));
    },
  };
}
export type ConsentStore = ReturnType<typeof consentStore>;
