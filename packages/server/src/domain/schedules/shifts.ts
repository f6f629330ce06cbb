import type { OpeningReader } from './opening-reader.ts';

/**
 * When the shift that somebody is in ends, as `AgentView.shiftEndsAt` means it: null for those without shifts and for shifts that never end, `now`
 * for those who are in none. Shifts that touch or overlap are one.
 */
export function shiftEndsAt(shifts: readonly OpeningReader[], now: number): number | null {
  if (shifts.length === 0) return null;
  let end = now;
  // Each round follows one shift into the next; those who never leave work have no end.
  for (let round = 0; round < 100; round++) {
    const open = shifts.map((shift) => shift(end)).filter((opening) => opening.open);
    if (open.length === 0) return end;
    if (open.some(({ closesAt }) => closesAt === null)) return null;
    end = Math.max(...open.map(({ closesAt }) => closesAt ?? end));
  }
  return null;
}
