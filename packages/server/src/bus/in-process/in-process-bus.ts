import type { Bus, BusMessage } from '../../ports.ts';

export interface InProcessBusOptions {
  /** Told when a handler throws; the publisher and the other handlers never notice. @default a process warning */
  onError?: (error: unknown) => void;
}

/**
 * The bus of one process. Messages are delivered in a microtask, in the order they were published, to every handler in the order they
 * subscribed; what a handler publishes comes after all that was published before. Messages are passed as they are: nobody may change them.
 * It is never down, so `onUp` never calls.
 */
export function createInProcessBus({ onError = warn }: InProcessBusOptions = {}): Bus {
  const handlers = new Set<{ handle: (message: BusMessage) => void }>();
  let waiting: BusMessage[] = [];
  let isDraining = false;
  let isClosed = false;

  function drain(): void {
    // Grows while it is walked when a handler publishes.
    for (const message of waiting) {
      for (const handler of [...handlers]) {
        // One before it may have taken it away.
        if (handlers.has(handler)) deliver(handler.handle, message);
      }
    }
    waiting = [];
    isDraining = false;
  }

  function deliver(handle: (message: BusMessage) => void, message: BusMessage): void {
    try {
      handle(message);
    } catch (error) {
      onError(error);
    }
  }

  return {
    publish(message) {
      if (isClosed) return;
      waiting.push(message);
      if (isDraining) return;
      isDraining = true;
      queueMicrotask(drain);
    },
    subscribe(handle) {
      const handler = { handle };
      if (!isClosed) handlers.add(handler);
      return () => handlers.delete(handler);
    },
    onUp: () => () => {},
    close: async () => {
      isClosed = true;
      handlers.clear();
      waiting = [];
    },
  };
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)));
}
