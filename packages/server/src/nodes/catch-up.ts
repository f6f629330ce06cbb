import type { Engine } from '../engine/engine.ts';
import { endOfLog } from '../hooks/outbox.ts';
import type { Log } from '../log.ts';
import type { BusMessage, Clock, Store, StoredEvent } from '../ports.ts';

/** How often the log is read for what the bus did not bring. */
const EVERY_MS = 2_000;
const PAGE = 500;

/**
 * Follows the log that several relays write: the bus says at once what another node committed, and may lose it; what it lost is found here, a moment later.
 * @see docs/decisions/0020-several-nodes.md
 */
export interface CatchUp {
  /** Resolves when what is being read has been told. */
  stop(): Promise<void>;
}

/** The place to follow from: read before the state of anything is. */
export const beginningOf = (store: Store): Promise<number> => endOfLog(store);

export function createCatchUp(parts: {
  store: Store;
  engine: Engine;
  clock: Clock;
  log: Log;
  from: number;
  /** Told what was missed, as the bus would have. */
  hear: (message: Extract<BusMessage, { kind: 'events' }>) => void;
}): CatchUp {
  const { store, engine, clock, log, hear } = parts;
  let position = parts.from;
  let isStopped = false;
  let cancel = clock.after(EVERY_MS, again);
  let reading: Promise<void> = Promise.resolve();

  function again(): void {
    reading = read()
      // The store is away; what it did not tell now it tells later.
      .catch((error: unknown) => log.warn({ error }, 'The log could not be read for what other nodes wrote'))
      .then(() => {
        if (!isStopped) cancel = clock.after(EVERY_MS, again);
      });
  }

  async function read(): Promise<void> {
    for (;;) {
      const page = await store.eventsAfter(position, PAGE);
      const heads = new Map<string, { first: number; last: number }>();
      for (const { event } of page) {
        const first = heads.get(event.conversation)?.first ?? event.seq;
        heads.set(event.conversation, { first, last: event.seq });
      }
      for (const [conversation, { first, last }] of heads) {
        const known = engine.registry.get(conversation)?.state.head ?? first - 1;
        if (known < last) await tell(conversation, known);
        if (isStopped) return;
      }
      position = page.at(-1)?.position ?? position;
      if (page.length < PAGE) return;
    }
  }

  async function tell(conversation: string, known: number): Promise<void> {
    const row = (await store.conversations([conversation])).get(conversation);
    if (row === undefined) return;
    const { head } = row.state;
    const missed: StoredEvent[] = [];
    // All at once: with the head comes everything before it, else whoever reads would have a hole.
    for (let after = known; after < head; ) {
      const { events } = await store.events({ conversation, count: 'staff', after, limit: PAGE });
      if (events.length === 0) break;
      missed.push(...events.filter(({ seq }) => seq <= head));
      after = events.at(-1)?.seq ?? head;
    }
    if (!isStopped && missed.length > 0)
      hear({ kind: 'events', conversation, site: row.site, head, state: row.state, events: missed });
  }

  return {
    async stop() {
      isStopped = true;
      cancel();
      await reading;
    },
  };
}
