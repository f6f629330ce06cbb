import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../ports.ts';
import type { KeptSecrets } from '../secrets/kept-secrets.ts';

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

const MAX_TOKEN_CHARS = 600;

/** Links are signed with a secret that is kept in the store: a restart ends none of them, and neither does the next secret, nor the one after it. */
export async function createSurveyLinks(parts: {
  secrets: Pick<KeptSecrets, 'open'>;
  clock: Clock;
}): Promise<SurveyLinks> {
  const { secrets, clock } = parts;
  const kept = await secrets.open('survey-link-secret');
  const signatures = (payload: string): Buffer[] =>
    kept.all.map(({ secret }) => createHmac('sha256', secret).update(`survey ${payload}`).digest());

  return {
    sign({ conversation, ask, visitor, expiresAt }) {
      const payload = Buffer.from(JSON.stringify([conversation, ask, visitor, expiresAt])).toString('base64url');
      return `${payload}.${signatures(payload)[0]?.toString('base64url')}`;
    },
    read(token) {
      const [, payload, signed] = /^([\w-]+)\.([\w-]{43})$/.exec(token.slice(0, MAX_TOKEN_CHARS + 1)) ?? [];
      if (payload === undefined || signed === undefined) return null;
      const given = Buffer.from(signed, 'base64url');
      const isRight = (right: Buffer): boolean => given.length === right.length && timingSafeEqual(given, right);
      if (!signatures(payload).some(isRight)) return null;
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
