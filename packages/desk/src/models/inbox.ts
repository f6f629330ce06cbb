import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import {
  type Agent,
  type AgentState,
  type ConversationState,
  inQueueOrder,
  queuePlaceOf,
  type WatchedConversation,
} from '@sveiki/sdk/agent';
import { texts } from '../texts.ts';
import { handoffMark } from './handoff.ts';
import { onlineIn } from './online.ts';
import { givenName, isQueued, isSpam, languageTag, ownerName, visitorName } from './people.ts';
import { lastWords } from './plain-words.ts';
import { sentenceOf } from './problems.ts';
import type { RouteModel, View } from './route.ts';
import { type Age, pastAge, waitAge } from './times.ts';
import type { UnreadModel } from './unread.ts';

const pageSize = 50;
/** Under one's own list stand the longest waits of the queue: what to take next. */
const nextShown = 20;

/** One line of a list. */
export interface Row {
  id: string;
  name: string;
  visitor: string;
  isNamed: boolean;
  /** Who said the last thing: "You:", "Ben:", or nothing for the visitor. */
  by: string;
  /** The last word was not the visitor's. */
  answered: boolean;
  preview: string;
  /** What the list is ordered by, so that ages never look out of order. */
  age: Age;
  /** What the age counts: the time in the queue, the time without an answer, or how long ago something was. */
  ageOf: 'queue' | 'answer' | 'past';
  /** The time without an answer where the age counts something else. */
  unanswered: Age | null;
  language: string | null;
  unread: number;
  /** Shown in bold: the visitor waits for an answer, or there is something unread. */
  heavy: boolean;
  status: ConversationState['status'];
  owner: string | null;
  ownerId: string | null;
  /** A program answers it. */
  isBots: boolean;
  /** Who asked for a person, while nobody came; null otherwise. */
  handoff: string | null;
}

interface Loaded {
  status: 'loading' | 'ready' | 'failed';
  cursor: number | null;
  /** Ids the relay has listed: with a cursor left, only these and newer ones are shown, so that no gap looks like the whole. */
  listed: ReadonlySet<string>;
  problem: string | null;
  busy: boolean;
}
const fresh: Loaded = { status: 'loading', cursor: null, listed: new Set(), problem: null, busy: false };

export function isInView(view: View, state: ConversationState, me: string): boolean {
  if (view === 'resolved') return state.status === 'resolved' && !isSpam(state);
  if (state.status === 'resolved') return false;
  if (view === 'mine') return state.owner?.id === me;
  return view === 'open' || isQueued(state);
}

const lastActivity = (state: ConversationState) => Math.max(state.last?.at ?? 0, state.startedAt);

/** Two waits that differ by less are one. */
const sameWaitMs = 60_000;

/** What the row of a list counts: always the moment the list is ordered by, and the wait for an answer beside it where that is another one. */
function agesOf(
  view: View,
  one: ConversationState,
  { now, timeZone }: { now: number; timeZone: string },
): Pick<Row, 'age' | 'ageOf' | 'unanswered'> {
  const moment = momentOf(view, one);
  const since = one.status === 'resolved' ? null : one.unansweredSince;
  const answer = (at: number) => ({ age: waitAge(at, now), ageOf: 'answer' as const, unanswered: null });
  if (view === 'mine' && since !== null) return answer(since);
  const isOther = since !== null && Math.abs(since - moment) >= sameWaitMs;
  const unanswered = isOther ? waitAge(since, now) : null;
  if (view === 'queue') return { age: waitAge(moment, now), ageOf: 'queue', unanswered };
  return since !== null && !isOther
    ? answer(since)
    : { age: pastAge(moment, now, timeZone), ageOf: 'past', unanswered };
}

/** The moment a list is ordered by. */
function momentOf(view: View, state: ConversationState): number {
  if (view === 'queue') return state.queuedAt ?? state.startedAt;
  return view === 'resolved' ? (state.resolvedAt ?? lastActivity(state)) : lastActivity(state);
}

/** One's own list begins with those who wait for an answer, then the newest; the others begin with the newest. */
function inOrder(view: View, states: ConversationState[]): ConversationState[] {
  const byMoment = (a: ConversationState, b: ConversationState) =>
    momentOf(view, a) - momentOf(view, b) || (a.id < b.id ? -1 : 1);
  if (view !== 'mine') return states.sort((a, b) => byMoment(b, a));
  const waitOf = (state: ConversationState) => state.unansweredSince ?? Number.POSITIVE_INFINITY;
  return states.sort((a, b) => (waitOf(a) === waitOf(b) ? byMoment(b, a) : waitOf(a) - waitOf(b)));
}

export function createInbox(parts: {
  agent: Agent;
  state: ReadonlySignal<AgentState>;
  now: ReadonlySignal<number>;
  timeZone: string;
  routing: RouteModel;
  unread: UnreadModel;
}) {
  const { agent, state, now, timeZone, routing, unread } = parts;
  const view = computed(() => routing.route.value.view);
  const selected = computed(() => routing.route.value.conversation);
  const loaded = signal<ReadonlyMap<View, Loaded>>(new Map());
  const current = computed(() => loaded.value.get(view.value) ?? fresh);
  const put = (of: View, part: Partial<Loaded>) => {
    loaded.value = new Map(loaded.value).set(of, { ...(loaded.value.get(of) ?? fresh), ...part });
  };

  function statesIn(of: View): ConversationState[] {
    const me = state.value.me?.id;
    if (me === undefined) return [];
    const { cursor, listed } = loaded.value.get(of) ?? fresh;
    const found: ConversationState[] = [];
    for (const one of state.value.conversations.values()) {
      if (!isInView(of, one, me)) continue;
      const isBeyond = of !== 'queue' && cursor !== null && !listed.has(one.id) && momentOf(of, one) < cursor;
      if (!isBeyond) found.push(one);
    }
    if (of !== 'queue') return inOrder(of, found);
    // As the relay serves it: what is raised goes before longer waits.
    const places = found.map((one) => ({ ...queuePlaceOf(one), one }));
    const queue = inQueueOrder(places, state.value.teams, now.value).map(({ one }) => one);
    return cursor === null ? queue : queue.slice(0, queue.findLastIndex(({ id }) => listed.has(id)) + 1);
  }
  const states = computed(() => statesIn(view.value));
  const nextStates = computed(() => (view.value === 'mine' ? statesIn('queue').slice(0, nextShown) : []));
  const walked = computed(() => [...states.value, ...nextStates.value]);

  function rowsOf(view: View, all: readonly ConversationState[]): Row[] {
    const me = state.value.me?.id ?? '';
    const counts = unread.byConversation.value;
    const { watched } = state.value;
    return all.map((one) =>
      rowOf(view, one, { me, now: now.value, timeZone, unread: counts.get(one.id) ?? 0, watched: watched.get(one.id) }),
    );
  }

  /** The row the keyboard is on: follows the open conversation, then goes its own way until another one is opened. Back from one, it is there still. */
  const pointed = signal<string | null>(null);
  const active = computed(() => {
    const ids = walked.value;
    const has = (id: string | null) => ids.some((one) => one.id === id);
    if (has(pointed.value)) return pointed.value;
    return has(selected.value) ? selected.value : (ids[0]?.id ?? null);
  });
  const stopPointing = effect(() => {
    if (selected.value !== null) pointed.value = selected.value;
  });

  async function load(of: View, more: boolean): Promise<void> {
    const known = loaded.value.get(of);
    if (known?.busy) return;
    put(of, { busy: true });
    try {
      const before = more ? (known?.cursor ?? null) : null;
      const page = await agent.list({ view: of, limit: pageSize, ...(before === null ? {} : { before }) });
      const ids = page.conversations.map(({ id }) => id);
      put(of, {
        status: 'ready',
        cursor: page.cursor,
        listed: new Set([...(more ? (known?.listed ?? []) : []), ...ids]),
        problem: null,
        busy: false,
      });
    } catch (error) {
      put(of, { status: known?.status === 'ready' ? 'ready' : 'failed', problem: sentenceOf(error), busy: false });
    }
  }

  const outdated = new Set<View>();
  // Each list is asked for when it is first looked at, and again after the connection was away.
  const isOnline = onlineIn(state);
  const stopLoading = effect(() => {
    const wanted: View[] = view.value === 'mine' ? ['mine', 'queue'] : [view.value];
    if (isOnline.value) {
      for (const of of wanted) if (outdated.delete(of) || !loaded.peek().has(of)) untracked(() => void load(of, false));
    } else {
      for (const of of loaded.peek().keys()) outdated.add(of);
    }
  });

  return {
    view,
    rows: computed(() => rowsOf(view.value, states.value)),
    /** Who waits longest in the queue, under one's own list; empty in the others. */
    next: computed(() => rowsOf('queue', nextStates.value)),
    selected,
    active,
    counts: computed(() => state.value.counts),
    /** `loading` only while there is nothing to show: what is known stays on screen while the list is asked for again. */
    status: computed(() =>
      current.value.status === 'loading' && states.value.length > 0 ? 'ready' : current.value.status,
    ),
    problem: computed(() => current.value.problem),
    hasMore: computed(() => current.value.cursor !== null),
    isBusy: computed(() => current.value.busy),
    loadMore: () => load(view.value, true),
    retry: () => load(view.value, false),
    /** Moves the keyboard's row; returns the id it is on. */
    move(by: 1 | -1): string | null {
      const ids = walked.value;
      const index = ids.findIndex(({ id }) => id === active.value);
      pointed.value = ids[Math.min(ids.length - 1, Math.max(0, index + by))]?.id ?? null;
      return pointed.value;
    },
    point(id: string) {
      pointed.value = id;
    },
    dispose() {
      stopLoading();
      stopPointing();
    },
  };
}
export type InboxModel = ReturnType<typeof createInbox>;

function rowOf(
  view: View,
  one: ConversationState,
  {
    me,
    now,
    timeZone,
    unread,
    watched,
  }: { me: string; now: number; timeZone: string; unread: number; watched: WatchedConversation | undefined },
): Row {
  const { last, owner } = one;
  return {
    id: one.id,
    name: visitorName(one.visitor),
    visitor: one.visitor.id,
    isNamed: givenName(one.visitor) !== null,
    by: byline(last?.by ?? null, watched, me),
    answered: last !== null && last.by !== 'visitor',
    preview: lastWords(one) || texts.lists.nothingSaid,
    ...agesOf(view, one, { now, timeZone }),
    language: languageTag(one.locale),
    unread,
    heavy: unread > 0 || (one.status !== 'resolved' && one.unansweredSince !== null),
    status: one.status,
    owner: owner === null ? null : ownerName(owner),
    isBots: owner?.bot === true,
    handoff: handoffMark(one),
    ownerId: owner?.id ?? null,
  };
}

/** A list knows that an agent spoke last, but not which one; the log does, where it is here. */
function byline(
  by: NonNullable<ConversationState['last']>['by'] | null,
  watched: WatchedConversation | undefined,
  me: string,
): string {
  if (by === 'bot') return texts.lists.by(texts.lists.bot);
  if (by !== 'agent') return '';
  const actor = watched?.events.findLast(({ body }) => body.kind === 'message')?.actor;
  if (actor?.kind !== 'agent') return '';
  return actor.id === me ? texts.lists.byYou : texts.lists.by(actor.name.split(' ')[0] ?? actor.name);
}
