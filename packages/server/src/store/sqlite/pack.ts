import type { Batch, StoredEvent, VisitorRow } from '../../ports.ts';
import { activityAt, asksOf, marksOf, sentFiles } from '../batch.ts';
import type { PackedBatch, PackedConversation, PackedEvent, SqlValue } from './jobs.ts';

/**
 * While people only talk, the state stays behind the log, and is written when the head passes a multiple of this: whoever reads a row applies fewer
 * events than these. @see docs/decisions/0014-state-behind-the-log.md
 */
const STATE_EVERY = 16;

const isStateDue = (before: number, after: number): boolean =>
  Math.floor(before / STATE_EVERY) !== Math.floor(after / STATE_EVERY);

/** Makes the rows of a batch that `checkBatch` let through, in the order in which they may be written. */
export function pack(batch: Batch, eventsOf: ReadonlyMap<string, StoredEvent[]>): PackedBatch {
  const conversations: PackedConversation[] = [];
  const rest: PackedConversation[] = [];
  for (const row of batch.conversations) {
    const packed = packConversation(row, eventsOf.get(row.state.id) ?? []);
    // What is resolved goes first: its visitor may have another unresolved conversation from then on.
    (row.state.status === 'resolved' ? conversations : rest).push(packed);
  }
  conversations.push(...rest);
  return {
    conversations,
    visitors: batch.visitors.map(packVisitor),
    sessions: batch.visitorSessions.map((row) => [row.tokenHash, row.visitor, row.createdAt, row.expiresAt]),
    asks: asksOf(batch).map((row) => [
      row.conversation,
      row.publicSeq,
      row.ask,
      row.survey,
      row.kind,
      row.visitor,
      row.askedAt,
      row.until,
    ]),
    files: sentFiles(batch).map(({ conversation, event, audience, file }) => [conversation, event, audience, file]),
    cursors: batch.cursors.map((row) => [row.conversation, row.reader, row.delivered, row.read]),
  };
}

function packConversation(
  { site, state, expectedHead, after }: Batch['conversations'][number],
  events: readonly StoredEvent[],
): PackedConversation {
  let said = 0;
  let publicEvents = 0;
  for (const { body, publicSeq } of events) {
    if (body.kind === 'message' || body.kind === 'note') said += 1;
    if (publicSeq !== null) publicEvents += 1;
  }
  const isTalk = said > 0 && said === events.length;
  return [
    state.id,
    expectedHead,
    state.publicHead - publicEvents,
    state.head,
    state.publicHead,
    state.status,
    activityAt(state),
    isTalk && !isStateDue(expectedHead, state.head) ? null : JSON.stringify(state),
    marksOf(events),
    events.map(packEvent),
    isTalk
      ? null
      : [
          site,
          state.visitor.id,
          state.owner?.id ?? null,
          state.team?.id ?? null,
          state.startedAt,
          state.queuedAt,
          state.resolvedAt,
        ],
    after ?? null,
  ];
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
