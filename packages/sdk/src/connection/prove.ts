import type { Clock } from '../clock.ts';
import type { Surroundings } from './surroundings.ts';

/** Hashes in one piece: a few milliseconds of a slow phone. */
const pieceHashes = 1_500;
/** A page that is never idle goes on after this. */
const idleTimeoutMs = 100;
/** More than this nobody should ask for: hours of a phone. */
const maxBits = 24;

/**
 * Does the work that a relay asks for, see SPEC [S2], in pieces between which the page does what it has to. Null when `isOver` says that nobody wants it
 * any more, or when it is too much.
 */
export async function prove(
  page: Pick<Surroundings, 'requestIdleCallback'>,
  clock: Clock,
  challenge: string,
  isOver: () => boolean,
): Promise<string | null> {
  const bits = Number.parseInt(challenge, 10);
  if (!(bits <= maxBits)) return null;
  const rest = () =>
    new Promise<void>((go) => {
      if (page.requestIdleCallback) page.requestIdleCallback(() => go(), { timeout: idleTimeoutMs });
      else clock.after(0, go);
    });
  for (let number = 0; !isOver(); number += pieceHashes) {
    for (let i = number; i < number + pieceHashes; i++) {
      const proof = `${challenge}.${i}`;
      // The first 32 of its bits are enough to look at.
      if (Math.clz32(sha256Head(proof)) >= bits) return proof;
    }
    await rest();
  }
  return null;
}

/** The fractional parts of the roots of the first primes: eight of the square roots, 64 of the cube roots. */
const start = new Int32Array(8);
const round = new Int32Array(64);
for (let found = 0, number = 2; found < 64; number++) {
  let divisor = 2;
  while (number % divisor) divisor++;
  if (divisor < number) continue;
  const part = (root: number) => ((root % 1) * 2 ** 32) | 0;
  if (found < 8) start[found] = part(Math.sqrt(number));
  round[found++] = part(Math.cbrt(number));
}

const words = new Int32Array(64);
const turn = (word: number, by: number) => (word >>> by) | (word << (32 - by));

/**
 * The first 32 bits of the SHA-256 of ASCII text. Browsers have it only in secure contexts, and each call there is a promise: for many short texts this
 * is faster. @see FIPS 180-4
 */
export function sha256Head(text: string): number {
  const state = start.slice();
  const blocks = (text.length + 72) >> 6;
  for (let block = 0; block < blocks; block++) {
    words.fill(0, 0, 16);
    for (let i = 0; i < 64; i++) {
      const at = block * 64 + i;
      const byte = at < text.length ? text.charCodeAt(at) : at === text.length ? 128 : 0;
      words[i >> 2]! |= byte << (24 - (i & 3) * 8);
    }
    if (block === blocks - 1) words[15] = text.length * 8;
    for (let i = 16; i < 64; i++) {
      const a = words[i - 15]!;
      const b = words[i - 2]!;
      words[i] =
        words[i - 16]! +
        (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) +
        words[i - 7]! +
        (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
    for (let i = 0; i < 64; i++) {
      const first = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + round[i]! + words[i]!) | 0;
      const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => {
      state[i]! += word;
    });
  }
  return state[0]! >>> 0;
}
