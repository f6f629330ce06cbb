import { ERRORS, isErrorCode } from '@sveiki/protocol';
import { ChatError } from '../chat-error.ts';

/** Asks the relay's HTTP door for agents something beside the line. */
export type Ask = <Answer>(path: string, body: object, signal?: AbortSignal) => Promise<Answer>;

/** The same for what is a file. */
export type Download = (path: string, body: object) => Promise<Blob>;

const signedOut = () => new ChatError('signed-out', 'Nobody is signed in here. Sign in first.');

/** The relay's HTTP door for agents: sign-in with a session cookie (a bot shows its token instead), and the tickets that open lines. */
export function createDeskApi(server: string, fetch: typeof globalThis.fetch, token?: string) {
  async function call(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    try {
      return await fetch(`${server}/desk/api/${path}`, {
        method,
        // JSON is what a form of another site cannot send.
        headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
        credentials: 'same-origin',
        cache: 'no-store',
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal ? { signal } : {}),
      });
    } catch (cause) {
      // Who called it off wants to hear that, as from `fetch` itself.
      if (signal?.aborted) throw cause;
      throw new ChatError('offline', 'The relay cannot be reached. Try again when the network is back.', {
        retryable: true,
        cause,
      });
    }
  }

  /** What a refused request says, or what its status means when it says nothing we know. */
  async function refusalOf(response: Response, fallback: ChatError): Promise<ChatError> {
    const told = (await response.json().catch(() => null)) as { code?: unknown; detail?: unknown } | null;
    const seconds = Number(response.headers.get('retry-after')) || undefined;
    const code = response.status === 429 ? 'rate-limited' : told?.code;
    /** What the relay says about this one, which is more than what its code says about all. */
    const own =
      isErrorCode(code) && typeof told?.detail === 'string' && told.detail !== ERRORS[code].sentence ? told.detail : '';
    if (code === 'rate-limited') {
      return new ChatError(code, own || 'Too many tries. Wait a little and try again.', {
        retryable: true,
        retryAfterMs: seconds && seconds * 1_000,
      });
    }
    if (response.status >= 500) return new ChatError('unavailable', ERRORS.unavailable.sentence, { retryable: true });
    return isErrorCode(code) && code !== 'session-ended' ? new ChatError(code, own || ERRORS[code].sentence) : fallback;
  }

  async function post(path: string, body: object, signal?: AbortSignal): Promise<Response> {
    const response = await call('POST', path, body, signal);
    if (response.status === 401) throw signedOut();
    if (!response.ok) throw await refusalOf(response, new ChatError('internal', ERRORS.internal.sentence));
    return response;
  }

  return {
    async signIn(credentials: { email: string; password: string }): Promise<void> {
      const response = await call('POST', 'session', credentials);
      if (response.ok) return;
      const error = await refusalOf(response, new ChatError('forbidden', ''));
      throw error.code === 'forbidden' || error.code === 'not-found'
        ? new ChatError('forbidden', 'E-mail or password is wrong.')
        : error;
    },
    async signInWithCode(code: string): Promise<void> {
      const response = await call('POST', 'session', { code });
      if (response.ok) return;
      const error = await refusalOf(response, new ChatError('bad-ticket', ''));
      throw error.retryable
        ? error
        : new ChatError('bad-ticket', 'This link was used or is too old. Ask for a new one.');
    },
    async signOut(): Promise<void> {
      await call('DELETE', 'session');
    },
    /** @throws {ChatError} signed-out, and what the relay refuses with */
    ask: (async (path, body, signal) => {
      const response = await post(path, body, signal);
      try {
        return await response.json();
      } catch (cause) {
        if (signal?.aborted) throw cause;
        throw new ChatError('offline', 'Something else answers in place of the relay.', { retryable: true, cause });
      }
    }) as Ask,
    /** @throws {ChatError} as `ask`; offline when it breaks off */
    download: (async (path, body) => {
      const response = await post(path, body);
      try {
        return await response.blob();
      } catch (cause) {
        throw new ChatError('offline', 'It broke off before it was whole. Try again.', { retryable: true, cause });
      }
    }) as Download,
    /** A one-time ticket for the next line. @throws {ChatError} signed-out */
    async ticket(): Promise<string> {
      const response = await call('POST', 'ticket');
      if (response.status === 401 || response.status === 403) throw signedOut();
      if (!response.ok) throw await refusalOf(response, signedOut());
      const { ticket } = (await response.json().catch(() => ({}))) as { ticket?: unknown };
      // A captive portal answers 200 to everything.
      if (typeof ticket !== 'string')
        throw new ChatError('offline', 'Something else answers in place of the relay.', { retryable: true });
      return ticket;
    },
  };
}
