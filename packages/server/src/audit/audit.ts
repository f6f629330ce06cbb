import { AsyncLocalStorage } from 'node:async_hooks';
import { plainLine } from '../domain/plain-line.ts';
import type { AuditNote, Clock, Store } from '../ports.ts';
import type { AuditAction } from './actions.ts';
import { shortAddress } from './short-address.ts';

/** Who did it. `operator`: whoever may run commands on the machine; `relay`: by itself, by a rule; `nobody`: it is not known who. */
export type AuditActor = `agent:${string}` | `visitor:${string}` | 'operator' | 'relay' | 'nobody';

/** What somebody did. Never put words of people, names, addresses of e-mail or secrets into it: ids only. */
export interface AuditEntry {
  actor: AuditActor;
  action: AuditAction;
  /** What it was done to: `<kind>:<id>`, such as `reply:greeting` or `conversation:…`. */
  object?: `${string}:${string}`;
  /** The visitor (his id) whose data it was about: who saw or exported them is asked by this. */
  person?: string;
  /** Why, where somebody was asked for it: one line, cut at 200 characters. */
  reason?: string;
  /** Names of the fields that had another value before, and that have one now; never the values. */
  before?: readonly string[];
  after?: readonly string[];
  /** Whence, as the request came; it is kept shortened. */
  address?: string;
}

/** The log of what agents, admins and operators did. */
export interface Audit {
  /** Writes one row in a transaction of its own; it is durable when this resolves. @throws StorageFull */
  note(entry: AuditEntry): Promise<void>;
  /** As `note`, but at most once an hour for the same who, what, whom and whence: for what is read again and again. */
  noteOnce(entry: AuditEntry): Promise<void>;
  /** For methods of the store that take notes: the row is committed with their change, and is not written when they change nothing. */
  notes(entry: AuditEntry): AuditNote[];
}

/** For simulations and parts that run without a log. */
export const noAudit: Audit = { note: async () => {}, noteOnce: async () => {}, notes: () => [] };

/** The address of whoever is being answered: rows that are noted meanwhile have it without being told. */
export const requestAddress = new AsyncLocalStorage<string>();

const ONCE_MS = 3_600_000;
const MAX_KNOWN = 20_000;
const MAX_REASON_CHARS = 200;
const MAX_NAMES = 50;

export function createAudit({ store, clock }: { store: Pick<Store, 'noteAudit'>; clock: Clock }): Audit {
  /** When what was last noted, and that it is stored; in the order of the instants. */
  const known = new Map<string, { at: number; stored: Promise<void> }>();

  function noteOf(entry: AuditEntry): AuditNote {
    const { actor, action, object, person, reason, before, after } = entry;
    const address = entry.address ?? requestAddress.getStore();
    const detail: AuditDetail = {
      ...(reason === undefined || reason === '' ? {} : { reason: plainLine(reason, MAX_REASON_CHARS) }),
      ...(before === undefined || before.length === 0 ? {} : { before: before.slice(0, MAX_NAMES) }),
      ...(after === undefined || after.length === 0 ? {} : { after: after.slice(0, MAX_NAMES) }),
      ...(address === undefined || address === '' ? {} : { address: shortAddress(address) }),
    };
    return {
      at: clock.now(),
      ...{ actor, action, object: object ?? null, person: person ?? null },
      detail: JSON.stringify(detail),
    };
  }

  const note = (one: AuditEntry): Promise<void> => store.noteAudit([noteOf(one)]);

  return {
    note,
    notes: (entry) => [noteOf(entry)],
    async noteOnce(one) {
      const now = clock.now();
      const { at: _, ...what } = noteOf(one);
      const key = Object.values(what).join(' ');
      const last = known.get(key);
      if (last !== undefined && now - last.at < ONCE_MS && now >= last.at) return last.stored;
      const mine = { at: now, stored: note(one) };
      known.delete(key);
      known.set(key, mine);
      for (const oldest of known.keys()) {
        if (known.size <= MAX_KNOWN) break;
        known.delete(oldest);
      }
      try {
        await mine.stored;
      } catch (error) {
        // It was not written, so the next time is the first one.
        if (known.get(key) === mine) known.delete(key);
        throw error;
      }
    },
  };
}

/** What a row says beside who, what and whom. */
export interface AuditDetail {
  reason?: string;
  before?: readonly string[];
  after?: readonly string[];
  address?: string;
}

/** The names of what differs between two values of one thing: what had a value before, and what has one now. */
export function changedNames(before: object | null, after: object | null): { before: string[]; after: string[] } {
  const from = new Map<string, unknown>(Object.entries(before ?? {}));
  const to = new Map<string, unknown>(Object.entries(after ?? {}));
  const names = [...new Set([...from.keys(), ...to.keys()])]
    .filter((name) => JSON.stringify(from.get(name)) !== JSON.stringify(to.get(name)))
    .sort();
  const isThere = (value: unknown): boolean => value !== undefined && value !== null;
  return {
    before: names.filter((name) => isThere(from.get(name))),
    after: names.filter((name) => isThere(to.get(name))),
  };
}
