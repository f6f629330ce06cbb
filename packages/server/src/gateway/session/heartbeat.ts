import { LIMITS } from '@sveiki/protocol';
import type { Clock } from '../../ports.ts';

/** A session as the heartbeat sees it. */
export interface Beating {
  /** Sends a ping. */
  beat(now: number): void;
  /** Whether anything was heard since the last ping. */
  readonly heardSincePing: boolean;
  /** Nothing was heard in time: the line is dead. */
  heartbeatLost(): void;
}

const TICK_MS = 1_000;
const SLOTS = Math.round(LIMITS.heartbeatMs / TICK_MS);
const GRACE_SLOTS = Math.round(LIMITS.heartbeatGraceMs / TICK_MS);

export interface Heartbeat {
  add(session: Beating): void;
  remove(session: Beating): void;
  stop(): void;
}

/** One timer for all sessions: each is pinged once in `heartbeatMs`, spread over the seconds, and checked `heartbeatGraceMs` after its ping. */
export function createHeartbeat(clock: Clock): Heartbeat {
  const slots = Array.from({ length: SLOTS }, () => new Set<Beating>());
  let at = 0;
  let next = 0;
  let cancel = clock.after(TICK_MS, tick);

  function tick(): void {
    const now = clock.now();
    for (const session of slots[(at + SLOTS - GRACE_SLOTS) % SLOTS] as Set<Beating>) {
      if (!session.heardSincePing) session.heartbeatLost();
    }
    for (const session of slots[at] as Set<Beating>) session.beat(now);
    at = (at + 1) % SLOTS;
    cancel = clock.after(TICK_MS, tick);
  }

  return {
    add(session) {
      slots[next++ % SLOTS]?.add(session);
    },
    // Looked for in all of them: a session that knew its slot would weigh more than this costs.
    remove(session) {
      for (const slot of slots) slot.delete(session);
    },
    stop: () => cancel(),
  };
}
