import { type ConversationEvent, plainText } from '@sveiki/protocol';
import type { Arrival } from './simulate.ts';

const MAX_TEXT_CHARS = 2_000;

/**
 * Past conversations as arrivals, from their logs: one log a list, in order. Waiting begins with `started`; work lasts from the first time a person
 * had it to `resolved`, or to the last event of what is open still. Who was never answered is taken to wait as long as he did. Of those who were
 * answered nobody knows how long they would have waited: `patienceMs`, or longer when they did wait longer. Later passages through a queue
 * (transfers, reopenings) are part of the work. Conversations without a team are left out.
 */
export function arrivalsFromLogs(
  logs: Iterable<readonly ConversationEvent[]>,
  { patienceMs = 600_000 }: { patienceMs?: number } = {},
): Arrival[] {
  return [...logs].flatMap((log) => arrivalOf(log, patienceMs) ?? []);
}

function arrivalOf(log: readonly ConversationEvent[], patienceMs: number): Arrival | null {
  const [started] = log;
  const last = log.at(-1);
  if (started === undefined || last === undefined || started.body.kind !== 'started' || started.body.team === null)
    return null;
  const { team, visitor, locale, visit } = started.body;
  const answered = log.find(({ body }) => body.kind === 'assigned' && body.owner.bot !== true);
  const resolved = log.find(({ body, seq }) => body.kind === 'resolved' && seq > (answered?.seq ?? 0));
  const end = (resolved ?? last).at;
  const waitedMs = (answered?.at ?? end) - started.at;
  return {
    id: started.conversation,
    at: started.at,
    visitor: visitor.id,
    team: team.id,
    language: locale,
    text: firstWords(log),
    ...(visit === null ? {} : { page: visit.url }),
    patienceMs: answered === undefined ? waitedMs : Math.max(patienceMs, waitedMs),
    handleMs: answered === undefined ? patienceMs : end - answered.at,
  };
}

function firstWords(log: readonly ConversationEvent[]): string {
  for (const { actor, body } of log)
    if (actor.kind === 'visitor' && body.kind === 'message') return plainText(body.blocks).slice(0, MAX_TEXT_CHARS);
  return '';
}
