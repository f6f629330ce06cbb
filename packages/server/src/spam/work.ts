import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Ids } from '../ports.ts';

/** How long a challenge may be worked on. */
const LIFE_MS = 600_000;
/** Proofs that were used, until they expire by themselves; each costs its maker the work it shows. */
const MAX_USED = 100_000;
const PROOF = /^((\d{1,2})\.([0-9a-z]{1,10})\.([A-Za-z0-9_-]{1,40})\.([A-Za-z0-9_-]{22}))\.(\d{1,15})$/;

/** Work that a browser shows before it is heard. Nothing is kept of a challenge until it is answered. @see SPEC [S2] */
export interface Work {
  challenge(to: { site: string; visitor: string }, bits: number, now: number): string;
  /** Whether this proof is for him, in time, not used yet, and as hard as it says. */
  holds(proof: string, by: { site: string; visitor: string }, now: number): boolean;
  /** It does not hold a second time. */
  use(proof: string, now: number): void;
}

/** @param ids makes the secret that signs challenges: those of another process, or from before a restart, do not hold, and a new one is given */
export function createWork(ids: Ids): Work {
  const secret = ids.secret(32);
  /** By when they expire. */
  const used = new Map<string, number>();
  const sign = (text: string, { site, visitor }: { site: string; visitor: string }): string =>
    createHmac('sha256', secret).update(`${text} ${site} ${visitor}`).digest().toString('base64url', 0, 16);

  return {
    challenge(to, bits, now) {
      const text = `${bits}.${(now + LIFE_MS).toString(36)}.${ids.secret(9)}`;
      return `${text}.${sign(text, to)}`;
    },
    holds(proof, by, now) {
      const [, challenge = '', bits, expires = '', nonce, mac = ''] = PROOF.exec(proof) ?? [];
      if (challenge === '' || used.has(challenge) || now >= Number.parseInt(expires, 36)) return false;
      const own = sign(`${bits}.${expires}.${nonce}`, by);
      return timingSafeEqual(Buffer.from(own), Buffer.from(mac)) && leadingZeros(proof) >= Number(bits);
    },
    use(proof, now) {
      for (const [challenge, expires] of used) {
        if (expires > now && used.size < MAX_USED) break;
        used.delete(challenge);
      }
      used.set(proof.slice(0, proof.lastIndexOf('.')), now + LIFE_MS);
    },
  };
}

function leadingZeros(text: string): number {
  let zeros = 0;
  for (const byte of createHash('sha256').update(text).digest()) {
    zeros += Math.clz32(byte) - 24;
    if (byte !== 0) break;
  }
  return zeros;
}
