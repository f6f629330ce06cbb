import { randomBytes } from 'node:crypto';
import type { ConversationState, FileBlock } from '@sveiki/protocol';
import type { Audit } from '../audit/audit.ts';
import { mayRead } from '../domain/access.ts';
import { sendable } from '../domain/attaching.ts';
import { maySee } from '../domain/audience.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { Log } from '../log.ts';
import type { Masking } from '../masking/masking.ts';
import {
  type AgentRow,
  type Author,
  type Clock,
  type ConversationRow,
  type FileRow,
  type FileStore,
  type Ids,
  type RateLimiter,
  StorageFull,
  type Store,
} from '../ports.ts';
import type { KeptSecrets } from '../secrets/kept-secrets.ts';
import { partKey } from './keys.ts';
import { createFileLinks } from './links.ts';
import { endingOf, fileName } from './names.ts';
import { opensInPage, recognise } from './recognise.ts';
import { removeAll, removeBytes } from './remove.ts';
import { FILE_DEFAULTS, type FilesConfig } from './settings.ts';

/** Bytes that may come at once. On a line of 26 kB/s they come in the ten seconds that a body may take. */
export const CHUNK_BYTES = 262_144;
const ID_BYTES = 18;
const KEY_BYTES = 16;
/** Uploads one may have begun and not sent. */
const MAX_UNSENT = 20;
/** Files looked at at once: each is whole in memory meanwhile. */
const MAX_AT_WORK = 2;
const RETRY_AFTER_MS = 1_000;
const PURGE_EVERY_MS = 3_600_000;
const PURGE_STEP = 100;
/** From then on that a file cannot be sent any more until it is removed: longer than a message takes to the disk. */
const SENT_MEANWHILE_MS = 60_000;

/** Who uploads, or wants to read. */
export type Person =
  | { kind: 'visitor'; id: string; site: string; address: string }
  | { kind: 'agent'; agent: AgentRow };

/** A file that may be read now. */
export interface OpenedFile {
  name: string;
  type: string;
  size: number;
  /** It may be shown in a page; else it is a download. */
  inline: boolean;
  reader: Author;
  /** Until when the link leads to it. */
  expiresAt: number;
  read(range?: { start: number; end: number }): Promise<AsyncIterable<Uint8Array> | null>;
}

/** Uploads, links, and the end of files. Who may do what with a file is decided here and nowhere else. */
export interface Files {
  /** Begins an upload. For staff `conversation` is where it will be sent. */
  create(
    by: Person,
    said: { name: string; size: number; conversation?: string },
  ): Promise<{ id: string; offset: 0; chunkBytes: number } | Refusal>;
  /** Adds bytes; with the last ones the file is looked at, cleaned and stored. `changed-meanwhile`: they do not follow what is there. */
  append(by: Person, id: string, offset: number, bytes: Uint8Array): Promise<Upload | Refusal>;
  /** How far an upload is. */
  offset(by: Person, id: string): Promise<Upload | Refusal>;
  /** Ends an upload that was not sent. */
  discard(by: Person, id: string): Promise<Refusal | null>;
  /** A path that opens the file for ten minutes. */
  link(by: Person, id: string): Promise<{ url: string; expiresAt: number } | Refusal>;
  /** What a link leads to, if it still may. */
  open(token: string): Promise<OpenedFile | null>;
  /** Removes files for good, bytes first; what was done is done when it breaks off, and it can be asked again. */
  erase(rows: readonly FileRow[]): Promise<void>;
  /** The bytes of a file, for an export; null when they are not there. */
  bytes(row: FileRow): Promise<AsyncIterable<Uint8Array> | null>;
  /** Removes what was never sent, as happens by itself every hour. */
  purge(): Promise<void>;
  stop(): void;
}

/** How far an upload is; `file` once it may be sent. */
export interface Upload {
  offset: number;
  file: FileBlock | null;
}

export async function createFiles(parts: {
  config: { files: FilesConfig };
  store: Store;
  files: FileStore;
  clock: Clock;
  ids: Ids;
  limiter: RateLimiter;
  log: Log;
  audit: Audit;
  secrets: Pick<KeptSecrets, 'open'>;
  masking: Pick<Masking, 'text'>;
  rowOf(conversation: string): Promise<ConversationRow | null>;
  /** A visitor's conversation that goes on. */
  currentOf(visitor: string): ConversationState | undefined;
}): Promise<Files> {
  const { config, store, files, clock, ids, limiter, log, audit, masking, rowOf, currentOf } = parts;
  const links = await createFileLinks(parts);
  /** What is being done with a file, so that it is done one after the other. */
  const turns = new Map<string, Promise<unknown>>();
  const room = createRoom(MAX_AT_WORK);
  let isOver = false;
  let callOff = () => {};

  const authorOf = (by: Person): Author => (by.kind === 'visitor' ? `v:${by.id}` : `a:${by.agent.id}`);
  const find = async (id: string): Promise<FileRow | null> => (await store.files([id]))[0] ?? null;
  /** His own upload, as long as it is not sent. */
  async function own(by: Person, id: string): Promise<FileRow | null> {
    const row = await find(id);
    return row !== null && row.author === authorOf(by) && row.sent === null ? row : null;
  }

  /** A name is in links, archives and on disks: what nobody should store is not in it. The ending says what the file may be, and stays. */
  function plainName(given: string): string {
    const endings = [endingOf(given)];
    return fileName(masking.text(fileName(given, endings)), endings);
  }

  async function inTurn<T>(id: string, run: () => Promise<T>): Promise<T> {
    const before = turns.get(id);
    const mine = (async () => {
      await before?.catch(() => {});
      return run();
    })();
    turns.set(id, mine);
    try {
      return await mine;
    } finally {
      if (turns.get(id) === mine) turns.delete(id);
    }
  }

  /** Milliseconds until he may begin another upload of this size. The rates in `limits.ts` are those of the defaults. */
  function waitFor(by: Person, size: number): number {
    const { perMinute, bytesPerHour } = config.files;
    const one = FILE_DEFAULTS.perMinute / perMinute;
    const weight = (size * FILE_DEFAULTS.bytesPerHour) / bytesPerHour;
    const keys = [`files ${authorOf(by).slice(2)}`, ...(by.kind === 'visitor' ? [`ip:${by.address}`] : [])];
    for (const key of keys) {
      const wait = limiter.take('upload', key, one) || limiter.take('upload-bytes', key, weight);
      if (wait > 0) return wait;
    }
    return 0;
  }

  async function siteAndConversation(
    by: Person,
    said: string | undefined,
  ): Promise<{ site: string; conversation: string | null } | null> {
    if (by.kind === 'visitor') return { site: by.site, conversation: currentOf(by.id)?.id ?? null };
    const row = said === undefined ? null : await rowOf(said);
    if (row === null || !mayRead(row.state, by.agent, false)) return null;
    return { site: row.site, conversation: row.state.id };
  }

  /** All bytes that came, in order; null when they are not what they should be. */
  async function gathered({ key, size }: FileRow): Promise<Uint8Array | null> {
    const all = new Uint8Array(size);
    let at = 0;
    for await (const part of files.list(`${key}.`)) {
      if (part !== partKey(key, at)) return null;
      for await (const piece of (await files.get(part)) ?? []) {
        if (at + piece.length > size) return null;
        all.set(piece, at);
        at += piece.length;
      }
    }
    return at === size ? all : null;
  }

  async function removeParts(key: string): Promise<void> {
    const parts: string[] = [];
    for await (const part of files.list(`${key}.`)) parts.push(part);
    await files.delete(parts);
  }

  const remove = async (rows: readonly FileRow[]): Promise<void> => void (await removeAll(rows, { store, files }));

  /** Bytes that came while their file was taken away, as when who uploads is forgotten, belong to nothing. */
  async function goneMeanwhile(row: FileRow): Promise<boolean> {
    if ((await find(row.id)) !== null) return false;
    await removeBytes([row], files);
    return true;
  }

  async function finish(row: FileRow): Promise<Upload | Refusal> {
    const found = await room(async () => {
      const bytes = await gathered(row);
      const known = bytes === null ? null : recognise(bytes, endingOf(row.name));
      if (known === null) return null;
      await files.put(row.key, known.bytes);
      const { type, width, height } = known;
      return { name: fileName(row.name, known.endings), type, size: known.bytes.length, width, height };
    });
    if (found === null) {
      await remove([row]);
      return refuse('bad-file');
    }
    if (!(await store.finishFile(row.id, found)) && (await goneMeanwhile(row))) return refuse('no-such-file');
    await removeParts(row.key);
    return uploadOf({ ...row, ...found, ready: true });
  }

  /** A full disk is told to the one who uploads; it passes. */
  async function withRoom<T>(run: () => Promise<T | Refusal>): Promise<T | Refusal> {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error;
      return { refused: 'storage-full', retryAfterMs: RETRY_AFTER_MS };
    }
  }

  /** A link is made when somebody opens a file. */
  async function noteOpened(agent: string, { id, sent }: FileRow): Promise<void> {
    const conversation = sent === null ? null : await rowOf(sent.conversation);
    const person = conversation === null ? {} : { person: conversation.state.visitor.id };
    await audit.noteOnce({ actor: `agent:${agent}`, action: 'file.opened', object: `file:${id}`, ...person });
  }

  async function mayOpen(row: FileRow, reader: Author, agent: AgentRow | null): Promise<boolean> {
    if (row.sent === null) return row.ready && row.author === reader;
    const { conversation, audience } = row.sent;
    const state = (await rowOf(conversation))?.state;
    if (state === undefined) return false;
    if (reader.startsWith('v:'))
      return audience === 'public' && maySee(state, { kind: 'visitor', id: reader.slice(2) });
    return agent?.active === true && mayRead(state, agent, false);
  }

  function again(ms: number): void {
    if (!isOver) callOff = clock.after(ms, () => void purgeSoon());
  }
  async function purgeSoon(): Promise<void> {
    await purge().catch((error: unknown) => log.warn({ error }, 'Files that were never sent could not be removed.'));
    again(PURGE_EVERY_MS);
  }
  /** One after the other, each looked at again: it may have been sent while others were removed. */
  async function removeUnsent(id: string): Promise<void> {
    const row = await find(id);
    if (row?.sent === null) await remove([row]);
  }
  async function purge(): Promise<void> {
    for (;;) {
      const rows = await store.unsentFiles(clock.now() - config.files.keepUnsentMs - SENT_MEANWHILE_MS, PURGE_STEP);
      for (const { id } of rows) {
        if (isOver) return;
        await inTurn(id, () => removeUnsent(id));
      }
      if (rows.length < PURGE_STEP) return;
    }
  }
  again(PURGE_EVERY_MS);

  return {
    create: (by, { name, size, conversation }) =>
      withRoom(async () => {
        if (by.kind === 'visitor' && !config.files.visitors) return refuse('forbidden');
        const place = await siteAndConversation(by, conversation);
        if (place === null) return refuse('not-found');
        if (size > config.files.maxFileBytes) return refuse('too-large');
        const wait = waitFor(by, size);
        if (wait > 0) return { refused: 'rate-limited', retryAfterMs: wait };
        const author = authorOf(by);
        const used = await store.fileUsage({ ...place, author });
        if (
          used.unsent.count >= MAX_UNSENT ||
          used.conversation + used.unsent.bytes + size > config.files.conversationBytes ||
          used.site + size > config.files.siteBytes
        )
          return refuse('files-full');
        const id = ids.secret(ID_BYTES);
        await store.saveFile({
          ...{ id, key: randomBytes(KEY_BYTES).toString('hex'), site: place.site, author, size },
          ...{ name: plainName(name), type: '', width: null, height: null, received: 0 },
          ...{ ready: false, createdAt: clock.now(), sent: null },
        });
        return { id, offset: 0 as const, chunkBytes: CHUNK_BYTES };
      }),
    append: (by, id, offset, bytes) =>
      inTurn(id, () =>
        withRoom(async () => {
          const row = await own(by, id);
          if (row === null) return refuse('no-such-file');
          if (row.ready) return uploadOf(row);
          if (offset !== row.received) return refuse('changed-meanwhile');
          const received = offset + bytes.length;
          if (bytes.length > CHUNK_BYTES || received > row.size) return refuse('too-large');
          if (bytes.length > 0) {
            await files.put(partKey(row.key, offset), bytes);
            if (!(await store.receiveFile(id, offset, received)))
              return refuse((await goneMeanwhile(row)) ? 'no-such-file' : 'changed-meanwhile');
          }
          return received === row.size ? finish({ ...row, received }) : { offset: received, file: null };
        }),
      ),
    async offset(by, id) {
      const row = await own(by, id);
      return row === null ? refuse('no-such-file') : uploadOf(row);
    },
    discard: (by, id) =>
      inTurn(id, async () => {
        const row = await own(by, id);
        if (row === null) return refuse('no-such-file');
        await remove([row]);
        return null;
      }),
    async link(by, id) {
      const row = await find(id);
      const reader = authorOf(by);
      if (row === null || !(await mayOpen(row, reader, by.kind === 'agent' ? by.agent : null)))
        return refuse('no-such-file');
      if (by.kind === 'agent') await noteOpened(by.agent.id, row);
      const { token, expiresAt } = links.sign(id, reader);
      return { url: `/files/${token}/${encodeURIComponent(row.name)}`, expiresAt };
    },
    async open(token) {
      const linked = links.read(token);
      const row = linked === null ? null : await find(linked.file);
      if (linked === null || row === null) return null;
      const agent = linked.reader.startsWith('a:') ? await store.agent(linked.reader.slice(2)) : null;
      // Asked again: what was taken back since the link was made is taken back.
      if (!(await mayOpen(row, linked.reader, agent))) return null;
      const { name, type, size, key } = row;
      return {
        ...{ name, type, size, inline: opensInPage(type), reader: linked.reader, expiresAt: linked.expiresAt },
        read: (range) => files.get(key, range),
      };
    },
    erase: remove,
    bytes: ({ key }) => files.get(key),
    purge,
    stop() {
      isOver = true;
      callOff();
    },
  };
}

function uploadOf(row: FileRow): Upload {
  return { offset: row.received, file: row.ready ? sendable(row, row.author) : null };
}

/** Runs so many at once; the rest waits in its order. */
function createRoom(size: number): <T>(run: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let taken = 0;
  return async (run) => {
    if (taken >= size) await new Promise<void>((resume) => waiting.push(resume));
    else taken++;
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next === undefined) taken--;
      else next();
    }
  };
}
