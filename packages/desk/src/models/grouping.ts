/** So many notices of one kind are told one by one within a minute. */
const singles = 3;
const minuteMs = 60_000;

/**
 * Tells few things one by one, and many together: when more come within a minute, the rest is gathered and told once a minute, until a minute passes in
 * which nothing came.
 */
export function createGrouping(
  clock: { now(): number; after(ms: number, run: () => void): () => void },
  tellMany: (count: number) => void,
) {
  let told: number[] = [];
  let gathered = 0;
  let cancel: (() => void) | null = null;

  function flush() {
    cancel = null;
    if (gathered === 0) return;
    const count = gathered;
    gathered = 0;
    cancel = clock.after(minuteMs, flush);
    tellMany(count);
  }

  return {
    tell(one: () => void) {
      const now = clock.now();
      told = told.filter((at) => now - at < minuteMs);
      if (cancel === null && told.length < singles) {
        told.push(now);
        return one();
      }
      gathered += 1;
      cancel ??= clock.after(minuteMs, flush);
    },
    /** Tells nothing of what is gathered. */
    forget() {
      cancel?.();
      cancel = null;
      gathered = 0;
      told = [];
    },
  };
}
