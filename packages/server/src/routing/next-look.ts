import { ageingOf } from '@sveiki/protocol';
import type { TeamInput } from '@sveiki/sdk/config';
import type { Waiting } from '../domain/routing/assign.ts';
import { offerMsOf } from '../domain/routing/offers.ts';

/**
 * When the passing of time alone may change what routing does, null when it never does: a skill is needed no longer, nobody is kept any more, those
 * who passed may be asked again, another team helps. `isHeld`: heavy conversations may hold agents back, so that ageing changes something too.
 */
export function nextLook(
  waiting: readonly Waiting[],
  teams: ReadonlyMap<string, TeamInput>,
  isHeld: boolean,
  now: number,
): number | null {
  let next = Number.POSITIVE_INFINITY;
  const at = (instant: number): void => {
    if (instant > now && instant < next) next = instant;
  };
  for (const { team: id, queuedAt, relax, sticky, offered, passedBy, passedAt } of waiting) {
    const team = teams.get(id);
    if (team === undefined || team.strategy === 'manual' || offered) continue;
    for (const { afterMs } of relax) at(queuedAt + afterMs);
    if (sticky !== null) at(sticky.until);
    if (passedBy.length > 0 && passedAt !== null) at(passedAt + offerMsOf(team));
    const seen = new Set([team]);
    let helpAt = queuedAt;
    for (let last = team; last.overflow !== undefined; ) {
      helpAt += last.overflow.afterMs;
      at(helpAt);
      const helping = teams.get(last.overflow.team);
      if (helping === undefined || seen.has(helping)) break;
      seen.add(helping);
      last = helping;
    }
    if (isHeld) {
      const ageingMs = ageingOf(team);
      at(queuedAt + (Math.floor(Math.max(0, now - queuedAt) / ageingMs) + 1) * ageingMs);
    }
  }
  return next === Number.POSITIVE_INFINITY ? null : next;
}
