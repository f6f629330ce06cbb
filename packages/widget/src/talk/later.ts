import { signal } from '@preact/signals-core';
import type { Scene } from './talk.tsx';

const againMs = 3_000;

/** Code that most visitors never need. */
export interface Later<T> {
  /** Gives it when it is there, and fetches it when it is first asked for. A fetch that failed is tried again. */
  _get(): T | undefined;
  _stop(): void;
}

export function createLater<T>(scene: Scene, load: () => Promise<{ start(scene: Scene): Promise<T> }>): Later<T> {
  const part = signal<T | undefined>(undefined);
  let state: 'idle' | 'asked' | 'over' = 'idle';
  let timer: ReturnType<typeof setTimeout> | undefined;
  function fetch() {
    load()
      .then(({ start }) => start(scene))
      .then(
        (started) => {
          part.value = started;
        },
        () => {
          if (state !== 'over') timer = setTimeout(fetch, againMs);
        },
      );
  }
  return {
    _get() {
      if (state === 'idle') {
        state = 'asked';
        fetch();
      }
      return part.value;
    },
    _stop() {
      state = 'over';
      clearTimeout(timer);
    },
  };
}
