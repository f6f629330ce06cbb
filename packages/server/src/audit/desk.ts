import type { AuditLogPage, AuditLogQuery, AuditLogRow } from '@sveiki/protocol';
import { may } from '../domain/access.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { AgentRow, AuditRow, Store } from '../ports.ts';
import { AUDIT_ACTIONS, type AuditAction } from './actions.ts';
import type { Audit } from './audit.ts';
import { detailOf } from './export.ts';

/** The audit log as managers and admins read it; that they do is in it, too. */
export interface AuditDesk {
  list(query: AuditLogQuery, agent: Pick<AgentRow, 'id' | 'role'>): Promise<AuditLogPage | Refusal>;
}

const PAGE = 50;

export function createAuditDesk({ store, audit }: { store: Store; audit: Audit }): AuditDesk {
  return {
    async list({ since, until, person, agent, action, cursor }, reader) {
      if (!may(reader.role, 'read-audit')) return refuse('forbidden');
      const entry = { actor: `agent:${reader.id}`, action: 'audit.read' } as const;
      await audit.noteOnce(person === undefined ? entry : { ...entry, person });
      const before = cursor === undefined ? undefined : placeOf(cursor);
      const rows = await store.auditRows({
        limit: PAGE + 1,
        ...(since === undefined ? {} : { since }),
        ...(until === undefined ? {} : { until }),
        ...(person === undefined ? {} : { person }),
        ...(agent === undefined ? {} : { actor: `agent:${agent}` }),
        ...(action === undefined ? {} : { action }),
        ...(before === undefined ? {} : { before }),
      });
      const names = new Map((await store.agents()).map(({ id, name }) => [id, name]));
      const page = rows.slice(0, PAGE);
      const last = page.at(-1);
      return {
        rows: page.map((row) => rowFor(row, names)),
        cursor: rows.length > PAGE && last !== undefined ? `${last.at}:${last.position}` : null,
        actions: Object.entries(AUDIT_ACTIONS).map(([name, title]) => ({ name, title })),
      };
    },
  };
}

/** Where the page before ended; a made-up one ends before everything. */
function placeOf(cursor: string): { at: number; position: number } {
  const [, at = '0', position = '0'] = /^(\d{1,15}):(\d{1,15})$/.exec(cursor) ?? [];
  return { at: Number(at), position: Number(position) };
}

function rowFor(row: AuditRow, names: ReadonlyMap<string, string>): AuditLogRow {
  const { position, at, actor, action, object, person } = row;
  const { reason = null, before = [], after = [], address = null } = detailOf(row);
  const [kind = '', id = ''] = parted(actor);
  const [objectKind, objectId] = object === null ? [] : parted(object);
  return {
    ...{ position, at, action, title: AUDIT_ACTIONS[action as AuditAction] ?? action, person, reason },
    actor: { kind, id, name: kind === 'agent' ? (names.get(id) ?? null) : null },
    object:
      objectKind === undefined || objectId === undefined
        ? null
        : { kind: objectKind, id: objectId, name: objectKind === 'agent' ? (names.get(objectId) ?? null) : null },
    fields: [...new Set([...before, ...after])].sort(),
    network: address,
  };
}

/** `agent:ada` */
function parted(text: string): [string, string] {
  const at = text.indexOf(':');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
