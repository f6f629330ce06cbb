import { type Clock, systemClock } from '../clock.ts';

/** Nobody waits longer for any one of the places. */
const patienceMs = 3_000;

/** What a site says to everybody before there is a line, or while there is none. */
export interface PublicSite {
  /** The publishable key of the site. */
  site: string;
  name: string;
  /** When the relay signed it, and until when it may be shown; milliseconds since 1970. */
  madeAt: number;
  until: number;
  /** What visitors agree to before they write; null: nothing. */
  consent: {
    version: string;
    /** By language tag; the first is for everybody else. */
    text: Readonly<Record<string, string>>;
    /** By language tag; `''` is for everybody else. */
    link: Readonly<Record<string, string>>;
    strict: boolean;
  } | null;
  /** Other ways to reach the site, in the order in which they should be offered. */
  contact: { email?: string; phone?: string; url?: string };
}

export interface SiteSources {
  /** The publishable key of the site. */
  site: string;
  /** Base address of the relay. */
  server: string;
  /** `signed` of an answer to `GET /v1/site` that this page had from the relay itself. */
  heard?: unknown;
  /** Where the page keeps a copy of that answer. It is believed when one of `keys` signed it. */
  copy?: string | null;
  /** Public keys of the relay as base64url, between spaces. @see SPEC [K5] */
  keys?: string | null;
  fetch?: typeof fetch;
  clock?: Pick<Clock, 'now'>;
}

type Signed = { payload: string; signatures: { protected: string; signature: string }[] };

const bytesOf = (base64url: string) =>
  Uint8Array.from(atob(base64url.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));
const parsed = (base64url: string) => JSON.parse(new TextDecoder().decode(bytesOf(base64url)));

/** Whether one of the keys made one of the signatures. Without Ed25519 (an old browser, a page without TLS) nothing is believed. */
async function isSignedBy({ payload, signatures }: Signed, keys: readonly string[]): Promise<boolean> {
  for (const { protected: head, signature } of signatures) {
    const { alg, kid } = parsed(head);
    if (alg !== 'EdDSA' || !keys.includes(kid)) continue;
    const key = await crypto.subtle.importKey('raw', bytesOf(kid), 'Ed25519', false, ['verify']);
    const signed = new TextEncoder().encode(`${head}.${payload}`);
    if (await crypto.subtle.verify('Ed25519', key, bytesOf(signature), signed)) return true;
  }
  return false;
}

/**
 * What is known of a site while its relay may be away: what this page heard, what the browser kept of the relay's last answer, or the page's own copy, if
 * the relay signed it. Null: nothing that may be shown, because nobody has it, or it is of another site, too old, or not what was signed. Sends nothing
 * about the visitor, stores nothing, and takes three seconds at most. It asks the relay only when neither page nor browser has its answer.
 */
export async function findSite(sources: SiteSources): Promise<PublicSite | null> {
  const { site, server, heard, copy, keys, clock = systemClock } = sources;
  const fetchSigned = async (address: string, cache: RequestCache): Promise<Signed> => {
    const answer = await (sources.fetch ?? fetch)(address, {
      ...{ cache, credentials: 'omit', referrerPolicy: 'no-referrer' },
      signal: AbortSignal.timeout(patienceMs),
    });
    return (await answer.json()).signed;
  };
  const read = ({ payload }: Signed): PublicSite => {
    const found: PublicSite = parsed(payload);
    if (found.site !== site || !(clock.now() < found.until)) throw Error('Of another site, or too old');
    return found;
  };
  const pinned = (keys ?? '').split(/[\s,]+/).filter(Boolean);
  return Promise.any([
    // What the browser kept is of any age: how old it may be is said inside.
    (async () =>
      read(
        (heard as Signed) ?? (await fetchSigned(`${server}/v1/site?key=${encodeURIComponent(site)}`, 'force-cache')),
      ))(),
    ...(copy && pinned.length > 0
      ? [
          (async () => {
            const signed = await fetchSigned(copy, 'default');
            if (!(await isSignedBy(signed, pinned))) throw Error('Not what was signed');
            return read(signed);
          })(),
        ]
      : []),
  ]).catch(() => null);
}
