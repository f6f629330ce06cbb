import { type CannedReplyUsage, UNUSED } from '../../domain/canned-replies/reply.ts';
import { SPAM } from '../../domain/spam/marking.ts';
import {
  type AgentRow,
  type AgentSessionRow,
  AppendConflict,
  type Batch,
  type CannedReplyRow,
  type ConversationRow,
  type CursorRow,
  type ListQuery,
  type OverrideRow,
  SESSIONS_ENDED,
  type SignInCodeRow,
  type Store,
  type StoredEvent,
  type SurveyAskRow,
  type VisitorRow,
  type VisitorSessionRow,
} from '../../ports.ts';
import { activityAt, asksOf, checkBatch, cutPage, type Facts, follow, marksOf, NO_FACTS, type Take } from '../batch.ts';
import { closeOnce } from '../close-once.ts';
import { keepAudit } from './audit.ts';
import { keepBlocks } from './blocks.ts';
import { rememberFiles } from './files.ts';
import { rememberPersons } from './personal.ts';

interface Kept {
  row: ConversationRow;
  facts: Facts;
  events: StoredEvent[];
  cursors: Map<string, CursorRow>;
}

/**
 * A whole store that forgets everything when it is dropped: for tests, simulations and a first look. It keeps every promise of `Store` except
 * durability; `backup` rejects, because there is nothing on a disk to copy.
 */
export function createMemoryStore(): Store {
  const kept = new Map<string, Kept>();
  const commands = new Map<string, StoredEvent>();
  const log: StoredEvent[] = [];
  const consumers = new Map<string, number>();
  const takes: Take[] = [];
  const visitors = new Map<string, VisitorRow>();
  const visitorOf = new Map<string, string>();
  const unresolvedOf = new Map<string, string>();
  const visitorSessions = new Map<string, VisitorSessionRow>();
  const agents = new Map<string, AgentRow>();
  const agentSessions = new Map<string, AgentSessionRow>();
  const signInCodes = new Map<string, SignInCodeRow>();
  const asks: ReturnType<typeof asksOf> = [];
  const heldBack = new Map<string, { survey: string; at: number }>();
  const cannedReplies = new Map<string, CannedReplyRow>();
  const replyUses: {
    reply: string;
    conversation: string;
    uses: number;
    at: number;
    resolved: boolean;
    csat?: number;
  }[] = [];
  const settings = new Map<string, string>();
  const overrides = new Map<string, OverrideRow>();
  const { add: addNotes, ...audit } = keepAudit();
  const files = rememberFiles((conversation) => kept.get(conversation)?.row.state.visitor.id);

  /** Throws before anything is written when any row of the batch may not be. */
  function checkKeys(batch: Batch, eventsOf: ReadonlyMap<string, StoredEvent[]>): void {
    const moved = batch.conversations.filter(
      ({ state, expectedHead, after }) =>
        (kept.get(state.id)?.row.state.head ?? 0) !== expectedHead ||
        (after !== undefined && kept.get(state.id)?.events.at(-1)?.id !== after),
    );
    if (moved.length > 0) throw new AppendConflict(moved.map(({ state }) => state.id));

    for (const [conversation, events] of eventsOf) {
      const next = (kept.get(conversation)?.row.state.publicHead ?? 0) + 1;
      const first = events.find(({ publicSeq }) => publicSeq !== null)?.publicSeq ?? next;
      if (first !== next) throw new Error(`The next public number of ${conversation} is ${next}, not ${first}.`);
    }
    const keys = new Set<string>();
    for (const { author, id } of batch.events) {
      const key = `${author} ${id}`;
      if (commands.has(key)) throw new AppendConflict([commands.get(key)?.conversation ?? '']);
      if (keys.has(key)) throw new Error(`Event ${id} of ${author} is in the batch twice.`);
      keys.add(key);
    }
    const states = new Map(batch.conversations.map(({ state }) => [state.id, state]));
    const busy = new Set<string>();
    for (const { id, status, visitor } of states.values()) {
      if (status === 'resolved') continue;
      const other = unresolvedOf.get(visitor.id) ?? id;
      const isFree = other === id || states.get(other)?.status === 'resolved';
      if (!isFree) throw new AppendConflict([other]);
      if (busy.has(visitor.id)) throw new Error(`Visitor ${visitor.id} would have two conversations that go on.`);
      busy.add(visitor.id);
    }
    checkVisitors(batch.visitors);
    for (const { conversation } of batch.cursors) {
      if (!states.has(conversation) && !kept.has(conversation))
        throw new Error(`There is no conversation ${conversation}.`);
    }
  }

  function checkVisitors(rows: readonly VisitorRow[]): void {
    const taken = new Map<string, string>();
    for (const { id, site, externalId } of rows) {
      if (externalId === null) continue;
      const key = `${site} ${externalId}`;
      const owner = taken.get(key) ?? visitorOf.get(key) ?? id;
      if (owner !== id) throw new Error(`Another visitor of ${site} has the external id ${externalId}.`);
      taken.set(key, id);
    }
  }

  function keepVisitor(row: VisitorRow): void {
    const before = visitors.get(row.id);
    if (before?.externalId) visitorOf.delete(`${before.site} ${before.externalId}`);
    visitors.set(row.id, row);
    if (row.externalId !== null) visitorOf.set(`${row.site} ${row.externalId}`, row.id);
  }

  function write(batch: Batch, eventsOf: ReadonlyMap<string, StoredEvent[]>): void {
    for (const { expectedHead: _, after: __, ...row } of batch.conversations) {
      const { id, status, visitor } = row.state;
      const before: Omit<Kept, 'row'> = kept.get(id) ?? { facts: NO_FACTS, events: [], cursors: new Map() };
      const events = eventsOf.get(id) ?? [];
      const after = follow(before.facts, marksOf(events));
      takes.push(...after.takes);
      for (const event of events) commands.set(`${event.author} ${event.id}`, event);
      before.events.push(...events);
      kept.set(id, { ...before, row, facts: after.facts });
      if (status !== 'resolved') unresolvedOf.set(visitor.id, id);
      else if (unresolvedOf.get(visitor.id) === id) unresolvedOf.delete(visitor.id);
    }
    files.send(batch);
    for (const row of batch.visitors) keepVisitor(row);
    for (const row of batch.visitorSessions) visitorSessions.set(row.tokenHash, row);
    for (const { conversation, reader, delivered, read } of batch.cursors) {
      const cursors = kept.get(conversation)?.cursors;
      const before = cursors?.get(reader) ?? { delivered: 0, read: 0 };
      cursors?.set(reader, {
        conversation,
        reader,
        delivered: Math.max(before.delivered, delivered),
        read: Math.max(before.read, read),
      });
    }
    log.push(...batch.events);
    asks.push(...asksOf(batch));
  }

  function asked(has: (row: (typeof asks)[number]) => boolean, limit: number): SurveyAskRow[] {
    return asks
      .filter(has)
      .sort((a, b) => b.askedAt - a.askedAt || (a.ask < b.ask ? 1 : -1))
      .slice(0, limit)
      .map(({ publicSeq, ...row }) => {
        const read = kept.get(row.conversation)?.cursors.get('visitor')?.read ?? 0;
        return { ...row, shown: read >= publicSeq };
      });
  }

  /** Each view: who belongs in it, by which instant it is ordered, and whether the newest comes first. */
  function view({ view, agent, visitor }: ListQuery): {
    has: (row: ConversationRow) => boolean;
    instant: (row: ConversationRow) => number;
    newestFirst: boolean;
  } {
    const active = ({ state }: ConversationRow) => activityAt(state);
    switch (view) {
      case 'mine':
        return {
          has: ({ state }) => state.owner?.id === agent && state.status !== 'resolved',
          instant: active,
          newestFirst: true,
        };
      case 'open':
        return { has: ({ state }) => state.status !== 'resolved', instant: active, newestFirst: true };
      case 'queue':
        return {
          has: ({ state }) => state.queuedAt !== null,
          instant: ({ state }) => state.queuedAt ?? 0,
          newestFirst: false,
        };
      case 'resolved':
        return {
          has: (row) => row.state.status === 'resolved' && !isSpam(row),
          instant: ({ state }) => state.resolvedAt ?? 0,
          newestFirst: true,
        };
      case 'spam':
        return { has: isSpam, instant: ({ state }) => state.resolvedAt ?? 0, newestFirst: true };
      case 'visitor':
        return {
          has: ({ state }) => state.visitor.id === visitor,
          instant: ({ state }) => state.startedAt,
          newestFirst: true,
        };
    }
  }

  function list(query: ListQuery): { conversations: ConversationRow[]; cursor: number | null } {
    const { has, instant, newestFirst } = view(query);
    const { before = newestFirst ? Number.MAX_SAFE_INTEGER : -1, limit } = query;
    const all = [...kept.values()].map(({ row }) => row).filter(has);
    const rows = newestFirst
      ? all
          .filter((row) => instant(row) < before)
          .reverse()
          .sort((a, b) => instant(b) - instant(a))
      : all.filter((row) => instant(row) > before).sort((a, b) => instant(a) - instant(b));
    const page = cutPage(rows.slice(0, limit + 1), limit, instant);
    return page === null ? list({ ...query, limit: limit * 2 }) : { conversations: page.rows, cursor: page.cursor };
  }

  return closeOnce({
    append: async (batch) => {
      checkKeys(batch, checkBatch(batch));
      const rows = copy(batch);
      write(rows, checkBatch(rows));
    },
    conversations: async (ids) => {
      const found = ids.flatMap((id) => kept.get(id) ?? []);
      return new Map(found.map(({ row }) => [row.state.id, copy(row)]));
    },
    unresolved: async () =>
      copy([...kept.values()].map(({ row }) => row).filter(({ state }) => state.status !== 'resolved')),
    commands: async (keys) => {
      const found = keys.flatMap(({ author, id }) => commands.get(`${author} ${id}`) ?? []);
      return new Map(
        found.map(({ author, id, conversation, seq, publicSeq, at }) => [
          `${author} ${id}`,
          { author, id, conversation, seq, publicSeq, at },
        ]),
      );
    },
    events: async ({ conversation, count, after, before, limit }) => {
      const number = (event: StoredEvent) => (count === 'staff' ? event.seq : (event.publicSeq ?? 0));
      const counted = (kept.get(conversation)?.events ?? []).filter((event) => number(event) > 0);
      if (after !== undefined) {
        const found = counted.filter((event) => number(event) > after);
        return { events: copy(found.slice(0, limit)), more: found.length > limit };
      }
      const found = counted.filter((event) => number(event) < (before ?? 0));
      return { events: copy(found.slice(Math.max(0, found.length - limit))), more: found.length > limit };
    },
    eventsOfKinds: async (conversation, kinds) =>
      copy((kept.get(conversation)?.events ?? []).filter(({ body }) => kinds.includes(body.kind)).slice(-1_000)),
    eventsAfter: async (position, limit) =>
      copy(log.slice(position, position + limit).map((event, index) => ({ position: position + index + 1, event }))),
    consumerPosition: async (consumer) => consumers.get(consumer) ?? 0,
    saveConsumerPosition: async (consumer, position) => {
      consumers.set(consumer, position);
    },
    list: async (query) => copy(list(query)),
    resolvedSince: async (at) =>
      [...kept.values()].filter(({ row }) => (row.state.resolvedAt ?? -1) >= at && !isSpam(row)).length,
    cursors: async (ids) => new Map(ids.map((id) => [id, copy([...(kept.get(id)?.cursors.values() ?? [])])])),

    visitor: async (id) => copy(visitors.get(id) ?? null),
    visitorBySession: async (tokenHash, now) => {
      const session = visitorSessions.get(tokenHash);
      return session && session.expiresAt > now ? copy(visitors.get(session.visitor) ?? null) : null;
    },
    visitorByExternalId: async (site, externalId) =>
      copy(visitors.get(visitorOf.get(`${site} ${externalId}`) ?? '') ?? null),
    newestConversation: async (visitor) => {
      const rows = [...kept.values()].map(({ row }) => row).filter(({ state }) => state.visitor.id === visitor);
      return copy(rows.reverse().sort((a, b) => b.state.startedAt - a.state.startedAt)[0] ?? null);
    },
    saveVisitor: async (row) => {
      if (!visitors.has(row.id)) return;
      checkVisitors([row]);
      keepVisitor(copy(row));
    },
    saveVisitorSession: async (row) => {
      visitorSessions.set(row.tokenHash, copy(row));
    },
    endVisitorSession: async (tokenHash) => {
      visitorSessions.delete(tokenHash);
    },
    recentTakes: async (since) => copy(takes.filter(({ takenAt }) => takenAt >= since)),
    recentFirstReplies: async (limit) =>
      [...kept.values()]
        .flatMap(({ row, facts: { askedAt, repliedAt } }) =>
          askedAt === null || repliedAt === null || isSpam(row) ? [] : [{ askedAt, repliedAt }],
        )
        .sort((a, b) => b.repliedAt - a.repliedAt)
        .slice(0, limit)
        .map(({ askedAt, repliedAt }) => repliedAt - askedAt),

    surveyAsksOf: async (visitor) => asked((row) => row.visitor === visitor, 1_000),
    surveyAsks: async ({ survey = null, since, until, before, limit }) =>
      asked(
        (row) =>
          (survey === null || row.survey === survey) &&
          row.askedAt >= since &&
          row.askedAt < until &&
          (before === undefined ||
            row.askedAt < before.askedAt ||
            (row.askedAt === before.askedAt && row.ask < before.ask)),
        limit,
      ),
    noteSurveyHeldBack: async ({ survey, key, at }) => {
      const name = `${key} ${survey}`;
      if (!heldBack.has(name)) heldBack.set(name, { survey, at });
    },
    surveysHeldBack: async ({ since, until }) => {
      const counts = new Map<string, number>();
      for (const { survey, at } of heldBack.values())
        if (at >= since && at < until) counts.set(survey, (counts.get(survey) ?? 0) + 1);
      return counts;
    },

    cannedReplies: async (ids) =>
      copy(
        [...cannedReplies.values()]
          .filter(({ reply }) => ids?.includes(reply.id) ?? true)
          .sort((a, b) => (a.reply.id < b.reply.id ? -1 : 1)),
      ),
    saveCannedReplies: async (rows, notes = []) => {
      for (const row of copy(rows)) cannedReplies.set(row.reply.id, row);
      if (rows.length > 0) addNotes(notes);
    },
    countReplyUse: async ({ reply, conversation, at }) => {
      const before = replyUses.find((use) => use.reply === reply && use.conversation === conversation);
      if (before === undefined) replyUses.push({ reply, conversation, uses: 1, at, resolved: false });
      else Object.assign(before, { uses: before.uses + 1, at: Math.max(at, before.at) });
    },
    noteReplyOutcome: async (conversation, { resolved, csat }) => {
      const uses = replyUses.filter((use) => use.conversation === conversation);
      for (const use of uses) {
        if (resolved) use.resolved = true;
        if (csat !== undefined) use.csat = csat;
      }
      return uses.map(({ reply }) => reply).sort();
    },
    replyUsage: async (ids) => {
      const usage = new Map<string, CannedReplyUsage>();
      for (const { reply, uses, at, resolved, csat } of replyUses) {
        if (ids?.includes(reply) === false) continue;
        const before = usage.get(reply) ?? UNUSED;
        usage.set(reply, {
          uses: before.uses + uses,
          lastUsedAt: Math.max(at, before.lastUsedAt ?? 0),
          resolved: before.resolved + (resolved ? 1 : 0),
          csat: csat === undefined ? before.csat : { sum: before.csat.sum + csat, n: before.csat.n + 1 },
        });
      }
      return usage;
    },
    ...files.methods,
    ...keepBlocks(),
    setting: async (name) => settings.get(name) ?? null,
    keepSetting: async (name, value) => {
      if (!settings.has(name)) settings.set(name, value);
      return settings.get(name) ?? value;
    },
    settings: async () => new Map([...settings].sort(([a], [b]) => (a < b ? -1 : 1))),
    saveSetting: async (name, value, from, notes = []) => {
      if ((settings.get(name) ?? null) !== from) return false;
      settings.set(name, value);
      addNotes(notes);
      return true;
    },

    overrides: async () => copy([...overrides].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)),
    saveOverride: async (row, from, notes = []) => {
      const key = `${row.kind} ${row.name}`;
      if ((overrides.get(key)?.revision ?? null) !== from) return false;
      overrides.set(key, copy(row));
      addNotes(notes);
      return true;
    },
    removeOverride: async ({ kind, name, revision }, notes = []) => {
      const key = `${kind} ${name}`;
      if (overrides.get(key)?.revision !== revision) return false;
      addNotes(notes);
      return overrides.delete(key);
    },

    agents: async () => copy([...agents.values()].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))),
    agent: async (id) => copy(agents.get(id) ?? null),
    agentByEmail: async (email) => copy([...agents.values()].find((row) => isSameEmail(row.email, email)) ?? null),
    saveAgent: async (row, notes = []) => {
      if ([...agents.values()].some(({ id, email }) => id !== row.id && isSameEmail(email, row.email))) {
        throw new Error(`Another agent has the address ${row.email}.`);
      }
      agents.set(row.id, copy(row));
      addNotes(notes);
    },
    setPresence: async (agent, presence) => {
      const row = agents.get(agent);
      if (row !== undefined) agents.set(agent, { ...row, presence });
    },
    agentSession: async (tokenHash) => copy(agentSessions.get(tokenHash) ?? null),
    saveAgentSession: async (row, notes = []) => {
      agentSessions.set(row.tokenHash, copy(row));
      addNotes(notes);
    },
    noteSessionUse: async (tokenHash, at) => {
      const row = agentSessions.get(tokenHash);
      if (row !== undefined) agentSessions.set(tokenHash, { ...row, lastUsedAt: at });
    },
    endAgentSession: async (tokenHash, notes = []) => {
      if (agentSessions.delete(tokenHash)) addNotes(notes);
    },
    endAgentSessionsOf: async (agent) => {
      for (const row of [...agentSessions.values()]) if (row.agent === agent) agentSessions.delete(row.tokenHash);
    },
    endEverySession: async (at, notes = []) => {
      settings.set(SESSIONS_ENDED, String(at));
      for (const rows of [agentSessions, visitorSessions, signInCodes]) rows.clear();
      addNotes(notes);
    },
    saveSignInCode: async (row, notes = []) => {
      signInCodes.set(row.codeHash, copy(row));
      addNotes(notes);
    },
    redeemSignInCode: async (codeHash, now) => {
      const row = signInCodes.get(codeHash) ?? null;
      for (const { codeHash: hash, expiresAt } of [...signInCodes.values()]) {
        if (hash === codeHash || expiresAt <= now) signInCodes.delete(hash);
      }
      return row !== null && row.expiresAt > now ? row : null;
    },
    purgeExpired: async ({ now, unusedSince, limit }) => {
      const purge = <Row extends { expiresAt: number }>(
        rows: Map<string, Row>,
        isDead: (row: Row) => boolean,
      ): number => {
        const dead = [...rows].filter(([, row]) => row.expiresAt <= now || isDead(row)).slice(0, limit);
        for (const [key] of dead) rows.delete(key);
        return dead.length;
      };
      return Math.max(
        purge(visitorSessions, () => false),
        purge(agentSessions, ({ lastUsedAt }) => lastUsedAt <= unusedSince),
        purge(signInCodes, () => false),
      );
    },

    ...rememberPersons({ visitors, visitorOf, visitorSessions, kept, commands, log, asks, addNotes }),
    ...audit,
    writable: async () => true,
    backup: async () => {
      throw new Error('A memory store has no file that could be copied. Start the relay with a data folder.');
    },
    close: async () => {},
  });
}

const isSpam = ({ state }: ConversationRow): boolean => state.wrapUp === SPAM;

function isSameEmail(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Rows go in and out by value, as they would through a file: nobody can change what is stored by keeping a reference. */
function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
