import { type ConversationState, type FromServer, inQueueOrder } from '@sveiki/protocol';
import { expectedWaitMs, WAIT_WINDOW_MS } from '../../domain/queue.ts';
import { waitingOf } from '../../routing/waiting.ts';
import type { SessionContext } from './context.ts';

const EVERY_MS = 500;
const TAKES_EVERY_MS = 15_000;

/** Tells visitors their place in the queue and an honest wait, when it changed. */
export interface QueuePlaces {
  /** The queue changed, or somebody in it came back. */
  changed(): void;
  stop(): void;
}

export function createQueuePlaces(context: SessionContext): QueuePlaces {
  const { config, hub, engine, store, clock, log } = context;
  let told = new Map<string, string>();
  let cancel: (() => void) | null = null;
  let takes: { at: number; rows: Awaited<ReturnType<typeof store.recentTakes>> } | null = null;

  async function tell(): Promise<void> {
    cancel = null;
    const now = clock.now();
    if (takes === null || now - takes.at > TAKES_EVERY_MS)
      takes = { at: now, rows: await store.recentTakes(now - WAIT_WINDOW_MS) };
    const { rows } = takes;
    const next = new Map<string, string>();
    // Served in this order: the most urgent first.
    const order = inQueueOrder([...engine.registry.queued()].map(waitingOf), config.teams, now);
    const ahead = new Map<string, number>();
    for (const { id, team } of order) {
      const before = ahead.get(team) ?? 0;
      ahead.set(team, before + 1);
      const taken = rows.filter((row) => (row.team ?? '') === team).map((row) => row.takenAt);
      const frame: FromServer = {
        type: 'queue',
        conversation: id,
        position: before + 1,
        waitMs: expectedWaitMs(before, taken, now),
      };
      next.set(id, JSON.stringify(frame));
      const state = engine.registry.get(id)?.state;
      if (state !== undefined) send(state, next.get(id) as string);
    }
    for (const conversation of told.keys()) {
      const state = engine.registry.get(conversation)?.state;
      if (next.has(conversation) || state === undefined) continue;
      const text = JSON.stringify({ type: 'queue', conversation, position: null, waitMs: null } satisfies FromServer);
      for (const end of hub.ofVisitor(state.visitor.id)) end.sendText('queue', text);
    }
    told = next;
  }

  function send(state: ConversationState, text: string): void {
    const ends = hub.ofVisitor(state.visitor.id);
    for (const end of ends) end.sendText('queue', text, true);
  }

  return {
    changed() {
      cancel ??= clock.after(EVERY_MS, () => {
        // The next change, or the next look in half a minute, tells them.
        tell().catch((error: unknown) => log.error({ error }, 'The places in the queue could not be told'));
      });
    },
    stop: () => cancel?.(),
  };
}
