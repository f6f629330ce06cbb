import type { OutgoingBlock } from '@sveiki/protocol';
import { ChatError } from '../chat-error.ts';
import type { Clock } from '../clock.ts';
import { checkBlocks } from '../connection/check-blocks.ts';
import type { Outbox, Unsent } from '../connection/outbox.ts';
import type { MessageRef } from '../host/types.ts';
import { createFilesDoor } from './door.ts';
import { createLinks, type FileLink } from './links.ts';
import { startUpload, type Upload, type Uploadable } from './upload.ts';

/** Files of a visitor's conversation. */
export interface ChatFiles {
  /** Begins to upload, also before a first message. The connection is opened if it was not. */
  upload(file: Uploadable): Upload;
  /**
   * Sends a message with these files, after the last of them is at the relay; until then it waits in the outbox and is shown as on its way. When one of
   * them fails the message fails, and `retry` tries both again. `text` may be empty. Resolves when stored, as `Chat.send` does.
   */
  send(text: string, uploads: readonly Upload[], options?: { before?: Unsent['before'] }): Promise<MessageRef>;
  /** Where a file can be seen or fetched for some minutes. @throws {ChatError} no-such-file */
  link(id: string): Promise<FileLink>;
}

/**
 * What waits for uploads says so on disk, once in this time; when the page that has the files was silent so often, nobody has them. Counted, not
 * measured: a device that slept has missed one.
 */
const lifeMs = 5_000;
const lostAfter = 4;

export interface ChatInside {
  _server: string;
  _site: string;
  _fetch: typeof fetch;
  _clock: Clock;
  _random: () => number;
  _start(): void;
  /** Nobody uses this chat any more. */
  _isOver(): boolean;
  /** The token of the session; '' until there is one. */
  _session(): string;
  _on(event: 'change', listener: () => void): () => void;
  _newId(): string;
  _keep(unsent: Omit<Unsent, 'at'>, id: string): Promise<MessageRef>;
  _outbox: Outbox;
  _put(id: string, unsent: Unsent | null): void;
}

export function createChatFiles(inside: ChatInside): ChatFiles & {
  /** A failed message that waited for uploads is tried again. */
  _retry(id: string): void;
  /** The page is there: others hear that it is at it, and what is lost is found. */
  _watch(): void;
  /** The visitor is gone, and what he uploads with him. */
  _stop(): void;
} {
  const { _clock: clock, _server: server } = inside;
  /** Messages of this page that wait, with what they wait for. */
  const mine = new Map<string, { _uploads: readonly Upload[]; _text: string }>();
  /** Messages of other pages that wait, and how often nothing was heard of them. */
  const others = new Map<string, [alive: number, missed: number]>();
  /** Those on their way, and those that may be tried again. */
  const uploads = new Set<Upload>();
  let cancelWatch = () => {};

  const door = createFilesDoor({
    _fetch: inside._fetch,
    _create: `${server}/v1/files`,
    _base: `${server}/v1/files`,
    _said: { site: inside._site },
    async _headers() {
      return { authorization: `Bearer ${await session()}`, 'sveiki-site': inside._site };
    },
  });
  const links = createLinks(server, door, clock);

  function session(): Promise<string> {
    // Who has one has begun: nothing begins anew for the end of an upload whose visitor has just left.
    if (!inside._session()) inside._start();
    return new Promise((resolve) => {
      const look = () => {
        const token = inside._session();
        if (!token) return;
        end();
        resolve(token);
      };
      const end = inside._on('change', look);
      look();
    });
  }

  const lost = () => ({ code: 'no-such-file', message: 'The file was not uploaded before this page was closed.' });

  /** Lets the others know that this page is at it, and finds what no page is at any more. */
  function watch(passed = 0) {
    cancelWatch();
    let isBusy = false;
    for (const [id, unsent] of inside._outbox._entries()) {
      if (!unsent.waits || unsent.error) continue;
      isBusy = true;
      if (mine.has(id)) inside._put(id, { ...unsent, waits: unsent.waits + 1 });
      else {
        const [alive, before = 0] = others.get(id) ?? [];
        const missed = alive === unsent.waits ? before + passed : 0;
        others.set(id, [unsent.waits, missed]);
        if (missed >= lostAfter) inside._put(id, { ...unsent, error: lost() });
      }
    }
    if (isBusy) cancelWatch = clock.after(lifeMs, () => watch(1));
  }

  // What is not in the outbox any more goes nowhere, and neither do its files.
  inside._on('change', () => {
    for (const [id, { _uploads }] of mine) {
      if (inside._outbox._entries().has(id)) continue;
      mine.delete(id);
      for (const upload of _uploads) upload.cancel();
    }
  });

  async function finish(id: string) {
    const one = mine.get(id);
    if (!one) return;
    try {
      const files = await Promise.all(one._uploads.map(({ done }) => done));
      const known = inside._outbox._entries().get(id);
      mine.delete(id);
      // It was discarded, or its visitor has left.
      if (!known) return;
      const { waits: _, error: __, ...unsent } = known;
      const blocks: OutgoingBlock[] = [
        ...(one._text.trim() ? [{ kind: 'text' as const, text: one._text }] : []),
        ...files.map(({ id: file, name }) => ({ kind: 'file' as const, id: file, text: name })),
      ];
      inside._put(id, { ...unsent, blocks });
    } catch (cause) {
      const unsent = inside._outbox._entries().get(id);
      const { code, message } = cause as ChatError;
      // One that was ended says nothing: its message is discarded, or found by the next page.
      if (unsent && mine.has(id) && code !== 'destroyed') inside._put(id, { ...unsent, error: { code, message } });
    }
  }

  return {
    upload(file) {
      inside._start();
      const upload = startUpload(file, {
        // Without a session it is left to the relay, which forgets it.
        _door: { ...door, _discard: async (id) => (inside._session() ? door._discard(id) : null) },
        _clock: clock,
        _random: inside._random,
      });
      uploads.add(upload);
      upload.subscribe(() => {
        if (upload.state === 'ready') uploads.delete(upload);
      });
      if (inside._isOver()) upload.cancel();
      return upload;
    },
    async send(text, uploads, { before } = {}) {
      // After everything that lies on disk.
      inside._start();
      if (inside._isOver()) throw new ChatError('destroyed', 'This chat was destroyed. Make another one.');
      const id = inside._newId();
      // What is shown, and what is left when the files are lost.
      const shown = [...(text.trim() ? [text] : []), ...uploads.map(({ name }) => name)];
      const blocks = shown.map((one) => ({ kind: 'text' as const, text: one }));
      checkBlocks(blocks);
      mine.set(id, { _uploads: uploads, _text: text });
      const stored = inside._keep({ blocks, before, waits: 1 }, id);
      void finish(id);
      watch();
      return stored;
    },
    link: links,
    _retry(id) {
      const unsent = inside._outbox._entries().get(id);
      const one = mine.get(id);
      if (!unsent?.waits) return;
      if (!one) return inside._put(id, { ...unsent, error: lost() });
      for (const upload of one._uploads) upload.retry();
      void finish(id);
      watch();
    },
    _watch: () => watch(),
    _stop() {
      cancelWatch();
      for (const upload of uploads) upload.cancel();
      uploads.clear();
    },
  };
}
