import type { Invariant } from './history.ts';

/** A known mistake, made in a copy of our code while it is loaded: a text of one file stands for another one. Nothing of it is in any build. */
export interface Plant {
  title: string;
  /** Files below the root of the repository. Each text must stand there exactly once. */
  edits: readonly { file: string; from: string; to: string }[];
  /** What of the world around our code is wrong instead. */
  answersBeforeSync?: true;
  /** Invariants that a world with it may break; the first one is what it is about. */
  caughtBy: readonly Invariant[];
}

const engine = 'packages/server/src/engine/engine.ts';
const feed = 'packages/server/src/gateway/session/feed.ts';
const session = 'packages/server/src/gateway/session/session.ts';
const audience = 'packages/server/src/domain/audience.ts';
const sending = 'packages/server/src/domain/sending.ts';
const memory = 'packages/server/src/store/memory/memory-store.ts';
const reducer = 'packages/protocol/src/apply-event.ts';
const line = 'packages/server/src/gateway/session/line.ts';

export const PLANTS = {
  'early-ack': {
    title: 'the relay acknowledges before its store has answered',
    edits: [{ file: engine, from: 'Promise.all([answered, before])', to: 'Promise.all([null, before])' }],
    caughtBy: ['acked-is-synced', 'acked-is-kept'],
  },
  'full-to-normal': {
    title: 'the disk answers before it has synced (`synchronous=NORMAL`)',
    edits: [],
    answersBeforeSync: true,
    caughtBy: ['acked-is-synced', 'acked-is-kept'],
  },
  'no-dedupe': {
    title: 'a message that comes again is stored again',
    edits: [
      {
        file: engine,
        from: 'outcomes.get(key) ??\n        stored.get(key) ??\n        repetitionOf(landed.find(({ outcomes: map }) => map.has(key))?.outcomes.get(key))',
        to: 'undefined as Outcome | undefined',
      },
      { file: memory, from: 'if (commands.has(key)) throw', to: 'if (keys.size < 0) throw' },
      { file: memory, from: 'if (keys.has(key)) throw', to: 'if (keys.size < 0) throw' },
    ],
    caughtBy: ['stored-once', 'acked-is-kept', 'order-of-authors'],
  },
  'skipped-gap-check': {
    title: 'what lies beyond a hole is sent as if it were the next event',
    edits: [
      { file: feed, from: "if (place === 'gap') {", to: "if (place === 'gap' && this.sent < 0) {" },
      { file: feed, from: "if (place === 'next') {", to: "if (place !== 'seen') {" },
    ],
    caughtBy: ['line-without-holes'],
  },
  'lost-outbox-row': {
    title: 'a hook’s place moves over what it has not been told',
    edits: [
      {
        file: 'packages/server/src/hooks/outbox.ts',
        from: 'const next = oldest === undefined ? readTo : oldest - 1;',
        to: 'const next = oldest === undefined ? readTo : Math.max(oldest, readTo);',
      },
    ],
    caughtBy: ['hooks-are-told'],
  },
  'no-audience-filter': {
    title: 'visitors get what only staff may see',
    edits: [
      {
        file: audience,
        from: "if (event.audience !== 'public' || event.publicSeq === null) return null;",
        to: '',
      },
      { file: audience, from: 'const { conversation, publicSeq, id,', to: 'const { conversation, publicSeq: own, id,' },
      {
        file: audience,
        from: 'return { conversation, seq: publicSeq, publicSeq, id,',
        to: 'const publicSeq = own ?? event.seq; return { conversation, seq: publicSeq, publicSeq, id,',
      },
    ],
    caughtBy: ['staff-only', 'line-without-holes', 'told-is-stored', 'nothing-breaks'],
  },
  'wrap-up-to-visitors': {
    title: 'the part of a public event that is staff’s alone goes out with it',
    edits: [{ file: audience, from: 'return { kind: body.kind };', to: 'return body;' }],
    caughtBy: ['staff-only', 'views-agree'],
  },
  'no-origin-check': {
    title: 'a page of any origin is served',
    edits: [{ file: session, from: 'origin === null || !site.origins.includes(origin)', to: 'origin === null' }],
    caughtBy: ['door-is-kept'],
  },
  'no-visitor-check': {
    title: 'a visitor may read the conversations of others',
    edits: [
      {
        file: audience,
        from: "reader.kind === 'agent' || state.visitor.id === reader.id",
        to: 'reader !== null && state !== null',
      },
    ],
    caughtBy: ['own-conversation-only', 'rights-are-kept'],
  },
  'ownership-not-raised': {
    title: 'a change of owner leaves the number as it is',
    edits: [
      {
        file: reducer,
        from: `        team: body.team,
        ownership: state.ownership + 1,
        queuedAt: null,`,
        to: `        team: body.team,
        queuedAt: null,`,
      },
    ],
    caughtBy: ['one-owner'],
  },
  'no-owner-check': {
    title: 'whoever had a conversation may go on speaking in it',
    edits: [
      {
        file: sending,
        from: "if (state.owner?.id !== agent.id || ownership !== state.ownership) return refuse('not-owner');",
        to: '',
      },
    ],
    caughtBy: ['one-owner', 'bot-is-silent'],
  },
  'unbounded-queue': {
    title: 'a reader who does not read is sent to without end',
    edits: [
      { file: line, from: 'if (this.connection.bufferedBytes > LIMITS.slowReaderBytes)', to: 'if (this.#ended)' },
    ],
    caughtBy: ['readers-are-bounded'],
  },
  'resume-off-by-one': {
    title: 'who comes back gets one event less than he missed',
    edits: [{ file: feed, from: 'count, after: have, limit: missing', to: 'count, after: have + 1, limit: missing' }],
    caughtBy: ['line-without-holes'],
  },
  'no-limit': {
    title: 'visitors send as fast as they can',
    edits: [
      {
        file: 'packages/server/src/gateway/session/visitor-session.ts',
        from: "this.#order.heldBack('', frame.id) ?? this.#objection(frame)",
        to: "this.#order.heldBack('', frame.id)",
      },
    ],
    caughtBy: ['limits-hold'],
  },
} as const satisfies Record<string, Plant>;
export type PlantName = keyof typeof PLANTS;
