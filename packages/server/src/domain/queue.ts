import type { ConversationState } from '@sveiki/protocol';

/** Whether a conversation waits for somebody to take it. Queued is open and nobody's, not a status. */
export function isQueued(state: ConversationState): boolean {
  return state.status !== 'resolved' && state.owner === null;
}

const MINUTE = 60_000;
const STEPS = [1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE);
export const WAIT_WINDOW_MS = 30 * MINUTE;
const FEWEST_TAKES = 5;

/**
 * The expected wait, EWT = (ahead + 1) / r with r = conversations taken per ms over the last 30 minutes in that queue, rounded up to a step a
 * person can use. Null when fewer than five were taken, or when it is longer than the longest step: no number is better than a wrong one.
 */
export function expectedWaitMs(ahead: number, takes: readonly number[], now: number): number | null {
  const recent = takes.filter((at) => at > now - WAIT_WINDOW_MS && at <= now).length;
  if (recent < FEWEST_TAKES) return null;
  const wait = ((ahead + 1) * WAIT_WINDOW_MS) / recent;
  return STEPS.find((step) => wait <= step) ?? null;
}
