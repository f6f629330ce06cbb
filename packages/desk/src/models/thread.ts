import { type AgentState, type ConversationEvent, plainText, type WatchedConversation } from '@sveiki/sdk/agent';
import { texts } from '../texts.ts';
import { type AnswerLine, answerLines, formTitle, scoreInWords, surveyTitle } from './answers.ts';
import { skillsInWords } from './arrival.ts';
import { labelOf } from './handoff.ts';
import { cleaned, shortTitle } from './names.ts';
import { givenName, listNames, ownerName, visitorName } from './people.ts';
import { plainWords } from './plain-words.ts';
import { clockTime, dayKey, dayName } from './times.ts';
import { asJson } from './values.ts';

/** Words of one author within this time stand together. */
const groupMs = 3 * 60_000;

type Blocks = Extract<ConversationEvent['body'], { kind: 'message' }>['blocks'];
export type Side = 'visitor' | 'me' | 'colleague' | 'bot';
export type DeliveryState = 'sent' | 'delivered' | 'seen';

/** What a conversation's log shows, line by line. */
export type Entry =
  | { kind: 'day'; key: string; text: string }
  | { kind: 'new'; key: string }
  | { kind: 'event'; key: string; icon: EventIcon; text: string; time: string; more: string | null }
  | { kind: 'asked'; key: string; title: string; what: string; isSurvey: boolean; time: string }
  | {
      kind: 'answered';
      key: string;
      title: string;
      /** "5 of 5, Very satisfied"; null where nothing is scored. */
      score: string | null;
      lines: readonly AnswerLine[];
      /** More may follow: the visitor has not sent it yet. */
      isPart: boolean;
      time: string;
    }
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
export type EventIcon =
  | 'started'
  | 'person'
  | 'transfer'
  | 'queue'
  | 'waiting'
  | 'resolved'
  | 'verified'
  | 'routed'
  | 'offer'
  | 'handoff'
  | 'draft'
  | 'tool';

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

  const offered = new Map<string, string>();
  const newestAnswers = new Map<string, string>();
  for (const { id, body } of watched.events) if (body.kind === 'answered') newestAnswers.set(body.ask, id);
  for (const { body } of watched.events) {
    if (body.kind === 'offered') for (const one of body.agents) offered.set(one.id, ownerName(one));
  }
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
    } else if (body.kind === 'asked') {
      entries.push({ kind: 'asked', key: event.id, time: clockTime(event.at, timeZone), ...askedOf(body) });
    } else if (body.kind === 'answered') {
      // The newest answers to a question hold; those that were kept on the way there are not lines of their own.
      if (newestAnswers.get(body.ask) !== event.id) continue;
      entries.push({
        kind: 'answered',
        key: `answers to ${body.ask}`,
        time: clockTime(event.at, timeZone),
        ...answeredOf(body, watched.events),
      });
    } else {
      const line = eventLine(event, { name, me, wrapUpCodes: reader.wrapUpCodes, nameOf: (id) => offered.get(id) });
      entries.push({ kind: 'event', key: event.id, time: clockTime(event.at, timeZone), more: null, ...line });
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
      return { side: 'bot', author: ownerName({ ...actor, bot: true }), authorId: actor.id, face: actor.name };
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

type Body<K extends ConversationEvent['body']['kind']> = Extract<ConversationEvent['body'], { kind: K }>;

function askedOf({ form, survey }: Body<'asked'>): { title: string; what: string; isSurvey: boolean } {
  return {
    title: survey === undefined ? texts.asked.form : texts.asked.survey,
    what: survey === undefined ? formTitle(form) : surveyTitle(survey, form),
    isSurvey: survey !== undefined,
  };
}

function answeredOf(
  body: Body<'answered'>,
  events: readonly ConversationEvent[],
): Omit<Extract<Entry, { kind: 'answered' }>, 'kind' | 'key' | 'time'> {
  const asked = events.find(({ id }) => id === body.ask)?.body;
  const form = asked?.kind === 'asked' ? asked.form : undefined;
  const score = scoreInWords(body, form);
  return {
    title:
      body.survey !== undefined
        ? texts.asked.surveyAnswer(surveyTitle(body.survey, form))
        : body.ask === 'pre-chat' || body.ask === 'offline'
          ? texts.asked.before[body.ask]
          : texts.asked.formAnswer(form === undefined ? labelOf(body.form) : formTitle(form)),
    score,
    // The score stands above them already.
    lines: answerLines(body.answers, form).filter(({ answer }) => answer !== score),
    isPart: !body.final,
  };
}

function eventLine(
  { body, actor }: ConversationEvent,
  {
    name,
    me,
    wrapUpCodes,
    nameOf,
  }: {
    name: string;
    me: string;
    wrapUpCodes: AgentState['wrapUpCodes'];
    nameOf: (id: string) => string | undefined;
  },
): { icon: EventIcon; text: string; more?: string } {
  const words = texts.events;
  const who =
    actor.kind === 'visitor'
      ? name
      : actor.kind === 'system'
        ? words.system
        : actor.id === me
          ? texts.you
          : ownerName({ name: actor.name, ...(actor.kind === 'bot' ? { bot: true } : {}) });
  switch (body.kind) {
    case 'started': {
      const page = body.visit === null ? '' : shortTitle(body.visit.title) || shortTitle(body.visit.url);
      return { icon: 'started', text: page === '' ? words.started(name) : words.startedOn(name, page) };
    }
    case 'assigned': {
      const owner = body.owner.id === me ? texts.you.toLowerCase() : ownerName(body.owner);
      if (body.how === 'accepted')
        return { icon: 'person', text: words.accepted(body.owner.id === me ? texts.you : ownerName(body.owner)) };
      if (body.how === 'taken') return { icon: 'person', text: words.taken(who) };
      if (body.how === 'transferred') return { icon: 'transfer', text: words.transferred(who, owner) };
      if (body.how === 'returned') return { icon: 'person', text: words.returned(owner) };
      return {
        icon: 'person',
        text: body.reason === undefined ? words.routed(owner) : words.routedWhy(owner, cleaned(body.reason)),
      };
    }
    case 'queued':
      if (body.why === 'transferred')
        return { icon: 'transfer', text: words.queuedTransferred(who, body.team?.name ?? words.theQueue) };
      if (body.why === 'handoff')
        return { icon: 'handoff', text: words.queuedHandoff(body.team?.name ?? words.theQueue) };
      if (body.why === 'routed') return { icon: 'queue', text: words.queuedRouted(body.team?.name ?? words.theQueue) };
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
    case 'consent':
      return {
        icon: 'verified',
        text: body.given
          ? words.consentGiven(who, body.version, body.language)
          : words.consentWithdrawn(who, body.version),
      };
    case 'routed': {
      const parts = [words.routing(body.team?.name ?? words.theQueue, cleaned(body.reason))];
      if (body.by === 'fallback') parts.push(words.fallback);
      if (body.priority !== 0) parts.push(words.priority(body.priority));
      if (body.skills.length > 0) parts.push(words.needs(skillsInWords(body.skills)));
      return { icon: 'routed', text: parts.join(' · ') };
    }
    case 'offered': {
      const names = body.agents.map((one) => (one.id === me ? texts.you.toLowerCase() : ownerName(one)));
      return { icon: 'offer', text: words.offered(listNames(names), cleaned(body.reason)) };
    }
    case 'offer-ended': {
      if (body.agents.length === 0) return { icon: 'offer', text: words.offerWithdrawn };
      const you = body.how === 'withdrawn' ? texts.you.toLowerCase() : texts.you;
      const names = listNames(body.agents.map((id) => (id === me ? you : (nameOf(id) ?? words.aColleague))));
      const reason = body.reason === undefined ? null : cleaned(body.reason) || null;
      return { icon: 'offer', text: words.offerEnded[body.how](names, reason) };
    }
    case 'handoff-requested': {
      const reason = cleaned(body.details?.reason ?? '');
      return { icon: 'handoff', text: reason === '' ? words.handoff(who) : words.handoffWhy(who, reason) };
    }
    case 'handoff-failed':
      return { icon: 'handoff', text: texts.handoff.failed[body.why] };
    case 'drafted':
      return { icon: 'draft', text: words.drafted(who, plainWords(plainText(body.blocks)).slice(0, 160)) };
    case 'tool-called': {
      const details = [words.toolInput, asJson(body.input)];
      if (body.output !== undefined) details.push(words.toolOutput, asJson(body.output));
      return {
        icon: 'tool',
        text: words.tool[body.outcome](who, labelOf(body.tool)),
        more: details.join('\n'),
      };
    }
    case 'erased':
      return { icon: 'resolved', text: words.erased[body.what] };
    default:
      // A newer relay may tell of more; the log stays whole.
      return { icon: 'started', text: words.other };
  }
}
