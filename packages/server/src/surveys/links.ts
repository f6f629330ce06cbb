import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock, Ids, Store } from '../ports.ts';

/** What a link opens: one question of one conversation, as its visitor. */
export interface LinkedQuestion {
  conversation: string;
  ask: string;
  visitor: string;
  expiresAt: number;
}

export interface SurveyLinks {
  /** The text behind `#` of a link. Whoever has it can see this question and answer it, and nothing else. */
  sign(question: LinkedQuestion): string;
  /** Null when it was made up, changed, or is too old. */
  read(token: string): LinkedQuestion | null;
}

const SECRET = 'survey-link-secret';
const SECRET_BYTES = 32;
const MAX_TOKEN_CHARS = 600;

/** Links are signed with a secret that is made once and kept in the store: a restart ends none of them. */
export async function createSurveyLinks(parts: { store: Store; ids: Ids; clock: Clock }): Promise<SurveyLinks> {
  const { store, ids, clock } = parts;
  const secret = (await store.setting(SECRET)) ?? (await store.keepSetting(SECRET, ids.secret(SECRET_BYTES)));
  const signature = (payload: string): Buffer => createHmac('sha256', secret).update(`survey ${payload}`).digest();

  return {
    sign({ conversation, ask, visitor, expiresAt }) {
      const payload = Buffer.from(JSON.stringify([conversation, ask, visitor, expiresAt])).toString('base64url');
      return `${payload}.${signature(payload).toString('base64url')}`;
    },
    read(token) {
      const [, payload, signed] = /^([\w-]+)\.([\w-]{43})$/.exec(token.slice(0, MAX_TOKEN_CHARS + 1)) ?? [];
      if (payload === undefined || signed === undefined) return null;
      const given = Buffer.from(signed, 'base64url');
      const right = signature(payload);
      if (given.length !== right.length || !timingSafeEqual(given, right)) return null;
      const [conversation, ask, visitor, expiresAt] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [
        string,
        string,
        string,
        number,
      ];
      return clock.now() < expiresAt ? { conversation, ask, visitor, expiresAt } : null;
    },
  };
}
