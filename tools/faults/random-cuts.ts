import type { Random } from '../replay/random.ts';
import type { Faults } from './fault-proxy.ts';

/**
 * Connections that break at random bytes: one way or the other, in good order or by a reset, half of them within the first 200 bytes (a handshake, a
 * hello), the others anywhere up to `longest`.
 */
export function randomCuts(random: Random, longest = 20_000): () => Faults {
  return () => {
    const cutAt = random.chance(0.5) ? random.whole(200) : Math.floor(200 * (longest / 200) ** random.next());
    return { [random.pick(['up', 'down'] as const)]: { cutAt }, cutBy: random.pick(['close', 'reset'] as const) };
  };
}
