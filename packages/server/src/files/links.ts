import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Author, Clock, Ids, Store } from '../ports.ts';

/** A link is good for so long. */
const LINK_MS = 600_000;
const SECRET = 'file-link-secret';
const SECRET_BYTES = 32;
const MAX_TOKEN_CHARS = 400;

/** What a link opens: one file, for one reader. */
export interface LinkedFile {
  file: string;
  reader: Author;
  expiresAt: number;
}

export interface FileLinks {
  sign(file: string, reader: Author): { token: string; expiresAt: number };
  /** Null when it was made up, changed, or is too old. */
  read(token: string): LinkedFile | null;
}

/** Links are signed with a secret that is made once and kept in the store. They hold nothing that opens anything else. */
export async function createFileLinks(parts: { store: Store; ids: Ids; clock: Clock }): Promise<FileLinks> {
  const { store, ids, clock } = parts;
  const secret = (await store.setting(SECRET)) ?? (await store.keepSetting(SECRET, ids.secret(SECRET_BYTES)));
  const signature = (payload: string): Buffer => createHmac('sha256', secret).update(`file ${payload}`).digest();

  return {
    sign(file, reader) {
      const expiresAt = clock.now() + LINK_MS;
      const payload = Buffer.from(JSON.stringify([file, reader, expiresAt])).toString('base64url');
      return { token: `${payload}.${signature(payload).toString('base64url')}`, expiresAt };
    },
    read(token) {
      const [, payload, signed] = /^([\w-]+)\.([\w-]{43})$/.exec(token.slice(0, MAX_TOKEN_CHARS + 1)) ?? [];
      if (payload === undefined || signed === undefined) return null;
      if (!timingSafeEqual(Buffer.from(signed, 'base64url'), signature(payload))) return null;
      const [file, reader, expiresAt] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [
        string,
        Author,
        number,
      ];
      return clock.now() < expiresAt ? { file, reader, expiresAt } : null;
    },
  };
}
