import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { prove, sha256Head } from './prove.ts';

describe('proof of work', () => {
  it('hashes texts of any length as everybody does', () => {
    for (let length = 0; length < 200; length++) {
      const text = Array.from({ length }, (_, i) => String.fromCharCode(33 + ((i * 7 + length) % 90))).join('');
      expect([length, sha256Head(text)]).toEqual([length, createHash('sha256').update(text).digest().readUInt32BE(0)]);
    }
  });

  it('finds a number behind the challenge, in pieces between which others have their turn', async () => {
    let rests = 0;
    const page = {
      requestIdleCallback(run: () => void) {
        rests += 1;
        queueMicrotask(run);
      },
    };
    const challenge = '14.m2x4a9.nonce.signature';
    const proof = await prove(page, systemClock, challenge, () => false);
    expect(proof).toMatch(/^14\.m2x4a9\.nonce\.signature\.\d+$/);
    expect(createHash('sha256').update(proof!).digest().readUInt32BE(0)).toBeLessThan(2 ** (32 - 14));
    expect(rests).toBe(Math.floor(Number(proof!.split('.').at(-1)) / 1_500));
  });

  it('works without a page, as in Node', async () => {
    expect(await prove({}, systemClock, '11.a.b.c', () => false)).toMatch(/^11\.a\.b\.c\.\d+$/);
  });

  it('ends when nobody waits for it, and does not begin what no machine can do', async () => {
    let asked = 0;
    expect(await prove({}, systemClock, '24.a.b.c', () => ++asked > 3)).toBeNull();
    for (const odd of ['25.a.b.c', 'many.a.b.c', '']) expect(await prove({}, systemClock, odd, () => false)).toBeNull();
  });
});
