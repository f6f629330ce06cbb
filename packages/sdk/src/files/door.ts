import { ERRORS, type FileBlock, isErrorCode } from '@sveiki/protocol';
import { ChatError } from '../chat-error.ts';

/** How far an upload is, as the relay says; `file` once all of it is there and was looked at. */
export interface Uploaded {
  offset: number;
  file: FileBlock | null;
}

/** What the relay does with files, over HTTP. Everything rejects with {@link ChatError}. @see SPEC "Files" */
export type FilesDoor = ReturnType<typeof createFilesDoor>;

/** `_said` goes with every question; `_headers` are asked for each time, because a session may have to begin first. */
export function createFilesDoor(parts: {
  _fetch: typeof fetch;
  _create: string;
  /** Before the name of every other question. */
  _base: string;
  _said: object;
  _headers(): Promise<Record<string, string>>;
}) {
  async function call<T>(
    method: string,
    url: string,
    headers: Record<string, string>,
    body: BodyInit,
    signal?: AbortSignal,
  ): Promise<T> {
    const own = await parts._headers();
    // A session may take long to begin; by then it may be another visitor's.
    if (signal?.aborted) throw cancelled();
    let response: Response;
    try {
      response = await parts._fetch(url, {
        method,
        headers: { ...own, ...headers },
        body,
        credentials: 'same-origin',
        cache: 'no-store',
        ...(signal ? { signal } : {}),
      });
    } catch (cause) {
      if (signal?.aborted) throw cancelled(cause);
      throw offline(cause);
    }
    if (response.status === 204) return null as T;
    const told = (await response.json().catch(() => null)) as Record<string, unknown> | null;
    if (response.ok && told) return told as T;
    const { code, detail, retry, retryAfterMs } = told ?? {};
    if (isErrorCode(code))
      throw new ChatError(code, typeof detail === 'string' ? detail : ERRORS[code].sentence, {
        retryable: retry === 'later',
        retryAfterMs: Number(retryAfterMs) || undefined,
      });
    throw offline(told);
  }
  const ask = <T>(url: string, body: object, signal?: AbortSignal) =>
    call<T>('POST', url, { 'content-type': 'application/json' }, JSON.stringify({ ...parts._said, ...body }), signal);

  return {
    _begin: (name: string, size: number, signal: AbortSignal) =>
      ask<{ id: string; chunkBytes: number }>(parts._create, { name, size }, signal),
    _add: (id: string, offset: number, bytes: Blob, signal: AbortSignal) =>
      call<Uploaded>(
        'PATCH',
        `${parts._base}/${id}`,
        { 'content-type': 'application/offset+octet-stream', 'upload-offset': `${offset}` },
        bytes,
        signal,
      ),
    _offset: (id: string) => ask<Uploaded>(`${parts._base}/offset`, { id }),
    _discard: (id: string) => ask<null>(`${parts._base}/discard`, { id }),
    _link: (id: string) => ask<{ url: string; expiresAt: number }>(`${parts._base}/link`, { id }),
  };
}

const cancelled = (cause?: unknown) => new ChatError('destroyed', 'This upload was cancelled.', { cause });

const offline = (cause: unknown) =>
  new ChatError('offline', 'The relay cannot be reached. The upload goes on when the network is back.', {
    retryable: true,
    cause,
  });
