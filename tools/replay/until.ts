/** Something that tells when it has changed. */
interface Changing {
  subscribe(listener: () => void): () => void;
}

/** Resolves with the first answer of `read` that is not undefined; asks now, and after every change. */
export function until<T>(thing: Changing, read: () => T | undefined, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    let unsubscribe = (): void => {};
    const finish = (settle: () => void): void => {
      unsubscribe();
      signal.removeEventListener('abort', abort);
      settle();
    };
    const abort = (): void => finish(() => reject(signal.reason as Error));
    const look = (): void => {
      try {
        const answer = read();
        if (answer !== undefined) finish(() => resolve(answer));
      } catch (error) {
        finish(() => reject(error as Error));
      }
    };
    if (signal.aborted) return reject(signal.reason as Error);
    signal.addEventListener('abort', abort);
    unsubscribe = thing.subscribe(look);
    look();
  });
}
