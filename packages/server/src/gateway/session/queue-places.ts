import type { ConversationState, FromServer } from '@sveiki/protocol';
import { byWait, expectedWaitMs, WAIT_WINDOW_MS } from '../../domain/queue.ts';
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
  const { hub, engine, store, clock, log } = context;
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
    const byTeam = new Map<string | null, ConversationState[]>();
    for (const state of engine.registry.queued()) {
      const team = state.team?.id ?? null;
      const states = byTeam.get(team);
      if (states === undefined) byTeam.set(team, [state]);
      else states.push(state);
    }
    for (const [team, states] of byTeam) {
      const taken = rows.filter((row) => row.team === team).map((row) => row.takenAt);
      states.toSorted(byWait).forEach((state, ahead) => {
        const frame: FromServer = {
          type: 'queue',
          conversation: state.id,
          position: ahead + 1,
          waitMs: expectedWaitMs(ahead, taken, now),
        };
        next.set(state.id, JSON.stringify(frame));
        send(state, next.get(state.id) as string);
      });
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
