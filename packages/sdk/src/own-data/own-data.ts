import { ERRORS, isErrorCode } from '@sveiki/protocol';
import { ChatError } from '../chat-error.ts';

/** What is kept about the visitor, in his own hands. The connection is opened if it was not. */
export interface OwnData {
  /** A ZIP archive of everything he may see. @throws {ChatError} not-found (nothing is kept), rate-limited, offline */
  download(): Promise<Blob>;
  /**
   * Has everything that is kept about him deleted at the relay, and forgets him on this device. It cannot be undone; ask him first. The relay
   * takes a moment to finish; nobody answers him in the old conversation any more. @throws {ChatError} rate-limited, offline
   */
  erase(): Promise<void>;
}

export function createOwnData(parts: {
  _server: string;
  _site: string;
  _fetch: typeof globalThis.fetch;
  _start: () => void;
  /** The token of the session; '' where there is none. */
  _session: () => string;
  _forget: () => Promise<void>;
}): OwnData {
  const { _server: server, _site: site, _fetch: fetch, _start: start, _session: session, _forget: forget } = parts;

  async function ask(path: string, body: object): Promise<Response> {
    // A page that has only just come finds on disk who he is.
    start();
    let response: Response;
    try {
      response = await fetch(`${server}/v1/people/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${session()}` },
        credentials: 'omit',
        cache: 'no-store',
        body: JSON.stringify({ site, ...body }),
      });
    } catch (cause) {
      throw offline(cause);
    }
    if (response.ok) return response;
    const { code, retryAfterMs } = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    const known = isErrorCode(code) ? code : 'unavailable';
    const { sentence, retry } = ERRORS[known];
    throw new ChatError(known, sentence, {
      retryable: retry === 'later',
      retryAfterMs: Number(retryAfterMs) || undefined,
    });
  }

  return {
    async download() {
      const response = await ask('export', {});
      try {
        return await response.blob();
      } catch (cause) {
        // Half an archive is none.
        throw offline(cause);
      }
    },
    async erase() {
      try {
        await ask('erase', { confirm: 'erase' });
      } catch (error) {
        // Nothing of him is there: what is left is on this device.
        if (!(error instanceof ChatError) || !['not-found', 'session-ended'].includes(error.code)) throw error;
      }
      await forget();
    },
  };
}

function offline(cause: unknown): ChatError {
  return new ChatError('offline', 'The relay cannot be reached. Try again when the network is back.', {
    retryable: true,
    cause,
  });
}
