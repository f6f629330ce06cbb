import type { ScheduleInput } from '@sveiki/sdk/config';
import { type Opening, openingAt } from '../business-hours.ts';

/** Answers `openingAt` of one schedule. The last answers are kept while they hold, so asking at every tick costs nothing. */
export type OpeningReader = (at: number) => Opening;

/** Now, and the ends of the shifts that follow. */
const KEPT = 4;

export function openingReader(hours: ScheduleInput): OpeningReader {
  let known: { from: number; to: number; opening: Opening }[] = [];
  return (at) => {
    const found = known.find(({ from, to }) => from <= at && at < to);
    if (found !== undefined) return found.opening;
    const opening = openingAt(hours, at);
    const to = opening.closesAt ?? opening.opensAt ?? Number.POSITIVE_INFINITY;
    known = [{ from: at, to, opening }, ...known].slice(0, KEPT);
    return opening;
  };
}
