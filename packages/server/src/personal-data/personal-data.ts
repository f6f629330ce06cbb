import type { PersonErasure, PersonFound, PersonReceipt } from '@sveiki/protocol';
import type { Audit } from '../audit/audit.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { Engine } from '../engine/engine.ts';
import type { Log } from '../log.ts';
import type { AgentRow, Bus, Clock, ErasureRow, FileStore, Ids, Store, VisitorRow } from '../ports.ts';
import { createRetention, type Retention } from '../retention/retention.ts';
import type { RetentionRule } from '../retention/rules.ts';
import { createEraser, type Eraser } from './eraser.ts';
import { type ErasureList, replayErasures } from './erasure-list.ts';
import { exportPerson } from './export.ts';
import { personKey } from './keys.ts';
import { receiptOf } from './receipt.ts';

const MAX_FOUND = 20;
const PAGE = 50;

/** An archive on its way out. */
export interface PersonArchive {
  name: string;
  bytes: AsyncGenerator<Uint8Array>;
}

/** What is kept about people, as people: found, given out, and taken away. */
export interface PersonalData extends Pick<Eraser, 'settled'> {
  /** Goes on with what is to be erased, and applies the rules of retention from time to time. */
  start(): void;
  stop(): Promise<void>;
  find(text: string, agent: AgentRow): Promise<PersonFound[]>;
  /** `all`: with notes and what routing decided. Noted in the audit log before the first byte. */
  archive(visitor: string, all: boolean, agent: AgentRow): Promise<PersonArchive | Refusal>;
  erase(visitor: string, reason: ErasureRow['reason'], agent: AgentRow): Promise<PersonErasure | Refusal>;
  erasures(before?: string): Promise<{ erasures: PersonErasure[]; more: boolean }>;
  receipt(erasure: string): Promise<PersonReceipt | Refusal>;
  /** A visitor's own, by himself. */
  ownArchive(visitor: string): Promise<PersonArchive | Refusal>;
  eraseOwn(visitor: string): Promise<PersonErasure | Refusal>;
  /** Asks again for everybody on the list who is here: as after a restore. Resolves with how many. */
  replay(): Promise<number>;
  /** Goes on with what is to be erased, once. */
  wake(): void;
  /** What the rules would take now. */
  retention: Pick<Retention, 'preview' | 'run'>;
}

export function createPersonalData(parts: {
  store: Store;
  files: FileStore;
  bus: Bus;
  clock: Clock;
  ids: Ids;
  log: Log;
  audit: Audit;
  submit: Engine['submit'];
  rules: () => readonly RetentionRule[];
  /** Outlives the database, and cleans one that is restored. @default none */
  list?: ErasureList;
  /** Nobody is served meanwhile. @default false */
  isOffline?: boolean;
}): PersonalData {
  const { store, files, bus, clock, audit, log, list } = parts;
  const eraser = createEraser({
    ...parts,
    files,
    sendAway: (visitor) => bus.publish({ kind: 'erased', visitor }),
    async proof(row) {
      await list?.add(row);
      return audit.notes({
        actor: 'relay',
        action: 'person.erased',
        object: `erasure:${row.id}`,
        after: [receiptOf(row).digest],
      });
    },
  });
  const retention = createRetention({ ...parts, files, eraser });
  let isStopped = false;
  let replaying: Promise<unknown> = Promise.resolve();
  const replay = async (): Promise<number> =>
    list === undefined
      ? 0
      : replayErasures(await list.persons(), { store, eraser, now: clock.now(), isStopped: () => isStopped });
  const archiveOf = (visitor: VisitorRow, all: boolean): PersonArchive => ({
    name: `sveiki-person-${personKey(visitor.id)
      .slice(0, 8)
      .replace(/[^A-Za-z0-9]/g, '0')}.zip`,
    bytes: whole(exportPerson({ store, files }, visitor, { all, now: clock.now() })),
  });
  /** Whoever waits for it only sees that it broke off. */
  async function* whole(bytes: PersonArchive['bytes']): PersonArchive['bytes'] {
    try {
      yield* bytes;
    } catch (error) {
      log.error({ error }, 'An archive of a person broke off');
      throw error;
    }
  }

  return {
    settled: eraser.settled,
    replay,
    wake: eraser.wake,
    start() {
      eraser.wake();
      replaying = replay().catch((error: unknown) =>
        log.error({ error }, 'The list of who was forgotten could not be read'),
      );
      retention.start();
    },
    async stop() {
      isStopped = true;
      await replaying;
      await retention.stop();
      await eraser.stop();
    },
    retention,
    async find(text, { id: agent }) {
      const rows = await store.findVisitors({ text, limit: MAX_FOUND });
      for (const { id } of rows) await audit.noteOnce({ actor: `agent:${agent}`, action: 'person.found', person: id });
      return Promise.all(
        rows.map(async ({ id, site, name, email, externalId, firstSeenAt, lastSeenAt }) => ({
          ...{ id, site, name, email, externalId, firstSeenAt, lastSeenAt },
          isBeingErased: (await store.erasures({ visitor: id, limit: 1 })).length > 0,
        })),
      );
    },
    async archive(visitor, all, { id: agent }) {
      const row = await store.visitor(visitor);
      if (row === null) return refuse('not-found');
      await audit.note({
        ...{ actor: `agent:${agent}`, action: 'person.exported', person: visitor },
        after: all ? ['everything'] : ['public'],
      });
      return archiveOf(row, all);
    },
    async erase(visitor, reason, { id: agent }) {
      const by = `agent:${agent}` as const;
      const notes = audit.notes({ actor: by, action: 'person.erasure-asked', person: visitor, reason });
      const row = await eraser.request({ visitor, by, reason, notes });
      return 'refused' in row ? row : shown(row);
    },
    async erasures(before) {
      const rows = await store.erasures({
        ...(before === undefined ? {} : { before: { id: before } }),
        limit: PAGE + 1,
      });
      return { erasures: rows.slice(0, PAGE).map(shown), more: rows.length > PAGE };
    },
    async receipt(erasure) {
      const [row] = await store.erasures({ id: erasure, limit: 1 });
      if (row === undefined) return refuse('not-found');
      return row.erasedAt === null ? refuse('changed-meanwhile') : receiptOf(row);
    },
    async ownArchive(visitor) {
      const row = await store.visitor(visitor);
      if (row === null) return refuse('not-found');
      await audit.note({ actor: `visitor:${visitor}`, action: 'person.exported', person: visitor, after: ['public'] });
      return archiveOf(row, false);
    },
    async eraseOwn(id) {
      const notes = audit.notes({ actor: `visitor:${id}`, action: 'person.erasure-asked', person: id });
      const row = await eraser.request({ visitor: id, by: 'visitor', reason: 'asked-by-person', notes });
      return 'refused' in row ? row : shown(row);
    },
  };
}

/** Without whom it is about. */
function shown({
  id,
  site,
  by,
  reason,
  state,
  requestedAt,
  erasedAt,
  cleanedAt,
  counts,
  problem,
}: ErasureRow): PersonErasure {
  return { id, site, by, reason, state, requestedAt, erasedAt, cleanedAt, counts, problem };
}
