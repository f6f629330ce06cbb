import type { FileBlock } from '@sveiki/protocol';
import { ChatError } from '../chat-error.ts';
import type { Clock } from '../clock.ts';
import { reconnectDelay } from '../connection/reconnect.ts';
import type { FilesDoor } from './door.ts';

/** What is uploaded: a `File` of a page, or bytes with a name. */
export type Uploadable = Blob & { readonly name?: string };

/** A file on its way to the relay. It begins by itself, and goes on where it was after every interruption. */
export interface Upload {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** As the page says; what it is, the relay says in `file`. */
  readonly type: string;
  readonly state: 'uploading' | 'ready' | 'failed';
  /** How much is at the relay, 0 to 1. */
  readonly progress: number;
  /** Why it failed for good: `bad-file`, `too-large`, `files-full`, `forbidden`, `session-ended`. */
  readonly error: ChatError | null;
  /** The block that a message may have, once it is `ready`. */
  readonly file: FileBlock | null;
  /** Resolves with `file`; rejects when it failed or was cancelled. */
  readonly done: Promise<FileBlock>;
  /** Calls `listener` after every change. Returns what ends it. */
  subscribe(listener: () => void): () => void;
  /** Tries a failed one again. */
  retry(): void;
  /** Ends it, and what is at the relay is removed there. Nothing happens once it was sent. */
  cancel(): void;
}

/** A part is made smaller when it does not get through, down to this. */
const minChunkBytes = 16_384;
/** Failures in a row after which a person decides. With the growing pauses between them that is some minutes. */
const maxFailures = 12;

export function startUpload(
  source: Uploadable,
  parts: { _door: FilesDoor; _clock: Clock; _random: () => number },
): Upload {
  const { _door: door, _clock: clock, _random: random } = parts;
  const { size, type, name = 'file' } = source;
  const listeners = new Set<() => void>();
  let abort = new AbortController();
  let id = '';
  let chunkBytes = 0;
  let offset = 0;
  let settle: [(file: FileBlock) => void, (error: ChatError) => void];
  const now = {
    state: 'uploading' as Upload['state'],
    error: null as ChatError | null,
    file: null as FileBlock | null,
  };
  let done = begin();

  function begin() {
    const promise = new Promise<FileBlock>((...ends) => {
      settle = ends;
    });
    promise.catch(() => {});
    return promise;
  }

  function tell() {
    for (const listener of [...listeners]) listener();
  }

  const pause = (ms: number) =>
    new Promise<void>((resume) => {
      const callOff = clock.after(ms, resume);
      const end = () => {
        callOff();
        resume();
      };
      // It may have ended while the relay was asked how far it is.
      if (abort.signal.aborted) end();
      else abort.signal.addEventListener('abort', end);
    });

  async function step(): Promise<FileBlock | null> {
    if (!id) {
      if (size < 1) throw new ChatError('bad-file', 'This file is empty. Choose another one.');
      const begun = await door._begin(name, size, abort.signal);
      id = begun.id;
      chunkBytes = begun.chunkBytes;
    }
    const end = Math.min(size, offset + chunkBytes);
    const added = await door._add(id, offset, source.slice(offset, end), abort.signal);
    offset = added.offset;
    return added.file;
  }

  async function run() {
    const { signal } = abort;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const file = await step();
        failures = 0;
        if (signal.aborted) return;
        if (file) {
          Object.assign(now, { state: 'ready', file });
          settle[0](file);
          return tell();
        }
        tell();
      } catch (cause) {
        if (signal.aborted) return;
        const error =
          cause instanceof ChatError ? cause : new ChatError('bad-file', 'This file cannot be read.', { cause });
        if (error.code === 'changed-meanwhile') {
          // An answer was lost: the relay knows how far it is.
          offset = await door._offset(id).then(
            (known) => known.offset,
            () => offset,
          );
          // Still not the same is a failure like any other.
          if (failures++ === 0) continue;
        }
        // What the relay has forgotten begins anew, once.
        if (error.code === 'no-such-file' && offset > 0 && failures++ === 0) {
          id = '';
          offset = 0;
          continue;
        }
        if (!error.retryable || failures >= maxFailures) return fail(error);
        chunkBytes = Math.max(minChunkBytes, chunkBytes >> 1);
        await pause(reconnectDelay({ code: 0, attempt: failures++, notBeforeMs: error.retryAfterMs }, random) ?? 0);
      }
    }
  }

  function fail(error: ChatError) {
    Object.assign(now, { state: 'failed', error });
    settle[1](error);
    tell();
  }

  void run();
  return {
    ...{ name, size, type },
    get state() {
      return now.state;
    },
    get progress() {
      return now.file ? 1 : size > 0 ? offset / size : 0;
    },
    get error() {
      return now.error;
    },
    get file() {
      return now.file;
    },
    get done() {
      return done;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    retry() {
      if (now.state !== 'failed') return;
      abort = new AbortController();
      Object.assign(now, { state: 'uploading', error: null });
      done = begin();
      tell();
      void run();
    },
    cancel() {
      if (abort.signal.aborted) return;
      abort.abort();
      settle[1](new ChatError('destroyed', 'This upload was cancelled.'));
      if (id) door._discard(id).catch(() => {});
      listeners.clear();
    },
  };
}
