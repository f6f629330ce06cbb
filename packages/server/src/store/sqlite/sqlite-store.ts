import { dirname } from 'node:path';
import { type CompiledQuery, type Selectable, sql } from 'kysely';
import {
  type AgentRow,
  type AgentSessionRow,
  type ListQuery,
  SESSIONS_ENDED,
  type Store,
  type VisitorRow,
} from '../../ports.ts';
import { checkBatch, cutPage } from '../batch.ts';
import { closeOnce } from '../close-once.ts';
import { inAudit, keepAudit, type Noted } from './audit.ts';
import { keepBlocks } from './blocks.ts';
import { keepFiles } from './files.ts';
import type { SqlValue } from './jobs.ts';
import { keepOverrides } from './overrides.ts';
import { pack } from './pack.ts';
import { keepPersonal } from './personal.ts';
import { openReader } from './reader.ts';
import { createRecent } from './recent.ts';
import { keepReplies } from './replies.ts';
import { hasRoom } from './room.ts';
import { keepSurveys } from './surveys.ts';
import { type Tables, tables } from './tables.ts';
import { backupInThread, startWriter } from './writer-thread.ts';

export interface SqliteStoreOptions {
  /** Path of the database; it is created with its folder when it is not there. `-wal` and `-shm` beside it belong to it. */
  file: string;
  /** Called once when nothing can be written any more (a damaged file, a crashed writer). Reads go on; the relay should end. @default nothing */
  onFault?: (error: Error) => void;
  /** For tests: pretend that the disk is full when the database has this many pages of 4 KB. */
  maxPages?: number;
}

/**
 * Opens the store in one SQLite file: a log (WAL) with `synchronous=FULL`, one thread that writes, and reads on the caller's thread.
 *
 * @throws NewerDatabase, CorruptDatabase: the file was not touched; the message says what to do. StorageFull
 */
export async function openSqliteStore({ file, onFault, maxPages }: SqliteStoreOptions): Promise<Store> {
  const writer = await startWriter(maxPages === undefined ? { file } : { file, maxPages }, onFault ?? (() => {}));
  const recent = createRecent();
  const reader = openReader(file, recent);

  const first = <Row>(query: { compile(): CompiledQuery<Row> }): Row | null => reader.all(query.compile())[0] ?? null;
  async function write(...parts: ({ compile(): CompiledQuery<unknown> } | Noted)[]): Promise<unknown[][]> {
    const statements = parts.flatMap((part) => ('compile' in part ? [part.compile()] : []));
    const notes = parts.flatMap((part) => ('notes' in part ? part.notes : []));
    const { rows } = await writer.commit({
      kind: 'run',
      statements: statements.map(({ sql, parameters }) => ({ sql, parameters: parameters as readonly SqlValue[] })),
      ...(notes.length === 0 ? {} : { notes }),
    });
    return rows;
  }

  function list(query: ListQuery): Awaited<ReturnType<Store['list']>> {
    const page = reader.together(() => {
      const found = cutPage(reader.all(listPage(query).compile()), query.limit, ({ instant }) => instant);
      return found === null ? null : { conversations: found.rows.map(reader.toConversation), cursor: found.cursor };
    });
    return page ?? list({ ...query, limit: query.limit * 2 });
  }

  return closeOnce({
    append: async (batch) => {
      const eventsOf = checkBatch(batch);
      const packed = pack(batch, eventsOf);
      const { position } = await writer.commit({ kind: 'append', batch: packed });
      recent.keep(batch.conversations, packed.conversations, eventsOf, position);
    },
    conversations: async (ids) => new Map(reader.conversations(ids).map((row) => [row.state.id, row])),
    unresolved: async () => {
      const query = tables.selectFrom('conversation').select(WHOLE).where(unresolved).orderBy('activity_at');
      return reader.together(() => reader.all(query.compile()).map(reader.toConversation));
    },
    commands: async (keys) =>
      new Map(reader.commands(keys).map((command) => [`${command.author} ${command.id}`, command])),
    events: async (query) => reader.events(query),
    eventsOfKinds: async (conversation, kinds) => reader.eventsOfKinds(conversation, kinds),
    eventsAfter: async (position, limit) => reader.eventsAfter(position, limit),
    consumerPosition: async (consumer) =>
      first(tables.selectFrom('consumer').select('position').where('name', '=', consumer))?.position ?? 0,
    saveConsumerPosition: async (name, position) => {
      await write(tables.replaceInto('consumer').values({ name, position }));
    },
    list: async (query) => list(query),
    resolvedSince: async (at) => {
      const query = tables.selectFrom('conversation').select((eb) => eb.fn.countAll<number>().as('count'));
      return first(query.where('resolved_at', '>=', at).where(isNoSpam))?.count ?? 0;
    },
    cursors: async (ids) => reader.cursors(ids),

    visitor: async (id) => toVisitor(first(tables.selectFrom('visitor').selectAll().where('id', '=', id))),
    visitorBySession: async (tokenHash, now) => {
      const query = tables
        .selectFrom('visitor_session')
        .innerJoin('visitor', 'visitor.id', 'visitor_session.visitor')
        .selectAll('visitor')
        .where('token_hash', '=', tokenHash)
        .where('expires_at', '>', now);
      return toVisitor(first(query));
    },
    visitorByExternalId: async (site, externalId) =>
      toVisitor(
        first(tables.selectFrom('visitor').selectAll().where('site', '=', site).where('external_id', '=', externalId)),
      ),
    newestConversation: async (visitor) => {
      const query = listPage({ view: 'visitor', agent: '', visitor, limit: 0 });
      return reader.together(() => {
        const row = first(query);
        return row === null ? null : reader.toConversation(row);
      });
    },
    saveVisitor: async ({ id, ...row }) => {
      await write(
        tables
          .updateTable('visitor')
          .set({
            site: row.site,
            name: row.name,
            email: row.email,
            external_id: row.externalId,
            locale: row.locale,
            time_zone: row.timeZone,
            visit: row.visit === null ? null : JSON.stringify(row.visit),
            first_seen_at: row.firstSeenAt,
            last_seen_at: row.lastSeenAt,
          })
          .where('id', '=', id),
      );
    },
    saveVisitorSession: async ({ tokenHash, visitor, createdAt, expiresAt }) => {
      const row = { token_hash: tokenHash, visitor, created_at: createdAt, expires_at: expiresAt };
      await write(tables.replaceInto('visitor_session').values(row));
    },
    endVisitorSession: async (tokenHash) => {
      await write(tables.deleteFrom('visitor_session').where('token_hash', '=', tokenHash));
    },
    recentTakes: async (since) => {
      const query = tables
        .selectFrom('take')
        .select(['team', 'taken_at as takenAt', 'waited_ms as waitedMs'])
        .where('taken_at', '>=', since)
        .orderBy('taken_at')
        .orderBy(sql`rowid`);
      return reader.all(query.compile());
    },
    recentFirstReplies: async (limit) => {
      const query = tables
        .selectFrom('conversation')
        .select(sql<number>`replied_at - asked_at`.as('ms'))
        .where('replied_at', 'is not', null)
        .where(isNoSpam)
        .orderBy('replied_at', 'desc')
        .limit(limit);
      return reader.all(query.compile()).map(({ ms }) => ms);
    },

    ...keepReplies(reader, write),
    ...keepOverrides(reader, write),
    ...keepBlocks(reader, write),
    ...keepSurveys(reader, write),
    ...keepPersonal({
      ...{ reader, write, recent },
      toVisitor: (row) => toVisitor(row) as VisitorRow,
      compact: async () => (await writer.commit({ kind: 'compact' })).rows[0]?.[0] === true,
    }),
    ...keepAudit(reader, write),
    setAuditKey: async (key) => {
      await writer.commit({ kind: 'audit-key', key });
    },
    ...keepFiles(reader, write),

    agents: async () => {
      const query = tables.selectFrom('agent').selectAll().orderBy('created_at').orderBy('id');
      return reader.all(query.compile()).map(toAgent);
    },
    agent: async (id) => {
      const row = first(tables.selectFrom('agent').selectAll().where('id', '=', id));
      return row === null ? null : toAgent(row);
    },
    agentByEmail: async (email) => {
      const row = first(tables.selectFrom('agent').selectAll().where('folded_email', '=', fold(email)));
      return row === null ? null : toAgent(row);
    },
    saveAgent: async ({ id, ...row }, notes = []) => {
      const columns = {
        email: row.email,
        folded_email: fold(row.email),
        name: row.name,
        role: row.role,
        teams: JSON.stringify(row.teams),
        capacity: row.capacity,
        presence: row.presence,
        password_hash: row.passwordHash,
        active: row.active ? 1 : 0,
        created_at: row.createdAt,
      };
      await write(
        tables
          .insertInto('agent')
          .values({ id, ...columns })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(columns)),
        inAudit(notes),
      );
    },
    setPresence: async (agent, presence) => {
      await write(tables.updateTable('agent').set({ presence }).where('id', '=', agent));
    },
    agentSession: async (tokenHash) => {
      const row = first(tables.selectFrom('agent_session').selectAll().where('token_hash', '=', tokenHash));
      return row === null ? null : toAgentSession(row);
    },
    saveAgentSession: async ({ tokenHash, agent, createdAt, expiresAt, lastUsedAt }, notes = []) => {
      const row = {
        token_hash: tokenHash,
        agent,
        created_at: createdAt,
        expires_at: expiresAt,
        last_used_at: lastUsedAt,
      };
      await write(tables.replaceInto('agent_session').values(row), inAudit(notes));
    },
    noteSessionUse: async (tokenHash, at) => {
      await write(tables.updateTable('agent_session').set({ last_used_at: at }).where('token_hash', '=', tokenHash));
    },
    endAgentSession: async (tokenHash, notes = []) => {
      await write(tables.deleteFrom('agent_session').where('token_hash', '=', tokenHash), inAudit(notes));
    },
    endAgentSessionsOf: async (agent) => {
      await write(tables.deleteFrom('agent_session').where('agent', '=', agent));
    },
    endEverySession: async (at, notes = []) => {
      await write(
        tables.replaceInto('setting').values({ name: SESSIONS_ENDED, value: String(at) }),
        tables.deleteFrom('agent_session'),
        tables.deleteFrom('visitor_session'),
        tables.deleteFrom('sign_in_code'),
        inAudit(notes),
      );
    },
    saveSignInCode: async ({ codeHash, agent, expiresAt }, notes = []) => {
      const row = { code_hash: codeHash, agent, expires_at: expiresAt };
      await write(tables.replaceInto('sign_in_code').values(row), inAudit(notes));
    },
    redeemSignInCode: async (codeHash, now) => {
      const [taken] = await write(
        tables.deleteFrom('sign_in_code').where('code_hash', '=', codeHash).returningAll(),
        tables.deleteFrom('sign_in_code').where('expires_at', '<=', now),
      );
      const row = taken?.[0] as Selectable<Tables['sign_in_code']> | undefined;
      if (row === undefined || row.expires_at <= now) return null;
      return { codeHash: row.code_hash, agent: row.agent, expiresAt: row.expires_at };
    },
    purgeExpired: async ({ now, unusedSince, limit }) => {
      const purged = await write(
        tables
          .deleteFrom('visitor_session')
          .where('token_hash', 'in', (query) =>
            query.selectFrom('visitor_session').select('token_hash').where('expires_at', '<=', now).limit(limit),
          )
          .returning('visitor'),
        tables
          .deleteFrom('agent_session')
          .where('token_hash', 'in', (query) =>
            query
              .selectFrom('agent_session')
              .select('token_hash')
              .where((dead) => dead.or([dead('expires_at', '<=', now), dead('last_used_at', '<=', unusedSince)]))
              .limit(limit),
          )
          .returning('agent'),
        tables
          .deleteFrom('sign_in_code')
          .where('code_hash', 'in', (query) =>
            query.selectFrom('sign_in_code').select('code_hash').where('expires_at', '<=', now).limit(limit),
          )
          .returning('agent'),
      );
      return Math.max(...purged.map((rows) => rows.length));
    },

    writable: async () => {
      const probe = writer.commit({ kind: 'probe' }).then(
        () => true,
        () => false,
      );
      return (await probe) && hasRoom(dirname(file));
    },
    backup: (path) => backupInThread(file, path),
    close: async () => {
      // First, so that the writer is the last to leave: whoever is that folds the log into the file.
      reader.close();
      await writer.close();
    },
  });
}

/** What makes a conversation of a row. */
const WHOLE = ['id', 'public_id', 'site', 'head', 'state', 'state_head'] as const;

/** Spelled out, because a partial index is only used where the query says the same as the index. */
const unresolved = sql<boolean>`status <> 'resolved'`;
const isSpam = sql<boolean>`json_extract(state, '$.wrapUp') = 'spam'`;
const isNoSpam = sql<boolean>`json_extract(state, '$.wrapUp') IS NOT 'spam'`;

/** One row more than the page, so that it shows whether there is a next one. */
function listPage({ view, agent, visitor = '', before, limit }: ListQuery) {
  const rows = tables.selectFrom('conversation').limit(limit + 1);
  const newest = (column: 'activity_at' | 'resolved_at' | 'started_at') =>
    rows
      .select([...WHOLE, sql<number>`${sql.ref(column)}`.as('instant')])
      .where(column, '<', before ?? Number.MAX_SAFE_INTEGER)
      .orderBy(column, 'desc')
      .orderBy('id', 'desc');
  switch (view) {
    case 'mine':
      return newest('activity_at').where('owner', '=', agent).where(unresolved);
    case 'open':
      return newest('activity_at').where(unresolved);
    case 'resolved':
      return newest('resolved_at').where(isNoSpam);
    case 'spam':
      return newest('resolved_at').where(isSpam);
    case 'visitor':
      return newest('started_at').where('visitor', '=', visitor);
    case 'queue':
      return rows
        .select([...WHOLE, sql<number>`queued_at`.as('instant')])
        .where('queued_at', '>', before ?? -1)
        .orderBy('queued_at')
        .orderBy('id');
  }
}

/** Addresses are compared in any case, also beyond ASCII, which is all that SQLite could fold. */
function fold(email: string): string {
  return email.toLowerCase();
}

function toVisitor(row: Tables['visitor'] | null): VisitorRow | null {
  if (row === null) return null;
  return {
    id: row.id,
    site: row.site,
    name: row.name,
    email: row.email,
    externalId: row.external_id,
    locale: row.locale,
    timeZone: row.time_zone,
    visit: row.visit === null ? null : (JSON.parse(row.visit) as VisitorRow['visit']),
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
  };
}

function toAgent(row: Tables['agent']): AgentRow {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role as AgentRow['role'],
    teams: JSON.parse(row.teams) as string[],
    capacity: row.capacity,
    presence: row.presence as AgentRow['presence'],
    passwordHash: row.password_hash,
    active: row.active === 1,
    createdAt: row.created_at,
  };
}

function toAgentSession(row: Tables['agent_session']): AgentSessionRow {
  return {
    tokenHash: row.token_hash,
    agent: row.agent,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}
