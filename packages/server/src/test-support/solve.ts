import { createHash } from 'node:crypto';

/** Does the work that a challenge asks for, as anybody may. `after` is a proof to go on behind. */
export function solve(challenge: string, after?: string): string {
  const bits = Number.parseInt(challenge, 10);
  for (let number = after === undefined ? 0 : Number(after.split('.').at(-1)) + 1; ; number++) {
    const proof = `${challenge}.${number}`;
    const head = createHash('sha256').update(proof).digest().readUInt32BE(0);
    if (Math.clz32(head) >= bits) return proof;
  }
}
