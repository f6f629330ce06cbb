/** Chance that can be repeated: the same seed gives the same numbers. */
export interface Random {
  /** 0 <= x < 1. */
  next(): number;
  /** A whole number, 0 <= n < `below`. */
  whole(below: number): number;
  /** True this often: 0 never, 1 always. */
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** An independent source, so that what one part draws does not shift what another one gets. */
  fork(): Random;
}

/** mulberry32: small, fast, and good enough to choose moments. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4_294_967_296;
  };
  const whole = (below: number): number => Math.floor(next() * below);
  return {
    next,
    whole,
    chance: (probability) => next() < probability,
    pick: (list) => list[whole(list.length)] as (typeof list)[number],
    fork: () => createRandom(whole(4_294_967_296)),
  };
}
