import type { ConversationState } from './entities/conversation.ts';

const DEFAULT_AGEING_MS = 60_000;

/** A place in a queue. `queuedAt` in milliseconds by the relay's clock. */
export interface QueuePlace {
  id: string;
  team: string;
  queuedAt: number;
  priority: number;
}

/** A team whose conversations wait. `ageingMs`: so much waiting is worth one point of priority. @default 60000 */
export interface AgeingTeam {
  id: string;
  ageingMs?: number;
}

/** Where a waiting conversation stands: what its order follows from. */
export function queuePlaceOf(state: ConversationState): QueuePlace {
  return {
    id: state.id,
    team: state.team?.id ?? '',
    queuedAt: state.queuedAt ?? state.startedAt,
    priority: state.routing?.priority ?? 0,
  };
}

/** The urgency of a conversation: `priority + floor(waited / ageing)`. The clock may step back; nobody waits less than no time. */
export function urgency({ priority, queuedAt }: QueuePlace, ageingMs: number, now: number): number {
  return priority + Math.floor(Math.max(0, now - queuedAt) / ageingMs);
}

/**
 * Waiting conversations in the order they are served: the most urgent first, then the one that waits longest, then by id. Of two with the same
 * priority the earlier always stands first, and a later one of a higher priority P passes one of priority p only while it came within
 * (P - p + 1) × ageing after it.
 */
export function inQueueOrder<P extends QueuePlace>(
  waiting: Iterable<P>,
  teams: readonly AgeingTeam[],
  now: number,
): P[] {
  const ageing = new Map(teams.map((team) => [team.id, ageingOf(team)]));
  const keyed = [...waiting].map((place) => ({
    place,
    urgency: urgency(place, ageing.get(place.team) ?? DEFAULT_AGEING_MS, now),
  }));
  return keyed
    .sort((a, b) => b.urgency - a.urgency || a.place.queuedAt - b.place.queuedAt || (a.place.id < b.place.id ? -1 : 1))
    .map(({ place }) => place);
}

/** How long a conversation waits before it is counted as aged: one point of priority. */
export function ageingOf(team: Pick<AgeingTeam, 'ageingMs'>): number {
  return team.ageingMs ?? DEFAULT_AGEING_MS;
}
