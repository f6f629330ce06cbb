import { type ConversationState, type Counts, type FromServer, inQueueOrder, queuePlaceOf } from '@sveiki/protocol';
import type { SessionContext } from './context.ts';

/** Changes of lists go out together, at most this often. */
const EVERY_MS = 200;
/** "Resolved" counts the last day, and is asked of the store at most this often. */
const RESOLVED_WINDOW_MS = 86_400_000;
const RESOLVED_EVERY_MS = 2_000;

/** Keeps the lists of desks up to date: collects changed conversations and sends each once with the counts. */
export interface ListUpdates {
  changed(state: ConversationState): void;
  stop(): void;
}

export function createListUpdates(context: SessionContext): ListUpdates {
  const changed = new Map<string, ConversationState>();
  let cancel: (() => void) | null = null;

  async function flush(): Promise<void> {
    cancel = null;
    const readers = () => [...context.hub.agents()].filter((end) => end.wantsLists);
    if (readers().length === 0) return changed.clear();
    const resolved = await resolvedCount(context);
    if (changed.size === 0) return;
    const conversations = JSON.stringify([...changed.values()]);
    changed.clear();
    for (const end of readers()) {
      const counts = JSON.stringify(countsOf(context, end.agent, resolved));
      end.sendText('update', `{"type":"update","conversations":${conversations},"counts":${counts}}`);
    }
  }

  function flushIn(ms: number): void {
    cancel ??= context.clock.after(ms, () => {
      flush().catch((error: unknown) => {
        context.log.error({ error }, 'The lists could not be brought up to date');
        flushIn(RESOLVED_EVERY_MS);
      });
    });
  }

  return {
    changed(state) {
      changed.set(state.id, state);
      flushIn(EVERY_MS);
    },
    stop: () => cancel?.(),
  };
}

/** A page of the queue as it is served now. `from`: how many come before it. */
export function queuePage(
  { engine, config, clock }: SessionContext,
  limit: number,
  from = 0,
): { conversations: ConversationState[]; cursor: number | null } {
  const places = [...engine.registry.queued()].map((state) => ({ ...queuePlaceOf(state), state }));
  const rest = inQueueOrder(places, config.teams, clock.now()).slice(from);
  const conversations = rest.slice(0, limit).map(({ state }) => state);
  return { conversations, cursor: rest.length > limit ? from + limit : null };
}

export async function countsFor(context: SessionContext, agent: string): Promise<Counts> {
  return countsOf(context, agent, await resolvedCount(context));
}

function countsOf({ engine }: SessionContext, agent: string, resolved: number): Counts {
  const { queue, open } = engine.registry.counts();
  return { mine: engine.registry.owned(agent), queue, open, resolved };
}

const resolvedCounts = new WeakMap<SessionContext, { at: number; count: Promise<number> }>();

function resolvedCount(context: SessionContext): Promise<number> {
  const now = context.clock.now();
  const kept = resolvedCounts.get(context);
  if (kept !== undefined && now - kept.at < RESOLVED_EVERY_MS && now >= kept.at) return kept.count;
  const count = context.store.resolvedSince(now - RESOLVED_WINDOW_MS);
  resolvedCounts.set(context, { at: now, count });
  // What failed is not kept: the next one asks anew.
  count.catch(() => resolvedCounts.delete(context));
  return count;
}

/** Frames about colleagues, sent to every agent. */
export function tellAgents({ hub, roster }: SessionContext): void {
  const text = JSON.stringify({ type: 'agents', agents: roster.profiles() } satisfies FromServer);
  for (const end of hub.agents()) end.sendText('agents', text, true);
}
