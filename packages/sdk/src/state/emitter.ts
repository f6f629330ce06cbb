/** Handlers by event name. A handler that throws is reported as an uncaught error and stops nobody else. */
export function createEmitter<Events extends object>() {
  const listeners = new Set<{ name: keyof Events; run(event: never): void }>();
  return {
    _on<K extends keyof Events>(
      name: K,
      handler: (event: Events[K]) => void,
      { signal, once }: { signal?: AbortSignal; once?: boolean } = {},
    ): () => void {
      const off = () => {
        listeners.delete(listener);
        signal?.removeEventListener('abort', off);
      };
      const run = (event: Events[K]) => {
        if (once) off();
        handler(event);
      };
      const listener = { name, run };
      if (!signal?.aborted) {
        listeners.add(listener);
        signal?.addEventListener('abort', off);
      }
      return off;
    },
    /** False when nobody listens. */
    _emit<K extends keyof Events>(name: K, event: Events[K]) {
      const called = [...listeners].filter((listener) => listener.name === name);
      for (const { run } of called) {
        try {
          run(event as never);
        } catch (error) {
          void Promise.reject(error);
        }
      }
      return called.length > 0;
    },
    _clear: () => listeners.clear(),
  };
}
