/**
 * Chance by name: the same seed and words always give the same number, 0 <= x < 1. Whoever asks first does not shift what others get, so that two
 * strategies meet the same people.
 */
export function chance(seed: number, ...words: readonly (string | number)[]): number {
  let hash = (seed ^ 0x811c9dc5) >>> 0;
  for (const character of words.join('\u0000')) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  // The last steps of mulberry32 spread what FNV leaves in the low bits.
  let x = (hash + 0x6d2b79f5) >>> 0;
  x = Math.imul(x ^ (x >>> 15), x | 1);
  x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
  return ((x ^ (x >>> 14)) >>> 0) / 4_294_967_296;
}

/** A waiting time with this mean, by the exponential distribution, in whole milliseconds and at least one. */
export function delay(meanMs: number, chosen: number): number {
  return Math.max(1, Math.round(-Math.log(1 - chosen) * meanMs));
}
