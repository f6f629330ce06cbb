/** How many conversations of strangers began on a site lately. */
export interface Pressure {
  level: number;
  at: number;
}

export const NO_PRESSURE: Pressure = { level: 0, at: 0 };

/** After so long without a new one half of the pressure is gone; at a steady rate it settles at what begins in seven minutes. */
const HALF_MS = 300_000;

export function pressureAt({ level, at }: Pressure, now: number): number {
  // A clock that steps back takes nothing away.
  return level * 0.5 ** (Math.max(0, now - at) / HALF_MS);
}

export function oneMore(pressure: Pressure, now: number): Pressure {
  return { level: pressureAt(pressure, now) + 1, at: Math.max(now, pressure.at) };
}

const MAX_RAISE = 5;

/** Zero bits that work must show: one more, so twice the work, each time the pressure doubles beyond `flood`; at most 32 times the work. */
export function bitsFor(level: number, { bits, flood }: { bits: number; flood: number }): number {
  const doublings = Math.floor(Math.log2(level / Math.max(1, flood)));
  return bits + Math.min(MAX_RAISE, Math.max(0, doublings));
}
