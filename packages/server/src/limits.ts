import { isIPv6 } from 'node:net';
import type { Clock, LimitedAction, RateLimiter } from './ports.ts';

interface Rate {
  /** Sustained: this many in this time. */
  count: number;
  perMs: number;
  /** At once, after a rest. */
  burst: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * How fast each thing may be done, by whom. The scope is the beginning of the key: `ip:<address>`, `ip-known:<address>` (visitors with a verified
 * identity), `site:<key>`; every other key counts as one session.
 */
export const RATES: Record<LimitedAction, Partial<Record<Scope, Rate>> & { session: Rate }> = {
  connect: {
    session: { count: 1, perMs: SECOND, burst: 30 },
    ip: { count: 1, perMs: SECOND, burst: 30 },
    site: { count: 200, perMs: SECOND, burst: 2_000 },
  },
  frame: { session: { count: 10, perMs: SECOND, burst: 40 } },
  'visitor-message': {
    session: { count: 1, perMs: 2 * SECOND, burst: 10 },
    ip: { count: 5, perMs: SECOND, burst: 60 },
  },
  // Whoever talks no faster than people do is not counted against his address, see `visitor-message`: 200 of them share one in a large office.
  'calm-message': { session: { count: 1, perMs: 5 * SECOND, burst: 5 } },
  'agent-message': { session: { count: 5, perMs: SECOND, burst: 30 } },
  typing: { session: { count: 1, perMs: SECOND, burst: 3 } },
  'new-conversation': {
    session: { count: 3, perMs: 10 * MINUTE, burst: 3 },
    ip: { count: 20, perMs: HOUR, burst: 10 },
    'ip-known': { count: 200, perMs: HOUR, burst: 50 },
  },
  stream: { session: { count: 30, perMs: SECOND, burst: 60 } },
  'call-tool': { session: { count: 1, perMs: SECOND, burst: 5 } },
  upload: { session: { count: 5, perMs: MINUTE, burst: 5 }, ip: { count: 30, perMs: MINUTE, burst: 30 } },
  // Weighed in bytes.
  'upload-bytes': {
    session: { count: 50_000_000, perMs: HOUR, burst: 50_000_000 },
    ip: { count: 500_000_000, perMs: HOUR, burst: 500_000_000 },
  },
  // Whole archives; what a visitor asks about himself counts by his address too.
  export: { session: { count: 5, perMs: HOUR, burst: 3 }, ip: { count: 30, perMs: HOUR, burst: 15 } },
  erase: { session: { count: 5, perMs: HOUR, burst: 3 }, ip: { count: 30, perMs: HOUR, burst: 15 } },
  history: { session: { count: 60, perMs: MINUTE, burst: 20 } },
  // The session is what the client says it is, so who tries tokens meets the other two.
  identify: {
    session: { count: 10, perMs: MINUTE, burst: 5 },
    ip: { count: 1, perMs: SECOND, burst: 30 },
    site: { count: 100, perMs: SECOND, burst: 1_000 },
  },
  login: { session: { count: 5, perMs: 5 * MINUTE, burst: 5 }, ip: { count: 20, perMs: HOUR, burst: 20 } },
};

type Scope = 'session' | 'ip' | 'ip-known' | 'site';
const isScope = (prefix: string): prefix is Scope => prefix === 'ip' || prefix === 'ip-known' || prefix === 'site';

/**
 * Keys remembered for one rate; beyond it those unused for longest are forgotten, and whoever is forgotten has rested. To be forgotten early takes
 * half as many other keys (50,000) in the time of one rest. Addresses are such a key each, so this takes a whole /48 of IPv6; sessions are free, and
 * for that reason everything that a session may do for nothing is limited by its address too.
 */
const MAX_KEYS = 100_000;

/**
 * GCRA: one number for each key, the time at which it would be as rested as it can be. In memory, for one node. Keys that have rested are
 * forgotten, and so are the oldest ones when there are too many.
 */
export function createRateLimiter(clock: Clock, options: { rateFactor?: number; maxKeys?: number } = {}): RateLimiter {
  const { rateFactor = 1, maxKeys = MAX_KEYS } = options;
  const now = steadyTime(clock);
  const meters = Object.fromEntries(
    Object.entries(RATES).map(([action, rates]) => [
      action,
      Object.fromEntries(Object.entries(rates).map(([scope, rate]) => [scope, createMeter(rate, rateFactor, maxKeys)])),
    ]),
  ) as Record<LimitedAction, Meters>;
  return {
    take(action, key, weight = 1) {
      const ofAction = meters[action];
      const colon = key.indexOf(':');
      if (colon === -1) return ofAction.session(key, now(), weight);
      const prefix = key.slice(0, colon);
      const meter = (isScope(prefix) ? ofAction[prefix] : undefined) ?? ofAction.session;
      return meter(prefix === 'ip' || prefix === 'ip-known' ? networkOf(key) : key, now(), weight);
    },
  };
}

/** Time that never runs back: a step back of the clock counts as no time, and goes on from there. */
function steadyTime(clock: Clock): () => number {
  let last = clock.now();
  let passed = 0;
  return () => {
    const current = clock.now();
    if (current > last) passed += current - last;
    last = current;
    return passed;
  };
}

type Meter = (key: string, now: number, weight: number) => number;
type Meters = Partial<Record<Scope, Meter>> & { session: Meter };

function createMeter({ count, perMs, burst }: Rate, factor: number, maxKeys: number): Meter {
  const interval = perMs / (count * factor);
  const tolerance = interval * (Math.max(1, burst * factor) - 1);
  const restMs = tolerance + interval;
  // Two generations instead of a sweep: what was not used for a whole `restMs` has rested and may be forgotten with its generation.
  let young = new Map<string, number>();
  let old = new Map<string, number>();
  let turnedAt = 0;
  return (key, now, weight) => {
    // What weighs more than a whole burst comes when everything has rested, and no sooner.
    const cost = interval * Math.min(weight, Math.max(1, burst * factor));
    if (now - turnedAt >= restMs || young.size >= maxKeys / 2) {
      old = young;
      young = new Map();
      turnedAt = now;
    }
    const restedAt = Math.max(young.get(key) ?? old.get(key) ?? now, now);
    const wait = restedAt + cost - now - restMs;
    if (wait > 0) {
      if (!young.has(key)) young.set(key, restedAt);
      return Math.ceil(wait);
    }
    young.set(key, restedAt + cost);
    return 0;
  };
}

/** One household or host has a whole /64 of IPv6, so that counts as one address. */
export function networkOf(key: string): string {
  const colon = key.indexOf(':');
  const address = key.slice(colon + 1);
  // Asked first, because `isIPv6` is a large expression and this is asked for every message.
  if (!address.includes(':') || !isIPv6(address)) return key;
  const [head = '', tail = ''] = address.split('%')[0]!.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  // An IPv4 tail stands for two groups.
  const groups = left.length + right.length + (address.includes('.') ? 1 : 0);
  const filled = address.includes('::') ? [...left, ...Array<string>(8 - groups).fill('0'), ...right] : left;
  const network = filled.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${key.slice(0, colon)}:${network.join(':')}::/64`;
}
