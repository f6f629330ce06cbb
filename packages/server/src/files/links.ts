import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Author, Clock } from '../ports.ts';
import type { KeptSecrets } from '../secrets/kept-secrets.ts';

/** A link is good for so long. */
const LINK_MS = 600_000;
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

/** Links are signed with a secret that is kept in the store, and with the two before it until they end. They hold nothing that opens anything else. */
export async function createFileLinks(parts: { secrets: Pick<KeptSecrets, 'open'>; clock: Clock }): Promise<FileLinks> {
  const { secrets, clock } = parts;
  const kept = await secrets.open('file-link-secret');
  const signatures = (payload: string): Buffer[] =>
    kept.all.map(({ secret }) => createHmac('sha256', secret).update(`file ${payload}`).digest());

  return {
    sign(file, reader) {
      const expiresAt = clock.now() + LINK_MS;
      const payload = Buffer.from(JSON.stringify([file, reader, expiresAt])).toString('base64url');
      return { token: `${payload}.${signatures(payload)[0]?.toString('base64url')}`, expiresAt };
    },
    read(token) {
      const [, payload, signed] = /^([\w-]+)\.([\w-]{43})$/.exec(token.slice(0, MAX_TOKEN_CHARS + 1)) ?? [];
      if (payload === undefined || signed === undefined) return null;
      const given = Buffer.from(signed, 'base64url');
      if (!signatures(payload).some((right) => timingSafeEqual(given, right))) return null;
      const [file, reader, expiresAt] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [
        string,
        Author,
        number,
      ];
      return clock.now() < expiresAt ? { file, reader, expiresAt } : null;
    },
  };
}
