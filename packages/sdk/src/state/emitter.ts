/** Handlers by event name. A handler that throws is reported as an uncaught error and stops nobody else. */
export function createEmitter<Events extends object>() {
  const handlers = new Map<keyof Events, Set<(event: never) => void>>();
  return {
    _on<K extends keyof Events>(
      name: K,
      handler: (event: Events[K]) => void,
      { signal, once }: { signal?: AbortSignal; once?: boolean } = {},
    ): () => void {
      const off = () => {
        handlers.get(name)?.delete(run);
        signal?.removeEventListener('abort', off);
      };
      const run = (event: Events[K]) => {
        if (once) off();
        handler(event);
      };
      if (!signal?.aborted) {
        handlers.set(name, (handlers.get(name) ?? new Set()).add(run));
        signal?.addEventListener('abort', off);
      }
      return off;
    },
    _emit<K extends keyof Events>(name: K, event: Events[K]) {
      for (const handler of [...(handlers.get(name) ?? [])]) {
        try {
          handler(event as never);
        } catch (error) {
          void Promise.reject(error);
        }
      }
    },
    _has: (name: keyof Events) => !!handlers.get(name)?.size,
    _clear: () => handlers.clear(),
  };
}
