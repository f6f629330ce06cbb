import { randomBytes, randomFillSync } from 'node:crypto';
import type { Clock, Ids } from './ports.ts';

/**
 * Ids that rise with time, so that indexes grow at their end: UUIDv7 (RFC 9562) without hyphens, 32 characters. Within one millisecond, and when
 * the clock steps back, the last time is kept and its 12-bit counter raised, so ids of one process always rise.
 */
export function createIds(clock: Clock): Ids {
  const pool = Buffer.alloc(8 * 512);
  let used = pool.length;
  let lastMs = 0;
  let counter = 0;
  return {
    next() {
      const now = clock.now();
      if (now > lastMs) {
        lastMs = now;
        counter = 0;
      } else if (++counter > 0xfff) {
        lastMs++;
        counter = 0;
      }
      if (used === pool.length) {
        randomFillSync(pool);
        used = 0;
      }
      const random = pool.subarray(used, used + 8);
      used += 8;
      random[0] = (random[0]! & 0x3f) | 0x80;
      return lastMs.toString(16).padStart(12, '0') + (0x7000 + counter).toString(16) + random.toString('hex');
    },
    secret: (bytes) => randomBytes(bytes).toString('base64url'),
  };
}
