import type { Send } from '@sveiki/protocol';
import type { Config } from '../config-types.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import { firstMessage, isFlooded, linksIn } from '../domain/spam/first-message.ts';
import { bitsFor, NO_PRESSURE, oneMore, type Pressure, pressureAt } from '../domain/spam/pressure.ts';
import type { Clock, Ids } from '../ports.ts';
import { createWork } from './work.ts';

/** Somebody nobody knows, who says something for the first time. */
export interface Stranger {
  site: string;
  visitor: string;
  /** When he came. */
  cameAt: number;
}

/** What strangers pass before their first message begins a conversation. */
export interface SpamGate {
  /** Why it is not taken, or not yet; null when it is. */
  objection(stranger: Stranger, frame: Send): Refusal | null;
  /** What a conversation counts against its address now: in a flood, twice. */
  weight(site: string): number;
  /** It begins a conversation. */
  began(stranger: Stranger, frame: Send): void;
}

export function createSpamGate(parts: {
  config: Pick<Config, 'sites' | 'rateFactor'>;
  clock: Clock;
  ids: Ids;
}): SpamGate {
  const { config, clock, ids } = parts;
  const work = createWork(ids);
  const pressures = new Map<string, Pressure>();
  const rulesOf = (site: string) => config.sites.find(({ key }) => key === site)?.spam;
  const levelOf = (site: string) => pressureAt(pressures.get(site) ?? NO_PRESSURE, clock.now());
  const factor = () => Math.max(1, config.rateFactor);

  return {
    objection(stranger, frame) {
      const { site } = stranger;
      const rules = rulesOf(site);
      if (rules === undefined) return null;
      const now = clock.now();
      const level = levelOf(site);
      const outcome = firstMessage(rules, {
        links: linksIn(frame.blocks),
        sinceMs: now - stranger.cameAt,
        level,
        factor: factor(),
        hasProved: frame.proof !== undefined && work.holds(frame.proof, stranger, now),
      });
      switch (outcome.do) {
        case 'take':
          return null;
        case 'refuse':
          return refuse('too-many-links');
        case 'wait':
          return { refused: 'rate-limited', retryAfterMs: outcome.ms };
        case 'prove':
          return {
            refused: 'proof-needed',
            retryAfterMs: outcome.ms,
            challenge: work.challenge(stranger, bitsFor(level / factor(), rules), now),
          };
      }
    },
    weight(site) {
      const rules = rulesOf(site);
      return rules !== undefined && isFlooded(rules, { level: levelOf(site), factor: factor() }) ? 2 : 1;
    },
    began({ site }, { proof }) {
      const now = clock.now();
      if (rulesOf(site) !== undefined) pressures.set(site, oneMore(pressures.get(site) ?? NO_PRESSURE, now));
      if (proof !== undefined) work.use(proof, now);
    },
  };
}
