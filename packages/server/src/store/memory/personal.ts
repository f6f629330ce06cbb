import type {
  AuditNote,
  ConversationRow,
  ErasureRow,
  PersonalStore,
  StoredEvent,
  VisitorRow,
  VisitorSessionRow,
} from '../../ports.ts';

/** People as people, and what takes one out, in the maps of the memory store. */
export function rememberPersons(parts: {
  visitors: Map<string, VisitorRow>;
  visitorOf: Map<string, string>;
  visitorSessions: Map<string, VisitorSessionRow>;
  kept: Map<string, { row: ConversationRow; events: StoredEvent[] }>;
  commands: Map<string, StoredEvent>;
  log: StoredEvent[];
  asks: { visitor: string }[];
  addNotes: (notes: readonly AuditNote[]) => void;
}): PersonalStore {
  const { visitors, visitorOf, visitorSessions, kept, commands, log, asks, addNotes } = parts;
  const erasures = new Map<string, ErasureRow>();
  const shutOut = new Set<string>();
  const aging = new Map<string, number>();
  const endSessions = (visitor: string): void => {
    for (const [key, row] of visitorSessions) if (row.visitor === visitor) visitorSessions.delete(key);
  };
  const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);

  return {
    findVisitors: async ({ text, limit }) =>
      structuredClone(
        [...visitors.values()]
          .filter(
            ({ id, externalId, email, name }) =>
              [id, externalId].includes(text) ||
              email?.toLowerCase() === text.toLowerCase() ||
              kept.get(text)?.row.state.visitor.id === id ||
              name?.toLowerCase().includes(text.toLowerCase()),
          )
          .sort((a, b) => b.lastSeenAt - a.lastSeenAt)
          .slice(0, limit),
      ),
    visitorsAfter: async (after, limit) =>
      structuredClone(
        [...visitors.values()]
          .filter(({ id }) => id > after)
          .sort(byId)
          .slice(0, limit),
      ),
    visitorSessions: async (visitor) =>
      structuredClone(
        [...visitorSessions.values()]
          .filter((row) => row.visitor === visitor)
          .sort((a, b) => a.createdAt - b.createdAt),
      ),
    shutOut: async (visitor, keys) => {
      for (const key of keys) shutOut.add(key);
      endSessions(visitor);
    },
    isShutOut: async (keys) => keys.some((key) => shutOut.has(key)),
    overwriteEvents: async (conversation, changed) => {
      const events = kept.get(conversation)?.events ?? [];
      for (const next of structuredClone(changed) as StoredEvent[]) {
        const place = events.findIndex(({ seq }) => seq === next.seq);
        const before = events[place];
        if (before === undefined) continue;
        commands.delete(`${before.author} ${before.id}`);
        commands.set(`${next.author} ${next.id}`, next);
        events[place] = next;
        log[log.findIndex((one) => one.conversation === conversation && one.seq === next.seq)] = next;
      }
    },
    forgetVisitor: async (visitor, as) => {
      for (const ask of asks) if (ask.visitor === visitor) ask.visitor = as;
      endSessions(visitor);
      const row = visitors.get(visitor);
      if (row?.externalId) visitorOf.delete(`${row.site} ${row.externalId}`);
      visitors.delete(visitor);
    },
    saveErasure: async (row, notes = []) => {
      if (erasures.get(row.id)?.visitor === null && row.state !== 'done') return;
      erasures.set(row.id, structuredClone(row));
      addNotes(notes);
    },
    erasures: async ({ open, isErased, visitor, id, before, limit }) =>
      structuredClone(
        [...erasures.values()]
          .filter(
            (row) =>
              (!open || row.state !== 'done') &&
              (isErased === undefined || (row.visitor === null) === isErased) &&
              (visitor === undefined || row.visitor === visitor) &&
              (id === undefined || row.id === id) &&
              (before === undefined || row.id < before.id),
          )
          .sort((a, b) => byId(b, a))
          .slice(0, limit),
      ),
    agedConversations: async ({ kind, before, teams, sites }) => ({
      next: null,
      conversations: [...kept.values()].flatMap(({ row: { site, state }, events }) => {
        const seq = aging.get(`${kind} ${state.id}`) ?? 0;
        const isMeant = (teams?.includes(state.team?.id ?? '') ?? true) && (sites?.includes(site) ?? true);
        return isMeant && (events[seq]?.at ?? before) < before ? [{ conversation: state.id, seq }] : [];
      }),
    }),
    markAged: async (kind, conversation, seq) => {
      aging.set(`${kind} ${conversation}`, seq);
    },
    size: async () => 0,
    compact: async () => true,
  };
}
