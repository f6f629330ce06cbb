import type { ScheduleInput } from '@sveiki/sdk/config';
import { type Opening, openingAt } from '../business-hours.ts';

/** Answers `openingAt` of one schedule. The last answer is kept while it holds, so asking at every tick costs nothing. */
export type OpeningReader = (at: number) => Opening;

export function openingReader(hours: ScheduleInput): OpeningReader {
  let known: { from: number; to: number; opening: Opening } | null = null;
  return (at) => {
    if (known !== null && known.from <= at && at < known.to) return known.opening;
    const opening = openingAt(hours, at);
    known = { from: at, to: opening.closesAt ?? opening.opensAt ?? Number.POSITIVE_INFINITY, opening };
    return opening;
  };
}
