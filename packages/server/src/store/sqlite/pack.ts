import type { Batch, StoredEvent, VisitorRow } from '../../ports.ts';
import { activityAt, marksOf } from '../batch.ts';
import type { PackedBatch, PackedConversation, PackedEvent, SqlValue } from './jobs.ts';

/** Makes the rows of a batch that `checkBatch` let through, in the order in which they may be written. */
export function pack(batch: Batch, eventsOf: ReadonlyMap<string, StoredEvent[]>): PackedBatch {
  // What is resolved goes first: its visitor may have another unresolved conversation from then on.
  const resolved = batch.conversations.filter(({ state }) => state.status === 'resolved');
  const others = batch.conversations.filter(({ state }) => state.status !== 'resolved');
  const conversations = [...resolved, ...others].map(({ site, state, expectedHead }): PackedConversation => {
    const events = eventsOf.get(state.id) ?? [];
    return {
      id: state.id,
      expectedHead,
      expectedPublicHead: state.publicHead - events.filter(({ publicSeq }) => publicSeq !== null).length,
      marks: marksOf(events),
      events: events.map(packEvent),
      columns: [
        site,
        state.visitor.id,
        state.head,
        state.publicHead,
        state.status,
        state.owner?.id ?? null,
        state.team?.id ?? null,
        state.startedAt,
        state.queuedAt,
        state.resolvedAt,
        activityAt(state),
        JSON.stringify(state),
      ],
    };
  });
  return {
    conversations,
    visitors: batch.visitors.map(packVisitor),
    sessions: batch.visitorSessions.map((row) => [row.tokenHash, row.visitor, row.createdAt, row.expiresAt]),
    cursors: batch.cursors.map((row) => [row.conversation, row.reader, row.delivered, row.read]),
    outbox: batch.outbox.map((row) => [row.conversation, row.seq, row.topic, row.at]),
  };
}

function packEvent({ seq, publicSeq, id, author, at, actor, body }: StoredEvent): PackedEvent {
  return [seq, publicSeq, id, author, at, JSON.stringify(actor), JSON.stringify(body)];
}

function packVisitor(row: VisitorRow): SqlValue[] {
  const visit = row.visit === null ? null : JSON.stringify(row.visit);
  return [
    row.id,
    row.site,
    row.name,
    row.email,
    row.externalId,
    row.locale,
    row.timeZone,
    visit,
    row.firstSeenAt,
    row.lastSeenAt,
  ];
}
