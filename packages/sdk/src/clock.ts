/**
 * Time and chance, passed in. Everything in the SDK that waits, stamps or rolls dice goes through one of these, so that tests and simulations
 * decide what time it is.
 */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z. */
  now(): number;
  /** Runs `run` once after `ms` (or a little later); the returned function calls it off. */
  after(ms: number, run: () => void): () => void;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
