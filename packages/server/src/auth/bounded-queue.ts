/** The waiting line is full: come back after `retryAfterMs`. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';
  readonly retryAfterMs: number;
  constructor(retryAfterMs: number) {
    super('Too much of this work is waiting already.');
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Runs at most `atOnce` pieces of work at a time and lets at most `waiting` more wait; the next one is refused at once with {@link QueueFull}.
 * For work that costs so much memory or time that a flood of it would stop everything else.
 */
export function boundedQueue(limits: {
  atOnce: number;
  waiting: number;
  retryAfterMs: number;
}): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const line: (() => void)[] = [];
  return async (work) => {
    if (running >= limits.atOnce) {
      if (line.length >= limits.waiting) throw new QueueFull(limits.retryAfterMs);
      // Whoever ends hands its place over, so `running` stays as it is.
      await new Promise<void>((resolve) => line.push(resolve));
    } else {
      running++;
    }
    try {
      return await work();
    } finally {
      const next = line.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
