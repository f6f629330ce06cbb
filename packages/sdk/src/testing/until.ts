/**
 * Resolves with the first answer of `read` that is not undefined, null or false: asked now, and after every change of `thing`, a chat or an agent.
 * What `read` throws rejects.
 *
 * @example
 * ```ts
 * await chat.send('Where is my parcel?');
 * const answer = await until(chat, () => chat.state.entries.find(({ event }) => event?.actor.kind === 'agent'));
 * ```
 */
export function until<T>(
  thing: { subscribe(listener: () => void): () => void },
  read: () => T | undefined | null | false,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      try {
        const answer = read();
        if (answer === undefined || answer === null || answer === false) return;
        unsubscribe();
        resolve(answer);
      } catch (error) {
        unsubscribe();
        reject(error as Error);
      }
    };
    const unsubscribe = thing.subscribe(look);
    look();
  });
}
