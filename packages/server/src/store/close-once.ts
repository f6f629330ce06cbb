import type { Store } from '../ports.ts';

/** The same store, whose methods reject once it is closed, and which may be closed twice. */
export function closeOnce(store: Store): Store {
  let closed: Promise<void> | null = null;
  const names = Object.keys(store) as (keyof Store)[];
  const guarded = names.map((name) => {
    const method = store[name] as (...args: unknown[]) => Promise<unknown>;
    return [
      name,
      async (...args: unknown[]) => {
        if (closed !== null) throw new Error('The store is closed.');
        return method(...args);
      },
    ];
  });
  const close = () => {
    closed ??= store.close();
    return closed;
  };
  return { ...(Object.fromEntries(guarded) as Store), close };
}
