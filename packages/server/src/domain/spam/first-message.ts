import { type OutgoingBlock, plainText } from '@sveiki/protocol';
import type { SpamRules } from '@sveiki/sdk/config';

/** Web addresses in a message, as people and programs write them. */
export function linksIn(blocks: readonly OutgoingBlock[]): number {
  return plainText([...blocks]).match(/https?:\/\/|(?<![\w/.])www\./gi)?.length ?? 0;
}

/** What becomes of the first message of somebody nobody knows. */
export type FirstMessage =
  | { do: 'take' }
  | { do: 'refuse' }
  /** It comes sooner than people write. */
  | { do: 'wait'; ms: number }
  /** Work is to be shown; after `ms` without it, it may be tried again. */
  | { do: 'prove'; ms: number };

/** Where work is asked of everybody, waiting alone helps once the flood is over: this is how soon to look again. */
const LOOK_AGAIN_MS = 30_000;

/**
 * Decides about a first message. On a calm site nobody is bothered; on a busy one whoever is too soon; in a flood everybody. `sinceMs` is how long ago
 * he came, `level` the pressure on the site, `factor` how many times the limits are raised.
 */
export function firstMessage(
  rules: SpamRules,
  said: { links: number; sinceMs: number; level: number; factor: number; hasProved: boolean },
): FirstMessage {
  if (said.links > rules.maxLinks) return { do: 'refuse' };
  const early = Math.max(0, rules.firstMessageMs - Math.max(0, said.sinceMs));
  const isFlood = isFlooded(rules, said);
  const isSuspicious = early > 0 && said.level >= rules.calm * said.factor;
  switch (rules.proofOfWork) {
    case 'off':
      return isSuspicious ? { do: 'wait', ms: early } : { do: 'take' };
    case 'always':
      return said.hasProved ? { do: 'take' } : { do: 'prove', ms: LOOK_AGAIN_MS };
    case 'suspicious':
      if (said.hasProved || (!isFlood && !isSuspicious)) return { do: 'take' };
      return { do: 'prove', ms: isFlood ? LOOK_AGAIN_MS : early };
  }
}

export function isFlooded({ flood }: SpamRules, { level, factor }: { level: number; factor: number }): boolean {
  return level >= flood * factor;
}
