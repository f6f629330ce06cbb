import type { AgentState, ConversationEvent, WatchedConversation } from '@sveiki/sdk/agent';
import { texts } from '../texts.ts';
import { shortTitle } from './names.ts';
import { givenName, visitorName } from './people.ts';
import { clockTime, dayKey, dayName } from './times.ts';

/** Words of one author within this time stand together. */
const groupMs = 3 * 60_000;

type Blocks = Extract<ConversationEvent['body'], { kind: 'message' }>['blocks'];
export type Side = 'visitor' | 'me' | 'colleague' | 'bot';
export type DeliveryState = 'sent' | 'delivered' | 'seen';

/** What a conversation's log shows, line by line. */
export type Entry =
  | { kind: 'day'; key: string; text: string }
  | { kind: 'new'; key: string }
  | { kind: 'event'; key: string; icon: EventIcon; text: string; time: string }
  | ({ kind: 'message' | 'note'; key: string; blocks: Blocks; delivery: DeliveryState | null } & Spoken)
  | ({ kind: 'pending'; key: string; id: string; isNote: boolean; text: string; problem: string | null } & Spoken);

export interface Spoken {
  side: Side;
  author: string;
  authorId: string;
  /** The name initials are made of; null for nameless visitors. */
  face: string | null;
  at: number;
  time: string;
  /** First and last of a group by one author. */
  first: boolean;
  last: boolean;
}
export type EventIcon = 'started' | 'person' | 'transfer' | 'queue' | 'waiting' | 'resolved' | 'verified';

interface Reader {
  me: string;
  now: number;
  timeZone: string;
  /** The public number up to which everything was read when the conversation came on screen; null: no line. */
  newAfter: number | null;
  wrapUpCodes: AgentState['wrapUpCodes'];
}

/** The log of a conversation as lines: days, soft events, grouped words, and what is still on its way. */
export function threadOf(watched: WatchedConversation, reader: Reader): Entry[] {
  const { me, now, timeZone } = reader;
  const visitor = watched.visitor ?? watched.state.visitor;
  const name = visitorName(visitor);
  const entries: Entry[] = [];
  let day = '';
  let isNewShown = reader.newAfter === null;
  const startDay = (at: number) => {
    const key = dayKey(at, timeZone);
    if (key === day) return;
    day = key;
    entries.push({ kind: 'day', key: `day ${key}`, text: dayName(at, now, timeZone) });
  };

  for (const event of watched.events) {
    startDay(event.at);
    const { body, actor } = event;
    if (body.kind === 'message' || body.kind === 'note') {
      if (
        !isNewShown &&
        actor.kind === 'visitor' &&
        event.publicSeq !== null &&
        event.publicSeq > (reader.newAfter ?? 0)
      ) {
        isNewShown = true;
        entries.push({ kind: 'new', key: 'new' });
      }
      entries.push({
        kind: body.kind,
        key: event.id,
        blocks: body.blocks,
        delivery: null,
        ...speaker(actor, visitor, me),
        at: event.at,
        time: clockTime(event.at, timeZone),
        first: true,
        last: true,
      });
    } else {
      const line = eventLine(event, { name, me, wrapUpCodes: reader.wrapUpCodes });
      entries.push({ kind: 'event', key: event.id, time: clockTime(event.at, timeZone), ...line });
    }
  }
  for (const { id, kind, text, at, error } of watched.pending) {
    startDay(at);
    entries.push({
      kind: 'pending',
      key: id,
      id,
      isNote: kind === 'note',
      text,
      problem: error === null ? null : error.message,
      side: 'me',
      author: texts.you,
      authorId: me,
      face: null,
      at,
      time: clockTime(at, timeZone),
      first: true,
      last: true,
    });
  }
  group(entries);
  markDelivery(entries, watched);
  return entries;
}

function speaker(
  actor: ConversationEvent['actor'],
  visitor: { id: string; name: string | null },
  me: string,
): Pick<Spoken, 'side' | 'author' | 'authorId' | 'face'> {
  switch (actor.kind) {
    case 'visitor':
      return { side: 'visitor', author: visitorName(visitor), authorId: actor.id, face: givenName(visitor) };
    case 'agent':
      if (actor.id === me) return { side: 'me', author: texts.you, authorId: me, face: actor.name };
      return { side: 'colleague', author: actor.name, authorId: actor.id, face: actor.name };
    case 'bot':
      return { side: 'bot', author: actor.name, authorId: actor.id, face: actor.name };
    default:
      return { side: 'bot', author: texts.events.system, authorId: 'system', face: null };
  }
}

const isSpoken = (entry: Entry | undefined): entry is Extract<Entry, Spoken> =>
  entry !== undefined && (entry.kind === 'message' || entry.kind === 'note' || entry.kind === 'pending');
const isNote = (entry: Extract<Entry, Spoken>) => (entry.kind === 'pending' ? entry.isNote : entry.kind === 'note');

function group(entries: Entry[]) {
  for (const [index, entry] of entries.entries()) {
    const before = entries[index - 1];
    if (!isSpoken(entry) || !isSpoken(before)) continue;
    const together =
      before.authorId === entry.authorId && isNote(before) === isNote(entry) && entry.at - before.at <= groupMs;
    if (!together) continue;
    entry.first = false;
    before.last = false;
  }
}

/** The state stands under the newest word of ours only: what was seen later was seen before. */
function markDelivery(entries: Entry[], watched: WatchedConversation) {
  const newest = watched.events.findLast(({ body, actor }) => body.kind === 'message' && actor.kind !== 'visitor');
  const entry = entries.find(({ key }) => key === newest?.id);
  if (newest?.publicSeq == null || entry?.kind !== 'message' || entry.side !== 'me') return;
  const receipt = watched.receipts.find(({ reader }) => reader.kind === 'visitor');
  if (receipt !== undefined && receipt.read >= newest.publicSeq) entry.delivery = 'seen';
  else if (receipt !== undefined && receipt.delivered >= newest.publicSeq) entry.delivery = 'delivered';
  else entry.delivery = 'sent';
}

function eventLine(
  { body, actor }: ConversationEvent,
  { name, me, wrapUpCodes }: { name: string; me: string; wrapUpCodes: AgentState['wrapUpCodes'] },
): { icon: EventIcon; text: string } {
  const words = texts.events;
  const who =
    actor.kind === 'visitor' ? name : actor.kind === 'system' ? words.system : actor.id === me ? texts.you : actor.name;
  switch (body.kind) {
    case 'started': {
      const page = body.visit === null ? '' : shortTitle(body.visit.title) || shortTitle(body.visit.url);
      return { icon: 'started', text: page === '' ? words.started(name) : words.startedOn(name, page) };
    }
    case 'assigned': {
      const owner = body.owner.id === me ? texts.you.toLowerCase() : body.owner.name;
      if (body.how === 'taken') return { icon: 'person', text: words.taken(who) };
      if (body.how === 'transferred') return { icon: 'transfer', text: words.transferred(who, owner) };
      if (body.how === 'returned') return { icon: 'person', text: words.returned(owner) };
      return {
        icon: 'person',
        text: body.reason === undefined ? words.routed(owner) : words.routedWhy(owner, body.reason),
      };
    }
    case 'queued':
      if (body.why === 'transferred')
        return { icon: 'transfer', text: words.queuedTransferred(who, body.team?.name ?? words.theQueue) };
      if (body.why === 'agent-lost') return { icon: 'queue', text: words.queuedLost };
      return { icon: 'queue', text: body.why === 'agent-left' ? words.queuedLeft : words.queuedReopened };
    case 'status':
      return { icon: 'waiting', text: body.status === 'waiting' ? words.waiting(who) : words.open(who) };
    case 'resolved': {
      const code = wrapUpCodes.find(({ id }) => id === body.wrapUp)?.name ?? body.wrapUp;
      return { icon: 'resolved', text: code === undefined ? words.resolved(who) : words.resolvedAs(who, code) };
    }
    case 'reopened':
      return { icon: 'started', text: words.reopened(name) };
    case 'identified': {
      const known = givenName(body) ?? name;
      return {
        icon: 'verified',
        text: body.email === null ? words.identified(known) : words.identifiedAs(known, shortTitle(body.email)),
      };
    }
    default:
      // A newer relay may tell of more; the log stays whole.
      return { icon: 'started', text: words.other };
  }
}
