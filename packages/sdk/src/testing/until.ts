/**
 * Resolves with the first answer of `read` that is not undefined, null or false: asked now, and after every change of `thing`, a chat or an agent.
 * Rejects with what `read` throws, and when nothing came within `withinMs` (10 s by default), so that a script ends and says where.
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
  { withinMs = 10_000 }: { withinMs?: number } = {},
): Promise<T> {
  // Made here, so that its stack names who waited.
  const late = new Error(`What was waited for did not come within ${withinMs} ms: ${String(read)}`);
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      unsubscribe();
      settle();
    };
    const look = (): void => {
      try {
        const answer = read();
        if (answer !== undefined && answer !== null && answer !== false) finish(() => resolve(answer));
      } catch (error) {
        finish(() => reject(error as Error));
      }
    };
    const timer = setTimeout(() => finish(() => reject(late)), withinMs);
    const unsubscribe = thing.subscribe(look);
    look();
  });
}
