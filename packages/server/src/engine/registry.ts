import type { ConversationState } from '@sveiki/protocol';
import { carriersOf, carriesTheSame, weightIn } from '../domain/routing/carrying.ts';
import type { ConversationRow } from '../ports.ts';

/** The most conversations kept in memory beyond those that are not resolved. */
const MAX_RESOLVED_KEPT = 2_000;

/**
 * The committed state of every conversation that is not resolved, and of recently used resolved ones, with the questions that routing and lists
 * ask of them. Only commits write here.
 */
export interface Registry {
  get(conversation: string): ConversationRow | undefined;
  set(row: ConversationRow): void;
  /** Forgets what is kept, so that it is loaded again. */
  drop(conversation: string): void;
  currentOf(visitor: string): ConversationState | undefined;
  /** How many conversations an agent owns. */
  owned(agent: string): number;
  /** What takes of an agent's room, with its weight: what he owns and what he is asked to take. */
  carried(agent: string): ReadonlyMap<string, number>;
  ownedBy(agent: string): ConversationState[];
  unresolved(): Iterable<ConversationRow>;
  queued(): Iterable<ConversationState>;
  counts(): { queue: number; open: number };
}

const NOTHING: ReadonlyMap<string, number> = new Map();

export function createRegistry(): Registry {
  const open = new Map<string, ConversationRow>();
  /** In order of last use: the first is the oldest. */
  const resolved = new Map<string, ConversationRow>();
  const byVisitor = new Map<string, string>();
  const byOwner = new Map<string, Set<string>>();
  const byCarrier = new Map<string, Map<string, number>>();
  const queue = new Map<string, ConversationState>();

  const unindex = ({ state }: ConversationRow): void => {
    queue.delete(state.id);
    for (const agent of carriersOf(state)) byCarrier.get(agent)?.delete(state.id);
    if (state.owner !== null) byOwner.get(state.owner.id)?.delete(state.id);
    if (byVisitor.get(state.visitor.id) === state.id) byVisitor.delete(state.visitor.id);
  };
  const index = ({ state }: ConversationRow): void => {
    byVisitor.set(state.visitor.id, state.id);
    for (const agent of carriersOf(state)) {
      const carried = byCarrier.get(agent);
      if (carried === undefined) byCarrier.set(agent, new Map([[state.id, weightIn(state)]]));
      else carried.set(state.id, weightIn(state));
    }
    if (state.owner === null) {
      queue.set(state.id, state);
      return;
    }
    const owned = byOwner.get(state.owner.id);
    if (owned === undefined) byOwner.set(state.owner.id, new Set([state.id]));
    else owned.add(state.id);
  };
  const drop = (conversation: string): void => {
    const known = open.get(conversation);
    if (known !== undefined) unindex(known);
    open.delete(conversation);
    resolved.delete(conversation);
  };

  return {
    get: (conversation) => open.get(conversation) ?? resolved.get(conversation),
    set(row) {
      const before = open.get(row.state.id);
      if (before !== undefined && carriesTheSame(before.state, row.state)) {
        // The hot path: a message changes no index.
        open.set(row.state.id, row);
        if (row.state.owner === null) queue.set(row.state.id, row.state);
        return;
      }
      drop(row.state.id);
      if (row.state.status !== 'resolved') {
        open.set(row.state.id, row);
        index(row);
        return;
      }
      resolved.set(row.state.id, row);
      for (const oldest of resolved.keys()) {
        if (resolved.size <= MAX_RESOLVED_KEPT) break;
        resolved.delete(oldest);
      }
    },
    drop,
    currentOf(visitor) {
      const id = byVisitor.get(visitor);
      return id === undefined ? undefined : open.get(id)?.state;
    },
    owned: (agent) => byOwner.get(agent)?.size ?? 0,
    carried: (agent) => byCarrier.get(agent) ?? NOTHING,
    ownedBy: (agent) => [...(byOwner.get(agent) ?? [])].flatMap((id) => open.get(id)?.state ?? []),
    unresolved: () => open.values(),
    queued: () => queue.values(),
    counts: () => ({ queue: queue.size, open: open.size }),
  };
}
