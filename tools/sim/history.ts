import {
  applyEvent,
  type ConversationState,
  type EventKind,
  type FromServer,
  LIMITS,
  plainText,
} from '../../packages/protocol/src/index.ts';
import { viewEvent } from '../../packages/server/src/domain/audience.ts';
import { RATES } from '../../packages/server/src/limits.ts';
import type { RateLimiter, Store, StoredEvent } from '../../packages/server/src/ports.ts';
import { grouped } from './grouped.ts';
import type { Tap, Wire } from './network.ts';

/** The promises. Each is looked at while a world runs, or when it has come to rest. */
export const INVARIANTS = {
  'acked-is-synced': 'an ack leaves after the sync of its row',
  'acked-is-kept': 'what was acknowledged is in the log, where the ack said',
  'said-is-stored': 'what a visitor said is stored, and what an agent was told is stored, once all is quiet',
  'stored-once': 'nothing that was said is stored twice',
  'refused-is-not-stored': 'what was refused for good is not stored',
  'order-of-authors': 'an author’s messages are stored in the order he wrote them in',
  'numbers-without-holes': 'staff’s and public numbers of a conversation rise by one',
  'line-without-holes': 'a line carries every event its reader may see, once and in order, from what he has on',
  'told-is-stored': 'an event that a reader was sent is in the log, under its number',
  'views-agree': 'when all is quiet every reader has what the log has for him',
  'state-follows-log': 'a stored state is its events applied, and nothing else',
  'one-owner': 'only the owner speaks to the visitor, and each change of owner raises the number',
  'bot-is-silent': 'a bot says nothing in a conversation it does not own',
  'staff-only': 'a visitor’s bytes hold nothing of what is staff’s alone',
  'own-conversation-only': 'a visitor’s bytes hold nothing of another visitor',
  'door-is-kept': 'a page of a foreign origin is not welcomed',
  'rights-are-kept': 'nobody writes what his role may not write',
  'limits-hold': 'nobody does more in any span of time than the rates allow',
  'readers-are-bounded': 'what waits for a slow reader is bounded',
  'hooks-are-told': 'a hook is told every event at least once, in the order of its conversation',
  'nothing-breaks': 'no rejection that nobody hears, no error without a fault',
  'comes-to-rest': 'when faults end, everybody is connected and everything is settled in a bounded time',
} as const;
export type Invariant = keyof typeof INVARIANTS;

export interface Violation {
  invariant: Invariant;
  detail: string;
  at: number;
}

/** Something somebody said, known by the words in it. */
interface Said {
  fate: 'open' | 'stored' | 'refused' | 'unknown';
  /** Names the tab, or the desk, it was said in. */
  place: number;
}
type Kind = 'said' | 'told' | 'noted';

/** What visitors must never receive stands in words with one of these. */
export const CANARY = 'canary';
const WORDS = /(\w+)~(\d+)~(said|told|noted|bot)(?:~(\w+))?/g;

export interface History extends Tap {
  readonly violations: readonly Violation[];
  /** Lines of the story, when it is told. */
  readonly story: string[];
  tell(line: string): void;
  blame(invariant: Invariant, detail: string): void;
  /** New words for somebody to say; `to` is the visitor of the conversation. An order is promised to what is said in one place: a tab, a desk. */
  words(who: string, kind: Kind | 'bot', to: string, where?: object): string;
  became(words: string, fate: Said['fate']): void;
  /** A limiter whose answers are remembered, for one life of a relay. */
  watch(limiter: RateLimiter, now: () => number): RateLimiter;
  hookTold(conversation: string, seq: number): void;
  hookSeen(conversation: string, seq: number): void;
  hasToldHooks(events: readonly StoredEvent[]): boolean;
  /** Looks at everything once all is quiet. */
  checkLog(store: Store): Promise<void>;
}

interface Reading {
  /** By conversation: the number up to which this line has sent. */
  sent: Map<string, number>;
  /** What the reader said he has. */
  have: Map<string, Set<number>>;
  asked: Map<string, string>;
}

export function createHistory(parts: {
  now(): number;
  startAt: number;
  visitors: readonly string[];
  isDurable(id: string): boolean;
  withStory: boolean;
  /** Called when a promise was broken. */
  broken(): void;
}): History {
  const { now, startAt, visitors, isDurable, withStory, broken } = parts;
  const violations: Violation[] = [];
  const story: string[] = [];
  const said = new Map<string, Said>();
  const places = new Map<object, number>();
  const placeOf = (where: object | undefined): number => {
    if (where === undefined) return 0;
    const place = places.get(where) ?? places.size + 1;
    places.set(where, place);
    return place;
  };
  let numbers = 0;
  const acks: { id: string; conversation: string; seq: number; kind: Wire['kind']; who: string }[] = [];
  const readings = new Map<number, Reading>();
  const told = new Map<string, string>();
  /** By line: frames sent since more waits for its reader than may. */
  const overdue = new Map<number, number>();
  const passes: { key: string; at: number }[][] = [];
  const hookDone = new Map<string, Set<number>>();
  /** What others say and are told. By whole words: ids end in chance, now and then in somebody's name. */
  const wordsOf = new Map(
    visitors.map((name) => [name, new RegExp(`\\b${name}~\\d+~|~(?:said|told|noted|bot)~${name}\\b`)]),
  );

  const stamp = (): string => `${((now() - startAt) / 1_000).toFixed(3).padStart(8)} s  `;
  const tell = (line: string): void => {
    if (withStory) story.push(stamp() + line);
  };
  function blame(invariant: Invariant, detail: string): void {
    if (violations.length >= 20) return;
    violations.push({ invariant, detail, at: now() - startAt });
    tell(`!! ${invariant}: ${detail}`);
    broken();
  }

  function readingOf({ id }: Wire): Reading {
    const known = readings.get(id) ?? { sent: new Map(), have: new Map(), asked: new Map() };
    readings.set(id, known);
    return known;
  }

  function noteHave(reading: Reading, conversation: string, have: unknown): void {
    if (typeof have !== 'number') return;
    const all = reading.have.get(conversation) ?? new Set();
    reading.have.set(conversation, all.add(have));
  }

  /** An event on its way to a reader must be the one everybody else was, or will be, told under this number. */
  function toldOne(wire: Wire, event: { conversation: string; seq: number; id: string }): void {
    const key = `${event.conversation} ${wire.kind === 'agent' ? 'staff' : 'public'} ${event.seq}`;
    const before = told.get(key);
    if (before === undefined) told.set(key, event.id);
    else if (before !== event.id)
      blame('told-is-stored', `${wire.who} is told ${event.id} as ${key}, which was ${before} before`);
  }

  type Snapshot = Extract<FromServer, { type: 'snapshot' }>;
  function snapshot(wire: Wire, body: Omit<Snapshot, 'type' | 'id'>): void {
    const reading = readingOf(wire);
    const { conversation, events, from } = body;
    const { id, head } = conversation;
    for (const event of events) toldOne(wire, event);
    const first = events[0]?.seq ?? head + 1;
    const isWhole = events.every(({ seq }, index) => seq === first + index) && first + events.length === head + 1;
    if (!isWhole)
      blame(
        'line-without-holes',
        `${wire.who} gets a snapshot of ${id} up to ${head} with ${events.map(({ seq }) => seq)}`,
      );
    if (from === 'have' && reading.have.get(id)?.has(first - 1) !== true)
      blame(
        'line-without-holes',
        `${wire.who} has ${[...(reading.have.get(id) ?? [])]} of ${id} and gets what comes after ${first - 1}`,
      );
    reading.sent.set(id, head);
  }

  const isOutsider = ({ kind }: Wire): boolean => kind !== 'agent';

  function checkBytes(wire: Wire, text: string): void {
    if (!isOutsider(wire)) return;
    if (text.includes(CANARY) || text.includes('~noted') || text.includes('"audience":"staff"'))
      blame('staff-only', `${wire.who} gets ${text.slice(0, 300)}`);
    for (const [other, words] of wordsOf) {
      if (other !== wire.who && words.test(text))
        blame('own-conversation-only', `${wire.who} gets words of ${other}: ${text.slice(0, 300)}`);
    }
    if (wire.origin === 'https://evil.example' && text.includes('"type":"welcome"'))
      blame('door-is-kept', `${wire.who} is welcomed from ${wire.origin}`);
  }

  return {
    violations,
    story,
    tell,
    blame,
    words(who, kind, to, where) {
      const number = ++numbers;
      const words = `${who}~${number}~${kind}~${to}`;
      if (kind !== 'bot') said.set(words, { fate: 'open', place: placeOf(where) });
      return words;
    },
    became(words, fate) {
      const one = said.get(words);
      if (one !== undefined) one.fate = fate;
    },
    watch(limiter, time) {
      const own: { key: string; at: number }[] = [];
      passes.push(own);
      return {
        take(action, key) {
          const wait = limiter.take(action, key);
          if (wait === 0 && action === 'visitor-message' && !key.includes(':')) own.push({ key, at: time() });
          return wait;
        },
      };
    },
    up(wire, text) {
      if (withStory) tell(`${wire.who} → ${brief(text)}`);
      if (wire.kind === 'hostile') return;
      const frame = JSON.parse(text) as { type: string; id?: string; have?: unknown; conversation?: string };
      const reading = readingOf(wire);
      if (frame.type === 'hello')
        for (const [conversation, have] of Object.entries((frame.have ?? {}) as Record<string, number>))
          noteHave(reading, conversation, have);
      if (frame.type === 'watch' && frame.conversation !== undefined) noteHave(reading, frame.conversation, frame.have);
      if (frame.id !== undefined) reading.asked.set(frame.id, frame.type);
    },
    sent(wire, text) {
      // The frame that fills it goes out; no other one does.
      const over = wire.waiting > LIMITS.slowReaderBytes ? (overdue.get(wire.id) ?? 0) + 1 : 0;
      overdue.set(wire.id, over);
      if (over > 1) blame('readers-are-bounded', `${wire.waiting} bytes wait for ${wire.who}, and more is sent`);
      checkBytes(wire, text);
      const frame = JSON.parse(text) as FromServer;
      const reading = readingOf(wire);
      switch (frame.type) {
        case 'ack': {
          if (frame.seq === undefined || frame.conversation === undefined) return;
          const type = reading.asked.get(frame.id);
          if (type !== 'send' && type !== 'note') return;
          if (!isDurable(frame.id))
            blame('acked-is-synced', `${frame.id} of ${wire.who} is acknowledged before its sync`);
          acks.push({ id: frame.id, conversation: frame.conversation, seq: frame.seq, kind: wire.kind, who: wire.who });
          return;
        }
        case 'welcome':
          if (frame.role === 'visitor' && frame.conversation !== null) snapshot(wire, frame.conversation);
          return;
        case 'snapshot':
          return snapshot(wire, frame);
        case 'event': {
          const event = { ...frame.event, seq: frame.event.seq ?? (frame as unknown as { seq: number }).seq };
          toldOne(wire, event);
          const before = reading.sent.get(event.conversation) ?? 0;
          if (event.seq !== before + 1)
            blame('line-without-holes', `${wire.who} gets ${event.seq} of ${event.conversation} after ${before}`);
          reading.sent.set(event.conversation, event.seq);
          return;
        }
        case 'events':
          for (const event of frame.events) toldOne(wire, event);
      }
    },
    down(wire, text) {
      if (withStory) tell(`${wire.who} ← ${brief(text)}`);
    },
    ended(wire, code, by) {
      tell(`line ${wire.id} of ${wire.who} ends with ${code} (${by})`);
    },
    hookTold(conversation, seq) {
      tell(`the hook is told ${seq} of ${conversation}`);
      const done = hookDone.get(conversation) ?? new Set();
      for (let before = 1; before < seq; before++)
        if (!done.has(before)) blame('hooks-are-told', `${seq} of ${conversation} is told before ${before}`);
    },
    hookSeen(conversation, seq) {
      tell(`the hook has seen ${seq} of ${conversation}`);
      hookDone.set(conversation, (hookDone.get(conversation) ?? new Set()).add(seq));
    },
    hasToldHooks: (events) => events.every(({ conversation, seq }) => hookDone.get(conversation)?.has(seq) === true),

    async checkLog(store) {
      const log = (await store.eventsAfter(0, 100_000)).map(({ event }) => event);
      const byId = new Map(log.map((event) => [event.id, event]));
      const conversations = grouped(log, ({ conversation }) => conversation);
      for (const ack of acks) {
        const event = byId.get(ack.id);
        const seq = ack.kind === 'agent' ? event?.seq : event?.publicSeq;
        if (event === undefined)
          blame('acked-is-kept', `${ack.id} of ${ack.who} was acknowledged and is not in the log`);
        else if (event.conversation !== ack.conversation || seq !== ack.seq)
          blame(
            'acked-is-kept',
            `${ack.id} of ${ack.who} is ${event.conversation} ${seq}, its ack said ${ack.conversation} ${ack.seq}`,
          );
      }
      checkSaid(log);
      const rows = await store.conversations([...conversations.keys()]);
      for (const [id, events] of conversations) {
        checkConversation(id, events, rows.get(id)?.state ?? null);
        if (!this.hasToldHooks(events)) {
          const missing = events.filter((event) => !this.hasToldHooks([event])).map(({ seq }) => seq);
          blame('hooks-are-told', `${missing} of ${id} was never told`);
        }
      }
      const numbered = new Map(
        log.flatMap((event) => [
          [`${event.conversation} staff ${event.seq}`, event.id],
          [`${event.conversation} public ${event.publicSeq}`, event.id],
        ]),
      );
      for (const [key, id] of told)
        if (numbered.get(key) !== id)
          blame('told-is-stored', `${id} was told as ${key}; there the log has ${numbered.get(key)}`);
      checkLimits(log);
    },
  };

  function checkSaid(log: readonly StoredEvent[]): void {
    const stored = new Map<string, number>();
    const newest = new Map<string, number>();
    for (const { body, actor, conversation } of log) {
      if (body.kind !== 'message' && body.kind !== 'note' && body.kind !== 'queued') continue;
      const text = 'blocks' in body ? plainText(body.blocks) : '';
      for (const [words, who = '', digits, kind = ''] of text.matchAll(WORDS)) {
        if (kind === 'bot') continue;
        stored.set(words, (stored.get(words) ?? 0) + 1);
        if (kind === 'noted' && (actor.kind === 'visitor' || body.kind !== 'note'))
          blame('rights-are-kept', `${words} is a ${body.kind} of ${JSON.stringify(actor)}`);
        if (kind === 'said' && actor.kind !== 'visitor')
          blame('rights-are-kept', `${words} is said by ${JSON.stringify(actor)}`);
        const number = Number(digits);
        const key = `${who} ${said.get(words)?.place ?? ''} ${kind === 'said' ? '' : conversation}`;
        if (number < (newest.get(key) ?? 0)) blame('order-of-authors', `${words} is stored after ${newest.get(key)}`);
        newest.set(key, Math.max(number, newest.get(key) ?? 0));
      }
    }
    for (const [words, { fate }] of said) {
      const count = stored.get(words) ?? 0;
      if (count > 1) blame('stored-once', `${words} is stored ${count} times`);
      if (count === 0 && (fate === 'stored' || fate === 'open'))
        blame('said-is-stored', `${words} is ${fate} and not in the log`);
      if (count > 0 && fate === 'refused') blame('refused-is-not-stored', `${words} was refused and is in the log`);
    }
  }

  function checkConversation(id: string, events: readonly StoredEvent[], state: ConversationState | null): void {
    let publicSeq = 0;
    let owner: string | null = null;
    let ownership = 0;
    let folded: ConversationState | null = null;
    for (const [index, event] of events.entries()) {
      const { body, actor, audience } = event;
      if (event.seq !== index + 1)
        return blame('numbers-without-holes', `${event.seq} of ${id} stands at ${index + 1}`);
      if (audience === 'public') publicSeq += 1;
      if (event.publicSeq !== (audience === 'public' ? publicSeq : null))
        blame('numbers-without-holes', `${event.seq} of ${id} has the public number ${event.publicSeq}`);
      if (STAFF_ONLY.has(body.kind) && viewEvent(event, 'visitor') !== null)
        blame('staff-only', `${body.kind} of ${id} is public`);
      if (body.kind === 'message' && actor.kind === 'agent' && actor.id !== owner)
        blame('one-owner', `${actor.id} speaks at ${event.seq} of ${id}, which is ${owner ?? 'nobody'}’s`);
      if (body.kind === 'message' && actor.kind === 'bot' && actor.id !== owner)
        blame('bot-is-silent', `${actor.id} speaks at ${event.seq} of ${id}, which is ${owner ?? 'nobody'}’s`);
      if (body.kind === 'started' || body.kind === 'queued' || body.kind === 'reopened') owner = null;
      if (body.kind === 'assigned') owner = body.owner.id;
      if (OWNERSHIP.has(body.kind)) ownership += 1;
      folded = applyEvent(folded, { ...event, publicSeq: event.publicSeq });
    }
    if (state === null || JSON.stringify(sorted(state)) !== JSON.stringify(sorted(folded)))
      blame('state-follows-log', `${id} is ${JSON.stringify(state)}, its events give ${JSON.stringify(folded)}`);
    if (state !== null && state.ownership !== ownership)
      blame('one-owner', `${id} changed hands ${ownership} times and has the number ${state.ownership}`);
  }

  function checkLimits(log: readonly StoredEvent[]): void {
    const { count, perMs, burst } = RATES['visitor-message'].session;
    for (const life of passes) {
      for (const [key, all] of grouped(life, (pass) => pass.key)) {
        // The fullest span that ends with each pass, by how far the ones before it have been worked off.
        let level = 0;
        let last = 0;
        for (const { at } of all) {
          level = Math.max(0, level - ((at - last) * count) / perMs) + 1;
          last = at;
          if (level > burst + 1e-6)
            blame('limits-hold', `${key} did ${level.toFixed(2)} at once, ${burst} are allowed`);
        }
      }
    }
    const passed = grouped(passes.flat(), ({ key }) => key);
    const stored = grouped(
      log.filter(({ body, actor }) => body.kind === 'message' && actor.kind === 'visitor'),
      ({ author }) => author.slice(2),
    );
    for (const [visitor, messages] of stored)
      if (messages.length > (passed.get(visitor)?.length ?? 0))
        blame(
          'limits-hold',
          `${visitor} has ${messages.length} messages, the limiter let ${passed.get(visitor)?.length ?? 0} pass`,
        );
  }
}

const STAFF_ONLY = new Set<EventKind>(['note', 'routed', 'offered', 'offer-ended', 'drafted', 'tool-called']);
const OWNERSHIP = new Set<EventKind>(['started', 'assigned', 'queued', 'resolved', 'reopened']);

/** The same with its keys in one order, so that equal things are written the same. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

/** A frame in few words. */
function brief(text: string): string {
  try {
    const frame = JSON.parse(text) as Record<string, unknown> & { type: string };
    const event = frame['event'] as { seq: number; body: { kind: string } } | undefined;
    const words = text.match(WORDS);
    const parts = [
      frame.type,
      frame['id'],
      frame['code'],
      event === undefined ? frame['seq'] : `${frame['seq'] ?? event.seq} ${event.body.kind}`,
      words === null ? '' : [...new Set(words)].join(' '),
    ];
    return parts.filter((part) => part !== undefined && part !== '').join(' ');
  } catch {
    return text.slice(0, 60);
  }
}
