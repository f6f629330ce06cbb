import type { Audience, ConversationState } from '@sveiki/protocol';
import type { Batch, StoredEvent, SurveyAskRow } from '../ports.ts';

/**
 * What every store makes of a batch in the same way: whether it hangs together, and the few facts that are kept beside the log so that
 * nobody has to read the log for them.
 */

/**
 * The events of each conversation of the batch, in order. Throws when the batch would leave a hole, a row without its conversation, or a
 * staff-only event with a public number.
 */
export function checkBatch(batch: Batch): Map<string, StoredEvent[]> {
  const eventsOf = byConversation(batch);
  for (const { state, expectedHead } of batch.conversations) {
    const events = eventsOf.get(state.id) ?? [];
    const publicEvents = events.filter((event) => event.publicSeq !== null);
    const leads =
      state.head === expectedHead + events.length &&
      events.every((event, index) => event.seq === expectedHead + 1 + index) &&
      publicEvents.every((event, index) => event.publicSeq === state.publicHead - publicEvents.length + 1 + index);
    if (!leads) {
      throw new Error(
        `The events of ${state.id} do not lead from ${expectedHead} to ${state.head} (${state.publicHead}) without a hole.`,
      );
    }
  }
  for (const { id, audience, publicSeq } of batch.events) {
    if ((audience === 'public') !== (publicSeq !== null)) {
      throw new Error(
        `Event ${id} has the audience "${audience}" and the public number ${publicSeq}: they must agree.`,
      );
    }
  }
  return eventsOf;
}

function byConversation(batch: Batch): Map<string, StoredEvent[]> {
  const eventsOf = new Map<string, StoredEvent[]>(batch.conversations.map(({ state }) => [state.id, []]));
  if (eventsOf.size < batch.conversations.length) throw new Error('A batch names each conversation once.');
  for (const event of batch.events) {
    const events = eventsOf.get(event.conversation);
    if (events === undefined)
      throw new Error(`Event ${event.id} belongs to ${event.conversation}, which is not in the batch.`);
    events.push(event);
  }
  return eventsOf;
}

/** What lists are ordered by: the last public message, else the beginning. */
export function activityAt(state: ConversationState): number {
  return state.last?.at ?? state.startedAt;
}

/** Kept of a conversation beside its state. A wait begins when it is queued; a first reply is an agent's first message after the visitor's first. */
export interface Facts {
  queuedAt: number | null;
  team: string | null;
  askedAt: number | null;
  repliedAt: number | null;
}
export const NO_FACTS: Facts = { queuedAt: null, team: null, askedAt: null, repliedAt: null };

export interface Take {
  team: string | null;
  takenAt: number;
  waitedMs: number;
}

/** The surveys that are asked in a batch. */
export function asksOf({ events, conversations }: Batch): (Omit<SurveyAskRow, 'shown'> & { publicSeq: number })[] {
  return events.flatMap(({ conversation, id, publicSeq, at, body }) => {
    if (body.kind !== 'asked' || body.survey === undefined || publicSeq === null) return [];
    const visitor = conversations.find(({ state }) => state.id === conversation)?.state.visitor.id ?? '';
    const { survey, until } = body;
    return [{ conversation, publicSeq, ask: id, survey: survey.id, kind: survey.kind, visitor, askedAt: at, until }];
  });
}

/** The files that are sent in a batch, each with the message or note that has it. */
export function sentFiles({
  events,
}: Batch): { file: string; conversation: string; event: string; audience: Audience }[] {
  return events.flatMap(({ conversation, id, audience, body }) =>
    body.kind === 'message' || body.kind === 'note'
      ? body.blocks.flatMap((block) =>
          block.kind === 'file' ? [{ file: block.id, conversation, event: id, audience }] : [],
        )
      : [],
  );
}

/** What an event means for the facts, small enough to be passed between threads: kind, instant, and the team it is with afterwards. */
export type Mark =
  | readonly ['asked' | 'replied' | 'requeued' | 'resolved', number]
  | readonly ['queued' | 'assigned', number, string | null];

export function marksOf(events: readonly StoredEvent[]): Mark[] {
  const marks: Mark[] = [];
  for (const { at, actor, body } of events) {
    if (body.kind === 'message' && actor.kind === 'visitor') marks.push(['asked', at]);
    else if (body.kind === 'message' && actor.kind === 'agent') marks.push(['replied', at]);
    else if (body.kind === 'started' || body.kind === 'queued') marks.push(['queued', at, body.team?.id ?? null]);
    else if (body.kind === 'assigned') marks.push(['assigned', at, body.team?.id ?? null]);
    else if (body.kind === 'reopened') marks.push(['requeued', at]);
    else if (body.kind === 'resolved') marks.push(['resolved', at]);
  }
  return marks;
}

/** The facts after these marks, and the waits that ended with an agent. */
export function follow(before: Facts, marks: readonly Mark[]): { facts: Facts; takes: Take[] } {
  const facts = { ...before };
  const takes: Take[] = [];
  for (const mark of marks) {
    const at = mark[1];
    switch (mark[0]) {
      case 'asked':
        facts.askedAt ??= at;
        break;
      case 'replied':
        if (facts.askedAt !== null) facts.repliedAt ??= at;
        break;
      case 'queued':
        facts.queuedAt = at;
        facts.team = mark[2];
        break;
      case 'requeued':
        facts.queuedAt = at;
        break;
      case 'assigned':
        if (facts.queuedAt !== null) takes.push({ team: facts.team, takenAt: at, waitedMs: at - facts.queuedAt });
        facts.queuedAt = null;
        facts.team = mark[2];
        break;
      case 'resolved':
        facts.queuedAt = null;
        break;
    }
  }
  return { facts, takes };
}

/**
 * Cuts a page of a list out of up to `limit + 1` rows, so that no instant is split between two pages: the cursor is an instant, and rows that
 * share it would be lost or doubled. Null when all rows share one instant; then ask for more.
 */
export function cutPage<T>(
  rows: readonly T[],
  limit: number,
  instant: (row: T) => number,
): { rows: T[]; cursor: number | null } | null {
  const beyond = rows[limit];
  if (beyond === undefined) return { rows: [...rows], cursor: null };
  const page = rows.filter((row) => instant(row) !== instant(beyond));
  const last = page.at(-1);
  return last === undefined ? null : { rows: page, cursor: instant(last) };
}
